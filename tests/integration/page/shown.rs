//! What the page shows of hello-world under `slp dev`, and a call by its form.

use std::process::Command;

use crate::harness::{Browser, example, root};

#[test]
fn the_page_shows_what_there_is_and_calls_it() {
    let node = Command::new("node").arg("--version").output();
    let (Ok(_), Some(mut browser)) = (node, Browser::start()) else {
        eprintln!("skipped: there is no node here, or no chromium");
        return;
    };
    let sandbox = example("hello-world", "page");
    let mut running = sandbox.begin("dev --port 0");
    let line = running.hears("page: http://127.0.0.1:");
    let url = line.split(' ').nth(1).expect("an address");
    browser.open(url);
    browser.ready("document.querySelector('#live.on')");
    shows(&mut browser, "functions", &["page-HelloWorld", "128 MB"]);
    shows(&mut browser, "routes", &["ANY", "/{hello+}", "page-Hello"]);
    shows(&mut browser, "plan", &["+ function.HelloWorld", "Plan: "]);

    browser.eval("document.querySelector('#routes button').click()");
    browser.eval("by('path').value = '/hello/you'; by('call').requestSubmit()");
    browser.ready("!by('answer').hidden");
    shows(&mut browser, "status", &["200", " ms"]);
    shows(&mut browser, "answer", &["Hello world"]);
    browser.ready("by('recent').textContent.includes('started in')");
    shows(&mut browser, "recent", &["GET", "200 /", "/hello/you"]);
    shows(&mut browser, "recent", &["page-HelloWorld", "started in"]);
    pictures(&mut browser);

    sandbox.change_in("src/index.js", "Hello world", "Bonjour");
    running.hears("Done: ");
    browser.ready("by('plan').textContent.includes('~ function.HelloWorld')");
    for asked in browser.requests() {
        assert!(asked.starts_with(url) || asked == "data:,", "{asked}");
    }
}

/// The element with this id shows each of these.
fn shows(browser: &mut Browser, id: &str, parts: &[&str]) {
    let text = browser.eval(&format!("by('{id}').textContent"));
    let text = text.as_str().expect("a text");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {id}: {text}");
    }
}

/// Light and dark, each drawn; `UPDATE_PICTURES=1` keeps them in `docs/`.
fn pictures(browser: &mut Browser) {
    browser.eval("document.querySelector('#recent details').open = true");
    for scheme in ["light", "dark"] {
        browser.prefers(scheme);
        let picture = browser.picture(1100, 760);
        assert!(picture.starts_with(b"\x89PNG"));
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            let path = root().join(format!("docs/page-{scheme}.png"));
            std::fs::write(path, picture).expect("a file");
        }
    }
}

//! `slp plan --format html` in a real browser, opened from a file: what it shows, that search
//! and folds work, and that no text from outside runs or loads anything.

use std::io::ErrorKind;
use std::net::TcpListener;

use serde_json::json;

use crate::harness::{Browser, Sandbox, example, root};

/// The page, in a file; its address.
fn page(sandbox: &Sandbox, line: &str) -> String {
    let page = sandbox.slp(&format!("{line} --format html")).ok().stdout;
    sandbox.write("plan.html", &page);
    format!("file://{}", sandbox.path("plan.html").display())
}

/// A bit of everything that a plan can say.
fn changed() -> Sandbox {
    let sandbox = example("standard-and-premium", "shop");
    let retired = "[role.retired]\ntrust = \"lambda.amazonaws.com\"\n\n";
    sandbox.change("[role.worker]", &format!("{retired}[role.worker]"));
    sandbox.slp("apply --yes --local").ok();
    sandbox.change(retired, "");
    sandbox
        .change("memory = 1024", "memory = 2048")
        .change(
            "\"GET /premium\"",
            "\"GET /status\" = { mock = { status = 204 } }\n\"POST /premium\"",
        )
        .change(
            "[role.worker]",
            "[role.auditor]\ntrust = \"lambda.amazonaws.com\"\n\n[role.worker]\n\
             allow = [{ actions = [\"s3:GetObject\"], resources = [\"arn:aws:s3:::assets/*\"] }]",
        )
        .change_in(
            "src/index.js",
            "exports.handler",
            "// more\nexports.handler",
        );
    sandbox
}

#[test]
fn the_page_is_searched_and_folded_without_a_network() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let sandbox = changed();
    browser.open(&page(&sandbox, "plan --local"));
    let shown = "items.filter((i) => !i.hidden).map((i) => i.dataset.addr).join()";
    // What goes, then who may do more, then the rest, then what each gains and loses.
    let all = "api.shop,role.retired,api.shop,api.shop,role.worker,api.shop.stage.live,function.Premium,function.Standard,role.worker,role.auditor,role.auditor,role.worker";
    assert_eq!(browser.eval(shown), all);
    let search = |browser: &mut Browser, words: &str| {
        browser.eval(&format!(
            "by('words').value = '{words}'; by('words').dispatchEvent(new Event('input'))"
        ));
    };
    search(&mut browser, "S3:getobject  allow");
    assert_eq!(browser.eval(shown), "role.worker");
    assert_eq!(browser.eval("by('found').textContent"), "1 of 12");
    let clear =
        "nodes.filter((n) => !n.classList.contains('faded')).map((n) => n.dataset.addr).join()";
    assert_eq!(browser.eval(clear), "role.worker");
    // A link in the drawing shows its change, though the search had hidden it.
    browser.eval("location.hash = '#api.shop'");
    browser.ready("!by('api.shop').hidden");
    assert_eq!(browser.eval(shown), all);
    folds(&mut browser);
    search(&mut browser, "nothing like this");
    assert_eq!(
        browser.eval("[...document.querySelectorAll('.list')].every((l) => l.hidden)"),
        true
    );
    search(&mut browser, "");
    pictures(&mut browser);
    let own = browser
        .requests()
        .iter()
        .filter(|asked| !asked.starts_with("data:,"));
    let own: Vec<&String> = own.collect();
    assert!(
        !own.is_empty() && own.iter().all(|asked| asked.starts_with("file://")),
        "{own:?}"
    );
}

fn folds(browser: &mut Browser) {
    let open = "folds.filter((fold) => fold.open).length";
    browser.eval("by('fold').click()");
    assert_eq!(browser.eval(open), 0);
    assert_eq!(
        browser.eval("by('function.Premium').querySelector('pre').checkVisibility()"),
        false
    );
    browser.eval("by('function.Premium').querySelector('summary').click()");
    assert_eq!(
        browser.eval("by('function.Premium').querySelector('pre').checkVisibility()"),
        true
    );
    browser.eval("by('unfold').click()");
    assert_eq!(
        browser.eval("folds.length > 6 && folds.every((fold) => fold.open)"),
        true
    );
    let code = browser.eval("by('function.Premium').querySelector('.sub').textContent");
    assert!(
        code.as_str().is_some_and(|code| code.contains("+// more")),
        "{code}"
    );
    let policy = browser.eval("by('role.worker').querySelector('.sub').textContent");
    assert!(
        policy
            .as_str()
            .is_some_and(|policy| policy.contains("\"Action\": ")),
        "{policy}"
    );
}

/// Light and dark, each drawn; `UPDATE_PICTURES=1` keeps the light one in `docs/`.
fn pictures(browser: &mut Browser) {
    browser.eval("location.hash = ''");
    browser.eval("by('fold').click()");
    for open in ["api.shop", "function.Premium", "role.worker"] {
        browser.eval(&format!("by('{open}').open = true"));
    }
    browser.eval("by('function.Premium').querySelector('.sub').open = true");
    for scheme in ["dark", "light"] {
        browser.prefers(scheme);
        let picture = browser.picture(1100, 1330);
        assert!(picture.starts_with(b"\x89PNG"));
        if scheme == "light" && std::env::var_os("UPDATE_PICTURES").is_some() {
            std::fs::write(root().join("docs/plan-page.png"), picture).expect("a file");
        }
    }
}

#[test]
fn no_text_of_a_manifest_runs_and_nothing_can_be_loaded() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let there = format!("http://{}/", listener.local_addr().expect("an address"));
    let evil = format!(
        "</script><img src=x onerror=document.title='owned'><script src='{there}a'></script>"
    );
    let sandbox = example("standard-and-premium", "evil");
    sandbox.change("One API, two sizes of the same function", &evil);
    browser.open(&page(&sandbox, "plan --local --ephemeral"));
    let text = browser.eval("by('api.shop').textContent");
    assert!(
        text.as_str().is_some_and(|text| text.contains(&evil)),
        "{text}"
    );
    assert_eq!(browser.eval("document.images.length"), 0);
    // Even what were an element would do nothing: the page's policy stands before it.
    let attempt = "new Promise((tell) => { addEventListener('securitypolicyviolation', (e) => \
         tell(e.effectiveDirective), { once: true }); ACT; setTimeout(() => tell('nothing'), 5000); })";
    let script = "const s = document.createElement('script'); s.textContent = \"document.title='owned'\"; document.body.append(s)";
    let style = "const s = document.createElement('style'); s.textContent = 'body { display: none }'; document.body.append(s)";
    let table = [
        (format!("fetch('{there}b').catch(() => 0)"), "connect-src"),
        (format!("new Image().src = '{there}c'"), "img-src"),
        (script.to_owned(), "script-src-elem"),
        (style.to_owned(), "style-src-elem"),
    ];
    for (act, directive) in table {
        assert_eq!(
            browser.eval(&attempt.replace("ACT", &act)),
            json!(directive),
            "{act}"
        );
    }
    assert_eq!(browser.eval("document.title"), "slp plan of evil");
    listener.set_nonblocking(true).expect("a socket");
    let asked = listener.accept().expect_err("somebody asked");
    assert_eq!(asked.kind(), ErrorKind::WouldBlock);
}

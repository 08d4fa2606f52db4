//! A page of another origin, in a real browser, tries what a browser can do: nothing reaches
//! the cloud's control plane, and a deployed API only what its CORS settings let in.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::harness::{Aws, Browser, Local, Sandbox};

/// A page of somebody else: an empty one at another port, thus of another origin.
fn elsewhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // Ends with the test's process; the browser may ask for more than the page.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let page = "<!doctype html><title>elsewhere</title>";
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{page}",
                page.len()
            );
            let _ = stream.write_all(head.as_bytes());
        }
    });
    format!("http://{address}/")
}

/// What `fetch` came to in the page: the status and text it could read, or `refused`.
fn fetched(browser: &mut Browser, url: &str, options: &Value) -> Value {
    browser.eval(&format!(
        "fetch('{url}', {options}).then(async (a) => [a.type, a.status, await a.text()], () => 'refused')"
    ))
}

const MAKE: &str = "Action=CreateRole&Version=2010-05-08&RoleName=evil&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";

#[test]
fn a_page_from_elsewhere_changes_and_reads_nothing() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let sandbox = Sandbox::empty("page-foreign");
    let local = Local::start(&sandbox, "--ephemeral");
    let aws = Aws::at(&local.url);
    browser.open(&elsewhere());
    let post = |headers: Value, mode: &str| json!({"method": "POST", "mode": mode, "headers": headers, "body": MAKE});
    let form = json!({"content-type": "application/x-www-form-urlencoded"});
    let signed =
        json!({"content-type": "application/x-www-form-urlencoded", "authorization": SIGNED});
    let root = format!("{}/", local.url);
    // Simple requests are sent, but carry no Authorization header, and an Origin.
    for headers in [json!({"content-type": "text/plain"}), form] {
        let answer = fetched(&mut browser, &root, &post(headers.clone(), "cors"));
        assert_eq!(answer, "refused");
        let blind = fetched(&mut browser, &root, &post(headers, "no-cors"));
        assert_eq!(blind, json!(["opaque", 0, ""]));
    }
    // With the header, the browser asks first, and is not let.
    assert_eq!(
        fetched(&mut browser, &root, &post(signed, "cors")),
        "refused"
    );
    for path in [
        "",
        "_slp/alive",
        "_slp/overview",
        "_slp/recent",
        "_slp/events",
    ] {
        let url = format!("{root}{path}");
        assert_eq!(fetched(&mut browser, &url, &json!({})), "refused");
    }
    let form = format!(
        "(() => {{ const form = document.createElement('form'); form.method = 'POST'; \
         form.action = '{root}'; new URLSearchParams('{MAKE}').forEach((value, name) => {{ \
         const field = document.createElement('input'); field.name = name; field.value = value; \
         form.append(field); }}); document.body.append(form); form.submit(); }})()"
    );
    browser.eval(&form);
    browser.ready(&format!("location.href === '{root}'"));
    let said = browser.eval("document.body.textContent");
    assert!(
        said.as_str()
            .is_some_and(|said| said.contains("Origin") || said.contains("origin")),
        "{said}"
    );
    assert_eq!(aws.inventory(""), Vec::<String>::new());
}

const APIS: &str = r#"
[project]
name = "page-cors"

[api.open]
cors = { origins = ["ELSEWHERE"], headers = ["x-own"] }

[api.open.routes]
"GET /hello" = { mock = { body = "hello", headers = { access-control-allow-origin = "*" } } }

[api.open.stage.live]

[api.shut.routes]
"GET /hello" = { mock = { body = "hello" } }

[api.shut.stage.live]

[outputs]
open = "${api.open.stage.live.url}/hello"
shut = "${api.shut.stage.live.url}/hello"
"#;

#[test]
fn a_deployed_api_is_read_from_elsewhere_only_as_its_cors_says() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let (page, stranger) = (elsewhere(), elsewhere());
    let sandbox = Sandbox::empty("page-cors");
    let origin = page.trim_end_matches('/');
    sandbox.write("slp.toml", &APIS.replace("ELSEWHERE", origin));
    let mut running = sandbox.begin("dev --port 0");
    running.hears("page: http://127.0.0.1:");
    let output = |name: &str| {
        let line = format!("output {name} --raw --local");
        sandbox.slp(&line).ok().stdout.trim_end().to_owned()
    };
    let (open, shut) = (output("open"), output("shut"));
    let simple = json!({});
    let asked_first = json!({"headers": {"x-own": "1"}});
    let read = json!(["cors", 200, "hello"]);
    browser.open(&page);
    assert_eq!(fetched(&mut browser, &open, &simple), read);
    assert_eq!(fetched(&mut browser, &open, &asked_first), read);
    assert_eq!(fetched(&mut browser, &shut, &simple), "refused");
    assert_eq!(fetched(&mut browser, &shut, &asked_first), "refused");
    browser.open(&stranger);
    assert_eq!(fetched(&mut browser, &open, &asked_first), "refused");
}

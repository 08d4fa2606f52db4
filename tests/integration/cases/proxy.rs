//! What callers of APIs send and get, and what functions see of it: the same as on AWS.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::harness::{Sandbox, exchanged};

/// A role, and a function `F` of it, in Node.
const FUNCTION: &str = r#"
[role.r]
trust = "lambda.amazonaws.com"

[function.F]
runtime = "nodejs22.x"
handler = "main.answer"
role = "r"
code = "code"
"#;

/// `slp dev` as a process, ready.
struct Dev {
    child: Child,
    out: BufReader<ChildStdout>,
    /// The deployed stage's.
    url: String,
    _sandbox: Sandbox,
}

impl Dev {
    /// `api` is what stands below `[api.a]`; `code` is the function's, if there is one. `None`
    /// where there is no Node, which is said.
    fn of(name: &str, api: &str, code: Option<&str>) -> Option<Dev> {
        if code.is_some() && Command::new("node").arg("--version").output().is_err() {
            eprintln!("skipped: there is no node here");
            return None;
        }
        let sandbox = Sandbox::empty(name);
        let function = code.map_or("", |_| FUNCTION);
        let manifest = format!(
            "[project]\nname = \"{name}\"\nregion = \"us-east-1\"\n{function}\n[api.a]\n{api}\n\
             [api.a.stage.live]\n[outputs]\nurl = \"${{api.a.stage.live.url}}\"\n"
        );
        sandbox.write("slp.toml", &manifest);
        if let Some(code) = code {
            std::fs::create_dir(sandbox.path("code")).expect("a folder");
            sandbox.write("code/main.js", code);
        }
        let mut command = sandbox.command("dev --ephemeral --port 0");
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("slp runs");
        let out = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut dev = Dev {
            child,
            out,
            url: String::new(),
            _sandbox: sandbox,
        };
        let line = dev.prints("/live");
        let url = line.split_once("http://").expect("an URL").1;
        let url = url.trim_end_matches(['"', '\n', '/']);
        dev.url = format!("http://{url}");
        Some(dev)
    }

    /// Reads its stdout up to a line that holds this, and returns the line.
    fn prints(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.out.read_line(&mut line).expect("UTF-8");
            assert!(read > 0, "nothing prints {part:?}");
            if line.contains(part) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// The whole answer to a request, as it came; header lines are whole.
    fn asked(&self, verb: &str, path: &str, headers: &[&str], body: &str) -> String {
        let rest = self.url.strip_prefix("http://").expect("an URL");
        let (host, stage) = rest.split_once('/').expect("a path");
        let mut head = format!("{verb} /{stage}{path} HTTP/1.1\r\nHost: {host}\r\n");
        for header in headers {
            head.push_str(&format!("{header}\r\n"));
        }
        let length = body.len();
        head.push_str(&format!(
            "Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
        exchanged(host, head.as_bytes())
    }

    fn body(&self, path: &str) -> String {
        let answer = self.asked("GET", path, &[], "");
        let (_, body) = answer.split_once("\r\n\r\n").expect("an answer");
        body.to_owned()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const TO_FUNCTION: &str = r#"routes."ANY /{all+}" = { function = "F" }"#;

#[test]
fn path_parameter_encoding() {
    let routes = r#"
routes."GET /photos/{id}" = { function = "F" }
routes."GET /below/{all+}" = { function = "F" }"#;
    let code = "exports.answer = async e => ({ body: [e.path, \
                Object.values(e.pathParameters)[0], e.requestContext.path, \
                JSON.stringify(e.queryStringParameters)].join(' ') });";
    let Some(dev) = Dev::of("path-encoding", routes, Some(code)) else {
        return;
    };
    for (path, expected) in [
        (
            "/photos/My%2Fown%2Fdog.png",
            "/photos/My%2Fown%2Fdog.png My%2Fown%2Fdog.png /live/photos/My%2Fown%2Fdog.png null",
        ),
        (
            "/below/x%2Fy/z%20z?q=a+b%2Bc",
            r#"/below/x%2Fy/z%20z x%2Fy/z%20z /live/below/x%2Fy/z%20z {"q":"a b+c"}"#,
        ),
        ("/photos/9%25", "/photos/9%25 9%25 /live/photos/9%25 null"),
        (
            "//below/x//y//",
            "/below/x//y// x//y /live//below/x//y// null",
        ),
    ] {
        assert_eq!(dev.body(path), expected, "{path}");
    }
}

#[test]
fn response_both_headers() {
    let code = "const all = { \
                '/same': [{ 'X-A': '1' }, { 'X-A': ['2'] }], \
                '/case': [{ 'x-a': '1' }, { 'X-A': ['2'] }], \
                '/many': [{}, { 'X-A': ['2', '1'] }] }; \
                exports.answer = async e => ({ \
                headers: all[e.path][0], multiValueHeaders: all[e.path][1] });";
    let Some(dev) = Dev::of("both-headers", TO_FUNCTION, Some(code)) else {
        return;
    };
    for path in ["/same", "/case", "/many"] {
        let answer = dev.asked("GET", path, &[], "");
        let values: Vec<&str> = answer
            .lines()
            .filter_map(|line| line.strip_prefix("X-A: "))
            .collect();
        assert_eq!(values, ["2", "1"], "{path}: {answer}");
    }
}

#[test]
fn header_case() {
    let code = "exports.answer = async e => ({ \
                headers: { 'X-oWn': '1', 'www-Authenticate': 'x' }, \
                body: Object.keys(e.headers).join(' ') });";
    let Some(dev) = Dev::of("header-case", TO_FUNCTION, Some(code)) else {
        return;
    };
    let headers = ["X-Hub-SIGNATURE: s", "x-small: 1", "aUThorization: a"];
    let answer = dev.asked("GET", "/x", &headers, "");
    for name in ["X-Hub-SIGNATURE", "x-small", "Authorization", "Host"] {
        assert!(answer.contains(name), "{name}: {answer}");
    }
    for line in [
        "X-oWn: 1",
        "x-amzn-Remapped-www-Authenticate: x",
        "x-amzn-RequestId: ",
        "X-Amzn-Trace-Id: Root=1-",
        "Connection: close",
        "Content-Type: application/json",
        "Content-Length: ",
        "Date: ",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
}

#[test]
fn body_over_6mb() {
    let code = "exports.answer = async e => ({ body: String(e.body.length) });";
    let Some(mut dev) = Dev::of("body-size", TO_FUNCTION, Some(code)) else {
        return;
    };
    let text = ["Content-Type: text/plain"];
    let fits = dev.asked("POST", "/x", &text, &"a".repeat(6_000_000));
    assert!(fits.ends_with("\r\n\r\n6000000"), "{fits}");
    let lambda = "Lambda takes 6291456";
    for (size, why) in [(6_291_456, lambda), (11_000_000, "at most 10 MB")] {
        let refused = dev.asked("POST", "/x", &text, &"a".repeat(size));
        assert!(refused.starts_with("HTTP/1.1 413 "), "{size}: {refused}");
        assert!(
            refused.ends_with("\r\n\r\n{\"message\":\"Request Too Long\"}"),
            "{size}: {refused}"
        );
        assert!(refused.contains("Content-Type: application/json"));
        dev.prints("POST /x  413  ");
        dev.prints(why);
    }
}

#[test]
fn mock_with_binary_types() {
    let api = r#"
binary_media_types = ["*/*"]
cors = true
routes."GET /health" = { mock = { body = '{"up":true}' } }
routes."POST /gone" = { mock = { status = 204 } }"#;
    let Some(dev) = Dev::of("mock-binary", api, None) else {
        return;
    };
    let health = dev.asked("GET", "/health", &[], "");
    assert!(health.starts_with("HTTP/1.1 200 "), "{health}");
    assert!(health.ends_with("\r\n\r\n{\"up\":true}"), "{health}");
    for verb in ["POST", "OPTIONS"] {
        let answer = dev.asked(verb, "/gone", &["Content-Type: application/json"], "{}");
        assert!(answer.starts_with("HTTP/1.1 204 "), "{verb}: {answer}");
    }
}

#[test]
fn reason_of_502() {
    let code = "exports.answer = async () => ({ statusCode: 200, statusText: 'OK' });";
    let Some(mut dev) = Dev::of("reason", TO_FUNCTION, Some(code)) else {
        return;
    };
    let answer = dev.asked("GET", "/why", &[], "");
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    dev.prints("GET /why  502  ");
    dev.prints("  malformed Lambda proxy response: it has the member `statusText`, which API");
    dev.asked("PUT", "/", &[], "");
    dev.prints("PUT /  403  ");
    dev.prints("  no such route: PUT /; there is");
}

//! What `slp dev` tells of requests, failures, broken manifests and taken ports.

use std::net::TcpListener;
use std::process::Command;

use crate::harness::{Run, Running, Sandbox, get, request, transcript};

const MANIFEST: &str = r#"[project]
name = "told"

[role.run]
trust = "lambda.amazonaws.com"
attach = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]

[function.Fine]
runtime = "nodejs22.x"
handler = "index.fine"
role = "run"
code = "src"

[function.Fails]
runtime = "nodejs22.x"
handler = "index.fails"
role = "run"
code = "src"

[function.Late]
runtime = "nodejs22.x"
handler = "index.late"
role = "run"
code = "src"
timeout = 1

[function.Text]
runtime = "nodejs22.x"
handler = "index.text"
role = "run"
code = "src"

[api.told.routes]
"GET /fine" = { function = "Fine" }
"GET /fails" = { function = "Fails" }
"GET /late" = { function = "Late" }
"POST /text" = { function = "Text" }

[api.told.stage.live]

[outputs]
url = "${api.told.stage.live.url}"
"#;

const CODE: &str = "const db = require('./lib/db');

exports.fine = async () => {
  console.log('asked');
  console.warn('careful');
  return { statusCode: 200, body: 'fine' };
};

exports.fails = async () => db.get();

exports.late = () => new Promise((resolve) => setTimeout(resolve, 60000));

exports.text = async () => 'Hello';
";

const DB: &str = "exports.get = (key) => {\n  return key.name;\n};\n";

pub fn is_there(runtime: &str) -> bool {
    let there = Command::new(runtime).arg("--version").output().is_ok();
    if !there {
        eprintln!("skipped: there is no {runtime} here");
    }
    there
}

pub fn sandbox(name: &str) -> Sandbox {
    let sandbox = Sandbox::empty(name);
    sandbox
        .write(
            "slp.toml",
            &MANIFEST.replace("\"told\"", &format!("\"{name}\"")),
        )
        .write("src/index.js", CODE)
        .write("src/lib/db.js", DB);
    sandbox
}

/// `slp dev`, once it serves; the URL of its first output.
fn begun(sandbox: &Sandbox, options: &str) -> (Running, String) {
    let mut running = sandbox.begin(&format!("dev {options}"));
    running.hears("page: http://127.0.0.1:");
    let line = running.prints("url = ");
    let url = line.split('"').nth(1).expect("a URL").to_owned();
    (running, url)
}

/// Ctrl-C. Without the words about another version of the runtime than declared.
pub fn ended(running: Running) -> Run {
    running.signal("INT");
    let mut run = running.end().exits(130);
    let about = [" is declared, and ", "under [dev] in "];
    let lines = run.stderr.lines();
    let lines = lines.filter(|line| !about.iter().any(|part| line.contains(part)));
    run.stderr = lines.map(|line| format!("{line}\n")).collect();
    run
}

#[test]
fn each_request_is_a_line_and_says_why_it_failed() {
    if !is_there("node") {
        return;
    }
    let sandbox = sandbox("told");
    let (mut running, url) = begun(&sandbox, "--port 0");
    let ask = |method: &str, path: &str| request(method, &format!("{url}/{path}"), &[], "").status;
    for (method, path, status) in [
        ("GET", "fine", 200),
        ("GET", "fails", 502),
        ("GET", "late", 502),
        ("POST", "text", 502),
        ("GET", "text", 403),
        ("GET", "nope", 403),
    ] {
        assert_eq!(ask(method, path), status, "{method} {path}");
        running.prints(&format!("{method} /{path}  {status}  "));
    }
    let failed = sandbox.slp("invoke Fails {\"a\":1} --local").exits(1);
    running.prints("invoke Fails  failed  ");
    let late = sandbox.slp("invoke Late --local").exits(1);
    running.prints("invoke Late  failed  ");
    running.prints("timed out after 1 s");
    let stderr = |run: Run| Run {
        // The payload holds ids and the trace as AWS has it.
        stdout: "(the error's JSON)\n".into(),
        ..run
    };
    let runs = [ended(running), stderr(failed), stderr(late)];
    transcript("dev-requests", &sandbox, &runs);
}

#[test]
fn the_rest_of_a_trace_is_told_where_it_is_asked_for() {
    if !is_there("node") {
        return;
    }
    let sandbox = sandbox("told-verbose");
    let (mut running, url) = begun(&sandbox, "--port 0 -v");
    get(&format!("{url}/fails"));
    running.prints("  src/lib/db.js:2  at exports.get (/var/task/lib/db.js:2:");
    running.prints("node.cjs:");
    ended(running);
}

#[test]
fn pythons_errors_read_like_nodes() {
    if !is_there("python3") {
        return;
    }
    let sandbox = Sandbox::empty("told-python");
    let one = MANIFEST.split("\n[function.Fails]").next().expect("a part");
    let one = one
        .replace("nodejs22.x", "python3.13")
        .replace("index.fine", "app.run");
    sandbox.write("slp.toml", &one).write(
        "src/app.py",
        "import logging\n\n\ndef run(event, context):\n    logging.warning('careful')\n    return event['key']\n",
    );
    let mut running = sandbox.begin("dev --port 0");
    running.hears("page: http://127.0.0.1:");
    sandbox
        .slp("invoke Fine --local")
        .exits(1)
        .says(&["error: Fine failed: KeyError: 'key'\n  src/app.py:6\n"]);
    running.prints("Fine  WARNING careful");
    running.prints("invoke Fine  failed  ");
    assert_eq!(running.prints(""), "  KeyError: 'key'");
    assert_eq!(running.prints(""), "    src/app.py:6");
    let logs = sandbox.slp("logs --local").ok();
    logs.says(&[
        "Z  WARNING careful\n",
        "Z  KeyError: 'key'\nFine    src/app.py:6\n",
    ])
    .never_says(&["REPORT", "START", "Traceback"]);
    let all = sandbox.slp("logs Fine --all --local").ok();
    all.says(&["START RequestId: ", "REPORT RequestId: ", "Traceback"]);
    let json = sandbox.slp("logs Fine --json --local").ok();
    let lines = json.stdout.lines();
    let lines = lines.map(|line| serde_json::from_str(line).expect("JSON"));
    let lines: Vec<serde_json::Value> = lines.collect();
    assert!(
        lines
            .iter()
            .all(|line| line["function"] == "Fine" && line["at"].is_string())
    );
    let report = |line: &serde_json::Value| {
        line["text"]
            .as_str()
            .expect("a text")
            .starts_with("REPORT ")
    };
    assert!(lines.iter().any(report), "{json}");
    ended(running);
}

#[test]
fn a_manifest_that_is_right_again_is_said_to_be() {
    if !is_there("node") {
        return;
    }
    let sandbox = sandbox("told-mended");
    let (mut running, _) = begun(&sandbox, "--port 0");
    let good = sandbox.read("slp.toml");
    let broken = good.replacen("handler", "handlr", 1);
    sandbox.write("slp.toml", &broken);
    running.hears("what was there before goes on");
    sandbox.write("slp.toml", &good);
    running.hears("slp.toml is right again; nothing to change");
    sandbox.write("slp.toml", &broken);
    running.hears("what was there before goes on");
    let route = "\"GET /fine\" = { function = \"Fine\" }";
    let more = format!("{route}\n\"GET /new\" = {{ function = \"Fine\" }}");
    sandbox.write("slp.toml", &good.replace(route, &more));
    running.hears("slp.toml is right again");
    running.prints("/live/new  Fine");
    transcript("dev-mended", &sandbox, &[ended(running)]);
}

#[test]
fn a_newer_save_abandons_a_wait() {
    let sandbox = Sandbox::empty("told-wait");
    let role = "[project]\nname = \"told-wait\"\n\n[role.run]\ntrust = \"lambda.amazonaws.com\"\n";
    sandbox.write("slp.toml", role);
    let mut running = sandbox.begin("dev --port 0");
    running.hears("page: http://127.0.0.1:");
    let files = sandbox.files();
    let lock = files
        .iter()
        .find(|path| path.extension().is_some_and(|end| end == "lock"));
    let lock = std::fs::File::open(lock.expect("the lock of the state")).expect("a lock");
    lock.lock().expect("nobody holds it");
    for description in ["one", "two"] {
        let text = format!("{role}description = \"{description}\"\n");
        sandbox.write("slp.toml", &text);
        running.hears("waiting for the lock on ");
        if description == "one" {
            continue;
        }
        lock.unlock().expect("it was held");
    }
    running.hears("Done: 1 updated");
    let run = ended(running);
    run.says(&["a file was saved meanwhile; trying again"])
        .never_says(&["error:"]);
}

#[test]
fn the_embedded_cloud_is_not_called_aws() {
    let sandbox = Sandbox::empty("told-words");
    let role = "[project]\nname = \"told-words\"\n\n[role.run]\ntrust = \"lambda.amazonaws.com\"\n";
    sandbox.write("slp.toml", role);
    let name = ["the embedded cloud"];
    let on = |line: &str| sandbox.slp(&format!("{line} --local")).never_says(&["AWS"]);
    on("plan").ok();
    on("apply --yes").ok().says(&["Done: 1 created"]);
    on("plan")
        .ok()
        .says(&["Nothing to do: the embedded cloud is as slp.toml says."]);
    on("apply --refresh-only").ok().says(&name);
    on("drift")
        .ok()
        .says(&["No drift: the embedded cloud is as the last apply left it."]);
    on("plan --format markdown").ok();
    sandbox.write("slp.toml", &format!("{role}description = \"x\"\n"));
    on("why role.run").ok().says(&["\n    cloud       "]);
    on("apply").exits(2);
    on("state mv role.run role.ran").ok().says(&name);
    on("state rm role.ran").ok().says(&name);
    on("plan").exits(4);
    on("import role.run nobody").exits(1).says(&name);
    on("state rebuild").ok();
    on("destroy --yes").ok().says(&["Done: 1 deleted"]);
    on("destroy --yes")
        .ok()
        .says(&["nothing of told-words is left in the embedded cloud"]);
}

#[test]
fn a_taken_port_is_no_obstacle_unless_it_was_asked_for() {
    let sandbox = Sandbox::empty("told-port");
    sandbox.write("slp.toml", "[project]\nname = \"told-port\"\n");
    // Whoever has it, it is taken.
    let _usual = TcpListener::bind(("127.0.0.1", 4566));
    let mut running = sandbox.begin("dev");
    running.hears("page: http://127.0.0.1:");
    let dev = ended(running);
    let other = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = other.local_addr().expect("an address").port();
    let refused = sandbox.slp(&format!("dev --port {port}")).exits(1);
    let text = |text: String| text.replace(&port.to_string(), "PORT");
    let refused = Run {
        line: text(refused.line),
        stderr: text(refused.stderr),
        ..refused
    };
    let local = sandbox.slp(&format!("local --port {port}")).exits(1);
    local.says(&["is taken", "without --port slp takes the next one"]);
    transcript("dev-port", &sandbox, &[dev, refused]);
}

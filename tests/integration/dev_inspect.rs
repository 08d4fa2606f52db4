//! `slp dev --inspect`: debuggers attach to functions, and no time counts meanwhile.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::{Value, json};

use crate::harness::{DebugAdapter, Inspector, Running, Sandbox, get, root};

const MANIFEST: &str = r#"[project]
name = "inspected"
region = "eu-west-1"

[role.run]
trust = "lambda.amazonaws.com"

[defaults.function]
role = "run"
code = "src"
timeout = 1

[function.Front]
runtime = "nodejs22.x"
handler = "index.front"

[function.Back]
runtime = "nodejs22.x"
handler = "index.back"

[function.Worker]
runtime = "python3.13"
handler = "app.run"

[api.inspected.routes]
"GET /front" = { function = "Front" }
"GET /back" = { function = "Back" }
"GET /worker" = { function = "Worker" }
[api.inspected.stage.live]

[outputs]
url = "${api.inspected.stage.live.url}"
"#;

const NODE: &str = "exports.front = async (event) => {
  const said = 'front';
  return { statusCode: 200, body: said };
};
exports.back = async () => ({ statusCode: 200, body: 'back' });
";

const PYTHON: &str = "def run(event, context):
    said = 'worker'
    return {'statusCode': 200, 'body': said}
";

/// All begin to look for a port at the same one: while a process of one is started again, another
/// would take its place.
static PORTS: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    PORTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A project; `None` where a runtime that it needs is missing, which is said.
fn sandbox(name: &str, runtime: &str) -> Option<Sandbox> {
    if Command::new(runtime).arg("--version").output().is_err() {
        eprintln!("skipped: there is no {runtime} here");
        return None;
    }
    let sandbox = Sandbox::empty(name);
    sandbox.write("slp.toml", MANIFEST);
    sandbox
        .write("src/index.js", NODE)
        .write("src/app.py", PYTHON);
    Some(sandbox)
}

/// Where a function waits for a debugger, such as `127.0.0.1:9229`.
fn place(running: &mut Running, function: &str) -> String {
    let line = running.hears(&format!("function.{function} ("));
    let place = line.split(" listens for a debugger at ").nth(1);
    let place = place.unwrap_or_else(|| panic!("{line}"));
    place.split(';').next().expect("a place").to_owned()
}

/// What VS Code would be told, by its key.
fn told(running: &mut Running, key: &str) -> String {
    let line = running.hears(&format!("\"{key}\": "));
    let value = line
        .split_once(": ")
        .expect("a value")
        .1
        .trim_end_matches(',');
    value.to_owned()
}

fn url(sandbox: &Sandbox) -> String {
    let url = sandbox.slp("output url --raw --local").ok().stdout;
    url.trim_end().to_owned()
}

#[test]
fn an_unknown_function_is_refused_with_a_guess() {
    let sandbox = Sandbox::empty("inspect-unknown");
    sandbox.write("slp.toml", MANIFEST);
    let run = sandbox.slp("dev --inspect Frond").exits(2);
    run.says(&[
        "--inspect: slp.toml has no function `Frond`",
        "did you mean `Front`?",
    ]);
    let run = sandbox.slp("dev --inspect Nothing").exits(2);
    run.says(&["its functions are Back, Front, Worker"]);
}

#[test]
fn a_breakpoint_holds_a_request_of_node_beyond_every_limit() {
    let Some(sandbox) = sandbox("inspect-node", "node") else {
        return;
    };
    let _alone = alone();
    let mut running = sandbox.begin("dev --port 0 --inspect Front");
    let place = place(&mut running, "Front");
    let task = told(&mut running, "remoteRoot");
    let task = task.trim_matches('"').to_owned();
    assert_eq!(place.split(':').next(), Some("127.0.0.1"));
    let url = url(&sandbox);
    assert_eq!(get(&format!("{url}/front")).body, "front");
    let mut inspector = Inspector::attach(&place);
    inspector.ask("Debugger.enable", json!({}));
    let script = json!({ "url": format!("file://{task}/index.js"), "lineNumber": 2 });
    let set = inspector.ask("Debugger.setBreakpointByUrl", script);
    assert_eq!(set["locations"].as_array().map(Vec::len), Some(1), "{set}");
    let front = format!("{url}/front");
    let request = thread::spawn(move || get(&front));
    let paused = inspector.event("Debugger.paused");
    let frame = &paused["callFrames"][0];
    assert_eq!(frame["functionName"], "exports.front", "{paused}");
    let version = Inspector::told(&place, "/json/version");
    assert!(
        version["Browser"]
            .as_str()
            .expect("a name")
            .starts_with("node.js/")
    );
    // The function may take one second, and is held for longer.
    let long = "for (const begun = Date.now(); Date.now() < begun + 1500;); said.length";
    let asked = json!({ "callFrameId": frame["callFrameId"], "expression": long });
    assert_eq!(
        inspector.ask("Debugger.evaluateOnCallFrame", asked)["result"]["value"],
        5
    );
    inspector.ask("Debugger.resume", json!({}));
    let answer = request.join().expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (200, "front"));
    // A change runs at the same place, and nobody else is inspected.
    sandbox.change_in("src/index.js", "'front'", "'again'");
    running.hears("Done: ");
    assert_eq!(get(&format!("{url}/front")).body, "again");
    assert_eq!(get(&format!("{url}/back")).body, "back");
    Inspector::told(&place, "/json/version");
    running.signal("INT");
    running
        .end()
        .exits(130)
        .never_says(&["function.Back (", "function.Worker ("]);
}

#[test]
fn every_function_waits_at_a_port_of_its_own() {
    let Some(sandbox) = sandbox("inspect-all", "node") else {
        return;
    };
    let worker = MANIFEST.find("[function.Worker]").expect("a worker");
    let api = MANIFEST.find("[api.").expect("an API");
    let manifest = format!("{}{}", &MANIFEST[..worker], &MANIFEST[api..]);
    sandbox.write(
        "slp.toml",
        &manifest.replace("\"GET /worker\" = { function = \"Worker\" }\n", ""),
    );
    let _alone = alone();
    let mut running = sandbox.begin("dev --port 0 --inspect");
    let one = running.hears(" listens for a debugger at 127.0.0.1:");
    let other = running.hears(" listens for a debugger at 127.0.0.1:");
    let url = url(&sandbox);
    for (path, body) in [("front", "front"), ("back", "back")] {
        assert_eq!(get(&format!("{url}/{path}")).body, body);
    }
    let mut ports = Vec::new();
    for line in [one, other] {
        let place = line
            .split(" at ")
            .nth(1)
            .expect("a place")
            .split(';')
            .next();
        let place = place.expect("a place").to_owned();
        Inspector::told(&place, "/json/version");
        ports.push(place);
    }
    assert_ne!(ports[0], ports[1]);
    running.signal("INT");
    running.end().exits(130);
}

/// A Python with debugpy; `None` where it cannot be had, which is said.
fn debugpy() -> Option<String> {
    let script = root().join("tests/emulators/emulator.py");
    let made = Command::new("python3")
        .arg(script)
        .args(["debugpy", "--prepare"])
        .output();
    let made = made.ok().filter(|output| output.status.success());
    let Some(made) = made else {
        eprintln!("skipped: debugpy cannot be installed here");
        return None;
    };
    let home = String::from_utf8(made.stdout).expect("a path");
    Some(format!("{}/bin", home.trim_end()))
}

#[test]
fn a_breakpoint_holds_a_request_of_python() {
    let (Some(bin), Some(sandbox)) = (debugpy(), sandbox("inspect-python", "python3")) else {
        return;
    };
    let sandbox = sandbox.env("PATH", &format!("{bin}:/usr/bin:/bin"));
    let _alone = alone();
    let mut running = sandbox.begin("dev --port 0 --inspect function.Worker");
    let place = place(&mut running, "Worker");
    let mapping: Value = serde_json::from_str(&told(&mut running, "pathMappings")).expect("JSON");
    let task = mapping[0]["remoteRoot"].as_str().expect("a folder");
    assert_eq!(mapping[0]["localRoot"], "${workspaceFolder}/src");
    let worker = format!("{}/worker", url(&sandbox));
    assert_eq!(get(&worker).body, "worker");
    let mut adapter = DebugAdapter::attach(&place);
    adapter.ask("initialize", json!({ "adapterID": "test" }));
    adapter.send("attach", json!({ "justMyCode": false }));
    adapter.event("initialized");
    let lines =
        json!({ "source": { "path": format!("{task}/app.py") }, "breakpoints": [{ "line": 3 }] });
    let set = adapter.ask("setBreakpoints", lines);
    assert_eq!(set["breakpoints"][0]["verified"], true, "{set}");
    adapter.ask("configurationDone", json!({}));
    let request = thread::spawn(move || get(&worker));
    let stopped = adapter.event("stopped");
    assert_eq!(stopped["reason"], "breakpoint", "{stopped}");
    adapter.ask("continue", json!({ "threadId": stopped["threadId"] }));
    let answer = request.join().expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (200, "worker"));
    running.signal("INT");
    running.end().exits(130);
}

#[test]
fn a_python_without_debugpy_says_how_to_get_it_and_serves() {
    let Some(sandbox) = sandbox("inspect-bare", "/usr/bin/python3") else {
        return;
    };
    let has = Command::new("/usr/bin/python3")
        .args(["-c", "import debugpy"])
        .status();
    if has.is_ok_and(|status| status.success()) {
        eprintln!("skipped: this machine's Python has debugpy");
        return;
    }
    let sandbox = sandbox.env("PATH", "/usr/bin:/bin");
    let _alone = alone();
    let mut running = sandbox.begin("dev --port 0 --inspect Worker");
    let line = running.hears("function.Worker cannot be inspected: ");
    assert!(
        line.contains("has no debugpy: run `/usr/bin/python3"),
        "{line}"
    );
    assert!(line.contains("-m pip install debugpy`"), "{line}");
    assert_eq!(get(&format!("{}/worker", url(&sandbox))).body, "worker");
    running.signal("INT");
    running.end().exits(130);
}

//! `slp local`: what it keeps, who may have it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::harness::{Local, Sandbox};

#[test]
fn what_was_kept_survives_a_kill_and_the_note_of_the_killed_one_is_nothing() {
    let sandbox = Sandbox::empty("local-kill");
    let first = Local::start(&sandbox, "");
    let made = first.logs("CreateLogGroup", r#"{"logGroupName": "kept"}"#);
    assert_eq!(made.status, 200, "{}", made.body);
    // Dropped is killed with SIGKILL.
    drop(first);
    assert!(sandbox.path(".slp/local/server.json").exists());
    let second = Local::start(&sandbox, "");
    let groups = second.logs("DescribeLogGroups", "{}");
    assert!(groups.body.contains("kept"), "{}", groups.body);
}

#[test]
fn the_second_says_who_has_it() {
    let sandbox = Sandbox::empty("local-two");
    let first = Local::start(&sandbox, "");
    let pid = format!("process {} serves", first.pid());
    for line in ["local --port 0", "local --port 0 --ephemeral"] {
        sandbox.slp(line).exits(4).says(&[&pid, &first.url]);
    }
}

#[test]
fn in_memory_nothing_is_kept() {
    let sandbox = Sandbox::empty("local-ephemeral");
    let first = Local::start(&sandbox, "--ephemeral");
    first.logs("CreateLogGroup", r#"{"logGroupName": "lost"}"#);
    drop(first);
    assert!(!sandbox.path(".slp/local/cloud.redb").exists());
    let second = Local::start(&sandbox, "--ephemeral");
    let groups = second.logs("DescribeLogGroups", "{}");
    assert!(!groups.body.contains("lost"), "{}", groups.body);
}

#[test]
fn a_signal_ends_it_and_takes_its_note_away() {
    let sandbox = Sandbox::empty("local-term");
    let mut child = sandbox
        .command("local --port 0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("slp runs");
    let mut line = String::new();
    let out = child.stdout.take().expect("stdout is piped");
    BufReader::new(out).read_line(&mut line).expect("a line");
    let note = sandbox.path(".slp/local/server.json");
    assert!(note.exists());
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.expect("kill runs").success());
    assert_eq!(child.wait().expect("its end").code(), Some(143));
    assert!(!note.exists());
}

const FUNCTION: &str = r#"
[project]
name = "dev"
[role.run]
trust = "lambda.amazonaws.com"
[function.HelloWorld]
runtime = "nodejs22.x"
handler = "index.handler"
role = "run"
code = "src"
[outputs]
arn = "${function.HelloWorld.arn}"
"#;

/// Invocations until dev has seen that a file changed; each takes longer than one look.
const PATIENCE: usize = 200;

#[test]
fn dev_runs_the_function_and_follows_its_file() {
    if Command::new("node").arg("--version").output().is_err() {
        return eprintln!("skipped: there is no node here");
    }
    let sandbox = Sandbox::empty("dev");
    let code = |greeting: &str| format!("exports.handler = async () => '{greeting}';\n");
    sandbox.write("slp.toml", FUNCTION);
    sandbox.write("src/index.js", &code("Hello world"));
    let mut dev = sandbox
        .command("dev --port 0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("slp runs");
    let mut line = String::new();
    let mut out = BufReader::new(dev.stdout.take().expect("stdout is piped"));
    out.read_line(&mut line).expect("a line");
    assert!(line.starts_with("arn = "), "{line}");
    let said = || sandbox.slp("invoke HelloWorld --local").ok().stdout;
    assert_eq!(said(), "\"Hello world\"\n");
    sandbox.write("src/index.js", &code("Bonjour"));
    assert!((0..PATIENCE).any(|_| said() == "\"Bonjour\"\n"));
    // What is wrong is told, and what was there goes on.
    sandbox.change("handler = \"index.handler\"", "handlr = 1");
    assert_eq!(said(), "\"Bonjour\"\n");
    let interrupt = Command::new("kill")
        .args(["-INT", &dev.id().to_string()])
        .status();
    assert!(interrupt.expect("kill runs").success());
    assert_eq!(dev.wait().expect("its end").code(), Some(130));
    assert!(!sandbox.path("state").exists());
}

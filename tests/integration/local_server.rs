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

//! What slp does not do: take what is not its own, take a damaged state for an empty one,
//! change anything unasked.

use std::fs::{self, File};
use std::process::Stdio;

use crate::harness::{self, Counter, Sandbox, example};

fn deployed(name: &str) -> Sandbox {
    let sandbox = example("hello-world", name).at(harness::moto().endpoint());
    sandbox.slp("apply --yes").ok();
    sandbox
}

/// Refused by plan, apply and destroy alike, and nothing was changed in AWS or on disk.
fn refused(sandbox: &Sandbox, code: i32, says: &[&str]) {
    let before = (
        harness::moto().inventory(&sandbox.prefix()),
        states(sandbox),
    );
    for line in ["plan", "apply --yes"] {
        let run = sandbox.slp(line).exits(code);
        assert_eq!(run.stdout, "", "{run}");
        run.says(says);
    }
    let after = (
        harness::moto().inventory(&sandbox.prefix()),
        states(sandbox),
    );
    assert_eq!(before, after);
}

/// The state files, whole.
fn states(sandbox: &Sandbox) -> Vec<(String, Vec<u8>)> {
    let files = sandbox.files().into_iter();
    files
        .map(|path| (path.display().to_string(), path))
        .filter(|(name, _)| name.contains(".json") && !name.ends_with(".lock"))
        .map(|(name, path)| (name, fs::read(path).expect("a state file")))
        .collect()
}

#[test]
fn a_role_that_is_somebody_elses_is_not_taken() {
    let sandbox = example("hello-world", "foreign").at(harness::moto().endpoint());
    let role = sandbox.named("basic-lambda-logging");
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let aws = harness::moto().aws();
    let words = [
        "iam",
        "create-role",
        "--role-name",
        &role,
        "--assume-role-policy-document",
        trust,
    ];
    aws.with(&words);
    refused(&sandbox, 1, &["role.basic-lambda-logging", &role]);
}

#[test]
fn what_lost_its_tags_is_refused_until_it_is_taken() {
    let sandbox = deployed("untagged");
    let (addr, role) = (
        "role.basic-lambda-logging",
        sandbox.named("basic-lambda-logging"),
    );
    let untag = format!("iam untag-role --role-name {role} --tag-keys slp:project");
    harness::moto().aws().run(&untag);
    let take = format!("--take {addr}");
    refused(&sandbox, 1, &["its ownership tags are gone", &take]);
    let replace = format!("apply --yes --replace {addr}");
    for line in ["destroy --yes", &replace] {
        sandbox.slp(line).exits(1).says(&[&take]);
    }
    sandbox
        .slp("plan --take role.nobody")
        .exits(2)
        .says(&["role.nobody"]);
    let taken = sandbox.slp(&format!("apply --yes {take}")).ok();
    assert_eq!(taken.planned(), [format!("~ {addr}")]);
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    sandbox.slp("destroy --yes").ok();
    let left = harness::moto().inventory(&sandbox.prefix());
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_lost_state_is_not_taken_for_an_empty_one() {
    let sandbox = deployed("lost");
    fs::remove_dir_all(sandbox.path("state")).expect("the state is lost");
    refused(&sandbox, 4, &["state is missing", "function.HelloWorld"]);
}

#[test]
fn a_lost_state_is_made_again_of_what_is_ours() {
    let sandbox = deployed("rebuilt");
    let rebuild = "state rebuild";
    sandbox.slp(rebuild).exits(4).says(&["is not lost"]);
    let listed = sandbox.slp("state list").ok().stdout;
    fs::remove_dir_all(sandbox.path("state")).expect("the state is lost");
    let made = sandbox.slp(rebuild).ok();
    assert_eq!(made.stdout, listed);
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    sandbox.slp("apply --yes").ok();
    sandbox.slp("destroy --yes").ok();
    let left = harness::moto().inventory(&sandbox.prefix());
    assert_eq!(left, Vec::<String>::new());
    fs::remove_dir_all(sandbox.path("state")).expect("the state is lost");
    sandbox.slp(rebuild).ok().says(&["Nothing was found"]);
}

#[test]
fn a_state_of_which_only_the_backup_is_left_is_refused() {
    let sandbox = deployed("backup");
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    sandbox.slp("apply --yes").ok();
    fs::remove_file(sandbox.state()).expect("the state is lost");
    refused(&sandbox, 4, &["the state is missing", ".backup"]);
}

#[test]
fn a_damaged_state_is_refused_by_name() {
    let sandbox = deployed("damaged");
    let state = sandbox.state();
    let whole = fs::read_to_string(&state).expect("the state");
    let truncated = whole[..whole.len() / 2].to_owned();
    let newer = whole.replacen("\"version\": 1", "\"version\": 99", 1);
    for (text, says) in [
        (truncated.as_str(), "not taken for an empty state"),
        ("", "not taken for an empty state"),
        ("{}", "not taken for an empty state"),
        ("what is this?", "not taken for an empty state"),
        (newer.as_str(), "version 99"),
    ] {
        fs::write(&state, text).expect("a damaged state");
        refused(&sandbox, 4, &["damaged.json", says]);
        sandbox.slp("output").exits(4);
    }
    fs::write(&state, whole).expect("the state");
    sandbox.slp("plan --exit-code").ok();
}

#[test]
fn another_account_is_refused() {
    let sandbox = deployed("account");
    sandbox.change("name_prefix", "account = \"999999999999\"\nname_prefix");
    refused(&sandbox, 4, &["999999999999", "123456789012"]);
}

#[test]
fn a_state_of_another_place_is_refused() {
    let sandbox = deployed("elsewhere").at(harness::ministack().endpoint());
    refused(&sandbox, 4, &["not of what this run works on", "endpoint"]);
    assert_eq!(
        harness::ministack().inventory(&sandbox.prefix()),
        Vec::<String>::new()
    );
}

#[test]
fn a_state_of_nothing_belongs_to_no_place() {
    let sandbox = deployed("emptied");
    sandbox.slp("destroy --yes").ok();
    let sandbox = sandbox.at(harness::ministack().endpoint());
    sandbox.slp("apply --yes").ok();
    sandbox.slp("plan --exit-code").ok();
    sandbox.slp("destroy --yes").ok();
    assert_eq!(
        harness::ministack().inventory(&sandbox.prefix()),
        Vec::<String>::new()
    );
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_done() {
    let sandbox = example("hello-world", "unasked").at(harness::moto().endpoint());
    let run = sandbox.slp("apply").exits(2);
    assert_eq!(run.planned().len(), 6);
    run.says(&["--yes"]);
    assert_eq!(
        harness::moto().inventory(&sandbox.prefix()),
        Vec::<String>::new()
    );
}

#[test]
fn whoever_finds_the_state_locked_does_nothing() {
    let sandbox = deployed("locked");
    let path = sandbox.state().display().to_string() + ".lock";
    let lock = File::options().write(true).open(path).expect("the lock");
    lock.lock().expect("nobody holds it");
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    sandbox
        .slp("apply --yes")
        .exits(4)
        .says(&["is locked", "--lock-timeout"]);
    sandbox.slp("destroy --yes").exits(4);
    drop(lock);
    let run = sandbox.slp("plan --exit-code").exits(3);
    assert_eq!(run.planned(), ["~ function.HelloWorld"]);
}

#[test]
fn two_applies_at_once_do_the_work_once() {
    let counter = Counter::before(harness::moto().endpoint());
    let sandbox = example("hello-world", "twice").at(counter.endpoint());
    let line = "apply --yes --lock-timeout 5m";
    let begin = || {
        let mut command = sandbox.command(line);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("slp runs")
    };
    for mut run in [begin(), begin()] {
        assert!(run.wait().expect("an end").success());
    }
    let planned = sandbox.slp("plan --destroy").planned().len();
    assert_eq!((planned, counter.changing()), (6, 12));
}

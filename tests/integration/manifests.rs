//! Wrong manifests: each folder of `tests/manifests/invalid` holds one, and in
//! `expected.txt` all that `slp validate` says about it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::harness::{example, examples, root};

#[test]
fn every_wrong_manifest_is_told_what_is_wrong_with_it() {
    let folders = invalid();
    assert!(
        folders.len() >= 50,
        "only {} wrong manifests",
        folders.len()
    );
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let mut differences = Vec::new();
    for folder in folders {
        let (code, stderr) = validate(&folder);
        let file = folder.join("expected.txt");
        if update {
            fs::write(&file, &stderr).expect("expected.txt");
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if code != Some(2) || expected != stderr || stderr.trim().is_empty() {
            let name = folder.display();
            differences.push(format!(
                "{name}: exit code {code:?}, and not as expected:\n{stderr}"
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn invalid() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("tests/manifests/invalid")).expect("invalid/");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    folders
}

/// In the folder itself, which validating leaves as it is.
fn validate(folder: &PathBuf) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slp"))
        .arg("validate")
        .current_dir(folder)
        .env_clear()
        .env("COLUMNS", "80")
        .output()
        .expect("slp runs");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code(), stderr)
}

#[test]
fn every_example_is_sound_without_a_network() {
    for name in examples() {
        let sandbox = example(&name, "sound").at("http://127.0.0.1:1");
        sandbox.slp("validate").ok().says(&["slp.toml is sound"]);
        sandbox.slp("fmt --check").ok();
    }
}

#[test]
fn programs_are_told_in_json() {
    let sandbox = example("hello-world", "json").at("http://127.0.0.1:1");
    let sound = json(&sandbox.slp("validate --json").ok().stdout);
    let expected = serde_json::json!({ "problems": [], "warnings": [], "resources": 6 });
    assert_eq!(sound, expected);
    let graph = json(&sandbox.slp("graph --json").ok().stdout);
    let needs = graph["function.HelloWorld"].as_array().expect("a list");
    assert_eq!(*needs, ["role.basic-lambda-logging"]);
    sandbox.change("code = \"src\"", "code = \"src\"\nmemroy = 1");
    let wrong = json(&sandbox.slp("validate --json").exits(2).stdout);
    let problem = &wrong["problems"][0];
    assert_eq!(problem["file"], "slp.toml");
    assert_eq!(problem["column"], 1);
    assert!(problem["line"].as_u64() > Some(20), "{problem}");
    assert_eq!(problem["help"], "did you mean `memory`?");
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

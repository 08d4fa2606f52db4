//! What holds of the code as a whole, read from its text.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Sandbox, root};

/// A source file without its tests.
struct Source {
    /// Below `src`.
    path: String,
    text: String,
}

/// All of `src`, without files and modules of tests.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    assert!(found.len() > 50, "src/ was not found");
    found
        .into_iter()
        .filter(|source| !is_test(&source.path))
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path: PathBuf = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            let own = path.strip_prefix(root().join("src")).expect("below src");
            found.push(Source {
                path: own.to_str().expect("a plain path").to_owned(),
                text: text
                    .split("#[cfg(test)]\nmod tests {")
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            });
        }
    }
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/") || path.ends_with("fakes.rs")
}

/// The files in which any of the words stands, of those that `may_not` hold it.
fn breakers(words: &[&str], may_not: impl Fn(&str) -> bool) -> Vec<String> {
    let mut paths: Vec<String> = sources()
        .into_iter()
        .filter(|source| may_not(&source.path))
        .filter(|source| words.iter().any(|word| source.text.contains(word)))
        .map(|source| source.path)
        .collect();
    paths.sort();
    paths
}

const NONE: Vec<String> = Vec::new();

#[test]
fn only_aws_names_the_sdk() {
    assert_eq!(
        breakers(&["aws_sdk_", "aws_config"], |path| !path
            .starts_with("aws/")),
        NONE
    );
    assert_ne!(
        breakers(&["aws_sdk_"], |path| path.starts_with("aws/")),
        NONE
    );
}

#[test]
fn the_embedded_cloud_and_the_rest_do_not_know_each_other() {
    let cloud = |path: &str| path.starts_with("local/");
    let wires = |path: &str| path.starts_with("cli/") || cloud(path);
    assert_eq!(breakers(&["crate::local"], |path| !wires(path)), NONE);
    assert_ne!(breakers(&["crate::local"], wires), NONE);
    let strangers = ["crate::aws", "crate::cli", "crate::plan", "crate::state"];
    assert_eq!(breakers(&strangers, cloud), NONE);
}

#[test]
fn only_cli_prints() {
    let ways = [
        "println!",
        "eprintln!",
        "print!(",
        "io::stdout",
        "io::stderr",
        "dbg!(",
    ];
    assert_eq!(breakers(&ways, |path| !path.starts_with("cli/")), NONE);
    assert_ne!(breakers(&ways, |path| path.starts_with("cli/")), NONE);
}

#[test]
fn what_is_pure_is_synchronous() {
    let pure = ["manifest", "resolve", "graph", "diff", "plan", "render"];
    let is_pure = |path: &str| pure.iter().any(|name| path.starts_with(name));
    assert_eq!(breakers(&["async ", ".await"], is_pure), NONE);
    assert_ne!(breakers(&["fn "], is_pure), NONE);
}

#[test]
fn no_file_is_too_long_to_read() {
    let long = sources()
        .into_iter()
        .filter(|source| source.text.lines().count() > 600);
    assert_eq!(long.map(|source| source.path).collect::<Vec<_>>(), NONE);
}

#[test]
fn the_schemas_are_what_the_code_generates() {
    let sandbox = Sandbox::empty("schema");
    for name in ["manifest", "plan", "state"] {
        let generated = sandbox.slp(&format!("schema {name}")).ok().stdout;
        let file = root().join(format!("schema/{name}.json"));
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            fs::create_dir_all(root().join("schema")).expect("schema/");
            fs::write(&file, &generated).expect("a schema");
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == generated,
            "schema/{name}.json is old: run `slp schema {name} > schema/{name}.json`"
        );
    }
}

#[test]
fn every_example_is_valid_by_the_schema() {
    let text = fs::read_to_string(root().join("schema/manifest.json")).expect("the schema");
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for name in crate::harness::examples() {
        let path = root().join("examples").join(&name).join("slp.toml");
        let text = fs::read_to_string(path).expect("a manifest");
        let manifest: serde_json::Value = toml::from_str(&text).expect("TOML");
        let errors: Vec<String> = validator
            .iter_errors(&manifest)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, NONE, "{name}");
    }
    let wrong = serde_json::json!({ "project": { "name": "x" }, "functoin": {} });
    assert!(!validator.is_valid(&wrong));
}

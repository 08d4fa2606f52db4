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
    let files = below(&root().join("src"));
    assert!(files.len() > 50, "src/ was not found");
    let sources = files.into_iter().map(|(path, text)| {
        let own = path.strip_prefix(root().join("src")).expect("below src");
        let code = text.split("#[cfg(test)]\nmod tests {").next();
        Source {
            path: own.to_str().expect("a plain path").to_owned(),
            text: code.unwrap_or_default().to_owned(),
        }
    });
    sources.filter(|source| !is_test(&source.path)).collect()
}

/// Every Rust file below a folder, with its text.
fn below(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder).expect("a folder");
    let files = entries.flat_map(|entry| {
        let path = entry.expect("an entry").path();
        match path.extension() {
            _ if path.is_dir() => below(&path),
            Some(end) if end == "rs" => {
                let text = fs::read_to_string(&path).expect("UTF-8");
                vec![(path, text)]
            }
            _ => Vec::new(),
        }
    });
    files.collect()
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

/// Sentences that mean the place say `cloud::name()`: on the embedded cloud nothing is AWS's.
#[test]
fn only_one_place_knows_what_the_cloud_is_called() {
    let places = [
        " in AWS",
        "from AWS",
        "with AWS",
        " at AWS",
        "left AWS",
        "AWS call",
        "AWS is as",
        "AWS has another",
        "AWS could not be",
        "AWS did not",
        "AWS differs",
        "AWS was ",
        "changed AWS",
    ];
    // The command line's help and the schema are of no cloud; a state in a bucket is in AWS.
    let exempt = [
        "cloud.rs",
        "local/",
        "cli/args/",
        "manifest/beside.rs",
        "manifest/blocks.rs",
        "state/remote/",
    ];
    let names = |line: &&str| {
        let is_text = line.contains('"') && !line.trim_start().starts_with("//");
        let line = line.replace("AWS's", "");
        is_text && places.iter().any(|place| line.contains(place))
    };
    let told = sources().into_iter().flat_map(|source| {
        let code = source.text.split("mod tests {").next();
        let lines = code.unwrap_or_default().lines().filter(names);
        let lines = lines.map(|line| format!("{}: {}", source.path, line.trim()));
        lines.collect::<Vec<_>>()
    });
    let told = told.filter(|line| !exempt.iter().any(|path| line.starts_with(path)));
    assert_eq!(told.collect::<Vec<_>>(), NONE);
}

#[test]
fn what_is_pure_is_synchronous() {
    let pure = [
        "manifest", "resolve", "graph", "diff", "iam", "plan", "rights", "render",
    ];
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
    for name in ["manifest", "plan", "state", "events"] {
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

/// `tests/faults.md` names tests; each must be there.
#[test]
fn every_fault_is_covered_as_the_table_says() {
    let table = fs::read_to_string(root().join("tests/faults.md")).expect("the table");
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let rows: Vec<&str> = rows.skip(2).collect();
    assert_eq!(rows.len(), 62, "a row for each case");
    let places = ["src", "tests/integration"].map(|place| root().join(place));
    let texts: Vec<(PathBuf, String)> = places.iter().flat_map(|place| below(place)).collect();
    let cells = rows.iter().filter_map(|row| row.rsplit(" | ").next());
    let tests = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let tests: Vec<&str> = tests.filter(|name| name.contains("::")).collect();
    for test in &tests {
        let (module, function) = test.rsplit_once("::").expect("a path");
        // The file's own name is the last of the path, but for `tests` inside a file.
        let module = module.strip_suffix("::tests").unwrap_or(module);
        let place = module.replace("::", "/");
        let signature = format!("fn {function}(");
        let there = |(path, text): &(PathBuf, String)| {
            path.to_string_lossy().contains(&place) && text.contains(&signature)
        };
        assert!(texts.iter().any(there), "there is no test {test}");
    }
    assert!(tests.len() > 58, "{}", tests.len());
}

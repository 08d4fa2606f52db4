//! The refusals of the embedded cloud, as they stand in its code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

use crate::harness::root;

/// The ways in which the cloud's code refuses.
const WAYS: &str = r"(?:\b(?:invalid|unfit|beyond|malformed|bad_request|conflict|limit|not_found|missing|exists|constraint)\(|AwsError::new\(|not_emulated\(|\.(?:pattern|value|longest|between|one_of|secret|missing|add)\()";
/// How much of a message names a site.
const SHOWN: usize = 60;

/// `iam/roles::create: Role with name …` of all services that slp manages resources in.
pub fn all() -> BTreeSet<String> {
    let mut sites = BTreeSet::new();
    for service in ["apigateway", "iam", "lambda", "logs"] {
        let folder = root().join("src/local").join(service);
        gather(&folder, service, &mut sites);
    }
    assert!(sites.len() > 300, "only {} sites", sites.len());
    sites
}

fn gather(folder: &Path, name: &str, sites: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let own = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a plain name");
        if own == "tests" {
            continue;
        }
        let own = format!("{name}/{own}");
        match path.is_dir() {
            true => gather(&path, &own, sites),
            false => sites.extend(of(&own, &fs::read_to_string(&path).expect("UTF-8"))),
        }
    }
}

fn of(file: &str, text: &str) -> Vec<String> {
    let text = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let (ways, functions) = (Regex::new(WAYS), Regex::new(r"\bfn (\w+)"));
    let (ways, functions) = (ways.expect("a pattern"), functions.expect("a pattern"));
    let literal = Regex::new(r#"(?s)^[^";]*"((?:[^"\\]|\\.)*)""#).expect("a pattern");
    let broken = Regex::new(r"\\\n\s*").expect("a pattern");
    let refuses = ways
        .find_iter(text)
        .filter(|way| !text[..way.start()].ends_with("fn "));
    refuses
        .map(|way| {
            let above = functions.captures_iter(&text[..way.start()]).last();
            let function = above.map_or("-".to_owned(), |found| found[1].to_owned());
            let message = literal.captures(&text[way.end()..]);
            let message = message.map_or(String::new(), |found| found[1].to_owned());
            let message = broken.replace_all(&message, "").into_owned();
            let shown: String = message.chars().take(SHOWN).collect();
            format!("{file}::{function}: {shown}")
        })
        .collect()
}

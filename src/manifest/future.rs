//! What manifests will hold one day: refused by name, so that nobody takes it for a slip.

use std::collections::BTreeSet;

use super::tree::Table;
use crate::problem::Problem;

/// Tables at the top.
const TABLES: [&str; 7] = [
    "layer",
    "domain",
    "api_key",
    "usage_plan",
    "vpc_link",
    "client_certificate",
    "api_account",
];

/// Fields, by kind; those that the kind knows by now are let through.
const FIELDS: [(&str, &[&str]); 3] = [
    (
        "function",
        &[
            "url",
            "trigger",
            "file_system",
            "snap_start",
            "image_config",
            "code_signing",
            "runtime_management",
            "recursion",
            "keep_versions",
            "async",
        ],
    ),
    (
        "api",
        &["authorizer", "model", "gateway_response", "openapi"],
    ),
    (
        "api.stage",
        &[
            "throttle",
            "cache",
            "logging",
            "access_log",
            "canary",
            "client_certificate",
            "routes",
        ],
    ),
];

fn refusal(what: &str) -> String {
    format!("{what} is not supported by this version of slp")
}

/// Takes out what is refused at the top of a manifest.
pub fn refused_tables(manifest: &mut Table) -> Vec<Problem> {
    let mut problems = Vec::new();
    for word in TABLES {
        if let Some((key, _)) = manifest.remove_entry(word) {
            problems.push(Problem::spanned(key.span(), refusal(&format!("[{word}]"))));
        }
    }
    if let Some((key, _)) = manifest.remove_entry("include") {
        problems.push(
            Problem::spanned(key.span(), refusal("`include`"))
                .help("keep everything in one file for now"),
        );
    }
    problems
}

/// Takes out the fields of a block that are refused by name.
pub fn refused_fields(kind: &str, table: &mut Table, fields: &BTreeSet<String>) -> Vec<Problem> {
    let words = FIELDS.iter().find(|(of, _)| *of == kind);
    let mut problems = Vec::new();
    for word in words.map_or(&[][..], |(_, words)| words) {
        if !fields.contains(*word)
            && let Some((key, _)) = table.remove_entry(*word)
        {
            let message = refusal(&format!("`{word}` of a {kind}"));
            problems.push(Problem::spanned(key.span(), message));
        }
    }
    problems
}

//! What must hold for any bytes that slp reads: no panic, no endless work, and what was
//! understood is written as it was read. Only tests and `tests/fuzz` are built with this.
//!
//! Deliberately not here: what right input means, which the modules' own tests say.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::addr::Addr;
use crate::diff::policy;
use crate::manifest::{self, Options, Report, Source};
use crate::resolve::resolve;
use crate::text::{Token, escape, scan};
use crate::{aws, package, state};

/// One thing that is tried with any bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every kind of input.
pub const TARGETS: [Target; 7] = [
    ("manifest", a_manifest),
    ("references", references),
    ("policy", a_policy),
    ("state", state::fuzz::a_state),
    ("plan", state::fuzz::a_plan),
    ("journal", state::fuzz::a_journal),
    ("sealed", state::fuzz::a_sealed_text),
];

/// The first byte chooses what is tried with the rest.
pub fn one(bytes: &[u8]) {
    if let Some((first, rest)) = bytes.split_first() {
        TARGETS[usize::from(*first) % TARGETS.len()].1(rest);
    }
}

fn a_manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let kinds = aws::kinds();
    let options = Options {
        file: PathBuf::from("/nonexistent/slp.toml"),
        env: Some("prod".into()),
        ..Options::default()
    };
    let draft = match manifest::read_text(Source::new("slp.toml", text), &options, &kinds) {
        Ok(draft) => draft,
        Err(report) => return printed(&report),
    };
    let scope = draft.scope("eu-central-1", None, None);
    let declared = draft.declare(&scope, &kinds);
    // What is no manifest's business: the rest of this machine's disk.
    if text.contains("\"/") || text.contains("'/") || text.contains("..") {
        Report::new(declared.found).render(80, false);
        return;
    }
    let shelf = Arc::new(package::Shelf::default());
    if let Err(report) = resolve(&declared, &scope, &kinds, &shelf) {
        printed(&report);
    }
    if let Ok(once) = manifest::format(text) {
        assert_eq!(
            manifest::format(&once).ok().as_ref(),
            Some(&once),
            "formatted twice"
        );
    }
}

fn printed(report: &Report) {
    assert!(!report.problems().is_empty());
    report.render(80, false);
}

fn references(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    scan(text);
    let escaped = escape(text);
    let read: String = scan(&escaped)
        .iter()
        .map(|token| match token {
            Token::Lit(literal) => literal.to_string(),
            other => panic!("{text:?} escaped has {other:?}"),
        })
        .collect();
    assert_eq!(read, text, "escaped, and read");
    if let Ok(addr) = Addr::parse(text) {
        assert_eq!(addr.to_string(), text);
    }
}

fn a_policy(bytes: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    policy::check(&document, 6144, false);
    policy::check(&document, 2048, true);
    let canonical = policy::canonical(&document);
    assert_eq!(policy::canonical(&canonical), canonical, "canonical twice");
    assert!(policy::statements(Some(&document), Some(&document)).is_empty());
    for change in policy::statements(None, Some(&document)) {
        if let policy::StatementChange::Added(statement) = change {
            policy::describe(&statement);
        }
    }
}

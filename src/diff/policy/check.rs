//! What AWS would refuse in a policy document, found before it is sent.
//!
//! IAM's grammar of policies: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub use leaf::whom;

use super::{LISTS, PRINCIPALS, leaves, statement_list};
use crate::problem::{Problem, nearest};
use crate::text::{self, Piece, Text};

mod condition;
mod leaf;

/// Everything that a statement may have.
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Condition",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
];

/// Where a document is put, which decides what it must and must not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// On a role or as a managed policy: resources, no principal.
    Identity,
    /// Who may take on a role: principals, no resource.
    Trust,
    /// On the thing itself, such as an API: principals and resources.
    Resource,
}

/// Everything wrong with a document that goes to a role's trust, or (`trust` false) to a
/// role or managed policy. `limit` is in characters, white space not counted. Paths start
/// at the document's root; a list index is a key.
pub fn check(document: &Value, limit: usize, trust: bool) -> Vec<Problem> {
    match trust {
        true => check_as(document, limit, Use::Trust),
        false => check_as(document, limit, Use::Identity),
    }
}

/// [`check`], for any use.
pub fn check_as(document: &Value, limit: usize, used: Use) -> Vec<Problem> {
    let Some(map) = document.as_object() else {
        let help = match document.as_str() {
            Some(text) if text.trim_start().starts_with('{') => {
                "JSON in a text is not read: write it as a table, or put it into a file and name that as `file = \"policy.json\"` (of a role: [role.X.inline.NAME])"
            }
            _ => "a policy is a table with `Version` and `Statement`",
        };
        return vec![Problem::at(&[], "this is not a policy document").help(help)];
    };
    let mut problems = Vec::new();
    version(map, &mut problems);
    keys(map, &["Version", "Id", "Statement"], &[], &mut problems);
    if let Some(id) = map.get("Id").filter(|id| !id.is_string()) {
        problems.push(Problem::at(&["Id"], format!("{id} is not a text")));
    }
    statements(document, used, &mut problems);
    let long = size(document);
    if long > limit {
        let message = format!("the policy has {long} characters, AWS takes at most {limit}");
        let help = "white space is not counted; split it into several policies, or use wildcards";
        problems.push(Problem::at(&[], message).help(help));
    }
    leaf::characters(document, &mut Vec::new(), &mut problems);
    problems
}

fn version(map: &Map<String, Value>, problems: &mut Vec<Problem>) {
    let known = |version: &Value| matches!(version.as_str(), Some("2012-10-17" | "2008-10-17"));
    if let Some(version) = map.get("Version").filter(|version| !known(version)) {
        let message = format!("{version} is not a version of the policy language");
        problems.push(Problem::at(&["Version"], message).help("write \"2012-10-17\", in quotes"));
    }
}

fn keys(map: &Map<String, Value>, known: &[&str], at: &[&str], problems: &mut Vec<Problem>) {
    for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
        let mut path = at.to_vec();
        path.push(key);
        let help = match nearest(key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it has `{}`", known.join("`, `")),
        };
        let what = format!("a policy has no `{key}` here");
        problems.push(Problem::at(&path, what).help(help));
    }
}

fn statements(document: &Value, used: Use, problems: &mut Vec<Problem>) {
    let list = statement_list(document);
    if list.is_empty() {
        let problem = Problem::at(&["Statement"], "the policy has no statement");
        problems.push(problem.help("add at least one, or leave the policy out"));
    }
    let alone = !document.get("Statement").is_some_and(Value::is_array);
    let mut sids = BTreeSet::new();
    for (index, statement) in list.into_iter().enumerate() {
        let index = index.to_string();
        let at: &[&str] = match alone {
            true => &["Statement"],
            false => &["Statement", &index],
        };
        let mut found = Vec::new();
        match statement.as_object() {
            Some(map) if map.contains_key("Statement") => found.push(
                Problem::at(&[], "a whole policy stands where a statement belongs")
                    .help("write its statements here, without the policy around them"),
            ),
            Some(map) => check_statement(map, used, &mut sids, &mut found),
            None => found.push(Problem::at(&[], "a statement is a table")),
        }
        problems.extend(found.into_iter().map(|problem| problem.under(at)));
    }
}

fn check_statement(
    map: &Map<String, Value>,
    used: Use,
    sids: &mut BTreeSet<String>,
    problems: &mut Vec<Problem>,
) {
    keys(map, &STATEMENT, &[], problems);
    effect(map, problems);
    sid(map, used, sids, problems);
    one_of(map, ["Action", "NotAction"], true, problems);
    one_of(
        map,
        ["Resource", "NotResource"],
        used != Use::Trust,
        problems,
    );
    one_of(map, PRINCIPALS, used != Use::Identity, problems);
    belongs(map, used, problems);
    if used == Use::Trust {
        leaf::only_sts(map, problems);
    }
    for key in LISTS {
        if let Some(value) = map.get(key) {
            leaf::list(key, value, used, problems);
        }
    }
    for key in PRINCIPALS {
        if let Some(value) = map.get(key) {
            leaf::principal(key, value, problems);
        }
    }
    if let Some(condition) = map.get("Condition") {
        condition::check(condition, problems);
    }
}

fn effect(map: &Map<String, Value>, problems: &mut Vec<Problem>) {
    const EFFECTS: [&str; 2] = ["Allow", "Deny"];
    let problem = match map.get("Effect") {
        None if misspelt(map, "Effect") => return,
        None => Problem::at(&[], "the statement has no `Effect`"),
        Some(Value::String(text)) if EFFECTS.contains(&text.as_str()) => return,
        Some(other) => Problem::at(&["Effect"], format!("{other} is not an effect")),
    };
    let given = map
        .get("Effect")
        .and_then(Value::as_str)
        .unwrap_or_default();
    problems.push(match nearest(given, EFFECTS) {
        Some(meant) => problem.help(format!("did you mean \"{meant}\"?")),
        None => problem.help("write \"Allow\" or \"Deny\""),
    });
}

/// IAM takes letters and digits only; policies on other services' things take more.
fn sid(
    map: &Map<String, Value>,
    used: Use,
    sids: &mut BTreeSet<String>,
    problems: &mut Vec<Problem>,
) {
    let Some(value) = map.get("Sid").filter(|value| !value.is_null()) else {
        return;
    };
    let at = |message: String| Problem::at(&["Sid"], message);
    let Some(sid) = value.as_str() else {
        return problems.push(at(format!("{value} is not a text")));
    };
    if used != Use::Resource && !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let problem = at(format!("the Sid \"{sid}\" has characters that IAM refuses"));
        problems.push(problem.help("use letters and digits only"));
    }
    if !sid.is_empty() && !sids.insert(sid.to_owned()) {
        let problem = at(format!("two statements have the Sid \"{sid}\""));
        problems.push(problem.help("rename one, or leave it out: a Sid is optional"));
    }
}

/// Is there a key that is a slip of this one? It has been told.
fn misspelt(map: &Map<String, Value>, key: &str) -> bool {
    let known = |other: &&String| STATEMENT.contains(&other.as_str());
    let strange = map.keys().filter(|other| !known(other));
    strange
        .into_iter()
        .any(|other| nearest(other, STATEMENT) == Some(key))
}

fn one_of(map: &Map<String, Value>, pair: [&str; 2], required: bool, problems: &mut Vec<Problem>) {
    let [plain, negated] = pair;
    match (map.contains_key(plain), map.contains_key(negated)) {
        (true, true) => {
            let message = format!("a statement has `{plain}` or `{negated}`, not both");
            problems.push(Problem::at(&[negated], message).help("make two statements of it"));
        }
        (false, false) if required && !misspelt(map, plain) => {
            let message = format!("the statement has no `{plain}`");
            let help = match plain {
                "Action" => "say what it is about, such as \"s3:GetObject\"",
                "Resource" => "say on what, as an ARN, or \"*\" for everything",
                _ => "say who, such as { Service = \"lambda.amazonaws.com\" }",
            };
            problems.push(Problem::at(&[], message).help(help));
        }
        _ => {}
    }
}

fn belongs(map: &Map<String, Value>, used: Use, problems: &mut Vec<Problem>) {
    let (keys, message, help) = match used {
        Use::Identity => (
            PRINCIPALS,
            "a policy of a role has no principal: the role is the principal",
            "take it out, or put the statement into the role's `trust`",
        ),
        Use::Trust => (
            ["Resource", "NotResource"],
            "a trust policy names no resource: the role itself is the resource",
            "take it out",
        ),
        Use::Resource => return,
    };
    for key in keys.into_iter().filter(|key| map.contains_key(*key)) {
        problems.push(Problem::at(&[key], message).help(help));
    }
}

/// Characters as IAM counts them, without white space; what only AWS knows is not counted.
pub fn size(document: &Value) -> usize {
    let literal = |text: Text| match text {
        Text::Template(pieces) => Text::Known(
            pieces
                .into_iter()
                .filter_map(|piece| match piece {
                    Piece::Lit(text) => Some(text),
                    _ => None,
                })
                .collect(),
        ),
        other => other,
    };
    let written = text::map_texts(document, &mut |text| literal(text)).to_string();
    written.chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;

//! A policy document as blocks of requests: what it allows, and what it denies.
//!
//! Texts of which a part is not known yet (`text::Text`) are read as variables.

use serde_json::Value;

use super::cell::Cell;
use super::condition::When;
use super::glob::{Glob, HOLE, SECRET};
use super::reach::Reach;
use crate::diff::policy;
use crate::iam::grammar::{self, Patterns, Principals, Statement};
use crate::text::{self, Piece, Text};

/// Allowed is what one of `allow` holds and none of `deny`.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub allow: Vec<Cell>,
    pub deny: Vec<Cell>,
    /// How many documents are none.
    pub unread: usize,
}

/// Whose policy a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A role's: nobody is named.
    Identity,
    /// A resource's: each statement says who may.
    Resource,
}

impl Rules {
    pub fn of<'a>(documents: impl IntoIterator<Item = &'a Value>, kind: Kind) -> Rules {
        let mut rules = Rules::default();
        for document in documents {
            rules.add(document, kind);
        }
        rules
    }

    fn add(&mut self, document: &Value, kind: Kind) {
        let document = plain(&policy::canonical(document));
        if document
            .as_object()
            .is_some_and(|map| !map.contains_key("Statement"))
        {
            return;
        }
        let Ok(document) = grammar::read(&document.to_string()) else {
            self.unread += 1;
            return;
        };
        // Only the younger grammar knows variables; it is not the default.
        let variables = document.version.as_deref() == Some("2012-10-17");
        for statement in &document.statements {
            let denies = statement.effect.eq_ignore_ascii_case("deny");
            let cells = cells(statement, kind, variables);
            match denies {
                true => self.deny.extend(cells),
                false => self.allow.extend(cells),
            }
        }
    }

    /// What both this and a boundary allow.
    pub fn within(self, boundary: Rules) -> Rules {
        let both = |cell: &Cell| -> Vec<Cell> {
            let limits = boundary.allow.iter();
            limits.filter_map(|limit| cell.and(limit)).collect()
        };
        let mut deny = self.deny;
        deny.extend(boundary.deny.iter().cloned());
        Rules {
            allow: self.allow.iter().flat_map(both).collect(),
            deny,
            unread: self.unread + boundary.unread,
        }
    }
}

/// With each template as a text: its holes are variables that no policy can have.
fn plain(document: &Value) -> Value {
    match text::from_value(document) {
        Some(Text::Masked(digest)) => Value::String(hole(&format!("{SECRET}{digest}>"))),
        Some(Text::Known(text)) => Value::String(text),
        Some(Text::Template(pieces)) => pieces.iter().map(piece).collect::<String>().into(),
        None => match document {
            Value::Array(items) => items.iter().map(plain).collect(),
            Value::Object(map) => {
                let map = map.iter().map(|(key, value)| (key.clone(), plain(value)));
                Value::Object(map.collect())
            }
            other => other.clone(),
        },
    }
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Lit(text) => text.clone(),
        Piece::Ref { addr, output } => hole(&format!("{HOLE}{addr}.{output}>")),
        Piece::Secret(name) => hole(&format!("{SECRET}{name}>")),
    }
}

fn hole(name: &str) -> String {
    format!("${{{name}}}")
}

/// A statement as blocks: one for each caller, action and resource that it names.
fn cells(statement: &Statement, kind: Kind, variables: bool) -> Vec<Cell> {
    let denies = statement.effect.eq_ignore_ascii_case("deny");
    let callers = match (kind, &statement.principals) {
        (Kind::Identity, _) => vec![Reach::any()],
        (Kind::Resource, Some(principals)) => callers(principals, denies),
        (Kind::Resource, None) => Vec::new(),
    };
    let actions = reaches(statement.actions.as_ref(), Glob::action).unwrap_or_default();
    let resource = |text: &str| Glob::new(text, variables);
    // A trust policy has no resource: the role itself is meant.
    let resources = reaches(statement.resources.as_ref(), resource);
    let resources = resources.unwrap_or_else(|| vec![Reach::any()]);
    let when = When::of(&statement.tests, variables);
    let mut cells = Vec::new();
    for who in &callers {
        for action in &actions {
            for resource in &resources {
                cells.push(Cell {
                    who: who.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                    when: when.clone(),
                });
            }
        }
    }
    // `NotAction = "*"` is nothing.
    cells.retain(|cell| !cell.is_empty());
    cells
}

fn reaches(patterns: Option<&Patterns>, glob: impl Fn(&str) -> Glob) -> Option<Vec<Reach>> {
    let patterns = patterns?;
    let globs = patterns.listed.iter().map(|text| glob(text));
    Some(match patterns.negated {
        true => vec![Reach::but(globs.collect())],
        false => globs.map(Reach::of).collect(),
    })
}

/// Callers by kind and name: `Service:lambda.amazonaws.com`.
fn callers(principals: &Principals, denies: bool) -> Vec<Reach> {
    let named = principals.listed.iter();
    match (principals.negated, denies) {
        (true, _) => vec![Reach::but(named.map(caller).collect())],
        (false, false) => named.map(caller).map(Reach::of).collect(),
        (false, true) => named
            .flat_map(|one| [caller(one)].into_iter().chain(theirs(one)))
            .map(Reach::of)
            .collect(),
    }
}

fn caller((kind, name): &(String, String)) -> Glob {
    match (kind.as_str(), name.as_str()) {
        ("AWS", "*") => Glob::any(),
        (kind, "*") => Glob::new(&format!("{kind}:*"), false),
        (kind, name) => Glob::literal(&format!("{kind}:{name}")),
    }
}

/// Who else is denied along with a caller: those of an account, the sessions of a role. To be
/// allowed, each must be named or allowed by a policy of its own.
fn theirs((kind, name): &(String, String)) -> Option<Glob> {
    if kind != "AWS" || name.contains('*') {
        return None;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    match parts[..] {
        [account] if account.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Glob::new(&format!("AWS:arn:*:{account}:*"), false))
        }
        ["arn", partition, "iam", "", account, resource] => {
            let role = resource.strip_prefix("role/")?.rsplit('/').next()?;
            let sessions = format!("AWS:arn:{partition}:sts::{account}:assumed-role/{role}/*");
            Some(Glob::new(&sessions, false))
        }
        _ => None,
    }
}

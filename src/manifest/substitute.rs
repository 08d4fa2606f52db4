//! Puts `${var.…}` and `${project.…}` into every text, before anything is read by type.
//! References to resources and secret variables stay; what was put in is escaped, so it
//! is not read again.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::DeValue;

use super::origin::Origin;
use super::variables::{Value, Variables};
use crate::kind::Block;
use crate::problem::{Guesses, Problem, bare, nearest};
use crate::text::{Token, escape, scan};

/// What can be put in.
pub struct Known<'a> {
    pub variables: &'a Variables,
    /// `name`, `env`, `region`, …; `None` where it has no value, with the reason.
    pub project: BTreeMap<&'static str, Result<String, &'static str>>,
    /// Is it too early to ask anybody?
    pub early: bool,
    /// The file, to point at a reference inside a text.
    pub file: &'a str,
}

/// What was found on the way.
#[derive(Default)]
pub struct Findings {
    pub problems: Vec<Problem>,
    /// The places of texts that could not be completed: what is said about them later is noise.
    pub broken: Vec<Range<usize>>,
    /// What all guesses at wrong names may cost.
    pub guesses: Guesses,
    /// The variables without a value that they name.
    pub lacking: BTreeSet<String>,
}

/// Fills every text under a block.
pub fn fill(block: &mut Block, known: &Known<'_>, findings: &mut Findings) {
    let span = block.span();
    match block.get_mut() {
        DeValue::String(text) if text.contains("${") => {
            if let Some(value) = filled(text, &span, known, findings) {
                *block.get_mut() = value;
            }
        }
        DeValue::Array(items) => items
            .iter_mut()
            .for_each(|item| fill(item, known, findings)),
        DeValue::Table(table) => {
            for (key, value) in table.iter_mut() {
                if key.get_ref().contains("${") {
                    check_key(key.get_ref(), key.span(), findings);
                }
                fill(value, known, findings);
            }
        }
        _ => {}
    }
}

fn check_key(key: &str, span: Range<usize>, findings: &mut Findings) {
    if scan(key)
        .iter()
        .any(|token| matches!(token, Token::Inside(_)))
    {
        findings.problems.push(
            Problem::spanned(span, "no references in keys")
                .help("only texts on the right of `=` can hold `${…}`"),
        );
    }
}

/// A stretch of the result.
enum Part<'a> {
    Literal(String),
    /// A reference that stays.
    Stays(&'a str),
}

/// `None`: nothing to put in.
fn filled(
    raw: &str,
    span: &Range<usize>,
    known: &Known<'_>,
    findings: &mut Findings,
) -> Option<DeValue<'static>> {
    let tokens = scan(raw);
    let ours = |token: &Token<'_>| matches!(token, Token::Inside(inside) if is_ours(inside));
    if !tokens.iter().any(ours) {
        return None;
    }
    if let [Token::Inside(inside)] = tokens.as_slice()
        && let Some(Value::Plain { typed, .. }) = variable(inside, known)
    {
        let mut typed = typed.clone();
        escape_texts(&mut typed);
        return Some(typed);
    }
    let mut parts: Vec<Part<'_>> = Vec::new();
    for token in tokens {
        let part = match token {
            Token::Lit(text) => Part::Literal(text.into_owned()),
            // Left as it is: whoever reads the text reports it.
            Token::Open(_) => return None,
            Token::Inside(inside) => match lookup(inside, known, &findings.guesses) {
                Ok(Some(value)) => Part::Literal(value),
                Ok(None) => Part::Stays(inside),
                Err(problem) => {
                    findings.broken.push(span.clone());
                    if let Some(problem) = problem {
                        let span = Some(narrow(span, inside, known.file));
                        findings.problems.push(Problem { span, ..problem });
                    } else if let Some(name) = inside.strip_prefix("var.") {
                        findings.lacking.insert(name.to_owned());
                    }
                    return None;
                }
            },
        };
        match (parts.last_mut(), part) {
            (Some(Part::Literal(last)), Part::Literal(text)) => last.push_str(&text),
            (_, part) => parts.push(part),
        }
    }
    Some(DeValue::String(joined(&parts, span, findings).into()))
}

fn joined(parts: &[Part<'_>], span: &Range<usize>, findings: &mut Findings) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(&escape(literal)),
            Part::Stays(inside) => {
                if text.ends_with('$') {
                    findings.problems.push(Problem::spanned(
                        span.clone(),
                        "a value that ends in `$` cannot stand right before a reference",
                    ));
                }
                text.push_str(&format!("${{{inside}}}"));
            }
        }
    }
    text
}

fn is_ours(inside: &str) -> bool {
    inside.starts_with("var.") || inside.starts_with("project.")
}

fn variable<'a>(inside: &str, known: &Known<'a>) -> Option<&'a Value> {
    known.variables.get(inside.strip_prefix("var.")?)
}

/// The value; `Ok(None)`: it stays; `Err(None)`: it has no value, and that has been said.
fn lookup(
    inside: &str,
    known: &Known<'_>,
    guesses: &Guesses,
) -> Result<Option<String>, Option<Problem>> {
    if let Some(name) = inside.strip_prefix("project.") {
        return project(name, known).map(Some).map_err(Some);
    }
    let Some(name) = inside.strip_prefix("var.") else {
        return Ok(None);
    };
    match known.variables.get(name) {
        Some(Value::Plain {
            text: Some(text), ..
        }) => Ok(Some(text.clone())),
        Some(Value::Plain { text: None, .. }) => Err(Some(
            Problem::at(
                &[],
                format!("variable `{name}` is no text, so it cannot stand inside one"),
            )
            .help(format!("a list or table stands alone: \"${{var.{name}}}\"")),
        )),
        Some(Value::Secret(_)) => Ok(None),
        Some(Value::Asked(asked)) if known.early => Err(Some(too_late(name, &asked.origin))),
        // Not asked: what it will be cannot be judged.
        Some(Value::Asked(_) | Value::Broken(_)) => Err(None),
        None => {
            let problem = Problem::at(&[], format!("there is no variable `{name}`"));
            let names = known.variables.keys().map(String::as_str);
            Err(Some(match guesses.nearest(name, names) {
                Some(meant) => problem.help(format!("did you mean `${{var.{meant}}}`?")),
                None => {
                    problem.help("declare it in [variables], or write `$${` for a literal `${`")
                }
            }))
        }
    }
}

fn too_late(name: &str, origin: &Origin) -> Problem {
    let message = format!("`{name}` comes from {origin}, which is asked too late for this place");
    Problem::at(&[], message).help(
        "[project] and [state] say whom to ask: use a variable from `env:`, or with a default",
    )
}

fn project(name: &str, known: &Known<'_>) -> Result<String, Problem> {
    match known.project.get(name) {
        Some(Ok(value)) => Ok(value.clone()),
        Some(Err(reason)) => Err(Problem::at(
            &[],
            format!("`${{project.{name}}}` has no value: {reason}"),
        )),
        None => {
            let names: Vec<&str> = known.project.keys().copied().collect();
            let problem = Problem::at(&[], format!("there is no `${{project.{name}}}`"));
            let said = FACTS.iter().find(|(word, _)| *word == bare(name));
            let said = said
                .map(|(_, fact)| *fact)
                .filter(|fact| names.contains(fact));
            Err(
                match said.or_else(|| nearest(name, names.iter().copied())) {
                    Some(meant) => problem.help(format!("did you mean `${{project.{meant}}}`?")),
                    None => problem.help(format!("there is `{}`", names.join("`, `"))),
                },
            )
        }
    }
}

/// What other tools call the facts of a project.
const FACTS: &[(&str, &str)] = &[
    ("accountid", "account"),
    ("environment", "env"),
    ("stage", "env"),
    ("stackname", "name"),
    ("workspace", "env"),
];

fn escape_texts(value: &mut DeValue<'static>) {
    match value {
        DeValue::String(text) if text.contains("${") => *text = escape(text).into(),
        DeValue::Array(items) => items
            .iter_mut()
            .for_each(|item| escape_texts(item.get_mut())),
        DeValue::Table(table) => table
            .iter_mut()
            .for_each(|(_, item)| escape_texts(item.get_mut())),
        _ => {}
    }
}

/// The reference itself, where the file shows it as it is.
pub fn narrow(span: &Range<usize>, inside: &str, file: &str) -> Range<usize> {
    let written = file.get(span.clone()).unwrap_or_default();
    let needle = format!("${{{inside}}}");
    match written.find(&needle) {
        Some(at) => span.start + at..span.start + at + needle.len(),
        None => span.clone(),
    }
}

/// A text in which no reference may stand, unescaped; else the first reference.
pub fn plain(raw: &str) -> Result<String, String> {
    let mut text = String::new();
    for token in scan(raw) {
        match token {
            Token::Lit(literal) => text.push_str(&literal),
            Token::Inside(inside) => return Err(format!("${{{inside}}}")),
            Token::Open(rest) => return Err(rest.to_owned()),
        }
    }
    Ok(text)
}

//! Do policies allow a request? AWS's logic: an explicit deny wins, else something must allow.
//!
//! Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
//! Left out on purpose: organisations, sessions' policies, other accounts.

mod condition;
mod glob;

use std::collections::BTreeMap;
use std::fmt;

use crate::iam::grammar::{Document, Patterns, Principals, Statement};

pub use condition::{known as known_operator, misfit};
pub use glob::{matches, matches_any_case};

/// The condition keys that a request carries, such as `aws:SourceArn`. Their case is ignored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    pub fn new() -> Context {
        Context::default()
    }

    /// With one more value of a key.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Context {
        let values = self.0.entry(key.to_ascii_lowercase()).or_default();
        values.push(value.into());
        self
    }

    fn get(&self, key: &str) -> Option<&[String]> {
        let values = self.0.get(&key.to_ascii_lowercase());
        values.map(Vec::as_slice)
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller<'a> {
    /// `apigateway.amazonaws.com`
    Service(&'a str),
    /// `arn:aws:iam::123456789012:role/x`, or the account's root.
    Aws(&'a str),
}

/// What is asked: `lambda:InvokeFunction` on an ARN.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub action: &'a str,
    pub resource: &'a str,
    pub context: &'a Context,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    Denied(Why),
}

impl Decision {
    pub fn allowed(&self) -> bool {
        *self == Decision::Allowed
    }
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No statement allows it.
    Implicit,
    /// A statement denies it.
    Explicit,
    /// A statement that would decide has a condition operator that this cloud does not know.
    Operator(String),
    /// A document is not one.
    Document,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Implicit => f.write_str("no policy allows it"),
            Why::Explicit => f.write_str("a policy denies it"),
            Why::Operator(name) => {
                write!(f, "the embedded cloud does not know the operator {name}")
            }
            Why::Document => f.write_str("a policy document cannot be read"),
        }
    }
}

/// What identity-based policies decide.
pub fn identity(documents: &[Document], request: Request<'_>) -> Decision {
    decide(documents.iter().flat_map(|d| &d.statements), request)
}

/// What a resource's own policy decides for a caller.
pub fn resource(document: &Document, caller: Caller<'_>, request: Request<'_>) -> Decision {
    let named = |statement: &&Statement| {
        let principals = statement.principals.as_ref();
        principals.is_some_and(|principals| names(principals, caller))
    };
    decide(document.statements.iter().filter(named), request)
}

fn decide<'a>(statements: impl Iterator<Item = &'a Statement>, request: Request<'_>) -> Decision {
    let mut allowed = false;
    let mut unknown = None;
    for statement in statements {
        let denies = statement.effect.eq_ignore_ascii_case("deny");
        match covers(statement, request) {
            Ok(false) => {}
            Ok(true) if denies => return Decision::Denied(Why::Explicit),
            Ok(true) => allowed = true,
            Err(operator) if denies => return Decision::Denied(Why::Operator(operator)),
            Err(operator) => unknown = Some(operator),
        }
    }
    match (allowed, unknown) {
        (true, _) => Decision::Allowed,
        (false, Some(operator)) => Decision::Denied(Why::Operator(operator)),
        (false, None) => Decision::Denied(Why::Implicit),
    }
}

/// Does a statement speak of this request? The name of an operator that is not known, if not
/// even that can be said.
pub fn covers(statement: &Statement, request: Request<'_>) -> Result<bool, String> {
    let action = |pattern: &str| glob::matches_any_case(pattern, request.action);
    let resource = |pattern: &str| {
        let filled = condition::filled(pattern, request.context);
        filled.is_some_and(|pattern| glob::matches(&pattern, request.resource))
    };
    // A trust policy has no resource: the role itself is meant.
    let fits = any(statement.actions.as_ref(), false, action)
        && any(statement.resources.as_ref(), true, resource);
    if !fits {
        return Ok(false);
    }
    for test in &statement.tests {
        if !condition::holds(test, request.context)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn any(patterns: Option<&Patterns>, without: bool, fits: impl Fn(&str) -> bool) -> bool {
    patterns.map_or(without, |patterns| {
        patterns.listed.iter().any(|pattern| fits(pattern)) != patterns.negated
    })
}

fn names(principals: &Principals, caller: Caller<'_>) -> bool {
    let one = |(kind, name): &(String, String)| match caller {
        _ if kind == "AWS" && name == "*" => true,
        Caller::Service(service) => kind == "Service" && (name == service || name == "*"),
        Caller::Aws(arn) => {
            let whole = account(name).is_some_and(|id| account(arn) == Some(id));
            kind == "AWS" && (name == arn || whole)
        }
    };
    principals.listed.iter().any(one) != principals.negated
}

/// The account that a principal means as a whole, or the account of a caller.
fn account(principal: &str) -> Option<&str> {
    let digits = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    if digits(principal) {
        return Some(principal);
    }
    let id = principal.strip_suffix(":root")?.rsplit(':').next()?;
    digits(id).then_some(id)
}

#[cfg(test)]
mod tests;

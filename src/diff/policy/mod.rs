//! IAM policy documents by meaning: one canonical form, the differences by statement, a
//! sentence for each statement, and everything that AWS would refuse.
//!
//! Way in: [`canonical`] (equality of canonical forms is equality of meaning),
//! [`statements`], [`describe`], [`check`]. Every leaf may be a `text::Text` in its JSON
//! form, so a document can be compared before all of its ARNs are known. What a policy
//! *permits* (wildcards that cover one another) is not judged here: two documents are
//! equal if AWS would store the same statements.

mod canonical;
mod check;
mod describe;
mod statements;

pub use canonical::canonical;
pub use check::{Use, check, check_as, size, whom};
pub use describe::describe;
pub(crate) use statements::holds;
pub use statements::{StatementChange, statements};

use serde_json::Value;

use crate::text;

/// The keys that hold a list of texts in a statement.
const LISTS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];
/// The keys that hold principals.
const PRINCIPALS: [&str; 2] = ["Principal", "NotPrincipal"];

/// The statements of a document, of which one alone need not stand in a list.
fn statement_list(document: &Value) -> Vec<&Value> {
    match document.get("Statement") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

/// A leaf for people: a text with its holes named, a boolean or a number as it stands.
fn shown(leaf: &Value) -> String {
    match text::from_value(leaf) {
        Some(text) => text.to_string(),
        None => leaf.to_string(),
    }
}

/// A value that may be one leaf or a list of leaves, as leaves.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

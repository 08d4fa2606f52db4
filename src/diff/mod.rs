//! What differs between two specs, field by field, read from the spec's schema alone.
//!
//! Way in: [`fields`] for two specs, [`drift`] and [`drifted`] for the third value (what
//! the last apply left), [`without`] and [`keep_ignored`] for what is left alone;
//! [`policy`] compares policy documents by meaning, [`text`] texts by line. A spec writes
//! all its fields: one that is absent is unknown, not empty.
//!
//! Words read from a schema: `x-unit`, `x-set` (order does not matter), `x-policy`,
//! `x-package`, `x-replace`, `x-summary` (the fields of an entry that stand for it in one
//! line), `x-says` (what to tell in place of a value that nobody can read), `x-implied` (other fields
//! decide this one, so a new entry does not show it), `x-private` (a map whose values may be
//! secrets), `default`. No kind is known by name here, and nothing is judged: whether a difference
//! takes a call is the plan's business, how it looks is `render`'s.

mod drift;
mod fields;
mod ignore;
pub mod policy;
mod schema;
pub mod text;

pub use drift::{drift, drifted};
pub use fields::fields;
pub use ignore::{keep_ignored, without};
pub use schema::Place;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One difference between two specs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// Keys from the spec's root: `["environment", "GREETING"]`.
    pub path: Vec<String>,
    /// Absent: added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Absent: removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// AWS differs here from what the last apply left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drift: bool,
    /// AWS cannot change this field: it forces a replacement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces: bool,
    /// How to show the values.
    #[serde(default)]
    pub shape: Shape,
    /// `MB`, `s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How many keys of `path` lead to the outermost map entry around this; 0: there is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub entry: usize,
    /// The fields (dotted paths) of that entry that stand for it in one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summary: Vec<String>,
    /// What to tell people in place of the values, which mean nothing to them: digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// Of an entry that is new: what in it is not as it would be anyway, so that a new route tells
    /// who may call it as a changed one does. The values stand in `after`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

/// A value inside a new entry that is shown beside its summary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// Keys from the entry: `["auth"]`.
    pub path: Vec<String>,
    /// `ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde gives fields by reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What a field holds, as far as showing it goes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    #[default]
    Value,
    /// One element of an order-free list, added or removed.
    Member,
    /// One entry of a map, such as a route or an environment variable.
    Entry,
    /// A statement of a policy document.
    Statement,
    /// A package's digest: the plan's packages say which files changed.
    Package,
}

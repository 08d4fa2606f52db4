//! What differs between two specs, field by field, read from the spec's schema alone.

pub mod policy;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One difference between two specs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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

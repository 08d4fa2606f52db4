//! Who gains or loses what by a plan. For people, programs and gates; `rights` finds it out, and
//! apply does not look at it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::addr::Addr;

/// What changes for one role, or in the policy of one function, alias or API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// Whose rights they are: a role's own, or those of others on a resource (see
    /// `Right::principal`).
    pub addr: Addr,
    /// It is there already, and what is gained is more than before.
    pub existed: bool,
    /// What is allowed afterwards and was not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gained: Vec<Right>,
    /// What was allowed and is not afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Right>,
    /// What could not be found out, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

/// Requests that are allowed: an action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// Who has it: in policies that name callers (trust, permissions, an API's).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Pattern>,
    pub action: Pattern,
    /// Absent: the thing itself whose policy it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Pattern>,
    /// Under which condition: `when StringEquals aws:x = y unless Bool aws:z = true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// It is told as a whole, though a part of it is allowed before and afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partly: bool,
}

/// A pattern of a policy: `s3:*` without `s3:GetObject`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// What must fit; mostly one.
    pub like: Vec<String>,
    /// What is left out of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

impl Pattern {
    /// Is it everything?
    pub fn is_any(&self) -> bool {
        self.except.is_empty() && self.like.iter().all(|like| like == "*")
    }
}

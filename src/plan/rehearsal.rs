//! What a rehearsal of a plan showed. For people and programs; it decides nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Action;
use crate::addr::Addr;

/// A plan carried out on a copy of what AWS has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rehearsal {
    /// The calls to change something that ended well, each counted once.
    pub calls: usize,
    /// How long AWS's own rate limits make all calls last at least, those that read included.
    pub least_seconds: f64,
    /// The limit that holds them up longest; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bottleneck: Option<Bottleneck>,
    /// What AWS would refuse.
    pub failures: Vec<Refused>,
    /// What would not be tried, since something that it needs fails.
    pub not_tried: Vec<NotTried>,
    /// Changes of which the rehearsal can say nothing, and why.
    pub not_rehearsed: Vec<NotRehearsed>,
    /// What others have to provide and nobody looked at: taken to be there, and to allow what
    /// is asked of it.
    pub assumed: Vec<String>,
}

/// A rate limit, and the calls under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bottleneck {
    /// `CreateRestApi: 1 in 3 s`.
    pub limit: String,
    pub calls: usize,
}

/// A change that AWS would refuse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    pub addr: Addr,
    pub action: Action,
    /// AWS's name of the operation.
    pub operation: String,
    /// AWS's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The whole error as apply would tell it.
    pub error: String,
    /// What to do about it.
    pub hint: String,
}

/// A change that waits for one that fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotTried {
    pub addr: Addr,
    pub because: Addr,
}

/// A change that was left out of the rehearsal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotRehearsed {
    pub addr: Addr,
    pub why: String,
}

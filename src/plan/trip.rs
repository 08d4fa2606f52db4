//! What a gate holds a plan up for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::addr::Addr;

/// What a person must have said yes to, in a manifest's waiver, before it is done.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Something is taken away.
    Destroy,
    /// Something is taken away and made anew.
    Replace,
    /// Somebody may do more than before, or everybody may.
    Widen,
    /// A value that is called like a secret and is none.
    UnprotectedSecret,
    /// Whoever calls an API today may not be able to tomorrow.
    BreakingApi,
}

impl Gate {
    pub const ALL: [Gate; 5] = [
        Gate::Destroy,
        Gate::Replace,
        Gate::Widen,
        Gate::UnprotectedSecret,
        Gate::BreakingApi,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Gate::Destroy => "destroy",
            Gate::Replace => "replace",
            Gate::Widen => "widen",
            Gate::UnprotectedSecret => "unprotected-secret",
            Gate::BreakingApi => "breaking-api",
        }
    }

    pub fn parse(text: &str) -> Option<Gate> {
        Gate::ALL.into_iter().find(|gate| gate.name() == text)
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing that a gate holds up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trip {
    pub gate: Gate,
    pub addr: Addr,
    /// A sentence without its subject: `is destroyed`.
    pub what: String,
    /// Why it may pass all the same, in the manifest's words, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<String>,
}

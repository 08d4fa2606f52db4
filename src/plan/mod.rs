//! The plan: what is shown, saved and applied. A pure value, complete, with no
//! meaningful choice left for apply.
//!
//! `make` compares what is wanted with state and with live AWS. Nothing here is async,
//! talks to AWS or prints; how a plan looks is `render`'s.

mod adopt;
mod bound;
mod case;
mod judge;
mod make;
mod mask;
mod moves;
mod permissions;
mod refusal;
mod rehearsal;
mod removal;
mod select;
mod trip;
mod whose;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::addr::Addr;
use crate::diff::FieldChange;
use crate::kind::{Call, Outputs};
use crate::text::Text;

pub use bound::{Bound, Part, Print, print, second};
pub use make::{Inputs, Options, make};
pub use mask::{masked, veil, wanted_masked};
pub use moves::{moved, successor};
pub use permissions::{Pattern, Permissions, Right};
pub use refusal::Refusal;
pub use rehearsal::{Bottleneck, NotRehearsed, NotTried, Refused, Rehearsal};
pub use trip::{Gate, Trip};
pub use whose::not_ours;
pub use work::{Half, Task, waits};

/// Why a change forgets something that stays in AWS.
pub fn removed() -> String {
    format!("[[removed]]: it stays in {}", crate::cloud::name())
}

/// Version of the plan's JSON form.
pub const FORMAT: u32 = 1;

/// Everything that would change, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub format: u32,
    pub project: String,
    pub env: Option<String>,
    pub account: String,
    pub region: String,
    pub endpoint: Option<String>,
    /// The state that this plan was made from.
    pub lineage: String,
    pub serial: u64,
    /// The plan of an empty manifest.
    pub destroy: bool,
    /// What would make AWS again what the last apply left: `slp drift`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drift: bool,
    /// In order of address; `Change::after` gives the order of work.
    pub changes: Vec<Change>,
    /// What made room at its address for another that is made before it goes: where it stands in
    /// the state now, and where it stood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub former: BTreeMap<Addr, Addr>,
    /// What only a person can judge, such as things found that slp did not make and leaves alone.
    pub notices: Vec<Notice>,
    /// What of the manifest AWS may refuse, or is not what it looks like. Never decides anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Notice>,
    /// What the manifest's outputs will be; holes where only AWS will know.
    pub outputs: BTreeMap<String, Output>,
    /// ARN → address, for showing only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, Addr>,
    /// What changes though `--target` did not name it, and why, for people.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub along: BTreeMap<Addr, String>,
    /// What `--refresh fast` or `none`, `--target` or `--exclude` left out, for people.
    pub not_looked_at: Vec<String>,
    /// How long AWS's rate limits make it last at least, where that is worth knowing. Never
    /// decides anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<Least>,
    /// What gates hold it up for, in order of gate and address. Not carried out while one of them
    /// is not waived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Trip>,
    /// What it was made from, where it is kept for later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// Who gains or loses what, in order of address. Never decides anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rights: Vec<Permissions>,
    /// What a rehearsal showed, where there was one. Never decides anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Rehearsal>,
}

/// A least time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Least {
    pub seconds: f64,
    /// The limit that makes it so: `CreateDeployment: 1 in 5 s`.
    pub limit: String,
}

/// One output of the manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    pub value: Text,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// What happens to one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub addr: Addr,
    pub action: Action,
    /// Marks what this change makes; a later run finds it by this.
    pub op: String,
    /// What slp adds it for by itself, such as the API that may call a function. For people only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_for: Option<Addr>,
    /// The address it had, if it moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Addr>,
    /// AWS's id, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The id that what is made will have, where the manifest decides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_id: Option<String>,
    /// What AWS has; secrets as keyed digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is wanted; holes where a value is not known yet, secrets as keyed digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The kind's notes on what AWS has. Not for showing.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub facts: Value,
    /// The outputs that it has now.
    #[serde(default, skip_serializing_if = "Outputs::is_empty")]
    pub outputs: Outputs,
    /// What differs, field by field; for showing only.
    pub fields: Vec<FieldChange>,
    /// The calls that take it away (delete, and the first half of a replacement).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Value>")]
    pub removal: Vec<Call>,
    /// The calls that make or update it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Value>")]
    pub calls: Vec<Call>,
    /// What it refers to, and so waits for.
    pub needs: BTreeSet<Addr>,
    /// Its removal waits for the removal of these: what depends on it in state.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed_after_removal: BTreeSet<Addr>,
    /// Its removal waits for the making of these: what stops depending on it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed_after_making: BTreeSet<Addr>,
    /// Its making waits for the removal of these: what has its name in AWS until then.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub made_after_removal: BTreeSet<Addr>,
    /// `protect` and `ignore` as they will stand in state.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Why, for people: `gone from AWS`, `role.x is replaced`. Never decides anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Create,
    Update,
    /// Delete, then create: a field changed that AWS cannot change, or `--replace`.
    Replace,
    Delete,
    /// Only the address changes; ownership tags follow.
    Move,
    /// Somebody else made it; from now on it is this project's.
    Import,
    /// Leave it in AWS, drop it from state.
    Forget,
    /// AWS already is as wanted; state learns it.
    Learn,
}

impl Action {
    /// Its symbol in a plan.
    pub fn symbol(self) -> &'static str {
        match self {
            Action::Create => "+",
            Action::Update => "~",
            Action::Replace => "-/+",
            Action::Delete => "-",
            Action::Move | Action::Import => "→",
            Action::Forget => "×",
            Action::Learn => "=",
        }
    }

    /// Its verb, as in `4 to update`.
    pub fn verb(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Replace => "replace",
            Action::Delete => "delete",
            Action::Move => "move",
            Action::Import => "take over",
            Action::Forget => "forget",
            Action::Learn => "learn",
        }
    }
}

/// Something to know about a resource that takes no call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub addr: Addr,
    pub fields: Vec<FieldChange>,
    pub text: Option<String>,
}

impl Change {
    /// Where the state has it until the change is done. What made room for another was moved before
    /// anything else, and its old address is the other's by now.
    pub fn moves_from(&self) -> Option<&Addr> {
        self.moved_from.as_ref().filter(|_| !self.addr.is_former())
    }

    /// Does it make or update something, or only take away?
    pub fn makes(&self) -> bool {
        !matches!(self.action, Action::Delete | Action::Forget)
    }

    /// Does it take something away first?
    pub fn removes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace)
    }
}

impl Plan {
    pub fn change(&self, addr: &Addr) -> Option<&Change> {
        self.changes.iter().find(|change| change.addr == *addr)
    }

    /// The AWS calls that apply will make; waits and retries are not counted.
    pub fn calls(&self) -> usize {
        let calls = self
            .changes
            .iter()
            .flat_map(|c| c.removal.iter().chain(&c.calls));
        calls.filter(|call| call.call.is_some()).count()
    }

    /// Is there nothing to do in AWS?
    pub fn is_idle(&self) -> bool {
        self.calls() == 0
    }
}

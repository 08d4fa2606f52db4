//! What slp believes to exist: the state, its versioned file form, its stores (on a disk here, in a
//! bucket in `remote`), their locks and journals.
//!
//! The way in is [`Store`]: `load` looks, `lock` gives a [`Session`], the only thing that
//! writes. A session makes the whole plan durable (`begin`), notes outcomes (`record`),
//! and replaces the state once (`finish`). Where the manifest asks for it, all of it is sealed (`seal`). [`Replay::settle`] says what a killed run left open.
//!
//! Deliberately not here: AWS (settling an open operation means looking there, which is
//! apply's), S3 itself (`aws` has the bucket that `remote` works on), printing, and any decision about what to do.

mod disk;
mod edit;
mod emergency;
mod error;
mod file;
mod fits;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod journal;
mod local;
mod lock;
mod plan_file;
mod record;
pub mod remote;
pub mod seal;
mod secret;
mod session;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::addr::Addr;
use crate::kind::Outputs;
use crate::plan::{Change, Output, Plan, veil};
use crate::provider::Made;
use crate::scope::Scope;
use crate::text::Text;

pub use edit::{amend, forget, list, rename, show};
pub use emergency::prefix as emergency_prefix;
pub use error::{Difference, StateError};
pub use file::{VERSION, encode_state, state_schema};
pub use local::LocalStore;
pub use lock::{Holder, LockRequest, Unlocked};
pub use plan_file::{read_plan, write_plan};
pub use record::{OpenOperation, Record, Replay};
pub use secret::{SecretKey, hex};
pub use store::{Held, Session, Snapshot, Store};

/// What slp believes to exist in one account, region and environment of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// A UUID, made with the first state: two states of one lineage have a common past.
    pub lineage: String,
    /// Grows by one with each replacement of the saved state; 0 before the first apply ends.
    pub serial: u64,
    pub account: String,
    pub region: String,
    pub endpoint: Option<String>,
    pub project: String,
    pub env: Option<String>,
    pub resources: BTreeMap<Addr, Stored>,
    /// The manifest's outputs as the last apply left them.
    pub outputs: BTreeMap<String, Output>,
    /// By content digest: what each package holds, so that a plan can say which files changed.
    pub packages: BTreeMap<String, Value>,
    /// Keys the digests that stand in a secret's place. Never in a plan.
    pub secret_key: SecretKey,
}

/// One resource in the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub kind: String,
    /// The id under which AWS knows it.
    pub id: String,
    /// Absent: unknown, since a killed or failed change left it; the next plan reads it.
    pub spec: Option<Value>,
    /// Of what is unknown: where secrets may stand in it.
    pub veils: Vec<Value>,
    pub outputs: Outputs,
    /// The kind's own notes. Never compared.
    pub facts: Value,
    /// What it refers to: its removal comes before theirs.
    pub needs: BTreeSet<Addr>,
    /// Never destroyed or replaced.
    pub protect: bool,
    /// Fields whose differences are left alone.
    pub ignore: Vec<String>,
}

impl Stored {
    /// Something with this id of which nothing else is known yet.
    fn unread(change: &Change, id: String) -> Stored {
        Stored {
            kind: change.addr.kind(),
            id,
            spec: None,
            veils: Vec::new(),
            outputs: Outputs::new(),
            facts: Value::Null,
            needs: BTreeSet::new(),
            protect: change.protect,
            ignore: change.ignore.clone(),
        }
    }

    /// Leaves open what it is, since this change of it may be anywhere between its ends.
    pub fn leave_open(&mut self, change: &Change) {
        let known = self.spec.take();
        let ends = [&known, &change.before, &change.after];
        let veils = ends.into_iter().flatten().filter_map(veil);
        for veil in veils {
            if !self.veils.contains(&veil) {
                self.veils.push(veil);
            }
        }
    }

    /// What says where secrets stand in it.
    pub fn references(&self) -> impl Iterator<Item = &Value> {
        self.spec.iter().chain(&self.veils)
    }
}

impl State {
    /// The state before anything exists, with a new lineage and a new key.
    pub fn new(scope: &Scope) -> State {
        State {
            lineage: uuid::Uuid::new_v4().to_string(),
            serial: 0,
            account: scope.account.clone(),
            region: scope.region.clone(),
            endpoint: scope.endpoint.clone(),
            project: scope.project.clone(),
            env: scope.env.clone(),
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
            packages: BTreeMap::new(),
            secret_key: SecretKey::generate(),
        }
    }

    /// Keeps what a change that ended early is known to have made, under `at`, its spec left open;
    /// what stands there by then.
    pub fn leave_open(&mut self, at: &Addr, change: &Change, made: Made) -> Option<&Stored> {
        if !self.resources.contains_key(at) {
            let anew = Stored::unread(change, made.id.clone()?);
            self.resources.insert(at.clone(), anew);
        }
        let stored = self.resources.get_mut(at)?;
        stored.leave_open(change);
        stored.id = made.id.unwrap_or_else(|| stored.id.clone());
        stored.outputs.extend(made.outputs);
        // It may use the old, the new, or both.
        stored.needs.extend(change.needs.iter().cloned());
        if !made.facts.is_null() {
            stored.facts = made.facts;
        }
        Some(stored)
    }

    /// What stands in a secret's place: its HMAC-SHA256 under this state's key, in hex.
    pub fn digest_secret(&self, value: &str) -> String {
        self.secret_key.digest(value)
    }

    /// The state where what was served at its endpoint is served at `url` now.
    pub fn served_at(mut self, url: &str) -> State {
        let Some(before) = self.endpoint.replace(url.to_owned()) else {
            return self;
        };
        let moved = |text: &str| match text.strip_prefix(before.trim_end_matches('/')) {
            Some(rest) => format!("{}{rest}", url.trim_end_matches('/')),
            None => text.to_owned(),
        };
        for stored in self.resources.values_mut() {
            stored
                .outputs
                .values_mut()
                .for_each(|text| *text = moved(text));
        }
        for output in self.outputs.values_mut() {
            if let Text::Known(text) = &output.value {
                output.value = Text::Known(moved(text));
            }
        }
        self
    }

    /// A state that lists nothing belongs to no place: its project may start anew elsewhere.
    pub fn at(self, scope: &Scope) -> State {
        match self.resources.is_empty() {
            true => State {
                account: scope.account.clone(),
                region: scope.region.clone(),
                endpoint: scope.endpoint.clone(),
                ..self
            },
            false => self,
        }
    }

    /// Refuses to work with a state of another account, region, endpoint, project or environment.
    pub fn guard(&self, scope: &Scope) -> Result<(), StateError> {
        let dash = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.into());
        let (aws, no_env) = ("AWS itself", "none");
        let pairs = [
            ("project", self.project.clone(), scope.project.clone()),
            (
                "environment",
                dash(&self.env, no_env),
                dash(&scope.env, no_env),
            ),
            ("account", self.account.clone(), scope.account.clone()),
            ("region", self.region.clone(), scope.region.clone()),
            (
                "endpoint",
                dash(&self.endpoint, aws),
                dash(&scope.endpoint, aws),
            ),
        ];
        let differences: Vec<Difference> = pairs
            .into_iter()
            .filter(|(_, state, here)| state != here)
            .map(|(what, state, here)| Difference { what, state, here })
            .collect();
        match differences.is_empty() {
            true => Ok(()),
            false => Err(StateError::OtherScope { differences }),
        }
    }

    /// Refuses a plan that was made from another state, or from an earlier serial of this one.
    pub fn accepts(&self, plan: &Plan) -> Result<(), StateError> {
        if plan.lineage != self.lineage {
            return Err(StateError::OtherLineage {
                what: "the plan".into(),
                found: plan.lineage.clone(),
                state: self.lineage.clone(),
            });
        }
        match plan.serial == self.serial {
            true => Ok(()),
            false => Err(StateError::StalePlan {
                plan: plan.serial,
                state: self.serial,
            }),
        }
    }
}

//! What AWS must allow whoever deploys a manifest: which actions, on what.
//!
//! `table` says what each operation takes, `things` which ARNs stand for a resource, `beside` what
//! the state and the variables take, `document` writes a policy, `trust` who may have it. Pure.

mod beside;
mod document;
mod table;
mod things;
mod trust;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::addr::Addr;
use crate::kind::WrongShape;
use crate::plan::Plan;
use crate::resolve::Desired;
use crate::scope::Scope;

pub use beside::{of_sources, of_state};
pub use document::{MOST, Policy, document};
use table::Operation;
pub use trust::{Trusted, trust};

/// One action on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    pub action: &'static str,
    pub resource: String,
    pub only: Only,
}

/// Under which condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Only {
    Always,
    /// Handed to this service.
    PassedTo(&'static str),
    /// A key that this alias stands for.
    Alias(String),
}

pub type Rights = BTreeSet<Right>;

/// Which of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What a plan reads.
    Plan,
    /// To make, look at, change in every field, put right and take away.
    Life,
}

impl Right {
    /// Named holes, of what nobody knows yet, become wildcards.
    pub(super) fn new(action: &'static str, resource: &str, only: Only) -> Right {
        Right {
            action,
            resource: without_holes(resource),
            only,
        }
    }
}

fn without_holes(arn: &str) -> String {
    let mut out = String::new();
    let mut rest = arn;
    while let Some((before, hole)) = rest.split_once('<') {
        let Some((_, behind)) = hole.split_once('>') else {
            break;
        };
        out.push_str(before);
        out.push('*');
        rest = behind;
    }
    out + rest
}

/// What the resources of a manifest take.
pub fn of_resources(desired: &Desired, scope: &Scope, part: Part) -> Result<Rights, WrongShape> {
    let roles = attaching(desired, scope)?;
    let mut rights = Rights::new();
    for (addr, wanted) in &desired.resources {
        let wants = |operation: &Operation| part == Part::Life || !operation.changes;
        rights.extend(of(addr, &wanted.spec, &roles, scope, wants)?);
    }
    Ok(rights)
}

/// What reading takes, and the calls of this plan.
pub fn of_plan(desired: &Desired, plan: &Plan, scope: &Scope) -> Result<Rights, WrongShape> {
    let roles = attaching(desired, scope)?;
    let mut rights = of_resources(desired, scope, Part::Plan)?;
    for change in &plan.changes {
        for (spec, calls) in [
            (&change.before, &change.removal),
            (&change.after, &change.calls),
        ] {
            let names = calls.iter().filter_map(|call| call.call.as_deref());
            // What only stands in the state is read as well.
            let wants =
                |one: &Operation| !one.changes || names.clone().any(|name| name == one.name);
            if let Some(spec) = spec {
                rights.extend(of(&change.addr, spec, &roles, scope, wants)?);
            }
        }
    }
    Ok(rights)
}

fn of(
    addr: &Addr,
    spec: &Value,
    roles: &BTreeMap<String, Vec<String>>,
    scope: &Scope,
    wants: impl Fn(&Operation) -> bool,
) -> Result<Rights, WrongShape> {
    let kind = addr.kind();
    let attaching = match spec.get("name").and_then(Value::as_str) {
        Some(name) => roles.get(name).map(Vec::as_slice).unwrap_or_default(),
        None => &[],
    };
    let things = things::of(&kind, spec, attaching, scope)?;
    let operations = table::of_kind(&kind).iter();
    let operations = operations.filter(|operation| wants(operation));
    let needs = operations.flat_map(|operation| operation.needs);
    let rights = needs.flat_map(|(action, on)| {
        let things = things.iter().filter(move |(thing, _, _)| thing == on);
        things.map(|(_, resource, only)| Right::new(action, resource, only.clone()))
    });
    Ok(rights.collect())
}

/// The project's roles by the names of the policies that they attach.
fn attaching(
    desired: &Desired,
    scope: &Scope,
) -> Result<BTreeMap<String, Vec<String>>, WrongShape> {
    let mut attaching: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let resources = desired.resources.values();
    for role in resources.filter(|wanted| wanted.addr.kind() == "role") {
        let arn = things::role_arn(&role.spec, scope)?;
        for policy in things::attached(&role.spec)? {
            let name = policy.rsplit('/').next().unwrap_or(&policy).to_owned();
            attaching.entry(name).or_default().push(arn.clone());
        }
    }
    Ok(attaching)
}

#[cfg(test)]
mod tests;

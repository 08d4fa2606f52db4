//! Is the copy as the real thing, and is the plan that was made from it the same plan?

use std::collections::{BTreeMap, BTreeSet};

use super::super::open::Project;
use super::super::plan::MadePlan;
use super::seed::Seeds;
use crate::addr::Addr;
use crate::cloud;
use crate::diff;
use crate::plan::{Action, Change, Plan, waits};

/// Changes of which a rehearsal on this copy says nothing, and why.
pub fn unlike(
    project: &Project,
    real: &MadePlan,
    copy: &MadePlan,
    seeds: &Seeds,
) -> BTreeMap<Addr, String> {
    let mut unlike: BTreeMap<Addr, String> = BTreeMap::new();
    for (addr, error) in &seeds.failed {
        let why = format!("what {} has could not be copied: {error}", cloud::name());
        unlike.insert(addr.clone(), why);
    }
    for addr in real.live.keys() {
        if let Some(why) = differs(project, addr, real, copy) {
            unlike.entry(addr.clone()).or_insert(why);
        }
    }
    for addr in every(&real.plan, &copy.plan) {
        if work(real.plan.change(addr)) != work(copy.plan.change(addr)) {
            let why = "on the copy it takes other calls".to_owned();
            unlike.entry(addr.clone()).or_insert(why);
        }
    }
    spread(&copy.plan, &mut unlike);
    unlike
}

fn differs(project: &Project, addr: &Addr, real: &MadePlan, copy: &MadePlan) -> Option<String> {
    let real = &real.live.get(addr)?.spec;
    let Some(copy) = copy.live.get(addr) else {
        return Some("it is missing in the copy".to_owned());
    };
    if copy.spec == *real {
        return None;
    }
    let schema = project.kinds.of(addr)?.spec_schema();
    let fields = diff::fields(Some(real), Some(&copy.spec), schema);
    let names: Vec<String> = fields.iter().map(|field| field.path.join(".")).collect();
    Some(format!(
        "it could not be copied whole: {}",
        names.join(", ")
    ))
}

fn every<'a>(real: &'a Plan, copy: &'a Plan) -> impl Iterator<Item = &'a Addr> {
    real.changes.iter().chain(&copy.changes).map(|c| &c.addr)
}

/// The calls of a change, by their names; nothing where there is nothing to do.
fn work(change: Option<&Change>) -> Option<(Action, Vec<&str>)> {
    let change = change?;
    let calls = change.removal.iter().chain(&change.calls);
    let calls: Vec<&str> = calls.filter_map(|call| call.call.as_deref()).collect();
    (change.action != Action::Learn || !calls.is_empty()).then_some((change.action, calls))
}

/// What needs such a thing, or waits for its change, cannot be judged either.
fn spread(plan: &Plan, unlike: &mut BTreeMap<Addr, String>) {
    let before = before(plan);
    loop {
        let reason = |(addr, before): (&&Addr, &BTreeSet<Addr>)| {
            let cause = before.iter().find(|cause| unlike.contains_key(*cause))?;
            let why = format!("it depends on {cause}, which is not rehearsed");
            (!unlike.contains_key(*addr)).then(|| ((*addr).clone(), why))
        };
        let more: Vec<(Addr, String)> = before.iter().filter_map(reason).collect();
        if more.is_empty() {
            return;
        }
        unlike.extend(more);
    }
}

/// By change: what it needs, and the changes that it waits for.
fn before(plan: &Plan) -> BTreeMap<&Addr, BTreeSet<Addr>> {
    let mut before: BTreeMap<&Addr, BTreeSet<Addr>> = BTreeMap::new();
    for change in &plan.changes {
        let needs = change.needs.iter().cloned().chain(change.addr.parent());
        before.entry(&change.addr).or_default().extend(needs);
    }
    for ((at, _), causes) in waits(&plan.changes) {
        let causes = causes.iter().map(|(at, _)| plan.changes[*at].addr.clone());
        let entry = before.entry(&plan.changes[at].addr).or_default();
        entry.extend(causes);
    }
    before
}

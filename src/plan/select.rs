//! `--target` and `--exclude`: which changes stay in the plan.
//!
//! What is made takes along what it needs; what is taken away takes along what depends on
//! it, by the manifest or by the state. Leaving something out goes the other way round.

use std::collections::{BTreeMap, BTreeSet};

use super::make::{Inputs, Progress};
use crate::addr::Addr;

pub fn keep_selected(
    inputs: &Inputs,
    effective: &BTreeMap<Addr, BTreeSet<Addr>>,
    progress: &mut Progress,
) {
    let options = inputs.options;
    if options.target.is_empty() && options.exclude.is_empty() {
        return;
    }
    let edges = Edges::of(inputs, effective, progress);
    let before = progress.changes.len();
    if !options.target.is_empty() {
        let wanted = closure(&options.target, inputs, |addr| edges.along(addr));
        progress
            .changes
            .retain(|change| wanted.contains(&change.addr));
        progress
            .refusals
            .retain(|refusal| refusal.about().is_none_or(|addr| wanted.contains(addr)));
    }
    if !options.exclude.is_empty() {
        let left_out = closure(&options.exclude, inputs, |addr| edges.against(addr));
        progress
            .changes
            .retain(|change| !left_out.contains(&change.addr));
        progress
            .refusals
            .retain(|refusal| refusal.about().is_none_or(|addr| !left_out.contains(addr)));
    }
    progress.left_out = before - progress.changes.len();
}

/// Who needs whom, now and by the state, and which changes make or remove.
struct Edges {
    needs: BTreeMap<Addr, BTreeSet<Addr>>,
    needed_by: BTreeMap<Addr, BTreeSet<Addr>>,
    makes: BTreeSet<Addr>,
    removes: BTreeSet<Addr>,
}

impl Edges {
    fn of(
        inputs: &Inputs,
        effective: &BTreeMap<Addr, BTreeSet<Addr>>,
        progress: &Progress,
    ) -> Edges {
        let mut needs = effective.clone();
        for (addr, stored) in &inputs.state.resources {
            let entry = needs.entry(addr.clone()).or_default();
            entry.extend(stored.needs.iter().cloned().chain(addr.parent()));
        }
        let mut needed_by: BTreeMap<Addr, BTreeSet<Addr>> = BTreeMap::new();
        for (addr, needs) in &needs {
            for need in needs {
                needed_by
                    .entry(need.clone())
                    .or_default()
                    .insert(addr.clone());
            }
        }
        let which = |fits: fn(&super::Change) -> bool| {
            let changes = progress.changes.iter().filter(|change| fits(change));
            changes.map(|change| change.addr.clone()).collect()
        };
        Edges {
            needs,
            needed_by,
            makes: which(|change| change.makes()),
            removes: which(|change| change.removes()),
        }
    }

    /// What must come along with this one.
    fn along(&self, addr: &Addr) -> Vec<Addr> {
        let mut next = Vec::new();
        if !self.removes.contains(addr) || self.makes.contains(addr) {
            next.extend(self.needs.get(addr).into_iter().flatten().cloned());
        }
        if self.removes.contains(addr) {
            next.extend(self.needed_by.get(addr).into_iter().flatten().cloned());
        }
        next
    }

    /// What must be left out with this one.
    fn against(&self, addr: &Addr) -> Vec<Addr> {
        let mut next = Vec::new();
        if self.makes.contains(addr) {
            next.extend(self.needed_by.get(addr).into_iter().flatten().cloned());
        }
        if self.removes.contains(addr) {
            next.extend(self.needs.get(addr).into_iter().flatten().cloned());
        }
        next
    }
}

/// Everything at or under the seeds, and what follows from it.
fn closure(seeds: &[Addr], inputs: &Inputs, next: impl Fn(&Addr) -> Vec<Addr>) -> BTreeSet<Addr> {
    let known = inputs
        .desired
        .resources
        .keys()
        .chain(inputs.state.resources.keys());
    let mut open: Vec<Addr> = known
        .filter(|addr| seeds.iter().any(|seed| addr.within(seed)))
        .cloned()
        .collect();
    let mut closed = BTreeSet::new();
    while let Some(addr) = open.pop() {
        if closed.insert(addr.clone()) {
            open.extend(next(&addr));
        }
    }
    closed
}

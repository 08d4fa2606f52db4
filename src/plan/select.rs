//! `--target` and `--exclude`: which changes stay in the plan.

use std::collections::{BTreeMap, BTreeSet};

use super::make::{Inputs, Progress};
use crate::addr::Addr;

pub fn keep_selected(
    inputs: &Inputs,
    effective: &BTreeMap<Addr, BTreeSet<Addr>>,
    progress: &mut Progress,
) {
    let options = inputs.options;
    if !options.target.is_empty() {
        let wanted = closure(
            &options.target,
            |addr| effective.get(addr).into_iter().flatten().cloned().collect(),
            inputs,
        );
        progress
            .changes
            .retain(|change| wanted.contains(&change.addr));
    }
    if !options.exclude.is_empty() {
        let dependants = |addr: &Addr| -> Vec<Addr> {
            let now = effective
                .iter()
                .filter(|(_, needs)| needs.contains(addr))
                .map(|(by, _)| by.clone());
            now.collect()
        };
        let changing: BTreeSet<Addr> = progress
            .changes
            .iter()
            .map(|change| change.addr.clone())
            .collect();
        let left_out = closure(
            &options.exclude,
            |addr| match changing.contains(addr) {
                true => dependants(addr),
                false => Vec::new(),
            },
            inputs,
        );
        progress
            .changes
            .retain(|change| !left_out.contains(&change.addr));
    }
}

/// Everything at or under the seeds, and what follows from it.
fn closure(seeds: &[Addr], next: impl Fn(&Addr) -> Vec<Addr>, inputs: &Inputs) -> BTreeSet<Addr> {
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

//! `--target` and `--exclude`: which changes stay in the plan.
//!
//! What is made takes along what it needs; what is taken away takes along what depends on
//! it, by the manifest or by the state. Leaving something out goes the other way round.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Action;
use super::make::{Inputs, Progress};
use super::moves::successor;
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
            .retain(|change| wanted.contains_key(&change.addr));
        progress
            .refusals
            .retain(|refusal| refusal.about().is_none_or(|addr| wanted.contains_key(addr)));
        progress.along = edges.reasons(&wanted);
    }
    if !options.exclude.is_empty() {
        let left_out = closure(&options.exclude, inputs, |addr| edges.against(addr));
        progress
            .changes
            .retain(|change| !left_out.contains_key(&change.addr));
        progress.refusals.retain(|refusal| {
            refusal
                .about()
                .is_none_or(|addr| !left_out.contains_key(addr))
        });
    }
    let planned = |addr: &Addr| {
        let mut changes = progress.changes.iter();
        changes.any(|change| change.addr == *addr && change.action != Action::Learn)
    };
    progress.along.retain(|addr, _| planned(addr));
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
        let which = |fits: fn(&super::Change) -> bool| -> BTreeSet<Addr> {
            let changes = progress.changes.iter().filter(|change| fits(change));
            changes.map(|change| change.addr.clone()).collect()
        };
        // What may not go holds back what it would go with.
        let refused = progress
            .refusals
            .iter()
            .filter_map(|refusal| refusal.about());
        let refused = refused.filter(|addr| !inputs.desired.resources.contains_key(*addr));
        let refused: Vec<Addr> = refused.cloned().collect();
        Edges {
            needs,
            needed_by,
            makes: which(|change| change.makes()),
            removes: which(|change| change.removes())
                .into_iter()
                .chain(refused)
                .collect(),
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

    /// Why each that was not asked for comes along.
    fn reasons(&self, wanted: &Closure) -> BTreeMap<Addr, String> {
        let told = wanted.iter().filter_map(|(addr, because)| {
            let because = because.as_ref()?;
            let needs = self.needs.get(because);
            let reason = match needs.is_some_and(|needs| needs.contains(addr)) {
                true => format!("{because} needs it"),
                false => format!("it needs {because}"),
            };
            Some((addr.clone(), reason))
        });
        told.collect()
    }

    /// What must be left out with this one.
    fn against(&self, addr: &Addr) -> Vec<Addr> {
        let mut next = Vec::new();
        if self.makes.contains(addr) {
            next.extend(self.needed_by.get(addr).into_iter().flatten().cloned());
        }
        // What goes may go only with who uses it, or once nobody does.
        let needs = self.needs.get(addr).into_iter().flatten();
        let goes = self.removes.contains(addr);
        next.extend(
            needs
                .filter(|need| goes || self.removes.contains(*need) && !self.makes.contains(*need))
                .cloned(),
        );
        next
    }
}

/// What is selected, each with what it follows from; `None`: it was asked for.
type Closure = BTreeMap<Addr, Option<Addr>>;

/// Everything at or under the seeds, and what follows from it.
fn closure(seeds: &[Addr], inputs: &Inputs, next: impl Fn(&Addr) -> Vec<Addr>) -> Closure {
    let known = inputs
        .desired
        .resources
        .keys()
        .chain(inputs.state.resources.keys());
    let follows = |addr: &Addr, seed: &Addr| {
        successor(inputs.desired, addr).is_some_and(|successor| successor.within(seed))
    };
    let mut open: VecDeque<(Addr, Option<Addr>)> = known
        .filter(|addr| {
            seeds
                .iter()
                .any(|seed| addr.within(seed) || follows(addr, seed))
        })
        .map(|addr| (addr.clone(), None))
        .collect();
    let mut closed = Closure::new();
    // The nearest reason is found first.
    while let Some((addr, because)) = open.pop_front() {
        if closed.contains_key(&addr) {
            continue;
        }
        let follow = next(&addr).into_iter();
        open.extend(follow.map(|next| (next, Some(addr.clone()))));
        closed.insert(addr, because);
    }
    closed
}

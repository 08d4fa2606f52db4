//! A plan as tasks: what waits for what. A replacement is two tasks, since others come
//! between them.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use super::Change;
use crate::addr::Addr;

/// Half of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Half {
    Remove,
    Make,
}

/// Half of the change at this place of the plan's list.
pub type Task = (usize, Half);

/// Every task, with the tasks that it waits for.
pub fn waits(changes: &[Change]) -> BTreeMap<Task, BTreeSet<Task>> {
    let at: BTreeMap<&Addr, usize> = changes.iter().map(|c| &c.addr).zip(0..).collect();
    let find = |half: Half, list: &BTreeSet<Addr>| -> BTreeSet<Task> {
        let has = |place: &usize| match half {
            Half::Make => changes[*place].makes(),
            Half::Remove => changes[*place].removes(),
        };
        let places = list.iter().filter_map(|addr| at.get(addr)).copied();
        places.filter(has).map(|place| (place, half)).collect()
    };
    let mut waits: BTreeMap<Task, BTreeSet<Task>> = BTreeMap::new();
    for (i, change) in changes.iter().enumerate() {
        if change.removes() {
            let mut before = find(Half::Remove, &change.removed_after_removal);
            before.extend(find(Half::Make, &change.removed_after_making));
            waits.insert((i, Half::Remove), before);
        }
        if change.makes() || !change.removes() {
            let mut before = find(Half::Make, &change.needs);
            before.extend(find(Half::Remove, &change.made_after_removal));
            before.extend(change.removes().then_some((i, Half::Remove)));
            waits.insert((i, Half::Make), before);
        }
    }
    waits
}

/// What goes waits for whoever stops using it, unless they in turn wait for what takes its
/// name: then it goes first, and they see the gap that every replacement has.
pub fn untie(changes: &mut [Change]) {
    let waits = waits(changes);
    let edges = waits
        .iter()
        .flat_map(|(task, before)| before.iter().map(move |cause| (*cause, *task)));
    let graph = DiGraphMap::<Task, ()>::from_edges(edges);
    let followed: BTreeSet<Addr> = followed(changes);
    for knot in tarjan_scc(&graph).into_iter().filter(|knot| knot.len() > 1) {
        let inside: BTreeSet<Addr> = knot
            .iter()
            .map(|(at, _)| changes[*at].addr.clone())
            .collect();
        for (at, half) in knot {
            let change = &mut changes[at];
            if half == Half::Remove && followed.contains(&change.addr) {
                change
                    .removed_after_removal
                    .retain(|addr| !inside.contains(addr));
                change
                    .removed_after_making
                    .retain(|addr| !inside.contains(addr));
            }
        }
    }
}

/// What goes and has its name taken over in the same plan.
fn followed(changes: &[Change]) -> BTreeSet<Addr> {
    let by_itself = changes
        .iter()
        .filter(|change| change.removes() && change.makes());
    let by_itself = by_itself.map(|change| change.addr.clone());
    let by_others = changes.iter().flat_map(|change| &change.made_after_removal);
    by_itself.chain(by_others.cloned()).collect()
}

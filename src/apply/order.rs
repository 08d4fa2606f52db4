//! A plan as tasks: what waits for what.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::is_cyclic_directed;
use petgraph::graphmap::DiGraphMap;

use crate::addr::Addr;
use crate::plan::{Change, Plan};

/// Half of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Half {
    Remove,
    Make,
}

/// A task is half of the change at this place of the plan's list.
pub type Task = (usize, Half);

/// What is left to do, and what it waits for.
pub struct Order {
    waits: BTreeMap<Task, BTreeSet<Task>>,
}

impl Order {
    /// The tasks of a plan; an error names changes that wait for each other.
    pub fn of(plan: &Plan) -> Result<Order, String> {
        let at: BTreeMap<&Addr, usize> = plan
            .changes
            .iter()
            .enumerate()
            .map(|(i, c)| (&c.addr, i))
            .collect();
        let mut waits: BTreeMap<Task, BTreeSet<Task>> = BTreeMap::new();
        for (i, change) in plan.changes.iter().enumerate() {
            let find = |half: Half, list: &BTreeSet<Addr>| -> BTreeSet<Task> {
                let fits = |c: &Change| {
                    if half == Half::Make {
                        c.makes()
                    } else {
                        c.removes()
                    }
                };
                let places = list
                    .iter()
                    .filter_map(|addr| at.get(addr))
                    .filter(|i| fits(&plan.changes[**i]));
                places.map(|i| (*i, half)).collect()
            };
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
        let order = Order { waits };
        match order.is_circle() {
            true => Err("the changes of this plan wait for each other; apply part of it first with --target".into()),
            false => Ok(order),
        }
    }

    fn is_circle(&self) -> bool {
        let edges = self
            .waits
            .iter()
            .flat_map(|(task, before)| before.iter().map(move |b| (*b, *task)));
        is_cyclic_directed(&DiGraphMap::<Task, ()>::from_edges(edges))
    }

    /// Tasks that wait for nothing any more; they stay until `done` or `drop_task`.
    pub fn ready(&self) -> Vec<Task> {
        self.waits
            .iter()
            .filter(|(_, before)| before.is_empty())
            .map(|(task, _)| *task)
            .collect()
    }

    /// A task ended well: what waited for it need not.
    pub fn done(&mut self, task: Task) {
        self.waits.remove(&task);
        for before in self.waits.values_mut() {
            before.remove(&task);
        }
    }

    /// A task will not end well: it goes, and everything that waits for it, which is returned.
    pub fn fail(&mut self, task: Task) -> Vec<Task> {
        self.waits.remove(&task);
        let mut lost = Vec::new();
        let mut open = vec![task];
        while let Some(cause) = open.pop() {
            let waiting: Vec<Task> = self
                .waits
                .iter()
                .filter(|(_, before)| before.contains(&cause))
                .map(|(task, _)| *task)
                .collect();
            for task in waiting {
                self.waits.remove(&task);
                lost.push(task);
                open.push(task);
            }
        }
        lost
    }

    pub fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }
}

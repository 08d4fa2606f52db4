//! The tasks of a plan in the order of work: which may be begun, which are lost.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::is_cyclic_directed;
use petgraph::graphmap::DiGraphMap;

use crate::plan::{Plan, Task, waits};

/// What is left to do, and what it waits for.
pub struct Order {
    waits: BTreeMap<Task, BTreeSet<Task>>,
    /// The other way round.
    waited_for_by: BTreeMap<Task, Vec<Task>>,
    /// Tasks that wait for nothing and were not taken yet.
    ready: BTreeSet<Task>,
}

impl Order {
    /// The tasks of a plan; an error names changes that wait for each other.
    pub fn of(plan: &Plan) -> Result<Order, String> {
        let waits = waits(&plan.changes);
        let mut waited_for_by: BTreeMap<Task, Vec<Task>> = BTreeMap::new();
        for (task, before) in &waits {
            for cause in before {
                waited_for_by.entry(*cause).or_default().push(*task);
            }
        }
        let free = waits.iter().filter(|(_, before)| before.is_empty());
        let ready = free.map(|(task, _)| *task).collect();
        let order = Order {
            waits,
            waited_for_by,
            ready,
        };
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

    /// All that is left to do.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.waits.keys()
    }

    /// A task that waits for nothing any more and `may` be started; nobody gets it again.
    pub fn take(&mut self, may: impl Fn(&Task) -> bool) -> Option<Task> {
        let task = self.ready.iter().copied().find(may)?;
        self.ready.remove(&task);
        Some(task)
    }

    /// A task ended well: what waited for it need not.
    pub fn done(&mut self, task: Task) {
        self.waits.remove(&task);
        for dependant in self.waited_for_by.remove(&task).unwrap_or_default() {
            if let Some(before) = self.waits.get_mut(&dependant) {
                before.remove(&task);
                if before.is_empty() {
                    self.ready.insert(dependant);
                }
            }
        }
    }

    /// A task will not end well: it goes, and everything that waits for it, which is returned.
    pub fn fail(&mut self, task: Task) -> Vec<Task> {
        self.waits.remove(&task);
        let mut lost = Vec::new();
        let mut open = vec![task];
        while let Some(cause) = open.pop() {
            for task in self.waited_for_by.remove(&cause).unwrap_or_default() {
                if self.waits.remove(&task).is_some() {
                    lost.push(task);
                    open.push(task);
                }
            }
        }
        lost
    }

    pub fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Half;

    /// Tasks 0 → 1 → 2, and 3 alone.
    fn chain() -> Order {
        let task = |at: usize| (at, Half::Make);
        let waits = BTreeMap::from([
            (task(0), BTreeSet::new()),
            (task(1), BTreeSet::from([task(0)])),
            (task(2), BTreeSet::from([task(1)])),
            (task(3), BTreeSet::new()),
        ]);
        let waited_for_by = BTreeMap::from([(task(0), vec![task(1)]), (task(1), vec![task(2)])]);
        Order {
            waits,
            waited_for_by,
            ready: BTreeSet::from([task(0), task(3)]),
        }
    }

    #[test]
    fn a_task_is_given_once_and_only_when_nothing_is_before_it() {
        let mut order = chain();
        assert_eq!(order.take(|_| true), Some((0, Half::Make)));
        assert_eq!(order.take(|_| true), Some((3, Half::Make)));
        assert_eq!(order.take(|_| true), None);
        order.done((0, Half::Make));
        assert_eq!(order.take(|_| true), Some((1, Half::Make)));
    }

    #[test]
    fn a_failure_takes_along_what_waits_for_it_and_nothing_else() {
        let mut order = chain();
        order.take(|_| true);
        assert_eq!(
            order.fail((0, Half::Make)),
            [(1, Half::Make), (2, Half::Make)]
        );
        assert_eq!(order.take(|_| true), Some((3, Half::Make)));
        order.done((3, Half::Make));
        assert!(order.is_empty());
    }
}

//! Who may do what on what, when: a block of requests, and what is left of it without others.

use super::condition::When;
use super::empty::begin_apart;
use super::reach::Reach;

/// Every request whose four sides lie in the four sets.
#[derive(Clone, Debug)]
pub struct Cell {
    pub who: Reach,
    pub action: Reach,
    pub resource: Reach,
    pub when: When,
}

/// One block is taken apart into so many at most; what is over is left whole.
const MOST: usize = 100;

impl Cell {
    /// Is it certainly nothing?
    pub fn is_empty(&self) -> bool {
        // The cheap and the telling ones first.
        self.when.is_empty()
            || self.action.is_empty()
            || self.resource.is_empty()
            || self.who.is_empty()
    }

    /// What is in both; `None` where there is certainly nothing.
    pub fn and(&self, other: &Cell) -> Option<Cell> {
        if self.apart(other) {
            return None;
        }
        let both = Cell {
            who: self.who.and(&other.who),
            action: self.action.and(&other.action),
            resource: self.resource.and(&other.resource),
            when: self.when.and(&other.when),
        };
        (!both.is_empty()).then_some(both)
    }

    /// Are they certainly strangers by how their patterns begin? Most are.
    fn apart(&self, other: &Cell) -> bool {
        let apart = |a: &Reach, b: &Reach| {
            let pairs = a
                .all
                .iter()
                .flat_map(|one| b.all.iter().map(move |two| (one, two)));
            pairs.into_iter().any(|(one, two)| begin_apart(one, two))
        };
        apart(&self.action, &other.action) || apart(&self.resource, &other.resource)
    }

    /// What is left without the other, in parts that do not overlap: first what differs in the
    /// action, then in the resource, in the caller, in the circumstances.
    pub fn minus(&self, other: &Cell) -> Vec<Cell> {
        if self.and(other).is_none() {
            return vec![self.clone()];
        }
        let mut rest = self.clone();
        let mut parts = Vec::new();
        for action in rest.action.minus(&other.action) {
            parts.push(Cell {
                action,
                ..rest.clone()
            });
        }
        rest.action = rest.action.and(&other.action);
        for resource in rest.resource.minus(&other.resource) {
            parts.push(Cell {
                resource,
                ..rest.clone()
            });
        }
        rest.resource = rest.resource.and(&other.resource);
        for who in rest.who.minus(&other.who) {
            parts.push(Cell {
                who,
                ..rest.clone()
            });
        }
        rest.who = rest.who.and(&other.who);
        for when in rest.when.minus(&other.when) {
            parts.push(Cell {
                when,
                ..rest.clone()
            });
        }
        parts
    }

    /// What is left without all of them.
    pub fn without<'a>(self, others: impl IntoIterator<Item = &'a Cell>) -> Vec<Cell> {
        let mut parts = vec![self];
        for other in others {
            if parts.iter().all(|part| part.apart(other)) {
                continue;
            }
            if parts.len() > MOST {
                break;
            }
            parts = parts.iter().flat_map(|part| part.minus(other)).collect();
        }
        parts
    }
}

/// Leaves out each block that the others hold already.
pub fn absorbed(mut cells: Vec<Cell>) -> Vec<Cell> {
    let mut at = cells.len();
    while at > 0 {
        at -= 1;
        let cell = cells.remove(at);
        let left = cell.clone().without(&cells);
        if !left.is_empty() {
            cells.insert(at, cell);
        }
    }
    cells
}

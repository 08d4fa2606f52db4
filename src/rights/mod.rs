//! Permissions seen: who gains or loses what by a plan, by meaning and not by text.
//!
//! Policies are sets of requests: `glob` and `empty` decide about patterns, `reach` about sets of
//! texts, `condition` about circumstances, `cell` about all four sides of a request at once;
//! `read` makes such blocks of a document, and [`compare`] says what the one allows and the other
//! does not. `sides` looks up what a plan has before and after, `roles`, `runs` and `others` compare it,
//! `widening` picks what a person should say yes to. What is not certain counts as a gain, so
//! that no gain is hidden.
//!
//! Left out on purpose: which actions a service has (`s3:*` is not spelled out), organisations'
//! policies, and sessions' policies.

mod cell;
pub mod compare;
mod condition;
mod documents;
mod empty;
mod glob;
mod others;
mod reach;
mod read;
mod roles;
mod runs;
mod sides;
#[cfg(test)]
mod tests;
mod widening;
mod words;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::addr::Addr;
use crate::plan::Permissions;
use documents::Documents;

pub use compare::Delta;
pub use documents::Read;
pub use sides::{Seen, Sides, sides};
pub use widening::{Usual, Widening, widening};
pub use words::{covers, lines};

/// The ARNs of managed policies that the plan gives or takes, and of which nobody here knows
/// what they allow.
pub fn unknown(sides: &Sides) -> BTreeSet<String> {
    let none = Read::new();
    roles::unknown(sides, &Documents::of(sides, &none))
}

/// Who gains or loses what, in order of address; without those for whom nothing changes.
pub fn changed(sides: &Sides, read: &Read) -> Vec<Permissions> {
    let documents = Documents::of(sides, read);
    let mut all = roles::all(sides, &documents);
    all.extend(others::functions(sides));
    all.extend(others::apis(sides));
    all.extend(others::policies(sides));
    all.extend(runs::all(sides, &documents));
    let mut all = by_address(all);
    all.retain(|one| !(one.gained.is_empty() && one.lost.is_empty() && one.unknown.is_empty()));
    all
}

/// In order of address; of each, all that is told.
fn by_address(all: Vec<Permissions>) -> Vec<Permissions> {
    let mut told: BTreeMap<Addr, Permissions> = BTreeMap::new();
    for one in all {
        match told.entry(one.addr.clone()) {
            Entry::Vacant(place) => drop(place.insert(one)),
            Entry::Occupied(mut place) => {
                let there = place.get_mut();
                there.existed |= one.existed;
                there.gained.extend(one.gained);
                there.lost.extend(one.lost);
                there.unknown.extend(one.unknown);
            }
        }
    }
    told.into_values().collect()
}

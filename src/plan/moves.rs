//! `[[moved]]`: what the state calls by its old address is the same thing under a new one.

use std::collections::BTreeMap;

use crate::addr::Addr;
use crate::state::{State, rename};

/// The state under its new addresses, and from where each came. A move whose old address
/// the state does not have is done already.
pub fn moved(mut state: State, moves: &[(Addr, Addr)]) -> (State, BTreeMap<Addr, Addr>) {
    let mut came_from = BTreeMap::new();
    for (from, to) in moves {
        if let Ok(renamed) = rename(&mut state, from, to) {
            came_from.extend(renamed.into_iter().map(|(from, to)| (to, from)));
        }
    }
    (state, came_from)
}

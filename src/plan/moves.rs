//! `[[moved]]`: what the state calls by its old address is the same thing under a new one.

use std::collections::BTreeMap;

use super::Refusal;
use crate::addr::Addr;
use crate::state::{State, StateError, rename};

/// The state under its new addresses, and from where each came. A move whose old address
/// the state does not have is done already; one that cannot be done is refused, since the
/// old thing would be deleted otherwise.
pub fn moved(
    mut state: State,
    moves: &[(Addr, Addr)],
) -> Result<(State, BTreeMap<Addr, Addr>), Vec<Refusal>> {
    let mut came_from = BTreeMap::new();
    let mut refusals = Vec::new();
    for (from, to) in moves {
        match rename(&mut state, from, to) {
            Ok(renamed) => came_from.extend(renamed.into_iter().map(|(from, to)| (to, from))),
            Err(StateError::NotInState { .. }) => {}
            Err(error) => refusals.push(Refusal::Move {
                addr: to.clone(),
                why: error.to_string(),
            }),
        }
    }
    match refusals.is_empty() {
        true => Ok((state, came_from)),
        false => Err(refusals),
    }
}

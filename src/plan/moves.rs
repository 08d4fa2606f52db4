//! `[[moved]]`: what the state calls by its old address is the same thing under a new one. And
//! what cannot stay the same thing, since its name in AWS becomes another: it makes room in the
//! state, so that the new one is made, and used, before the old one goes.

use std::collections::BTreeMap;

use super::Refusal;
use crate::addr::Addr;
use crate::resolve::Desired;
use crate::state::{State, StateError, Stored, rename};

/// The state under its new addresses, and from where each came. A move whose old address
/// the state does not have is done already; one that cannot be done is refused, since the
/// old thing would be deleted otherwise.
pub fn moved(
    mut state: State,
    desired: &Desired,
) -> Result<(State, BTreeMap<Addr, Addr>), Vec<Refusal>> {
    let mut came_from = BTreeMap::new();
    let mut refusals = Vec::new();
    for (from, to) in &desired.moved {
        match one(&mut state, desired, from, to) {
            Ok(renamed) => came_from.extend(renamed.into_iter().map(|(from, to)| (to, from))),
            Err(StateError::NotInState { .. }) => {}
            Err(error) => refusals.push(Refusal::Move {
                addr: to.clone(),
                why: error.to_string(),
            }),
        }
    }
    make_room(&mut state, desired, &mut came_from);
    match refusals.is_empty() {
        true => Ok((state, came_from)),
        false => Err(refusals),
    }
}

/// The address that took the place of what made room.
pub fn successor(desired: &Desired, addr: &Addr) -> Option<Addr> {
    let origin = addr.is_former().then(|| addr.origin())?;
    let moved = desired.moved.iter().find_map(|(from, to)| {
        let rest = origin.as_str().strip_prefix(from.as_str())?;
        let whole = rest.is_empty() || rest.starts_with('.');
        whole.then(|| Addr::parse(&format!("{to}{rest}")).ok())?
    });
    Some(moved.unwrap_or(origin))
}

fn one(
    state: &mut State,
    desired: &Desired,
    from: &Addr,
    to: &Addr,
) -> Result<Vec<(Addr, Addr)>, StateError> {
    let mut renamed = state.clone();
    let moved = rename(&mut renamed, from, to)?;
    if !changes_name(state, desired, from, to) {
        *state = renamed;
        return Ok(moved);
    }
    let room = free(state, from);
    rename(state, from, &room)
}

/// Is the name in AWS another afterwards? A child's is its address's own.
fn changes_name(state: &State, desired: &Desired, from: &Addr, to: &Addr) -> bool {
    let (Some(stored), Some(wanted)) = (state.resources.get(from), desired.resources.get(to))
    else {
        return false;
    };
    match &wanted.id {
        Some(id) => !same_name(stored, id) && !taken(state, from, id),
        None => to.parent().is_some(),
    }
}

/// What the manifest calls otherwise than the state, at the same address. What made room and was
/// not taken away yet comes back where the manifest calls it so again.
fn make_room(state: &mut State, desired: &Desired, came_from: &mut BTreeMap<Addr, Addr>) {
    let roots = desired.resources.values().filter(|wanted| {
        wanted.addr.parent().is_none() && !desired.imports.contains_key(&wanted.addr)
    });
    for wanted in roots {
        let (addr, Some(id)) = (&wanted.addr, &wanted.id) else {
            continue;
        };
        let mut formers = state.resources.iter();
        let back = formers.find(|(known, stored)| {
            known.is_former() && known.origin() == *addr && same_name(stored, id)
        });
        let back = back.map(|(known, _)| known.clone());
        let stored = state.resources.get(addr);
        let other = stored.is_some_and(|stored| !same_name(stored, id));
        if other && back.is_none() && taken(state, addr, id) {
            continue;
        }
        let out = other.then(|| (addr.clone(), free(state, addr)));
        let into = back.map(|known| (known, addr.clone()));
        for (from, to) in out.into_iter().chain(into) {
            // Room was made for it: nothing has its address.
            let renamed = rename(state, &from, &to).unwrap_or_default();
            came_from.extend(
                renamed
                    .into_iter()
                    .map(|(from, to)| {
                        let first = came_from.get(&from).unwrap_or(&from).clone();
                        (to, first)
                    })
                    .collect::<Vec<_>>(),
            );
        }
    }
}

/// Has another thing of this project the name now? Then the one that has it must go first.
fn taken(state: &State, addr: &Addr, id: &str) -> bool {
    let mut others = state.resources.iter();
    others.any(|(other, stored)| {
        other != addr && other.kind() == addr.kind() && same_name(stored, id)
    })
}

fn free(state: &State, addr: &Addr) -> Addr {
    let taken = |room: &Addr| state.resources.keys().any(|known| known.within(room));
    let mut nth = 0;
    while taken(&addr.former(nth)) {
        nth += 1;
    }
    addr.former(nth)
}

/// IAM tells names apart neither by their path nor by their case.
fn same_name(stored: &Stored, id: &str) -> bool {
    let name = |id: &str| id.rsplit(['/', ':']).next().map(str::to_ascii_lowercase);
    name(&stored.id) == name(id)
}

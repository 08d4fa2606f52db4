//! What `slp state` does to a state: look, forget, rename. Nothing here touches AWS.

use super::store::{Session, Snapshot};
use super::{State, StateError, Stored};
use crate::addr::Addr;
use crate::problem::meant_addr;

/// Everything in the state, or what stands at and under `under`.
pub fn list<'a>(state: &'a State, under: Option<&Addr>) -> Vec<(&'a Addr, &'a Stored)> {
    let wanted = |addr: &Addr| under.is_none_or(|under| addr.within(under));
    state
        .resources
        .iter()
        .filter(|(addr, _)| wanted(addr))
        .collect()
}

/// One resource.
pub fn show<'a>(state: &'a State, addr: &Addr) -> Result<&'a Stored, StateError> {
    state.resources.get(addr).ok_or_else(|| absent(state, addr))
}

/// Drops a resource and what stands under it from the state; in AWS both stay. Gives what was dropped.
pub fn forget(state: &mut State, addr: &Addr) -> Result<Vec<Addr>, StateError> {
    let gone = at_and_under(state, addr)?;
    for addr in &gone {
        state.resources.remove(addr);
    }
    for stored in state.resources.values_mut() {
        stored.needs.retain(|need| !gone.contains(need));
    }
    Ok(gone)
}

/// Gives a resource another address, with what stands under it and what refers to it.
/// The ownership tags in AWS follow at the next apply. Gives old and new, in order.
pub fn rename(state: &mut State, from: &Addr, to: &Addr) -> Result<Vec<(Addr, Addr)>, StateError> {
    let moving = at_and_under(state, from)?;
    let refused = |why: String| StateError::CannotRename {
        from: from.clone(),
        to: to.clone(),
        why,
    };
    if from.kind() != to.kind() {
        return Err(refused(format!(
            "one is a {}, the other a {}",
            from.kind(),
            to.kind()
        )));
    }
    if from.parent() != to.parent() {
        return Err(refused(
            "what stands under one resource cannot move under another".into(),
        ));
    }
    if let Some(taken) = state.resources.keys().find(|addr| addr.within(to)) {
        return Err(refused(format!("{taken} is in the state already")));
    }
    let moved = |addr: &Addr| renamed(addr, from, to);
    for addr in &moving {
        if let Some(stored) = state.resources.remove(addr) {
            state.resources.insert(moved(addr), stored);
        }
    }
    for stored in state.resources.values_mut() {
        stored.needs = stored.needs.iter().map(moved).collect();
    }
    Ok(moving
        .iter()
        .map(|addr| (addr.clone(), moved(addr)))
        .collect())
}

/// Makes one edit under the lock, and saves it. Refuses where nothing was saved yet, and while
/// a killed run is not settled: its journal speaks of addresses as they were.
pub async fn amend<T>(
    session: &dyn Session,
    store: &str,
    edit: impl FnOnce(&mut State) -> Result<T, StateError>,
) -> Result<T, StateError> {
    let Snapshot { state, replay } = session.load().await?;
    let store = store.to_owned();
    if let Some(replay) = replay {
        let holder = Some(Box::new(replay.holder));
        return Err(StateError::Unsettled { store, holder });
    }
    let mut state = state.ok_or(StateError::NoState { store })?;
    let given = edit(&mut state)?;
    session.finish(state).await?;
    Ok(given)
}

fn at_and_under(state: &State, addr: &Addr) -> Result<Vec<Addr>, StateError> {
    let found: Vec<Addr> = state
        .resources
        .keys()
        .filter(|a| a.within(addr))
        .cloned()
        .collect();
    match found.is_empty() {
        true => Err(absent(state, addr)),
        false => Ok(found),
    }
}

fn renamed(addr: &Addr, from: &Addr, to: &Addr) -> Addr {
    let rest = match addr.within(from) {
        true => addr.as_str().get(from.as_str().len()..).unwrap_or_default(),
        false => return addr.clone(),
    };
    // The same segments under another name are an address again.
    Addr::parse(&format!("{to}{rest}")).unwrap_or_else(|_| addr.clone())
}

fn absent(state: &State, addr: &Addr) -> StateError {
    StateError::NotInState {
        addr: addr.clone(),
        nearest: meant_addr(addr.as_str(), state.resources.keys()).cloned(),
    }
}

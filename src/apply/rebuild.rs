//! After a state was lost: what the manifest names and AWS has is taken into a new one, as far
//! as its ownership tags say that it is this project's. Changes nothing in AWS.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::Addr;
use crate::cloud;
use crate::event::Listener;
use crate::graph;
use crate::provider::{Live, Provider};
use crate::refresh::{Refresh, Unread, refresh};
use crate::resolve::{Desired, Wanted};
use crate::scope::{Owner, Scope};
use crate::state::{State, Stored};

/// What was found.
pub struct Rebuilt {
    pub state: State,
    /// What stands in the manifest and is not ours, or is not there; with the reason.
    pub left_out: BTreeMap<Addr, String>,
}

/// Looks for everything that the manifest names. Errors: what could not be read.
pub async fn rebuild(
    desired: &Desired,
    scope: &Scope,
    provider: &dyn Provider,
    events: &Listener,
) -> Result<Rebuilt, Unread> {
    let mut state = State::new(scope);
    // A child can only be looked for once its parent is known.
    loop {
        let live = refresh(desired, &state, Refresh::Full, &[], provider, events).await?;
        let known = state.resources.len();
        for (addr, wanted) in &desired.resources {
            if let Some(live) = live.get(addr)
                && is_ours(live, addr, &state)
            {
                let stored = stored(addr, wanted, live);
                state.resources.entry(addr.clone()).or_insert(stored);
            }
        }
        if state.resources.len() == known {
            let left_out = left_out(desired, &state, &live);
            return Ok(Rebuilt { state, left_out });
        }
    }
}

fn is_ours(live: &Live, addr: &Addr, state: &State) -> bool {
    match &live.owner {
        Owner::Ours { addr: theirs, .. } => theirs == addr.as_str(),
        Owner::Parents | Owner::Borrowed => addr
            .parent()
            .is_some_and(|parent| state.resources.contains_key(&parent)),
        Owner::Other(_) | Owner::Nobody => false,
    }
}

/// Its spec is left unknown: the next plan compares the manifest with what AWS has.
fn stored(addr: &Addr, wanted: &Wanted, live: &Live) -> Stored {
    Stored {
        kind: addr.kind(),
        id: live.id.clone(),
        spec: None,
        veils: Vec::new(),
        outputs: live.outputs.clone(),
        facts: live.facts.clone(),
        needs: wanted.needs.keys().cloned().collect(),
        protect: wanted.protect.unwrap_or_default(),
        ignore: wanted.ignore.clone(),
    }
}

/// Completes what each resource needs, as the manifest has it, where both are in the state: in which
/// order they go hangs on that. Was anything missing?
pub fn needs_again(state: &mut State, desired: &Desired) -> Result<bool, graph::Cycle> {
    let known: BTreeSet<Addr> = state.resources.keys().cloned().collect();
    let mut missing = false;
    for (addr, needs) in graph::effective(&desired.needs())? {
        let Some(stored) = state.resources.get_mut(&addr) else {
            continue;
        };
        for need in needs.into_iter().filter(|need| known.contains(need)) {
            missing |= stored.needs.insert(need);
        }
    }
    Ok(missing)
}

fn left_out(
    desired: &Desired,
    state: &State,
    live: &BTreeMap<Addr, Live>,
) -> BTreeMap<Addr, String> {
    let missing = desired
        .resources
        .keys()
        .filter(|addr| !state.resources.contains_key(*addr));
    let why = |addr: &Addr| match live.get(addr).map(|live| &live.owner) {
        None => format!("is not in {}", cloud::name()),
        Some(Owner::Ours { .. }) => {
            format!(
                "is in {} under another address of this project",
                cloud::name()
            )
        }
        Some(_) => format!(
            "is in {}, and its tags do not say that it is ours",
            cloud::name()
        ),
    };
    missing.map(|addr| (addr.clone(), why(addr))).collect()
}

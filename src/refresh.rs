//! State × Provider → Live: looks at everything that the plan will compare.
//!
//! Lists prove presence and equality, never absence; that, and what one call can answer for
//! many, is each kind's business. Here is only what to ask.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::addr::Addr;
use crate::event::{Event, Listener};
use crate::plan::wanted_masked;
use crate::provider::{Ask, Depth, Live, Prior, Provider, ProviderError};
use crate::resolve::{Desired, Wanted};
use crate::scope::Owner;
use crate::state::{State, Stored};
use crate::text::Piece;

/// How much to look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refresh {
    /// Everything, also what was added outside slp.
    #[default]
    Full,
    /// Lists; details only where something moved.
    Fast,
    /// Nothing: trust the state, but for what it does not know.
    None,
}

/// What could not be read, by address.
pub type Unread = Vec<(Addr, ProviderError)>;

/// Reads what AWS has of everything in the state and in the manifest. What is to be replaced
/// without need, `replace`, is looked at closely unless the state is trusted.
pub async fn refresh(
    desired: &Desired,
    state: &State,
    mode: Refresh,
    replace: &[Addr],
    provider: &dyn Provider,
    events: &Listener,
) -> Result<BTreeMap<Addr, Live>, Unread> {
    let mut live = BTreeMap::new();
    let asks = asks(desired, state, mode, replace, &mut live);
    if asks.is_empty() {
        return Ok(live);
    }
    events.tell(Event::Reading {
        resources: asks.len(),
    });
    let answers = provider.read(&asks, events).await;
    let mut unread = Unread::new();
    for (ask, answer) in asks.iter().zip(answers) {
        match answer {
            Ok(Some(found)) => {
                live.insert(ask.addr.clone(), found);
            }
            Ok(None) => {}
            Err(error) => unread.push((ask.addr.clone(), error)),
        }
    }
    match unread.is_empty() {
        true => Ok(live),
        false => Err(unread),
    }
}

fn asks(
    desired: &Desired,
    state: &State,
    mode: Refresh,
    replace: &[Addr],
    trusted: &mut BTreeMap<Addr, Live>,
) -> Vec<Ask> {
    let every: BTreeSet<&Addr> = desired
        .resources
        .keys()
        .chain(state.resources.keys())
        .collect();
    let mut children: BTreeMap<&str, Vec<Addr>> = BTreeMap::new();
    for addr in every.iter().filter(|addr| addr.parent().is_some()) {
        children
            .entry(addr.root())
            .or_default()
            .push((*addr).clone());
    }
    let mut asks = Vec::new();
    for addr in every.iter().copied() {
        let stored = state.resources.get(addr);
        let replaced = replace.contains(addr);
        let mode = match (mode, replaced) {
            (Refresh::Fast, true) => Refresh::Full,
            _ => mode,
        };
        let parent_unknown = addr
            .parent()
            .is_some_and(|parent| !state.resources.contains_key(&parent));
        if stored.is_none() && parent_unknown {
            continue;
        }
        if let (Refresh::None, Some(stored), Some(spec)) =
            (mode, stored, stored.and_then(|s| s.spec.clone()))
        {
            trusted.insert(addr.clone(), as_stored(stored, spec));
            continue;
        }
        let wanted = desired.resources.get(addr);
        let children = children.get(addr.as_str()).cloned().unwrap_or_default();
        let ask = ask(addr, wanted, stored, desired, state, mode, children);
        asks.push(Ask { replaced, ..ask });
    }
    asks
}

fn as_stored(stored: &Stored, spec: Value) -> Live {
    let Stored {
        id, outputs, facts, ..
    } = stored.clone();
    Live {
        id,
        spec,
        outputs,
        facts,
        owner: Owner::Parents,
    }
}

fn ask(
    addr: &Addr,
    wanted: Option<&Wanted>,
    stored: Option<&Stored>,
    desired: &Desired,
    state: &State,
    mode: Refresh,
    children: Vec<Addr>,
) -> Ask {
    let lookup = |piece: &Piece| output(piece, desired, state);
    let wanted_spec =
        wanted.map(|wanted| wanted_masked(&wanted.spec, &lookup, &desired.secrets, state));
    let prior = stored.map(|stored| Prior {
        spec: stored.spec.clone(),
        facts: stored.facts.clone(),
    });
    let unmoved = stored.and_then(|stored| stored.spec.as_ref()) == wanted_spec.as_ref();
    Ask {
        addr: addr.clone(),
        id: stored
            .map(|stored| stored.id.clone())
            .or_else(|| wanted.and_then(|wanted| wanted.id.clone())),
        prior,
        depth: if mode == Refresh::Fast && unmoved {
            Depth::Fast
        } else {
            Depth::Full
        },
        wanted: wanted_spec,
        replaced: false,
        children,
    }
}

/// A reference's value as far as the manifest or the last apply tells.
fn output(piece: &Piece, desired: &Desired, state: &State) -> Option<String> {
    let Piece::Ref { addr, output } = piece else {
        return None;
    };
    let known = desired
        .resources
        .get(addr)
        .and_then(|wanted| wanted.known.get(output));
    let stored = state
        .resources
        .get(addr)
        .and_then(|stored| stored.outputs.get(output));
    known.or(stored).cloned()
}

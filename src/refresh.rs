//! State × Provider → Live: looks at everything that the plan will compare.
//!
//! Lists prove presence and equality, never absence; that, and what one call can answer for
//! many, is each kind's business. Here is only what to ask.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::addr::Addr;
use crate::event::{Listener, Phase};
use crate::plan::wanted_masked;
use crate::provider::{Ask, Depth, Live, Prior, Provider, ProviderError};
use crate::resolve::{Desired, Strength};
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
    /// Nothing: trust the state, but for what it does not know and what would be taken away.
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
    let all = every(desired, state);
    let asks = asks(&all, desired, state, mode, replace, &mut live);
    read(&asks, provider, events, &mut live).await?;
    // What stands under a thing that is taken over can be asked for only now.
    let asked: BTreeSet<&Addr> = asks.iter().map(|ask| &ask.addr).collect();
    let taken = |addr: &&Addr| {
        let parent = addr.parent().filter(|parent| live.contains_key(parent));
        parent.is_some_and(|parent| desired.adopts(&parent)) && !live.contains_key(*addr)
    };
    let under: BTreeSet<&Addr> = all.iter().copied().filter(taken).collect();
    let under = under.difference(&asked);
    let asks: Vec<Ask> = under
        .map(|addr| ask(addr, desired, state, mode, &all, &live))
        .collect();
    read(&asks, provider, events, &mut live).await?;
    Ok(live)
}

/// Asks, and adds what was found.
async fn read(
    asks: &[Ask],
    provider: &dyn Provider,
    events: &Listener,
    live: &mut BTreeMap<Addr, Live>,
) -> Result<(), Unread> {
    if asks.is_empty() {
        return Ok(());
    }
    let _reading = events.begin(Phase::Reading {
        resources: asks.len(),
    });
    let answers = provider.read(asks, events).await;
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
        true => Ok(()),
        false => Err(unread),
    }
}

type Every<'a> = BTreeSet<&'a Addr>;

fn every<'a>(desired: &'a Desired, state: &'a State) -> Every<'a> {
    let wanted = desired.resources.keys();
    wanted.chain(state.resources.keys()).collect()
}

/// The known resources under one.
fn children(all: &Every<'_>, parent: &Addr) -> Vec<Addr> {
    let under = all.range::<Addr, _>(parent..);
    let under = under.take_while(|addr| addr.as_str().starts_with(parent.as_str()));
    let under = under.filter(|addr| **addr != parent && addr.within(parent));
    under.map(|addr| (*addr).clone()).collect()
}

fn asks(
    all: &Every<'_>,
    desired: &Desired,
    state: &State,
    mode: Refresh,
    replace: &[Addr],
    trusted: &mut BTreeMap<Addr, Live>,
) -> Vec<Ask> {
    let mut asks = Vec::new();
    for addr in all.iter().copied() {
        let stored = state.resources.get(addr);
        let replaced = replace.contains(addr);
        let mode = match (mode, replaced) {
            (Refresh::Fast, true) => Refresh::Full,
            _ => mode,
        };
        if stored.is_none() && cannot_be(addr, desired, state) {
            continue;
        }
        if let (Refresh::None, Some(stored), Some(spec)) =
            (mode, stored, stored.and_then(|s| s.spec.clone()))
            && stays(addr, stored, desired)
            && !replaced
        {
            trusted.insert(addr.clone(), as_stored(stored, spec));
            continue;
        }
        let ask = ask(addr, desired, state, mode, all, &BTreeMap::new());
        asks.push(Ask { replaced, ..ask });
    }
    asks
}

/// Without its parent there is none, but for what may come before it.
fn cannot_be(addr: &Addr, desired: &Desired, state: &State) -> bool {
    let unknown = |parent: Addr| {
        let wanted = desired.resources.get(addr);
        let needed = wanted.and_then(|wanted| wanted.needs.get(&parent));
        !state.resources.contains_key(&parent) && needed != Some(&Strength::Soft)
    };
    addr.parent().is_some_and(unknown)
}

/// Whatever is trusted, what would be taken away is looked at.
fn stays(addr: &Addr, stored: &Stored, desired: &Desired) -> bool {
    let wanted = desired.resources.get(addr);
    wanted.is_some_and(|wanted| wanted.id.as_ref().is_none_or(|id| *id == stored.id))
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
        modified: None,
    }
}

fn ask(
    addr: &Addr,
    desired: &Desired,
    state: &State,
    mode: Refresh,
    all: &Every<'_>,
    live: &BTreeMap<Addr, Live>,
) -> Ask {
    let stored = state.resources.get(addr);
    let wanted = desired.resources.get(addr);
    let lookup = |piece: &Piece| output(piece, desired, state, live);
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
            .or_else(|| desired.imports.get(addr).cloned())
            .or_else(|| wanted.and_then(|wanted| wanted.id.clone())),
        prior,
        depth: if mode == Refresh::Fast && unmoved {
            Depth::Fast
        } else {
            Depth::Full
        },
        wanted: wanted_spec,
        replaced: false,
        adopts: stored.is_none() && desired.adopts(addr),
        children: children(all, addr),
    }
}

/// A reference's value as far as the manifest, the last apply or a look tells.
fn output(
    piece: &Piece,
    desired: &Desired,
    state: &State,
    live: &BTreeMap<Addr, Live>,
) -> Option<String> {
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
    let seen = live.get(addr).and_then(|live| live.outputs.get(output));
    known.or(stored).or(seen).cloned()
}

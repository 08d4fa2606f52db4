//! Every resource before and after a plan, also of what the plan leaves alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::addr::Addr;
use crate::plan::{Action, Change, Plan, masked};
use crate::provider::Live;
use crate::state::State;

/// A plan, and what it was made from.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub plan: &'a Plan,
    pub state: &'a State,
    /// Under the addresses of the manifest.
    pub live: &'a BTreeMap<Addr, Live>,
}

/// One resource; absent is what is not there then.
#[derive(Default)]
pub struct Side {
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// What the kind noted at the read.
    pub facts: Value,
    pub id_before: Option<String>,
    pub id_after: Option<String>,
}

/// By address; without what goes or is nowhere.
pub type Sides = BTreeMap<Addr, Side>;

/// All of some kind.
pub fn of_kind<'s>(sides: &'s Sides, kind: &'s str) -> impl Iterator<Item = (&'s Addr, &'s Side)> {
    sides.iter().filter(move |(addr, _)| addr.kind() == kind)
}

pub fn sides(seen: Seen) -> Sides {
    let changed = seen.plan.changes.iter().map(|change| &change.addr);
    let addrs: BTreeSet<&Addr> = seen.live.keys().chain(changed).collect();
    let side = |addr: &Addr| (addr.clone(), side(seen, addr));
    addrs.into_iter().map(side).collect()
}

fn side(seen: Seen, addr: &Addr) -> Side {
    let (change, live) = (seen.plan.change(addr), seen.live.get(addr));
    let before = match change {
        Some(change) if change.before.is_some() => change.before.clone(),
        // What goes with its parent is there as well; else the name is another's until now.
        Some(change) if change.action == Action::Create && addr.kind() != PERMISSION => None,
        _ => live.map(|live| secretless(seen, addr, live)),
    };
    let after = match change {
        Some(change) if change.makes() => change.after.clone(),
        Some(change) if change.action == Action::Delete => None,
        _ => before.clone(),
    };
    let id = |change: &Change| change.new_id.clone().or_else(|| change.id.clone());
    let id_before = live.map(|live| live.id.clone());
    Side {
        before,
        after,
        facts: live.map(|live| live.facts.clone()).unwrap_or_default(),
        id_after: change.and_then(id).or_else(|| id_before.clone()),
        id_before,
    }
}

pub const PERMISSION: &str = "function.permission";

fn secretless(seen: Seen, addr: &Addr, live: &Live) -> Value {
    let stored = seen.state.resources.get(addr);
    let stored = stored.and_then(|stored| stored.spec.as_ref());
    let wanted = seen.plan.change(addr).and_then(|c| c.after.as_ref());
    let references: Vec<&Value> = stored.into_iter().chain(wanted).collect();
    masked(&live.spec, &references, seen.state)
}

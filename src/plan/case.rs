//! One resource that is wanted, with all that it is judged by.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Change;
use super::make::{Inputs, Progress};
use super::mask::{masked, wanted_masked};
use crate::addr::Addr;
use crate::diff;
use crate::kind::Kind;
use crate::provider::Live;
use crate::resolve::Wanted;
use crate::scope::Owner;
use crate::state::Stored;

/// One resource with its three values.
pub struct Case<'a> {
    pub wanted: &'a Wanted,
    pub kind: &'a dyn Kind,
    pub stored: Option<&'a Stored>,
    pub live: Option<&'a Live>,
    pub before: Option<Value>,
    pub after: Value,
    /// What it refers to.
    pub needs: BTreeSet<Addr>,
    /// Of these, what is made anew under its old name.
    pub renewed: BTreeSet<Addr>,
    pub moved_from: Option<Addr>,
    /// Its parent is made anew, and it goes with it.
    pub parent_goes: bool,
    /// The ownership tags are gone, or another's, and the command line says that it is ours.
    pub untagged: bool,
    /// It is there, the state does not know it, and it is to be taken over.
    pub adopted: bool,
}

impl<'a> Case<'a> {
    /// Gathers it, and notes in the progress what others are completed by.
    pub fn of(
        inputs: &'a Inputs,
        wanted: &'a Wanted,
        kind: &'a dyn Kind,
        effective: &BTreeMap<Addr, BTreeSet<Addr>>,
        progress: &mut Progress,
    ) -> Case<'a> {
        let addr = &wanted.addr;
        let parent = addr.parent();
        let anew = |parent: &Addr| progress.fresh.contains(parent);
        let parent_goes = kind.goes_with_parent() && parent.as_ref().is_some_and(anew);
        let stored = known(inputs, wanted, kind);
        let live = inputs.live.get(addr).filter(|_| !parent_goes);
        let live = live.filter(|live| leaving(inputs, addr, live).is_none());
        if is_another(stored, live) {
            progress.renewed.insert(addr.clone());
        }
        let (before, after) = ends(inputs, wanted, kind, (stored, live), progress);
        let secrets = &inputs.desired.secrets;
        let plain = wanted_masked(&wanted.spec, &|_| None, secrets, inputs.state);
        progress.wanted.insert(addr.clone(), plain);
        let needs = effective.get(addr).cloned().unwrap_or_default();
        let nobodys = |live: &Live| matches!(live.owner, Owner::Nobody | Owner::Other(_));
        // What is given to an environment is tagged anew, also by a run that goes on.
        let ours = |live: &Live| matches!(live.owner, Owner::Ours { .. });
        let given = |live: &Live| inputs.scope.adopts && ours(live);
        let taken = inputs.desired.adopts(addr) || inputs.options.takes(addr);
        let found = |live: &Live| match live.owner {
            Owner::Borrowed | Owner::Parents => true,
            Owner::Ours { .. } => taken || kind.is_shared(),
            _ => taken,
        };
        Case {
            wanted,
            kind,
            stored,
            live,
            before,
            after,
            renewed: needs.intersection(&progress.renewed).cloned().collect(),
            needs,
            moved_from: inputs.came_from.get(addr).cloned(),
            parent_goes,
            untagged: inputs.scope.tagged
                && stored.is_some()
                && live.is_some_and(|live| nobodys(live) || given(live)),
            adopted: stored.is_none() && live.is_some_and(found),
        }
    }

    /// Does the state hold all this already?
    pub fn knows(&self, change: &Change) -> bool {
        let (Some(stored), Some(live)) = (self.stored, self.live) else {
            return false;
        };
        stored.spec == change.after
            && stored.outputs == live.outputs
            && stored.facts == live.facts
            && stored.id == live.id
            // Of edges that no longer hold a later removal could make a circle.
            && stored.needs == self.needs
            && stored.protect == change.protect
            && stored.ignore == self.wanted.ignore
    }
}

/// What the state has of it. Of what several addresses may stand for, another id is another thing,
/// which is left to itself.
fn known<'a>(inputs: &'a Inputs, wanted: &Wanted, kind: &dyn Kind) -> Option<&'a Stored> {
    let stored = inputs.state.resources.get(&wanted.addr)?;
    let same = !kind.is_shared() || wanted.id.as_ref().is_none_or(|id| *id == stored.id);
    same.then_some(stored)
}

/// What AWS has and what is wanted, secrets as digests, what is ignored as it is.
fn ends(
    inputs: &Inputs,
    wanted: &Wanted,
    kind: &dyn Kind,
    (stored, live): (Option<&Stored>, Option<&Live>),
    progress: &Progress,
) -> (Option<Value>, Value) {
    let (secrets, state) = (&inputs.desired.secrets, inputs.state);
    let lookup = |piece: &_| progress.lookup(piece);
    let after = wanted_masked(&wanted.spec, &lookup, secrets, state);
    let parent = wanted.addr.parent();
    let after = match parent.and_then(|parent| progress.wanted.get(&parent)) {
        Some(parent) => kind.complete(after, parent),
        None => after,
    };
    let before = live.map(|live| {
        let known = stored.into_iter().flat_map(Stored::references);
        let references: Vec<&Value> = known.chain([&after]).collect();
        masked(&live.spec, &references, kind.spec_schema(), secrets, state)
    });
    let after = match &before {
        Some(before) => diff::keep_ignored(&after, before, &wanted.ignore),
        None => after,
    };
    (before, after)
}

/// Is it another thing under the same name?
fn is_another(stored: Option<&Stored>, live: Option<&Live>) -> bool {
    let (Some(stored), Some(live)) = (stored, live) else {
        return false;
    };
    let known = unique_id(&stored.facts);
    known.is_some() && known != unique_id(&live.facts)
}

/// AWS's own id of a thing, where its name can come to mean another thing.
fn unique_id(facts: &Value) -> Option<&str> {
    facts.get("unique_id")?.as_str().filter(|id| !id.is_empty())
}

/// The address under which this plan takes away what has the name now.
fn leaving(inputs: &Inputs, addr: &Addr, live: &Live) -> Option<Addr> {
    let Owner::Ours { addr: tagged, .. } = &live.owner else {
        return None;
    };
    let owner = Addr::parse(tagged).ok()?;
    let known =
        inputs.state.resources.contains_key(&owner) && !inputs.state.resources.contains_key(addr);
    (owner != *addr && known && !inputs.desired.resources.contains_key(&owner)).then_some(owner)
}

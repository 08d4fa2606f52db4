//! `[[import]]`: what somebody else made is taken over as it is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Refusal;
use super::make::Inputs;
use super::mask::{masked, wanted_masked};
use crate::addr::Addr;
use crate::cloud;
use crate::diff::FieldChange;
use crate::provider::Live;
use crate::resolve::Wanted;
use crate::scope::Owner;
use crate::text::Piece;

/// Why an import cannot be done. One that the state knows already is done.
pub fn refused(inputs: &Inputs, wanted: &Wanted, live: Option<&Live>) -> Option<Refusal> {
    let addr = &wanted.addr;
    let id = inputs.desired.imports.get(addr)?;
    let kind = addr.kind();
    let why = match (inputs.state.resources.get(addr), live) {
        (Some(stored), _) if stored.id == *id => return None,
        (Some(stored), _) => format!("the state knows it as {}", stored.id),
        (None, None) => format!("there is no {kind} {id} in {}", cloud::name()),
        (None, Some(live)) => taken(inputs, addr, live)?,
    };
    let addr = addr.clone();
    Some(Refusal::Import { addr, why })
}

/// Is it another resource of this project already?
fn taken(inputs: &Inputs, addr: &Addr, live: &Live) -> Option<String> {
    let mut known = inputs.state.resources.iter();
    let same = |(_, stored): &(&Addr, &crate::state::Stored)| {
        stored.kind == addr.kind() && stored.id == live.id
    };
    let (other, _) = known.find(same)?;
    Some(format!("{} is {other} in the state already", live.id))
}

/// What others made must not be destroyed by being taken over.
pub fn would_replace(addr: &Addr, fields: &[FieldChange]) -> Refusal {
    let fixed = fields.iter().filter(|field| field.replaces);
    let names: Vec<String> = fixed.map(|field| field.path.join(".")).collect();
    Refusal::Import {
        addr: addr.clone(),
        why: format!(
            "{} has another {}, which cannot be changed without making it anew",
            cloud::name(),
            names.join(", ")
        ),
    }
}

/// Do the ownership tags have to be written?
pub fn untagged(inputs: &Inputs, live: Option<&Live>) -> bool {
    inputs.scope.tagged
        && live.is_some_and(|live| {
            matches!(
                live.owner,
                Owner::Nobody | Owner::Ours { .. } | Owner::Other(_)
            )
        })
}

/// What AWS has, with what follows for a child from its parent being as it is wanted.
pub fn completed(inputs: &Inputs) -> BTreeMap<Addr, Live> {
    let mut live = inputs.live.clone();
    let children = inputs.desired.resources.values().filter(|wanted| {
        let known = inputs.state.resources.contains_key(&wanted.addr);
        !known && wanted.addr.parent().is_some() && inputs.desired.adopts(&wanted.addr)
    });
    for wanted in children {
        let parent = wanted.addr.parent();
        let (Some(kind), Some(found), Some(parent)) = (
            inputs.kinds.of(&wanted.addr),
            inputs.live.get(&wanted.addr),
            parent.and_then(|parent| inputs.desired.resources.get(&parent)),
        ) else {
            continue;
        };
        if let Some(after) = as_wanted(inputs, parent) {
            let plain = filled(inputs, wanted);
            let (spec, facts) = kind.adopt(found, &kind.complete(plain, &after));
            let found = Live {
                spec,
                facts,
                ..found.clone()
            };
            live.insert(wanted.addr.clone(), found);
        }
    }
    live
}

/// The wanted spec of a parent, as `judge` hands it to its children, where AWS has the same.
fn as_wanted(inputs: &Inputs, parent: &Wanted) -> Option<Value> {
    let live = inputs.live.get(&parent.addr)?;
    let after = filled(inputs, parent);
    let secrets = &inputs.desired.secrets;
    let schema = inputs.kinds.of(&parent.addr)?.spec_schema();
    let before = masked(&live.spec, &[&after], schema, secrets, inputs.state);
    (before == after).then(|| {
        wanted_masked(
            &parent.spec,
            &|_| None,
            &inputs.desired.secrets,
            inputs.state,
        )
    })
}

fn filled(inputs: &Inputs, wanted: &Wanted) -> Value {
    let lookup = |piece: &Piece| {
        let Piece::Ref { addr, output } = piece else {
            return None;
        };
        let known = inputs.desired.resources.get(addr);
        let known = known.and_then(|wanted| wanted.known.get(output));
        let seen = inputs
            .live
            .get(addr)
            .and_then(|live| live.outputs.get(output));
        known.or(seen).cloned()
    };
    wanted_masked(&wanted.spec, &lookup, &inputs.desired.secrets, inputs.state)
}

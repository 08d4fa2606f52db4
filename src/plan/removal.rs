//! What happens to what the state has and nobody wants.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde_json::Value;

use super::make::{Inputs, Progress};
use super::mask::masked;
use super::moves::successor;
use super::whose::not_ours;
use super::{Action, Change, Notice, Refusal};
use crate::addr::Addr;
use crate::cloud;
use crate::diff;
use crate::kind::{Delta, Kind};
use crate::provider::Live;
use crate::scope::Owner;
use crate::state::Stored;

pub fn removals(inputs: &Inputs, progress: &mut Progress) {
    let mut going: BTreeSet<Addr> = BTreeSet::new();
    // Parents sort before their children.
    for (addr, stored) in &inputs.state.resources {
        if inputs.desired.resources.contains_key(addr) {
            continue;
        }
        match removal(inputs, addr, stored, &going, progress) {
            Ok(change) => {
                if change.action == Action::Delete {
                    going.insert(addr.clone());
                    progress.notices.extend(left_behind(inputs, addr));
                }
                progress.changes.push(change);
            }
            Err(refusal) => progress.refusals.push(refusal),
        }
    }
    wait_for_names(&mut progress.changes);
}

/// What others still use is left to them, in AWS.
pub fn keep_used(inputs: &Inputs, progress: &mut Progress) {
    let going = |change: &&Change| change.action == Action::Delete;
    let going: BTreeSet<(String, String)> = progress
        .changes
        .iter()
        .filter(going)
        .filter_map(|change| Some((change.addr.kind(), change.id.clone()?)))
        .collect();
    let goes = |kind: &str, id: &str| going.contains(&(kind.to_owned(), id.to_owned()));
    for change in progress.changes.iter_mut() {
        let kind = inputs.kinds.of(&change.addr);
        let live = inputs.live.get(&change.addr);
        let (Action::Delete, Some(kind), Some(live)) = (change.action, kind, live) else {
            continue;
        };
        if let Some(why) = kind.used_by(live, &goes, &inputs.desired.resources) {
            change.action = Action::Forget;
            change.removal.clear();
            change.reason = Some(why);
        }
    }
}

/// What stays of something that goes.
fn left_behind(inputs: &Inputs, addr: &Addr) -> Option<Notice> {
    let live = inputs.live.get(addr)?;
    let under = format!("{addr}.");
    let from = (Bound::Included(under.as_str()), Bound::Unbounded);
    let after = inputs
        .state
        .resources
        .range::<str, _>(from)
        .map(|(child, _)| child);
    let children: Vec<&Addr> = after.take_while(|child| child.within(addr)).collect();
    let text = inputs.kinds.of(addr)?.leaves(&live.spec, &children)?;
    Some(Notice {
        addr: addr.clone(),
        fields: Vec::new(),
        text: Some(text),
    })
}

fn removal(
    inputs: &Inputs,
    addr: &Addr,
    stored: &Stored,
    going: &BTreeSet<Addr>,
    progress: &Progress,
) -> Result<Change, Refusal> {
    let forget = |reason: &str| Change {
        reason: Some(reason.into()),
        ..change(addr, stored, Action::Forget, None)
    };
    if inputs
        .desired
        .removed
        .iter()
        .any(|removed| addr.within(removed))
    {
        return Ok(forget(&super::removed()));
    }
    let Some(kind) = inputs.kinds.get(&stored.kind) else {
        let reason = format!("this slp does not know the kind `{}`", stored.kind);
        return Err(Refusal::Shape {
            addr: addr.clone(),
            reason,
        });
    };
    let Some(live) = inputs.live.get(addr) else {
        return Ok(forget(&format!("gone from {} already", cloud::name())));
    };
    if let Some(whose) = not_ours(inputs, addr, stored, live, true) {
        return Err(Refusal::Estranged {
            addr: addr.clone(),
            id: live.id.clone(),
            whose,
        });
    }
    if live.owner == Owner::Borrowed {
        return Ok(forget("slp did not make it"));
    }
    let stays = |parent: Addr| inputs.desired.resources.contains_key(&parent);
    if kind.is_shared() && addr.parent().is_some_and(stays) {
        return Ok(forget("the manifest does not manage it any more"));
    }
    if let Some(refusal) = guarded(inputs, addr, stored) {
        return Err(refusal);
    }
    let with_parent = kind.goes_with_parent()
        && addr
            .parent()
            .is_some_and(|p| going.contains(&p) || progress.fresh.contains(&p));
    delete(inputs, addr, stored, live, kind, with_parent)
}

/// Whether the state or the manifest says that it stays.
fn guarded(inputs: &Inputs, addr: &Addr, stored: &Stored) -> Option<Refusal> {
    let successor = successor(inputs.desired, addr);
    let word = |addr: &Addr| inputs.desired.protected.contains(addr);
    if stored.protect || word(addr) || successor.as_ref().is_some_and(word) {
        let along = addr.parent().is_some_and(|parent| parent.is_former());
        let what = match successor {
            Some(_) if along => "replaced with its parent",
            Some(_) => "replaced",
            None => "destroyed",
        };
        let addr = successor.unwrap_or_else(|| addr.clone());
        return Some(Refusal::Protected { addr, what });
    }
    let parent = addr.parent()?;
    let known = inputs.state.resources.get(&parent);
    let kept = word(&parent) || known.is_some_and(|parent| parent.protect);
    let goes = !inputs.desired.resources.contains_key(&parent);
    (kept && goes).then(|| Refusal::Impossible {
        addr: addr.clone(),
        what: "destroyed",
        why: format!(
            "it stands under {parent}, which is protected: write `protect = false` there and apply that first"
        ),
    })
}

/// What to tell of what goes beside its address: what takes its place, or under which id AWS has
/// it, where the manifest would give it another or none.
fn told(inputs: &Inputs, addr: &Addr, live: &Live) -> Option<String> {
    if addr.is_former() && addr.parent().is_none_or(|parent| !parent.is_former()) {
        let successor = successor(inputs.desired, addr);
        let made = successor.filter(|addr| inputs.desired.resources.contains_key(addr));
        return Some(match made {
            Some(successor) => format!("{}: goes once {successor} is made", live.id),
            None => format!("{}: what another took the place of", live.id),
        });
    }
    let own = match inputs.desired.ids.get(addr) {
        Some(id) => *id == live.id,
        None => addr.parent().is_some() && live.id.ends_with(addr.name()),
    };
    (!own).then(|| format!("its id is {}", live.id))
}

fn delete(
    inputs: &Inputs,
    addr: &Addr,
    stored: &Stored,
    live: &Live,
    kind: &dyn Kind,
    with_parent: bool,
) -> Result<Change, Refusal> {
    let shape = |error: crate::kind::WrongShape| Refusal::Shape {
        addr: addr.clone(),
        reason: error.to_string(),
    };
    let references: Vec<&Value> = stored.references().collect();
    let before = masked(
        &live.spec,
        &references,
        kind.spec_schema(),
        &inputs.desired.secrets,
        inputs.state,
    );
    let none = BTreeSet::new();
    let delta = Delta {
        before: Some(&before),
        after: None,
        facts: &live.facts,
        moved: false,
        renewed: &none,
    };
    if let Some(why) = kind.refuses(&delta).map_err(shape)? {
        return Err(Refusal::Impossible {
            addr: addr.clone(),
            what: "destroyed",
            why,
        });
    }
    let removal = match with_parent {
        true => Vec::new(),
        false => kind.calls(&delta).map_err(shape)?,
    };
    let fields = match &stored.spec {
        Some(spec) => diff::drifted(spec, &before, kind.spec_schema()),
        None => Vec::new(),
    };
    Ok(Change {
        removal,
        fields,
        reason: told(inputs, addr, live),
        moved_from: inputs
            .came_from
            .get(addr)
            .filter(|_| addr.is_former())
            .cloned(),
        facts: live.facts.clone(),
        // Of what the state does not know, nobody can say which values are secret.
        before: stored.spec.is_some().then_some(before),
        ..change(addr, stored, Action::Delete, Some(live))
    })
}

fn change(addr: &Addr, stored: &Stored, action: Action, live: Option<&Live>) -> Change {
    Change {
        addr: addr.clone(),
        action,
        op: uuid::Uuid::new_v4().simple().to_string(),
        added_for: None,
        moved_from: None,
        id: Some(live.map_or_else(|| stored.id.clone(), |live| live.id.clone())),
        new_id: None,
        before: None,
        after: None,
        facts: Value::Null,
        outputs: stored.outputs.clone(),
        fields: Vec::new(),
        removal: Vec::new(),
        calls: Vec::new(),
        needs: stored.needs.clone(),
        removed_after_removal: BTreeSet::new(),
        removed_after_making: BTreeSet::new(),
        made_after_removal: BTreeSet::new(),
        protect: stored.protect,
        ignore: stored.ignore.clone(),
        reason: None,
    }
}

/// What is made under a name that something else has until it is taken away waits for that.
/// IAM does not tell names apart by their case.
fn wait_for_names(changes: &mut [Change]) {
    let key = |addr: &Addr, id: &Option<String>| {
        // Nor by their path; a log group's path is its name.
        let id = id.as_ref()?.to_ascii_lowercase();
        let name = id.rsplit('/').next().filter(|_| id.starts_with("arn:"));
        Some((addr.kind(), name.unwrap_or(&id).to_owned()))
    };
    let mut going: BTreeMap<(String, String), Vec<Addr>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.removes()) {
        if let Some(key) = key(&change.addr, &change.id) {
            going.entry(key).or_default().push(change.addr.clone());
        }
    }
    let makes = |change: &&mut Change| matches!(change.action, Action::Create | Action::Replace);
    for change in changes.iter_mut().filter(makes) {
        let taken = key(&change.addr, &change.new_id).and_then(|key| going.get(&key));
        let others = taken
            .into_iter()
            .flatten()
            .filter(|addr| **addr != change.addr);
        change.made_after_removal.extend(others.cloned());
    }
}

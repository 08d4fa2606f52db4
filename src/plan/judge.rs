//! What happens to one resource that is wanted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::adopt;
use super::case::Case;
use super::make::{Inputs, Progress};
use super::moves::successor;
use super::refusal::NOBODYS;
use super::whose::not_ours;
use super::{Action, Change, Notice, Refusal};
use crate::addr::Addr;
use crate::cloud;
use crate::diff::{self, FieldChange};
use crate::kind::{Call, Delta, Outputs};
use crate::provider::Live;
use crate::resolve::Wanted;
use crate::scope::Owner;

/// Adds the resource's change, notice or refusal to the progress.
pub fn judge(
    inputs: &Inputs,
    wanted: &Wanted,
    effective: &BTreeMap<Addr, BTreeSet<Addr>>,
    progress: &mut Progress,
) {
    let Some(kind) = inputs.kinds.of(&wanted.addr) else {
        return;
    };
    let case = Case::of(inputs, wanted, kind, effective, progress);
    progress.notices.extend(left_to_itself(inputs, &case));
    if let Some(refusal) = adopt::refused(inputs, wanted, case.live) {
        return progress.refusals.push(refusal);
    }
    if let Some(refusal) = case.live.and_then(|live| strangers(inputs, &case, live)) {
        return progress.refusals.push(refusal);
    }
    let goes = case.parent_goes && inputs.live.contains_key(&wanted.addr);
    if goes
        && case
            .stored
            .is_some_and(|stored| stored.protect || wanted.protect == Some(true))
    {
        let (addr, what) = (wanted.addr.clone(), "replaced with its parent");
        return progress.refusals.push(Refusal::Protected { addr, what });
    }
    if goes && let Some(refusal) = kept(inputs, &case) {
        return progress.refusals.push(refusal);
    }
    let outcome = match case.before {
        Some(_) => existing(inputs, &case),
        None => absent(inputs, &case),
    };
    match outcome {
        Ok(change) => settle(case, change, progress),
        Err(refusal) => progress.refusals.push(refusal),
    }
}

/// What an address stood for until now and does not any more, and nobody takes away.
fn left_to_itself(inputs: &Inputs, case: &Case) -> Option<Notice> {
    let addr = &case.wanted.addr;
    let before = inputs.state.resources.get(addr)?;
    let other = case.stored.is_none() && case.wanted.id.as_ref() != Some(&before.id);
    other.then(|| Notice {
        addr: addr.clone(),
        fields: Vec::new(),
        text: Some(format!(
            "{} stays in {}, with all that is in it",
            before.id,
            cloud::name()
        )),
    })
}

fn strangers(inputs: &Inputs, case: &Case, live: &Live) -> Option<Refusal> {
    let (addr, id) = (case.wanted.addr.clone(), live.id.clone());
    if let Some(stored) = case.stored {
        let whose = not_ours(inputs, &addr, stored, live, false)?;
        return Some(Refusal::Estranged { addr, id, whose });
    }
    if inputs.options.takes(&addr) {
        return None;
    }
    match &live.owner {
        Owner::Other(whose) => {
            let whose = format!("it belongs to {whose}");
            Some(Refusal::NotOurs { addr, id, whose })
        }
        _ if case.adopted => None,
        Owner::Parents => None,
        Owner::Ours { .. } if inputs.scope.tagged => Some(Refusal::StateMissing { addr, id }),
        _ => {
            let whose = NOBODYS.into();
            Some(Refusal::NotOurs { addr, id, whose })
        }
    }
}

/// Why it may not be taken away to be made anew.
fn kept(inputs: &Inputs, case: &Case) -> Option<Refusal> {
    let (addr, live) = (
        case.wanted.addr.clone(),
        inputs.live.get(&case.wanted.addr)?,
    );
    let id = live.id.clone();
    if let Some(stored) = case.stored
        && let Some(whose) = not_ours(inputs, &addr, stored, live, true)
    {
        return Some(Refusal::Estranged { addr, id, whose });
    }
    (live.owner == Owner::Borrowed).then(|| Refusal::Impossible {
        addr,
        what: "replaced",
        why: "slp did not make it".to_owned(),
    })
}

fn shape(addr: &Addr) -> impl Fn(crate::kind::WrongShape) -> Refusal {
    let addr = addr.clone();
    move |error| Refusal::Shape {
        addr: addr.clone(),
        reason: error.to_string(),
    }
}

fn absent(inputs: &Inputs, case: &Case) -> Result<Change, Refusal> {
    let none = BTreeSet::new();
    let delta = Delta {
        before: None,
        after: Some(&case.after),
        facts: &Value::Null,
        moved: false,
        renewed: &none,
    };
    possible(case, &delta, "created")?;
    let calls = case.kind.calls(&delta).map_err(shape(&case.wanted.addr))?;
    let mut fields = diff::fields(None, Some(&case.after), case.kind.spec_schema());
    fields.extend(protection(case));
    let reason = match (case.stored, case.parent_goes) {
        (Some(_), true) => {
            let parent = case.wanted.addr.parent();
            parent.map(|parent| format!("{parent} is made anew"))
        }
        (Some(_), _) => Some(format!("gone from {}", cloud::name())),
        (None, _) => before_another(inputs, case),
    };
    Ok(Change {
        calls,
        fields,
        reason,
        ..change(case, Action::Create)
    })
}

/// What AWS is certain to refuse is not planned.
fn possible(case: &Case, delta: &Delta, what: &'static str) -> Result<(), Refusal> {
    let addr = &case.wanted.addr;
    match case.kind.refuses(delta).map_err(shape(addr))? {
        None => Ok(()),
        Some(why) => Err(Refusal::Impossible {
            addr: addr.clone(),
            what,
            why,
        }),
    }
}

fn existing(inputs: &Inputs, case: &Case) -> Result<Change, Refusal> {
    let addr = &case.wanted.addr;
    let mut fields = diff::fields(
        case.before.as_ref(),
        Some(&case.after),
        case.kind.spec_schema(),
    );
    let known = case.stored.and_then(|stored| stored.spec.as_ref());
    let live = case.before.as_ref();
    diff::drift(&mut fields, known, live, case.kind.spec_schema());
    let asked = inputs.options.replace.contains(addr);
    fields.extend(protection(case));
    if case.adopted && fields.iter().any(|field| field.replaces) {
        return Err(adopt::would_replace(addr, &fields));
    }
    if asked || fields.iter().any(|field| field.replaces) {
        return match kept(inputs, case) {
            Some(refusal) => Err(refusal),
            None => replace(case, fields, asked),
        };
    }
    let facts = case.live.map_or(&Value::Null, |live| &live.facts);
    let moved = case.moved_from.is_some();
    let delta = Delta {
        before: case.before.as_ref(),
        after: Some(&case.after),
        facts,
        moved: retags(inputs, case),
        renewed: &case.renewed,
    };
    possible(case, &delta, "updated")?;
    let calls = case.kind.calls(&delta).map_err(shape(addr))?;
    let action = match (calls.is_empty(), moved, fields.is_empty()) {
        _ if case.adopted => Action::Import,
        (_, true, true) => Action::Move,
        (true, _, _) if protection(case).is_none() => Action::Learn,
        _ => Action::Update,
    };
    let lost = case.kind.loses(&delta).map_err(shape(addr))?;
    let reasons = [why(inputs, case, &fields, &calls), lost];
    let reasons: Vec<String> = reasons.into_iter().flatten().collect();
    Ok(Change {
        calls,
        fields,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        ..change(case, action)
    })
}

/// Are the ownership tags written? Never to what slp looks after without owning it.
fn retags(inputs: &Inputs, case: &Case) -> bool {
    let borrowed = case.live.is_some_and(|live| live.owner == Owner::Borrowed);
    let taken = case.adopted && adopt::untagged(inputs, case.live);
    !borrowed && (case.moved_from.is_some() || case.untagged || taken)
}

/// Why it changes, where its fields do not tell it.
fn why(inputs: &Inputs, case: &Case, fields: &[FieldChange], calls: &[Call]) -> Option<String> {
    let borrowed = case.live.is_some_and(|live| live.owner == Owner::Borrowed);
    if borrowed && case.adopted {
        let stays = "it exists already, and slp did not make it: it stays when its address goes";
        return Some(stays.to_owned());
    }
    if case.adopted && !inputs.desired.adopts(&case.wanted.addr) {
        return Some("it exists already".to_owned());
    }
    if case.untagged {
        return Some("its ownership tags are not there: --take writes them".to_owned());
    }
    if !fields.is_empty() {
        return None;
    }
    let renewed: Vec<&str> = case.renewed.iter().map(Addr::as_str).collect();
    if renewed.is_empty() {
        return case.kind.because(calls).map(str::to_owned);
    }
    Some(format!("{} is made anew", renewed.join(", ")))
}

fn replace(case: &Case, fields: Vec<FieldChange>, asked: bool) -> Result<Change, Refusal> {
    let addr = &case.wanted.addr;
    if case.wanted.protect == Some(true) || case.stored.is_some_and(|stored| stored.protect) {
        return Err(Refusal::Protected {
            addr: addr.clone(),
            what: "replaced",
        });
    }
    let none = BTreeSet::new();
    let facts = case.live.map_or(&Value::Null, |live| &live.facts);
    let going = Delta {
        before: case.before.as_ref(),
        after: None,
        facts,
        moved: false,
        renewed: &none,
    };
    possible(case, &going, "replaced")?;
    let coming = Delta {
        before: None,
        after: Some(&case.after),
        facts,
        moved: false,
        renewed: &none,
    };
    possible(case, &coming, "replaced")?;
    let order = "taken away before it is made anew";
    let reason = match asked {
        true => Some(format!("--replace asks for it; {order}")),
        false => Some(order.to_owned()),
    };
    Ok(Change {
        removal: case.kind.calls(&going).map_err(shape(addr))?,
        calls: case.kind.calls(&coming).map_err(shape(addr))?,
        fields,
        reason,
        ..change(case, Action::Replace)
    })
}

fn change(case: &Case, action: Action) -> Change {
    let wanted = case.wanted;
    Change {
        addr: wanted.addr.clone(),
        action,
        op: uuid::Uuid::new_v4().simple().to_string(),
        added_for: wanted.added_for.clone(),
        moved_from: case.moved_from.clone(),
        id: case
            .live
            .map(|live| live.id.clone())
            .or_else(|| wanted.id.clone()),
        new_id: wanted.id.clone(),
        before: case.before.clone(),
        after: Some(case.after.clone()),
        facts: case.live.map_or(Value::Null, |live| live.facts.clone()),
        outputs: case
            .live
            .map(|live| live.outputs.clone())
            .unwrap_or_default(),
        fields: Vec::new(),
        removal: Vec::new(),
        calls: Vec::new(),
        needs: BTreeSet::new(),
        removed_after_removal: BTreeSet::new(),
        removed_after_making: BTreeSet::new(),
        made_after_removal: BTreeSet::new(),
        protect: wanted
            .protect
            .unwrap_or_else(|| case.stored.is_some_and(|stored| stored.protect)),
        ignore: wanted.ignore.clone(),
        reason: None,
    }
}

/// That it takes the place of another, which goes after it.
fn before_another(inputs: &Inputs, case: &Case) -> Option<String> {
    let addr = &case.wanted.addr;
    let mut formers = inputs.came_from.keys().filter(|former| {
        let last = former.parent().is_none_or(|parent| !parent.is_former());
        last && successor(inputs.desired, former).as_ref() == Some(addr)
    });
    let former = inputs.state.resources.get(formers.next()?)?;
    Some(format!(
        "made before {} goes: AWS cannot rename it",
        former.id
    ))
}

/// Whether it is protected, where that changes.
fn protection(case: &Case) -> Option<FieldChange> {
    let before = case.stored.is_some_and(|stored| stored.protect);
    let after = case.wanted.protect.unwrap_or(before);
    (before != after).then(|| FieldChange {
        path: vec!["protect".to_owned()],
        before: case.stored.map(|_| before.into()),
        after: Some(after.into()),
        ..FieldChange::default()
    })
}

/// Notes what others may rely on, and keeps the change unless there is nothing to it.
fn settle(case: Case, mut change: Change, progress: &mut Progress) {
    let addr = case.wanted.addr.clone();
    let mut outputs: Outputs = match change.action {
        Action::Create | Action::Replace => {
            progress.fresh.insert(addr.clone());
            if case.stored.is_some() {
                progress.renewed.insert(addr.clone());
            }
            Outputs::new()
        }
        _ => case
            .live
            .map(|live| live.outputs.clone())
            .unwrap_or_default(),
    };
    for unsettled in case.kind.unsettled(&change.calls) {
        outputs.remove(unsettled);
    }
    outputs.extend(case.wanted.known.clone());
    progress.settled.insert(addr.clone(), outputs);
    if let Some(text) = case.live.and_then(|live| case.kind.notice(&live.facts)) {
        let (addr, text) = (addr.clone(), Some(text));
        progress.notices.push(Notice {
            addr,
            fields: Vec::new(),
            text,
        });
    }
    if change.action == Action::Learn {
        if !change.fields.is_empty() {
            let fields = std::mem::take(&mut change.fields);
            progress.notices.push(Notice {
                addr,
                fields,
                text: None,
            });
        }
        if case.knows(&change) {
            return;
        }
    }
    progress.changes.push(change);
}

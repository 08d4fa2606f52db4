//! After a run that did not end: what it left open is found out by looking, and nothing is
//! made twice. What carries the operation's own mark, or stands under something of ours, is
//! taken into the state; the plan that follows finishes it.

use serde_json::Value;

use crate::event::{Event, Listener};
use crate::plan::Action;
use crate::provider::{Ask, Depth, Live, Provider, ProviderError};
use crate::scope::Owner;
use crate::state::{OpenOperation, Replay, State, Stored};
use crate::text::{self, Piece};

/// What settling gave.
pub struct Settled {
    pub state: State,
    /// What was open, and what was found; for people.
    pub found: Vec<String>,
}

/// Looks for what each open operation may have made. Changes nothing in AWS.
pub async fn settle(
    replay: &Replay,
    state: State,
    provider: &dyn Provider,
    events: &Listener,
) -> Result<Settled, ProviderError> {
    let (mut state, mut open) = replay.settle(state);
    let who = &replay.holder;
    events.tell(Event::Note(format!(
        "an earlier run did not end ({who}); looking at what it left open"
    )));
    // A child can only be looked for under its parent's id: parents sort first.
    open.sort_by(|a, b| a.change.addr.cmp(&b.change.addr));
    let mut found = Vec::new();
    for operation in open {
        if let Some(line) = look(&operation, &mut state, provider, events).await? {
            events.tell(Event::Note(line.clone()));
            found.push(line);
        }
    }
    Ok(Settled { state, found })
}

async fn look(
    operation: &OpenOperation,
    state: &mut State,
    provider: &dyn Provider,
    events: &Listener,
) -> Result<Option<String>, ProviderError> {
    let change = &operation.change;
    let made = operation
        .made
        .as_ref()
        .filter(|_| !change.removes() || operation.removed);
    let known = made.and_then(|made| made.id.clone());
    let listed = state.resources.contains_key(&change.addr);
    // The state may still list the one before: what was gone from AWS, or was to be replaced.
    let anew = known.is_none() && matches!(change.action, Action::Create | Action::Replace);
    if listed && !anew || !change.makes() || change.calls.is_empty() {
        return Ok(None);
    }
    let wanted = change.after.as_ref().map(|after| filled(after, state));
    let ask = Ask {
        addr: change.addr.clone(),
        id: known.clone().or_else(|| change.new_id.clone()),
        prior: None,
        wanted,
        depth: Depth::Full,
        replaced: false,
        adopts: false,
        children: Vec::new(),
    };
    let answer = provider.read(&[ask], events).await.pop();
    let Some(live) = answer.transpose()?.flatten() else {
        return Ok(None);
    };
    if !is_ours(&live, change, known.is_some(), state) {
        return Ok(None);
    }
    let line = format!(
        "{} was made by the earlier run ({}) and is taken over",
        change.addr, live.id
    );
    state
        .resources
        .insert(change.addr.clone(), stored(operation, live));
    Ok(Some(line))
}

fn is_ours(live: &Live, change: &crate::plan::Change, noted: bool, state: &State) -> bool {
    match &live.owner {
        Owner::Ours { op, .. } => noted || *op == change.op,
        Owner::Parents => change
            .addr
            .parent()
            .is_some_and(|parent| state.resources.contains_key(&parent)),
        Owner::Other(_) | Owner::Nobody => noted,
    }
}

fn filled(value: &Value, state: &State) -> Value {
    text::fill_value(value, &|piece| match piece {
        Piece::Ref { addr, output } => state.resources.get(addr)?.outputs.get(output).cloned(),
        _ => None,
    })
}

/// Its spec is left unknown: the next plan reads it whole.
fn stored(operation: &OpenOperation, live: Live) -> Stored {
    let change = &operation.change;
    let mut stored = Stored {
        kind: change.addr.kind(),
        id: live.id,
        spec: None,
        veils: Vec::new(),
        outputs: live.outputs,
        facts: live.facts,
        needs: change.needs.clone(),
        protect: change.protect,
        ignore: change.ignore.clone(),
    };
    stored.leave_open(change);
    stored
}

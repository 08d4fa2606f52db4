//! After a run that did not end: what it left open is found out by looking, and nothing is
//! made twice. What carries the operation's own mark, or stands under something of ours, is
//! taken into the state; the plan that follows finishes it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::event::{Event, Listener, Phase};
use crate::plan::{Action, Change};
use crate::provider::{Ask, Depth, LATEST, Live, Provider, ProviderError};
use crate::scope::Owner;
use crate::state::{OpenOperation, Replay, State, Stored};
use crate::text::{self, Piece};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(3);

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
    let _looking = events.begin(Phase::Named("looking at what a run left open".into()));
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
    let ours = |live: &Live| is_ours(live, change, known.is_some(), state);
    let found = find(&ask, operation, &ours, provider, events).await?;
    let Some(live) = found else {
        return Ok(None);
    };
    let line = format!(
        "{} was made by the earlier run ({}) and is taken over",
        change.addr, live.id
    );
    state
        .resources
        .insert(change.addr.clone(), stored(operation, live));
    Ok(Some(line))
}

/// What the operation made, also where AWS makes it only now.
async fn find(
    ask: &Ask,
    operation: &OpenOperation,
    ours: &dyn Fn(&Live) -> bool,
    provider: &dyn Provider,
    events: &Listener,
) -> Result<Option<Live>, ProviderError> {
    let (since, end) = (Instant::now(), operation.sent.and_then(latest));
    loop {
        let answer = provider.read(std::slice::from_ref(ask), events).await.pop();
        let found = answer.transpose()?.flatten().filter(ours);
        if found.is_some() || end.is_none_or(|end| end <= Instant::now()) {
            return Ok(found);
        }
        events.tell(Event::Waiting {
            addr: ask.addr.clone(),
            why: "what a killed run had sent for it".into(),
            waited: since.elapsed(),
            pause: PAUSE,
        });
        tokio::time::sleep(PAUSE).await;
    }
}

/// Until when what was sent then may still be carried out; `None` when that has passed.
fn latest(sent: Timestamp) -> Option<Instant> {
    let ago = Duration::try_from(Timestamp::now().duration_since(sent)).unwrap_or_default();
    let left = LATEST.checked_sub(ago)?;
    Some(Instant::now() + left)
}

fn is_ours(live: &Live, change: &Change, noted: bool, state: &State) -> bool {
    match &live.owner {
        Owner::Ours { op, .. } => noted || *op == change.op,
        Owner::Parents => change
            .addr
            .parent()
            .is_some_and(|parent| state.resources.contains_key(&parent)),
        Owner::Other(_) | Owner::Nobody | Owner::Borrowed => noted,
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

//! What a journal says: outcomes, and what follows from them for the state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lock::Holder;
use super::{State, Stored, file, rename};
use crate::addr::Addr;
use crate::plan::{Action, Change, Plan};
use crate::provider::Made;

/// One outcome. A change without `Done` or `Gone` is open: its calls may have been sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Record {
    /// The first call of something whose id only its answer tells goes out now. Need not be durable:
    /// it is for a process that is killed, not for a machine that stops.
    Sent { addr: Addr, at: jiff::Timestamp },
    /// A call ended well. To be durable before anything follows a create that is not unique by name.
    Made {
        addr: Addr,
        op: String,
        /// Calls done so far in this half of the change.
        step: usize,
        /// Of the half that takes it away (delete, and the first half of a replacement).
        removal: bool,
        made: Made,
    },
    /// How it stands now, known or read again: nothing about it is open.
    Done {
        addr: Addr,
        #[serde(with = "file::stored")]
        stored: Stored,
    },
    /// It is gone from AWS, or left to itself. A replacement still has to make it again.
    Gone { addr: Addr },
    /// The change stopped with an error, and reading it again failed as well.
    Failed { addr: Addr },
}

impl Record {
    pub fn addr(&self) -> &Addr {
        match self {
            Record::Sent { addr, .. }
            | Record::Made { addr, .. }
            | Record::Done { addr, .. }
            | Record::Gone { addr }
            | Record::Failed { addr } => addr,
        }
    }
}

/// What a run that did not end has left: its plan, and the outcomes it noted, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// Of the state that the plan was made from.
    pub lineage: String,
    pub serial: u64,
    /// Who began it, and when.
    pub holder: Holder,
    pub plan: Plan,
    pub records: Vec<Record>,
}

/// A change whose calls may have been sent and whose outcome nobody noted: apply must look.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenOperation {
    pub change: Change,
    /// What its calls had made by the last note.
    pub made: Option<Made>,
    /// Its removal is known to have ended (the first half of a replacement).
    pub removed: bool,
    /// When the call went out whose answer would have told its id.
    pub sent: Option<jiff::Timestamp>,
    /// Calls known to be done of the half it is in: `removal` until `removed`, then `calls`.
    pub calls_done: usize,
}

impl Replay {
    /// Puts into the state what is known, and lists what is open. Pure.
    ///
    /// What is open and in the state has no spec afterwards: nobody knows it until it is read.
    pub fn settle(&self, mut state: State) -> (State, Vec<OpenOperation>) {
        make_room(&mut state, &self.plan);
        let mut noted: BTreeMap<&Addr, Noted> = BTreeMap::new();
        for record in &self.records {
            noted.entry(record.addr()).or_default().take(record);
            apply_outcome(&mut state, &self.plan, record);
        }
        let changes = self.plan.changes.iter();
        let open: Vec<OpenOperation> = changes
            .filter_map(|change| {
                let noted = noted.remove(&change.addr).unwrap_or_default();
                open_operation(change, noted)
            })
            .collect();
        open.iter()
            .for_each(|operation| unsettle(&mut state, operation));
        (state, open)
    }
}

/// What the plan made room for may be made by now: what was there before must not be forgotten.
fn make_room(state: &mut State, plan: &Plan) {
    for (addr, from) in &plan.former {
        // What stands under another went along with it.
        let _ = rename(state, from, addr);
    }
}

/// What the records say of one change.
#[derive(Default)]
struct Noted {
    done: bool,
    gone: bool,
    made: Option<Made>,
    calls: usize,
    sent: Option<jiff::Timestamp>,
}

impl Noted {
    fn take(&mut self, record: &Record) {
        match record {
            Record::Sent { at, .. } => self.sent = Some(*at),
            Record::Made {
                step,
                removal,
                made,
                ..
            } => {
                // A removal's notes end with it: what is made next is another thing.
                self.made = Some(made.clone());
                self.calls = *step;
                self.gone &= !removal;
                self.done = false;
            }
            Record::Done { .. } => self.done = true,
            Record::Gone { .. } => {
                *self = Noted {
                    gone: true,
                    ..Noted::default()
                };
            }
            Record::Failed { .. } => self.done = false,
        }
    }
}

fn apply_outcome(state: &mut State, plan: &Plan, record: &Record) {
    match record {
        Record::Done { addr, stored } => {
            let moved = plan.changes.iter().find(|c| c.addr == *addr);
            if let Some(from) = moved.and_then(Change::moves_from) {
                state.resources.remove(from);
            }
            state.resources.insert(addr.clone(), stored.clone());
        }
        Record::Gone { addr } => {
            state.resources.remove(addr);
        }
        Record::Sent { .. } | Record::Made { .. } | Record::Failed { .. } => {}
    }
}

fn open_operation(change: &Change, noted: Noted) -> Option<OpenOperation> {
    let replaces = change.action == Action::Replace;
    let settled = noted.done || (noted.gone && !replaces);
    let touches_aws = !change.calls.is_empty() || !change.removal.is_empty();
    (touches_aws && !settled).then(|| OpenOperation {
        change: change.clone(),
        made: noted.made,
        removed: noted.gone,
        calls_done: noted.calls,
        sent: noted.sent,
    })
}

/// What is known to exist stays in the state, with its spec unknown.
fn unsettle(state: &mut State, operation: &OpenOperation) {
    let change = &operation.change;
    let now_at = match change.moves_from() {
        Some(from) if !state.resources.contains_key(&change.addr) => from,
        _ => &change.addr,
    };
    let (at, made) = (now_at.clone(), operation.made.clone());
    state.leave_open(&at, change, made.unwrap_or_default());
}

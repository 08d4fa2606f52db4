//! `apply --json` and `destroy --json`: one JSON event a line, from the plan to the outputs;
//! `dev --json`: the same of each round, and what is asked meanwhile.
//!
//! `{"at":"2026-01-02T03:04:05Z","type":"started","address":"role.x","action":"create"}`. The type
//! says which other members there are; `schema/events.json`, which is generated from [`Line`], says
//! of each what it means. A reader skips types and members that it does not know: new ones may
//! come. Another command that streams adds its own types here, so that there is one schema.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{Timestamp, Unit};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::outputs::raw;
use super::progress::Slow;
use super::routes::Route;
use super::served::{Asked, Ran};
use crate::addr::Addr;
use crate::event::{Event, Outcome};
use crate::plan::{Action, Output, Plan};

/// One line of a run that tells programs what it does.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    /// What will be done. The first line, unless something keeps it from being planned.
    Plan {
        /// As `slp plan --json` prints it.
        plan: Box<Plan>,
    },
    /// A change begins. A replacement is two of them: a delete and a create.
    Started { address: Addr, action: Action },
    /// A package of this size is on its way.
    Uploading { address: Addr, bytes: usize },
    /// A call is held up, for so long already; repeated while it lasts.
    Waiting {
        address: Addr,
        why: String,
        seconds: f64,
    },
    /// A change takes long: told after 10 s and then every 30 s.
    Progress {
        address: Addr,
        action: Action,
        seconds: f64,
    },
    Finished {
        address: Addr,
        action: Action,
        seconds: f64,
    },
    Failed {
        address: Addr,
        action: Action,
        error: String,
        /// What to do about it, where slp knows.
        hint: Option<String>,
        seconds: f64,
    },
    /// Its wait was ended because the user asked. No failure: the next run finishes it.
    Stopped {
        address: Addr,
        action: Action,
        /// What was waited for.
        why: String,
        seconds: f64,
    },
    /// Not tried, because what it depends on failed.
    Skipped { address: Addr, because: Addr },
    /// Something that a person should know.
    Note { text: String },
    /// Why the run ended before its plan was carried out. It is the last line then; in
    /// `dev` the last of its round.
    Error {
        error: String,
        /// What to do about it, where slp knows.
        hint: Option<String>,
        /// What is wrong with the manifest, as `slp validate --json` prints it.
        problems: Option<Value>,
        exit_code: u8,
    },
    /// What the run came to. The last line but one.
    Result(Box<RunResult>),
    /// The last line.
    Outputs {
        /// By name, as `slp output --json` prints them: `null` for a secret, and for what is not
        /// known.
        outputs: BTreeMap<String, Option<String>>,
    },
    /// In `dev`: a round begins, at the start or since a file was saved. Its plan, what is done and
    /// the result follow, where there is anything to do; or an error.
    Round {},
    /// In `dev`: all is served; again whenever the outputs or the routes are others.
    Ready {
        /// Where the embedded cloud is, and its page.
        url: String,
        /// As in `outputs`.
        outputs: BTreeMap<String, Option<String>>,
        routes: Vec<Route>,
    },
    /// In `dev`: a request to a deployed API was answered.
    Request(Box<Asked>),
    /// In `dev`: a function has run that no API's caller waited for.
    Ran(Box<Ran>),
    /// In `dev`: what a function wrote.
    Log { function: String, text: String },
}

/// What a run came to.
#[derive(Serialize, JsonSchema)]
pub struct RunResult {
    /// `apply`, `destroy` or `dev`.
    pub command: String,
    /// What was done.
    pub done: Vec<Done>,
    pub failed: Vec<Addr>,
    /// What was not tried, because what it depends on failed.
    pub skipped: Vec<Addr>,
    /// What was begun, and whose wait an interruption ended.
    pub stopped: Vec<Addr>,
    /// What an interruption kept from being started.
    pub not_started: Vec<Addr>,
    /// Of what failed or was stopped: what may exist in AWS all the same. The next run looks.
    pub open: Vec<Addr>,
    /// A signal stopped it; in `dev` also a newer save.
    pub interrupted: bool,
    /// AWS calls that were made to change something.
    pub calls: usize,
    pub seconds: f64,
    pub exit_code: u8,
}

/// A change that was carried out.
#[derive(Serialize, JsonSchema)]
pub struct Done {
    pub address: Addr,
    pub action: Action,
}

impl Line {
    pub fn plan(plan: &Plan) -> Line {
        let plan = Box::new(plan.clone());
        Line::Plan { plan }
    }

    /// The line of an event; `None` for what is of no resource and says nothing.
    pub fn of(event: &Event) -> Option<Line> {
        Some(match event.clone() {
            Event::Began(_) | Event::Ended(_) => return None,
            Event::Started { addr, action } => Line::Started {
                address: addr,
                action,
            },
            Event::Uploading { addr, bytes } => Line::Uploading {
                address: addr,
                bytes,
            },
            Event::Waiting {
                addr, why, waited, ..
            } => Line::Waiting {
                address: addr,
                why: why.trim_start_matches("waiting for ").to_owned(),
                seconds: seconds(waited),
            },
            Event::Finished { addr, action, took } => Line::Finished {
                address: addr,
                action,
                seconds: seconds(took),
            },
            Event::Failed {
                addr,
                action,
                error,
                hint,
                took,
            } => Line::Failed {
                address: addr,
                action,
                error,
                hint,
                seconds: seconds(took),
            },
            Event::Stopped {
                addr,
                action,
                why,
                took,
            } => Line::Stopped {
                address: addr,
                action,
                why,
                seconds: seconds(took),
            },
            Event::Skipped { addr, because } => Line::Skipped {
                address: addr,
                because,
            },
            Event::Note(text) => Line::Note { text },
        })
    }

    /// The line of a change that takes long.
    pub fn slow(slow: &Slow) -> Option<Line> {
        let (address, action) = slow.change.clone()?;
        let seconds = seconds(slow.took);
        Some(Line::Progress {
            address,
            action,
            seconds,
        })
    }

    pub fn result(outcome: &Outcome, command: &str, exit_code: u8) -> Line {
        let done = outcome.done.iter().map(|(address, action)| Done {
            address: address.clone(),
            action: *action,
        });
        let failed = outcome.failed.iter().map(|failure| failure.addr.clone());
        let skipped = outcome.skipped.iter().map(|(addr, _)| addr.clone());
        Line::Result(Box::new(RunResult {
            command: command.to_owned(),
            done: done.collect(),
            failed: failed.collect(),
            skipped: skipped.collect(),
            stopped: outcome.stopped.clone(),
            not_started: outcome.not_started.clone(),
            open: outcome.open.clone(),
            interrupted: outcome.interrupted,
            calls: outcome.calls,
            seconds: rounded(outcome.seconds),
            exit_code,
        }))
    }

    pub fn outputs(outputs: &BTreeMap<String, Output>) -> Line {
        let outputs = outputs
            .iter()
            .map(|(name, output)| (name.clone(), raw(output)));
        Line::Outputs {
            outputs: outputs.collect(),
        }
    }
}

pub(super) fn seconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64())
}

/// To the millisecond.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// The line as text, without a line break.
pub fn line(line: &Line, at: Timestamp) -> String {
    // A line holds only texts as keys, so it always has a JSON form, and is an object.
    let mut value = serde_json::to_value(line).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        let at = at.round(Unit::Millisecond).unwrap_or(at);
        members.insert(AT.to_owned(), json!(at));
    }
    value.to_string()
}

/// When a line was told, in every line.
const AT: &str = "at";

/// The JSON Schema of a line.
pub fn events_schema() -> Value {
    let mut schema = schemars::schema_for!(Line).to_value();
    let types = schema.get_mut("oneOf").and_then(Value::as_array_mut);
    for one in types.into_iter().flatten() {
        let at = json!({
            "description": "When it was told.",
            "type": "string",
            "format": "date-time"
        });
        one["properties"][AT] = at;
        if let Some(required) = one.get_mut("required").and_then(Value::as_array_mut) {
            required.push(json!(AT));
        }
    }
    schema
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;

//! What `slp dev` tells programs of what is served: members of the lines of its stream.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::outputs::raw;
use super::requests::trace;
use super::routes::Route;
use super::stream::{Line, seconds};
use crate::plan::Output;
use crate::trace::{Sources, Trace};

/// A request to a deployed API that was answered.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Asked {
    pub method: String,
    /// After the stage.
    pub path: String,
    pub status: u16,
    pub seconds: f64,
    /// What answered; `null`: something else than a function.
    pub function: Option<String>,
    /// Of `seconds`, what the start of the function took, where a process was started.
    pub start_seconds: Option<f64>,
    /// Why it was refused, or failed.
    pub why: Option<Reason>,
}

/// A run of a function that no API's caller waited for.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Ran {
    pub function: String,
    /// Nobody waited for it: the event was queued.
    pub queued: bool,
    pub seconds: f64,
    /// What the start of its process took, where one was started.
    pub start_seconds: Option<f64>,
    /// Its error, where it failed.
    pub why: Option<Reason>,
}

/// Why something failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reason {
    /// The type of a function's error, such as `TypeError`; else `no_route`, `malformed_answer`,
    /// `integration_timeout` or `refused`.
    pub kind: String,
    /// As a person is told, in one line or more.
    pub text: String,
    /// Of a function's error: where it went through the user's own files, such as `src/index.js:5`.
    pub places: Vec<String>,
}

impl Reason {
    pub fn of(kind: &str, lines: Vec<String>) -> Reason {
        Reason {
            kind: kind.to_owned(),
            text: lines.join("\n"),
            places: Vec::new(),
        }
    }

    /// A function's error; with all steps of its trace?
    pub fn of_trace(error: &Trace, sources: &Sources, whole: bool) -> Reason {
        Reason {
            places: sources.all(error),
            ..Reason::of(&error.kind, trace(error, sources, whole))
        }
    }
}

impl Line {
    pub fn ready(url: &str, outputs: &BTreeMap<String, Output>, routes: &[Route]) -> Line {
        let outputs = outputs.iter();
        Line::Ready {
            url: url.to_owned(),
            outputs: outputs.map(|(k, v)| (k.clone(), raw(v))).collect(),
            routes: routes.to_vec(),
        }
    }

    pub fn log(function: &str, text: &str) -> Line {
        Line::Log {
            function: function.to_owned(),
            text: text.trim_end().to_owned(),
        }
    }
}

/// The seconds of a line.
pub fn told_seconds(time: Duration) -> f64 {
    seconds(time)
}

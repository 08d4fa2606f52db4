//! What is run, what it is given, and what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::journal;
use crate::trace::Trace;

/// A version of a function as it is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// With the qualifier that was asked for, if any.
    pub arn: String,
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// Another revision never runs in an older one's process.
    pub revision: String,
    pub region: String,
    /// `nodejs22.x`, `python3.13`, `provided.al2023`.
    pub runtime: String,
    pub handler: String,
    pub memory_mb: u32,
    pub timeout: Duration,
    pub environment: BTreeMap<String, String>,
    /// SHA-256 in hex of the zip that the store keeps.
    pub code: String,
    /// The same of each layer, in the order in which they are laid over one another.
    pub layers: Vec<String>,
    pub log_group: String,
    pub log_format: LogFormat,
    /// Reserved concurrency: how many may run at once, over all versions.
    pub reserved: Option<u32>,
}

/// How a function's log is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Text,
    Json {
        /// The least that the function's own loggers write, such as `INFO`; the runtime obeys it.
        application: String,
        /// The least that Lambda itself writes.
        system: Level,
    },
}

/// How much Lambda itself writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
}

/// What a function is given.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// JSON, checked by the caller; at most 6 MB. Nothing at all means `{}`.
    pub payload: Bytes,
    /// JSON, already out of its base64.
    pub client_context: Option<String>,
    /// `X-Amzn-Trace-Id` of the request that led here; made up where there is none.
    pub trace_id: Option<String>,
    /// AWS answers with the id under which the function runs; made up where there is none.
    pub request_id: Option<String>,
    pub by: Caller,
}

/// Who calls a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Somebody who waits for its answer.
    #[default]
    Client,
    /// A deployed API, whose own caller is answered.
    Api,
    /// Nobody waits: the event was queued.
    Queue,
}

impl Invocation {
    pub fn of(payload: impl Into<Bytes>) -> Invocation {
        Invocation {
            payload: payload.into(),
            ..Invocation::default()
        }
    }
}

/// How an invocation ended: the function's answer, or its error as AWS words it.
#[derive(Clone, Debug)]
pub struct Invoked {
    pub request_id: String,
    /// `$LATEST` or a number.
    pub version: String,
    pub payload: Bytes,
    /// The header `X-Amz-Function-Error`: `Unhandled`, as AWS says of every error today.
    pub function_error: Option<&'static str>,
    /// From START to REPORT, after what was written while its process started.
    pub log: Arc<[LogLine]>,
    /// Of the handler, without the start.
    pub duration: Duration,
    /// What the start took, where a process was started for this invocation.
    pub init: Option<Duration>,
}

/// A line of a function's log, with its line feed where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Milliseconds since 1970.
    pub time: i64,
    pub text: String,
}

/// What `slp dev` shows while functions run.
#[derive(Clone, Debug)]
pub enum FunctionEvent {
    /// As it was written, while the function runs.
    Line {
        function: String,
        request_id: String,
        line: LogLine,
    },
    Ended {
        function: String,
        by: Caller,
        invoked: Invoked,
    },
    /// Something to tell the user once, such as another version of Node than declared.
    Warning(String),
}

impl Invoked {
    /// The last 4 KB of the log from START on, for `LogType: Tail`; not yet in base64.
    pub fn tail(&self) -> String {
        const LONGEST: usize = 4096;
        let start = self
            .log
            .iter()
            .position(|line| journal::is_start(&line.text));
        let lines = self.log.iter().skip(start.unwrap_or(0));
        let text: String = lines.map(|line| line.text.as_str()).collect();
        let from = text.ceil_char_boundary(text.len().saturating_sub(LONGEST));
        text[from..].to_owned()
    }

    /// The function's error, where it failed.
    pub fn trace(&self) -> Option<Trace> {
        self.function_error?;
        Trace::of_answer(&self.payload)
    }

    /// Begun milliseconds.
    pub fn billed_ms(&self) -> u128 {
        journal::billed_ms(self.duration)
    }
}

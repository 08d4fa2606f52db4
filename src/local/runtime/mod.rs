//! Functions that really run: processes of Node, Python or the package's own `bootstrap`, fed
//! through the Lambda Runtime API on loopback.
//!
//! Left out on purpose: containers. A function sees this machine's files and network; it gets a
//! clean environment, a folder of its own and limits on time and output.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::broadcast;

use super::Cloud;
use super::error::AwsError;

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
    /// Reserved concurrency: how many may run at once, over all versions.
    pub reserved: Option<u32>,
}

/// What a function is given.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// JSON, checked by the caller; at most 6 MB.
    pub payload: Bytes,
    /// JSON, already out of its base64.
    pub client_context: Option<String>,
    /// `X-Amzn-Trace-Id` of the request that led here; made up where there is none.
    pub trace_id: Option<String>,
    /// AWS answers with the id under which the function runs; made up where there is none.
    pub request_id: Option<String>,
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
    /// From START to REPORT.
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
        invoked: Invoked,
    },
    /// Something to tell the user once, such as another version of Node than declared.
    Warning(String),
}

impl Cloud {
    /// Runs a function and waits for its answer.
    ///
    /// # Errors
    /// What AWS refuses before the function runs (429 where the reserved concurrency is used
    /// up), and what cannot run on this machine. The function's own errors are answers.
    pub async fn invoke(
        self: &Arc<Self>,
        image: &Image,
        invocation: Invocation,
    ) -> Result<Invoked, AwsError> {
        let _ = (image, invocation);
        Err(AwsError::not_emulated("running functions"))
    }

    /// Queues an invocation (`Event`); its request id. A function that fails is tried twice more.
    /// `find` names the version anew for each try, as AWS does.
    pub fn invoke_later(
        self: &Arc<Self>,
        find: impl Fn(&Arc<Cloud>) -> Result<Image, AwsError> + Send + Sync + 'static,
        invocation: Invocation,
    ) -> String {
        let _ = (find, invocation);
        uuid::Uuid::new_v4().to_string()
    }

    /// What the functions do from now on.
    pub fn functions(&self) -> broadcast::Receiver<FunctionEvent> {
        broadcast::channel(1).1
    }
}

impl Invoked {
    /// The last 4 KB of the log, for `LogType: Tail`; not yet in base64.
    pub fn tail(&self) -> String {
        String::new()
    }

    /// Begun milliseconds.
    pub fn billed_ms(&self) -> u128 {
        self.duration.as_nanos().div_ceil(1_000_000)
    }
}

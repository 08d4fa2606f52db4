//! The border to a cloud: read many things, run one call. All values are JSON.
//!
//! Implemented by `aws::Aws`. The engine above never names a service; the cloud below
//! never decides what should be done.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::addr::Addr;
use crate::cancel::Cancel;
use crate::event::Listener;
use crate::kind::Outputs;
use crate::scope::Owner;

pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything, also what was added outside slp.
    Full,
    /// Only what lists tell, unless they say that something moved.
    Fast,
}

/// What one resource to read is asked about.
#[derive(Clone, Debug)]
pub struct Ask {
    pub addr: Addr,
    /// The id in state, or the one that the manifest decides; absent: look by ownership tags.
    pub id: Option<String>,
    /// What state holds.
    pub prior: Option<Prior>,
    /// What the manifest wants, templates filled as far as known.
    pub wanted: Option<Value>,
    pub depth: Depth,
    /// It is to be made anew even where nothing forces it.
    pub replaced: bool,
    /// It is to be taken over: what state would tell of it is found out as far as AWS can say.
    pub adopts: bool,
    /// Known resources under this one: what else is there was made outside slp.
    pub children: Vec<Addr>,
}

/// A resource as state has it.
#[derive(Clone, Debug)]
pub struct Prior {
    pub spec: Option<Value>,
    pub facts: Value,
}

/// A resource as AWS has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    pub id: String,
    pub spec: Value,
    pub outputs: Outputs,
    /// What the kind wants to remember: ids of parts, revisions, fingerprints. Never compared.
    pub facts: Value,
    pub owner: Owner,
    /// When it was changed last, where AWS tells. For people only.
    pub modified: Option<Timestamp>,
}

/// How long after it went out a call may still be carried out: API Gateway's calls, of which
/// repeating some makes a second thing, end by then.
pub const LATEST: Duration = Duration::from_secs(30);

/// One call to run.
pub struct Job<'a> {
    pub addr: &'a Addr,
    /// The operation id: it marks what this change makes.
    pub op: &'a str,
    pub step: &'a Value,
    pub before: Option<&'a Value>,
    /// The wanted spec with every reference and secret filled.
    pub after: Option<&'a Value>,
    /// Every address below, in the manifest.
    pub events: &'a Listener,
    /// Ends the waits that belong to the call.
    pub cancel: &'a Cancel,
}

/// What a resource's calls have made so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Absent until the thing exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: Outputs,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub facts: Value,
}

/// Who we are to AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: String,
    pub arn: String,
    pub partition: String,
}

/// A cloud.
pub trait Provider: Send + Sync {
    /// Asks AWS who we are.
    fn identify(&self) -> Boxed<'_, Result<Caller, ProviderError>>;
    /// Reads many things, one answer each, in the order asked; one bad answer fails one resource.
    fn read<'a>(
        &'a self,
        asks: &'a [Ask],
        events: &'a Listener,
    ) -> Boxed<'a, Vec<Result<Option<Live>, ProviderError>>>;
    /// Runs one call, with the retries that are safe for it, and any wait that belongs to it.
    /// `made` is what is known so far; what the call made stands in it, also where it fails.
    fn run<'a>(&'a self, job: Job<'a>, made: &'a mut Made) -> Boxed<'a, Result<(), ProviderError>>;
}

/// What AWS, or the way to it, answered instead of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{operation}: {message}{}", .code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default())]
pub struct ProviderError {
    /// AWS's name of the operation.
    pub operation: Box<str>,
    /// AWS's error code, where AWS answered.
    pub code: Option<String>,
    /// What AWS said, secrets and terminal escapes taken out.
    pub message: String,
    /// HTTP status.
    pub status: Option<u16>,
    pub request_id: Option<Box<str>>,
    /// What to do about it, where we know.
    pub hint: Option<String>,
    /// Whether the call, or an earlier attempt of it, may have been carried out all the same.
    #[serde(skip)]
    pub unsure: bool,
    /// The user ended a wait: nothing failed, and the rest is still to be done.
    #[serde(skip)]
    pub stopped: Option<Box<Stopped>>,
}

/// A wait that was ended before its time; boxed, so that errors stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// What was waited for.
    pub why: String,
}

impl ProviderError {
    pub fn new(operation: &str, message: impl Into<String>) -> ProviderError {
        ProviderError {
            operation: operation.into(),
            code: None,
            message: message.into(),
            status: None,
            request_id: None,
            hint: None,
            unsure: false,
            stopped: None,
        }
    }

    /// Nobody wanted to wait any more for `why`, such as `IAM to know the role`.
    pub fn stopped(self, why: &str) -> ProviderError {
        ProviderError {
            message: format!("{} (stopped while waiting for {why})", self.message),
            stopped: Some(Box::new(Stopped { why: why.into() })),
            ..self
        }
    }

    /// The same of a call that may have been carried out all the same.
    pub fn unsure(self) -> ProviderError {
        ProviderError {
            unsure: true,
            ..self
        }
    }

    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    pub fn says(&self, fragment: &str) -> bool {
        self.message.contains(fragment)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> ProviderError {
        self.hint = Some(hint.into());
        self
    }
}

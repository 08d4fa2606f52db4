//! Access logs: a line for each request, in the format that the stage says.

use std::sync::Arc;
use std::time::Duration;

use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::answer::{Answer, Failure};
use super::call::Call;
use super::context;
use crate::local::{Cloud, logs};

/// How a request ended.
pub struct Ended<'a> {
    pub answer: &'a Answer,
    pub failure: Option<&'a Failure>,
    /// All of it, with the backend's.
    pub latency: Duration,
}

/// Writes the line, if the stage has an access log.
pub fn write(cloud: &Arc<Cloud>, call: &Call, ended: &Ended<'_>) {
    let log = &call.stage.access_log;
    let group = log.destination_arn.as_deref().and_then(group);
    let (Some(group), Some(format)) = (group, &log.format) else {
        return;
    };
    let line = line(format, &variables(call, ended));
    let event = logs::Event {
        timestamp: call.time.as_millisecond(),
        message: line,
    };
    cloud.keep_events(&call.region, group, &stream(call), vec![event]);
}

/// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME[:*]`.
fn group(arn: &str) -> Option<&str> {
    let name = arn.splitn(7, ':').nth(6)?;
    arn.starts_with("arn:aws:logs:")
        .then(|| name.strip_suffix(":*").unwrap_or(name))
}

/// One for each stage, named by a digest as AWS's are.
fn stream(call: &Call) -> String {
    let digest = Md5::digest(format!("{}/{}", call.api, call.stage.name));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `$context`, with what is known only once the request is answered.
fn variables(call: &Call, ended: &Ended<'_>) -> Value {
    let mut all = context::context(call);
    let backend = call.backend.latency.map(|time| time.as_millis() as u64);
    all["status"] = json!(ended.answer.status);
    all["responseLength"] = json!(ended.answer.body.len());
    all["responseLatency"] = json!(ended.latency.as_millis() as u64);
    all["xrayTraceId"] = json!(call.trace.split(';').next());
    all["integrationLatency"] = json!(backend);
    all["integrationStatus"] = json!(call.backend.status);
    all["integration"] = json!({"latency": backend, "status": call.backend.status});
    if let Some(failure) = ended.failure {
        let message = failure.message();
        all["error"] = json!({"message": message, "messageString": json!(message).to_string()});
    }
    all
}

/// What is not set is `-`.
fn line(format: &str, variables: &Value) -> String {
    const START: &str = "$context.";
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((before, after)) = rest.split_once(START) {
        out.push_str(before);
        let named = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let end = after.find(|c| !named(c)).unwrap_or(after.len());
        // A full stop of the format's own.
        let name = after[..end].trim_end_matches('.');
        match context::variable(variables, name).filter(|value| !value.is_empty()) {
            Some(value) => out.push_str(&value),
            None => out.push('-'),
        }
        rest = &after[name.len()..];
    }
    out + rest
}

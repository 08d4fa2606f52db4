//! What Lambda itself writes where a function's log is JSON: the events of the Telemetry API
//! (docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html), each from the level on
//! that AWS gives it (…/dg/monitoring-cloudwatchlogs-log-level.html).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::failure::Failure;
use super::invocation::Level;
use super::journal::{Report, billed_ms, milliseconds};

/// How an event begins; `type` follows the time.
const BEGIN: &str = r#"{"time":""#;

/// One event, as a line.
fn line(now: Timestamp, kind: &str, record: Value) -> String {
    let time = now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ");
    // By hand, since the order is AWS's.
    format!("{BEGIN}{time}\",\"type\":\"platform.{kind}\",\"record\":{record}}}\n")
}

/// Is it such a line, and of this kind where one is named?
pub fn is(text: &str, kind: Option<&str>) -> bool {
    let rest = text
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.split_once("\",\"type\":\"platform."));
    rest.is_some_and(|(_, rest)| kind.is_none_or(|kind| rest.starts_with(&format!("{kind}\""))))
}

/// A process begins to start.
pub fn init_start(now: Timestamp, version: &str, function: &str, of: &str) -> String {
    let record = json!({
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": version,
        "functionName": function,
        "functionVersion": of,
    });
    line(now, "initStart", record)
}

/// A start was given up.
pub fn init_failed(now: Timestamp, took_ms: f64, failure: &Failure) -> String {
    let record = json!({
        "initializationType": "on-demand",
        "phase": "init",
        "status": status(Some(failure)),
        "metrics": { "durationMs": rounded(took_ms) },
    });
    line(now, "initReport", record)
}

pub fn start(now: Timestamp, request_id: &str, version: &str) -> String {
    let record = json!({ "requestId": request_id, "version": version });
    line(now, "start", record)
}

/// The end of an invocation: `runtimeDone` and `report`, as far as `level` lets them through.
pub fn end(
    now: Timestamp,
    level: Level,
    request_id: &str,
    memory_size_mb: u32,
    report: &Report<'_>,
) -> Vec<String> {
    let failure = report.failure;
    let duration = rounded(milliseconds(report.duration));
    let mut done = json!({
        "requestId": request_id,
        "status": status(failure),
        "metrics": { "durationMs": duration },
    });
    let mut metrics = json!({
        "durationMs": duration,
        "billedDurationMs": u64::try_from(billed_ms(report.duration)).unwrap_or(u64::MAX),
        "memorySizeMB": memory_size_mb,
    });
    if let Some(memory) = report.memory_mb {
        metrics["maxMemoryUsedMB"] = json!(memory);
    }
    if let Some(init) = report.init {
        metrics["initDurationMs"] = json!(rounded(milliseconds(init)));
    }
    let mut reported = json!({
        "requestId": request_id,
        "metrics": metrics,
        "status": status(failure),
    });
    if let Some(failure) = failure.filter(|failure| !matches!(failure, Failure::TimedOut(_))) {
        done["errorType"] = json!(failure.kind());
        reported["errorType"] = json!(failure.kind());
    }
    let (of_done, of_report) = match failure {
        None => (Level::Debug, Level::Info),
        Some(_) => (Level::Warn, Level::Warn),
    };
    let mut lines = Vec::new();
    if level <= of_done {
        lines.push(line(now, "runtimeDone", done));
    }
    if level <= of_report {
        lines.push(line(now, "report", reported));
    }
    lines
}

fn status(failure: Option<&Failure>) -> &'static str {
    match failure {
        None => "success",
        Some(Failure::TimedOut(_)) => "timeout",
        Some(Failure::Exited(_) | Failure::NotFound | Failure::Entrypoint(_)) => "failure",
        Some(Failure::TooLarge) => "error",
    }
}

/// Three digits, as AWS writes them.
fn rounded(milliseconds: f64) -> f64 {
    (milliseconds * 1000.0).round() / 1000.0
}

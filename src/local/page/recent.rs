//! The last calls of deployed APIs and runs of functions, with their logs and timings.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::local::serve::Front;
use crate::local::{Executed, FunctionEvent, Invoked, LogLine, is_failure, is_lambdas};
use crate::trace::{Sources, Trace};

/// How many are remembered.
const KEPT: usize = 100;
/// Of a log, at most this many bytes are shown.
const LOG: usize = 16 << 10;

/// What a manifest says of functions that run; without one AWS's own names are shown.
pub trait Manifested: Send + Sync {
    /// Where the code of a function (by AWS's name) comes from.
    fn sources(&self, function: &str) -> Sources;

    /// A text without the values of secrets.
    fn hidden(&self, text: &str) -> String;
}

/// What happened, oldest first.
#[derive(Default)]
pub struct Recent(Mutex<Held>);

#[derive(Default)]
struct Held {
    happened: VecDeque<Value>,
    plan: Option<String>,
}

impl Recent {
    /// `{"happened": […], "plan": …}`.
    pub fn all(&self) -> Value {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        json!({ "happened": held.happened, "plan": held.plan })
    }

    pub fn plan(&self, text: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.plan = Some(text.to_owned());
    }

    fn add(&self, what: Value) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.happened.len() == KEPT {
            held.happened.pop_front();
        }
        held.happened.push_back(what);
    }
}

/// Remembers every call of a deployed API and every run of a function from now on, until there
/// are no more.
pub fn follow(front: Arc<Front>) -> impl Future<Output = ()> {
    let (calls, runs) = (front.cloud.requests(), front.cloud.functions());
    async move {
        tokio::join!(
            each(&front, calls, |call| Some(of_call(&front, &call))),
            each(&front, runs, |event| of_run(&front, event))
        );
    }
}

fn of_run(front: &Front, event: FunctionEvent) -> Option<Value> {
    match event {
        FunctionEvent::Ended {
            function, invoked, ..
        } => Some(run(front, &function, &invoked)),
        FunctionEvent::Line { .. } | FunctionEvent::Warning(_) => None,
    }
}

async fn each<T: Clone>(
    front: &Front,
    mut events: broadcast::Receiver<T>,
    told: impl Fn(T) -> Option<Value>,
) {
    loop {
        match events.recv().await {
            Ok(event) => told(event)
                .into_iter()
                .for_each(|what| happened(front, what)),
            // Of more than the channel holds, the oldest are missed.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

fn of_call(front: &Front, call: &Executed) -> Value {
    let function = call.function.as_deref().unwrap_or_default();
    json!({
        "kind": "call",
        "at": call.time.to_string(),
        "method": call.method,
        "path": format!("/{}{}", call.stage, call.path),
        "api": call.api,
        "function": call.function,
        "status": call.status,
        "ms": milliseconds(call.duration),
        "why": call.why.as_ref().map(|why| match why.trace() {
            Some(trace) => of_trace(front, function, &trace),
            None => why.lines().iter().map(|line| hidden(front, line)).collect(),
        }),
    })
}

/// The message, and the places in the user's own files.
fn of_trace(front: &Front, function: &str, trace: &Trace) -> Vec<String> {
    let manifested = front.page.manifested();
    let sources = manifested.map(|manifested| manifested.sources(function));
    let places = sources.unwrap_or_default().all(trace);
    let places = places.iter().map(|place| format!("  {place}"));
    let head = hidden(front, &trace.head());
    std::iter::once(head).chain(places).collect()
}

fn hidden(front: &Front, text: &str) -> String {
    match front.page.manifested() {
        Some(manifested) => manifested.hidden(text),
        None => text.to_owned(),
    }
}

fn run(front: &Front, function: &str, invoked: &Invoked) -> Value {
    let mut log = String::new();
    let told = |line: &&LogLine| !is_lambdas(&line.text) && !is_failure(&line.text);
    for line in invoked.log.iter().filter(told) {
        if log.len() + line.text.len() > LOG {
            log.push_str("…\n");
            break;
        }
        log.push_str(&line.text);
    }
    json!({
        "kind": "run",
        "at": front.cloud.clock.now().to_string(),
        "function": function,
        "request": invoked.request_id,
        "error": invoked.function_error,
        "why": invoked.trace().map(|trace| of_trace(front, function, &trace)),
        "ms": milliseconds(invoked.duration),
        "init_ms": invoked.init.map(milliseconds),
        "log": hidden(front, &log),
    })
}

fn happened(front: &Front, what: Value) {
    front.page.recent.add(what.clone());
    front.page.tell("happened", &what);
}

/// With two digits behind the point, as a log's REPORT line has them.
fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

//! The last calls of deployed APIs and runs of functions, with their logs and timings.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::local::serve::Front;
use crate::local::{FunctionEvent, Invoked};

/// How many are remembered.
const KEPT: usize = 100;
/// Of a log, at most this many bytes are shown.
const LOG: usize = 16 << 10;

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

/// Calls a deployed API, and remembers that it was called.
pub async fn called(
    front: &Front,
    api: &str,
    stage: &str,
    path: &str,
    request: Request<Bytes>,
) -> Response<Bytes> {
    let began = Instant::now();
    let method = request.method().to_string();
    let cloud = &front.cloud;
    let response = cloud.execute(request, api, stage, path, &front.url).await;
    happened(
        front,
        json!({
            "kind": "call",
            "at": front.cloud.clock.now().to_string(),
            "method": method,
            "path": format!("/{stage}{path}"),
            "api": api,
            "status": response.status().as_u16(),
            "ms": milliseconds(began.elapsed()),
        }),
    );
    response
}

/// Remembers every run of a function, until there are no more.
pub async fn follow(front: Arc<Front>, mut events: broadcast::Receiver<FunctionEvent>) {
    loop {
        match events.recv().await {
            Ok(FunctionEvent::Ended { function, invoked }) => {
                happened(&front, run(&front, &function, &invoked));
            }
            // Of more than the channel holds, the oldest are missed.
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

fn run(front: &Front, function: &str, invoked: &Invoked) -> Value {
    let mut log = String::new();
    for line in invoked.log.iter() {
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
        "ms": milliseconds(invoked.duration),
        "init_ms": invoked.init.map(milliseconds),
        "log": log,
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

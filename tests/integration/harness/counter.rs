//! The proxy that names and counts AWS calls, and kills whoever makes the n-th.

use serde_json::Value;

use super::http;
use super::service::Service;

pub struct Counter(Service);

/// When the call is made that kills: before AWS heard of it, or once AWS has done it.
#[derive(Clone, Copy, Debug)]
pub enum When {
    Before,
    After,
}

/// One call that was forwarded.
#[derive(Clone, Debug)]
pub struct Call {
    pub op: String,
}

impl Counter {
    pub fn before(upstream: &str) -> Counter {
        Counter(Service::start("counter.py", &["--upstream", upstream]))
    }

    pub fn endpoint(&self) -> &str {
        &self.0.endpoint
    }

    /// Forgets the calls, and disarms.
    pub fn reset(&self) {
        self.post("reset");
    }

    /// The process that makes the n-th changing call from now is killed with SIGKILL.
    pub fn kill_at(&self, n: usize, when: When) {
        let when = match when {
            When::Before => "before",
            When::After => "after",
        };
        self.post(&format!("kill-after?n={n}&when={when}"));
    }

    /// The next call of this name is not forwarded until `release`.
    pub fn hold(&self, op: &str) {
        self.post(&format!("hold?op={op}"));
    }

    /// Waits until the call to hold has been made.
    pub fn held(&self) {
        let answer = http::get(&format!("{}/__counter/held", self.endpoint()));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Lets the held call go on, even where its client has gone.
    pub fn release(&self) {
        self.post("release");
    }

    /// How many calls may have changed something, once none is in flight.
    pub fn changing(&self) -> usize {
        self.state()["changing"].as_u64().expect("a number") as usize
    }

    /// How many calls of this name were forwarded.
    pub fn count(&self, op: &str) -> usize {
        self.calls().iter().filter(|call| call.op == op).count()
    }

    /// Whether the armed kill has struck.
    pub fn has_killed(&self) -> bool {
        !self.state()["killed"].is_null()
    }

    /// Every call, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.state();
        let calls = self.get("calls");
        let calls = calls.as_array().expect("a list").iter();
        calls
            .map(|call| Call {
                op: call["op"].as_str().expect("a name").to_owned(),
            })
            .collect()
    }

    fn state(&self) -> Value {
        self.get("idle")
    }

    fn get(&self, what: &str) -> Value {
        let answer = http::get(&format!("{}/__counter/{what}", self.endpoint()));
        serde_json::from_str(&answer.body).expect("the counter answers JSON")
    }

    fn post(&self, what: &str) {
        let answer = http::post(&format!("{}/__counter/{what}", self.endpoint()));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

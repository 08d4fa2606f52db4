//! What goes wrong on purpose: at the n-th call, before or after it takes effect.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::error::AwsError;

/// Before the call does anything, or when all is done but its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
}

/// What happens to the caller.
#[derive(Clone, Debug)]
pub enum What {
    /// AWS answers this instead.
    Error(AwsError),
    /// The caller's credentials have run out, in the words of the service.
    Expired,
    /// A page in HTML with this status, as something on the way to AWS answers.
    Page(http::StatusCode),
    /// The connection ends without an answer.
    Reset,
    /// The answer comes later.
    Delay(Duration),
    /// The connection ends without an answer, or the caller dies, and the call takes effect so much
    /// later. Only of what is one step of the world.
    Later { takes: Duration, kills: bool },
    /// The caller dies: no answer ever comes, and `Faults::killed` tells.
    Kill,
}

/// One fault. Calls are counted from 1, and only those that change something where
/// `changing` is set.
#[derive(Clone, Debug)]
pub struct Fault {
    pub call: usize,
    /// Count the calls of this operation only, such as `CreateRole`.
    pub operation: Option<String>,
    /// Count only calls that change something.
    pub changing: bool,
    pub moment: Moment,
    pub what: What,
}

/// From a call on, counted from 1, everything fails for good.
#[derive(Clone, Debug)]
pub struct Outage {
    pub from: usize,
    /// Whether the first that fails takes effect all the same.
    pub first: Moment,
    pub what: What,
    /// The service that still answers, and whose calls do not count, such as `s3`.
    pub spares: Option<&'static str>,
}

/// How many calls are remembered: a server may run for weeks.
const KEPT: usize = 10_000;

/// The faults to come, and the count of calls that they go by.
#[derive(Default)]
pub struct Faults {
    planned: Mutex<Vec<Planned>>,
    outage: Mutex<Option<(Outage, usize)>>,
    made: Mutex<VecDeque<Made>>,
    killed: watch::Sender<bool>,
    propagation: Mutex<Duration>,
    settling: Mutex<Settling>,
    undoing: Mutex<Option<Undone>>,
}

/// Why a change that was accepted comes to nothing in the end, as AWS tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// `SubnetOutOfIPAddresses`.
    pub code: String,
    pub reason: String,
}

/// When changes that take their time, such as a function's, are over.
#[derive(Clone, Copy, Debug)]
pub struct Settling {
    time: Duration,
    /// What began until then is over.
    done: Timestamp,
}

impl Default for Settling {
    /// AWS takes seconds; here waits are real, and short.
    fn default() -> Settling {
        Settling {
            time: Duration::from_millis(40),
            done: Timestamp::MIN,
        }
    }
}

impl Settling {
    /// Is what began then still under way?
    pub fn lasts(self, begun: Timestamp, now: Timestamp) -> bool {
        let time = self.time.try_into().unwrap_or(SignedDuration::MAX);
        begun > self.done && now.duration_since(begun) < time
    }
}

struct Planned {
    fault: Fault,
    seen: usize,
}

/// A call that reached the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// `iam:CreateRole`.
    pub operation: String,
    pub changing: bool,
}

impl Faults {
    /// Replaces what was planned; begins to count anew.
    pub fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        let planned = faults.into_iter().map(|fault| Planned { fault, seen: 0 });
        *self.planned() = planned.collect();
        *self.outage() = None;
        self.made().clear();
        self.killed.send_replace(false);
    }

    /// From now on this, until the next `plan`.
    pub fn fail_from(&self, outage: Outage) {
        self.plan([]);
        *self.outage() = Some((outage, 0));
    }

    /// The calls since the last `plan`, in the order in which they came; the newest 10,000.
    pub fn calls(&self) -> Vec<Made> {
        self.made().iter().cloned().collect()
    }

    /// How long a new role takes until all of the cloud knows it: until then it cannot be
    /// assumed, and its ARN is no principal. Nothing at first.
    pub fn propagate_in(&self, time: Duration) {
        *self.propagation() = time;
    }

    /// How long IAM takes to pass on what is new.
    pub fn propagation_time(&self) -> Duration {
        *self.propagation()
    }

    /// How long changes that take their time take from now on, those under way as well.
    pub fn settle_in(&self, time: Duration) {
        self.settling().time = time;
    }

    /// Whether the changes of functions that are begun from now on are accepted and then come to
    /// nothing.
    pub fn undo(&self, why: Option<Undone>) {
        *self.undoing() = why;
    }

    pub(super) fn why_undone(&self) -> Option<Undone> {
        self.undoing().clone()
    }

    pub(super) fn settle(&self, now: Timestamp) {
        self.settling().done = now;
    }

    pub(super) fn settling_time(&self) -> Settling {
        *self.settling()
    }

    /// Resolves when a `Kill` has struck.
    pub async fn killed(&self) {
        let mut killed = self.killed.subscribe();
        // The sender is ours, so waiting cannot fail.
        let _ = killed.wait_for(|killed| *killed).await;
    }

    /// Counts a call; the fault that strikes it, if any.
    pub(super) fn strikes(
        &self,
        service: &str,
        operation: &str,
        changing: bool,
    ) -> Option<(Moment, What)> {
        let outage = self.lasts(service);
        let mut made = self.made();
        if made.len() == KEPT {
            made.pop_front();
        }
        made.push_back(Made {
            operation: operation.to_owned(),
            changing,
        });
        drop(made);
        let mut strikes = None;
        for Planned { fault, seen } in self.planned().iter_mut() {
            let counts = (changing || !fault.changing)
                && fault.operation.as_deref().is_none_or(|o| o == operation);
            *seen += usize::from(counts);
            if counts && *seen == fault.call {
                strikes = Some((fault.moment, fault.what.clone()));
            }
        }
        outage.or(strikes)
    }

    /// What the outage does to a call of this service.
    fn lasts(&self, service: &str) -> Option<(Moment, What)> {
        let mut outage = self.outage();
        let (outage, seen) = outage.as_mut()?;
        if outage.spares == Some(service) {
            return None;
        }
        *seen += 1;
        let moment = match *seen == outage.from {
            true => outage.first,
            false => Moment::Before,
        };
        (*seen >= outage.from).then(|| (moment, outage.what.clone()))
    }

    pub(super) fn kill(&self) {
        self.killed.send_replace(true);
    }

    fn propagation(&self) -> std::sync::MutexGuard<'_, Duration> {
        self.propagation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn settling(&self) -> std::sync::MutexGuard<'_, Settling> {
        self.settling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn undoing(&self) -> std::sync::MutexGuard<'_, Option<Undone>> {
        self.undoing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn planned(&self) -> std::sync::MutexGuard<'_, Vec<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outage(&self) -> std::sync::MutexGuard<'_, Option<(Outage, usize)>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn made(&self) -> std::sync::MutexGuard<'_, VecDeque<Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

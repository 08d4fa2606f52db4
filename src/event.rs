//! What refresh and apply tell the outside while they work. The engine never prints.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::Addr;
use crate::plan::Action;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Something that is of no resource in particular is under way, until `Ended` says so.
    Began(Phase),
    Ended(Phase),
    Started {
        addr: Addr,
        action: Action,
    },
    /// A package is on its way, as a part of what was started.
    Uploading {
        addr: Addr,
        bytes: usize,
    },
    /// A call is held up; repeated while it lasts.
    Waiting {
        addr: Addr,
        why: String,
        waited: Duration,
        /// How much longer at least.
        pause: Duration,
    },
    Finished {
        addr: Addr,
        action: Action,
        took: Duration,
    },
    Failed {
        addr: Addr,
        action: Action,
        error: String,
        hint: Option<String>,
        took: Duration,
    },
    /// Its wait was ended because the user asked. No failure: the next run finishes it.
    Stopped {
        addr: Addr,
        action: Action,
        /// What was waited for.
        why: String,
        took: Duration,
    },
    /// Not tried, because of what it depends on.
    Skipped {
        addr: Addr,
        because: Addr,
    },
    /// Something a person should know, such as what a killed run had left open.
    Note(String),
}

/// What is of no resource in particular, and takes its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Live AWS is being read.
    Reading { resources: usize },
    /// A plan is carried out: so many halves of changes are started and finished within.
    Applying { tasks: usize },
    /// Such as `asking AWS who we are`.
    Named(String),
}

/// What an apply came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub done: Vec<(Addr, Action)>,
    pub failed: Vec<Failure>,
    /// What was not tried, and what it depends on that failed.
    pub skipped: Vec<(Addr, Addr)>,
    /// What was begun, and whose wait an interruption ended.
    pub stopped: Vec<Addr>,
    /// What an interruption kept from being started.
    pub not_started: Vec<Addr>,
    /// Of what failed or was stopped: what may exist in AWS without anybody knowing it. The next run looks.
    pub open: Vec<Addr>,
    /// A signal, or in `dev` a newer save, stopped it; calls in flight were finished, what was done
    /// was saved.
    pub interrupted: bool,
    /// AWS calls that were made to change something.
    pub calls: usize,
    pub seconds: f64,
}

/// A change that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub addr: Addr,
    pub action: Action,
    /// AWS's name of the operation.
    pub operation: String,
    /// AWS's error code, where AWS answered.
    pub code: Option<String>,
    pub error: String,
    /// What to do about it, where we know.
    pub hint: Option<String>,
}

/// Where events go.
#[derive(Clone)]
pub struct Listener(Arc<dyn Fn(Event) + Send + Sync>);

/// A phase, which has ended when this is dropped.
#[must_use = "the phase ends when this is dropped"]
pub struct UnderWay<'a> {
    listener: &'a Listener,
    phase: Phase,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.listener.tell(Event::Ended(self.phase.clone()));
    }
}

/// Nobody wants to know.
impl Default for Listener {
    fn default() -> Listener {
        Listener::deaf()
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

impl Listener {
    pub fn new(listen: impl Fn(Event) + Send + Sync + 'static) -> Listener {
        Listener(Arc::new(listen))
    }

    /// For whoever does not want to know.
    pub fn deaf() -> Listener {
        Listener::new(|_| ())
    }

    pub fn tell(&self, event: Event) {
        (self.0)(event);
    }

    /// Says that a phase began; it ends with the answer's life.
    pub fn begin(&self, phase: Phase) -> UnderWay<'_> {
        self.tell(Event::Began(phase.clone()));
        UnderWay {
            listener: self,
            phase,
        }
    }

    /// Does this, and says meanwhile what is done: `reading the state`.
    pub fn during<'a, T>(
        &'a self,
        what: impl Into<String>,
        work: impl Future<Output = T> + 'a,
    ) -> impl Future<Output = T> + 'a {
        let phase = Phase::Named(what.into());
        // Futures hold what they wait for, twice over where it is handed on: this keeps them small.
        let work = Box::pin(work);
        async move {
            let _under_way = self.begin(phase);
            work.await
        }
    }
}

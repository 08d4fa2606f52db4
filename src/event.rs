//! What refresh and apply tell the outside while they work. The engine never prints.

use std::sync::Arc;
use std::time::Duration;

use crate::addr::Addr;
use crate::plan::Action;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Live AWS is being read.
    Reading {
        resources: usize,
    },
    Started {
        addr: Addr,
        action: Action,
    },
    /// A call is held up; repeated while it lasts.
    Waiting {
        addr: Addr,
        why: String,
        waited: Duration,
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
    },
    /// Not tried, because of what it depends on.
    Skipped {
        addr: Addr,
        because: Addr,
    },
    /// Something a person should know, such as what a killed run had left open.
    Note(String),
}

/// What an apply came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub done: Vec<(Addr, Action)>,
    pub failed: Vec<Failure>,
    /// What was not tried, and what it depends on that failed.
    pub skipped: Vec<(Addr, Addr)>,
    /// What an interruption kept from being started.
    pub not_started: Vec<Addr>,
    /// Of what failed: what may exist in AWS without anybody knowing it. The next run looks.
    pub open: Vec<Addr>,
    /// A signal stopped it; what was in flight was finished and saved.
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
}

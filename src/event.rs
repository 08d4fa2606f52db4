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

/// How an apply ended.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub done: Vec<(Addr, Action)>,
    /// With AWS's answer, and what to do about it.
    pub failed: Vec<(Addr, Action, String, Option<String>)>,
    /// Not tried, because of what failed.
    pub skipped: Vec<(Addr, Addr)>,
    /// Not started, because of the interruption.
    pub not_started: Vec<Addr>,
    pub interrupted: bool,
    /// AWS calls that the plan took.
    pub calls: usize,
    pub seconds: f64,
}

//! What CloudWatch Logs holds: groups, their streams, and the events in batches as they came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::local::clock::Millis;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    pub created: Millis,
    /// Days; `None` keeps for ever.
    pub retention: Option<u32>,
    pub kms_key: Option<String>,
    pub class: String,
    pub tags: BTreeMap<String, String>,
    /// Bytes of its events, as AWS counts them.
    pub bytes: u64,
    /// The number of the next batch.
    pub next: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    pub name: String,
    pub created: Millis,
    /// When its first and last events happened.
    pub first: Option<Millis>,
    pub last: Option<Millis>,
    pub ingested: Option<Millis>,
}

/// The events of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    pub stream: String,
    pub ingested: Millis,
    pub events: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub timestamp: Millis,
    pub message: String,
}

impl Event {
    /// AWS counts 26 bytes more than its text for each event.
    pub fn bytes(&self) -> u64 {
        self.message.len() as u64 + 26
    }
}

impl Batch {
    pub fn bytes(&self) -> u64 {
        self.events.iter().map(Event::bytes).sum()
    }
}

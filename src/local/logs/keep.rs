//! Keeping events, and no more of them than a group may have.

use super::model::{Batch, Event, Group, Stream};
use super::{Logs, batch_row, of_group, stream_row};
use crate::local::clock::Millis;
use crate::local::turn::Turn;

/// What a group keeps of its newest events, as AWS counts bytes. Older ones are dropped by the
/// batch: the cloud of a developer must not grow for ever.
pub const KEPT_BYTES: u64 = 4 << 20;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// Keeps what functions and stages write. Group and stream are made where there are none, as
/// Lambda does.
pub fn append(turn: &mut Turn<'_>, group: &str, stream: &str, events: Vec<Event>) {
    let now = turn.now.as_millisecond();
    let logs = &mut turn.region().logs;
    if !logs.groups.contains(group) {
        logs.groups.insert(group, Group::new(group, now));
    }
    let row = stream_row(group, stream);
    if !logs.streams.contains(&row) {
        logs.streams.insert(row, Stream::new(stream, now));
    }
    add(logs, group, stream, events, now);
}

/// Keeps events in a stream that is there.
pub fn add(logs: &mut Logs, group: &str, stream: &str, events: Vec<Event>, now: Millis) {
    let (Some(first), Some(last)) = (
        events.iter().map(|event| event.timestamp).min(),
        events.iter().map(|event| event.timestamp).max(),
    ) else {
        return;
    };
    if let Some(stream) = logs.streams.get_mut(&stream_row(group, stream)) {
        stream.first = Some(stream.first.unwrap_or(first).min(first));
        stream.last = Some(stream.last.unwrap_or(last).max(last));
        stream.ingested = Some(now);
    }
    let batch = Batch {
        stream: stream.to_owned(),
        ingested: now,
        events,
    };
    if let Some(found) = logs.groups.get_mut(group) {
        found.bytes += batch.bytes();
        let row = batch_row(group, found.next);
        found.next += 1;
        logs.batches.insert(row, batch);
    }
    forget(logs, group, now);
}

/// Drops the oldest batches: above the bound, or older than the group's retention.
fn forget(logs: &mut Logs, group: &str, now: Millis) {
    let Some(found) = logs.groups.get(group) else {
        return;
    };
    let oldest = found.retention.map(|days| now - Millis::from(days) * DAY);
    let mut bytes = found.bytes;
    let mut lost = Vec::new();
    for (row, batch) in logs.batches.under(&of_group(group)) {
        let old = oldest.is_some_and(|oldest| batch.ingested < oldest);
        if bytes <= KEPT_BYTES && !old {
            break;
        }
        bytes = bytes.saturating_sub(batch.bytes());
        lost.push(row.to_owned());
    }
    if lost.is_empty() {
        return;
    }
    lost.iter().for_each(|row| {
        logs.batches.remove(row);
    });
    if let Some(found) = logs.groups.get_mut(group) {
        found.bytes = bytes;
    }
}

impl Group {
    pub fn new(name: &str, now: Millis) -> Group {
        Group {
            name: name.to_owned(),
            created: now,
            retention: None,
            kms_key: None,
            class: "STANDARD".to_owned(),
            tags: Default::default(),
            bytes: 0,
            next: 0,
        }
    }
}

impl Stream {
    pub fn new(name: &str, now: Millis) -> Stream {
        Stream {
            name: name.to_owned(),
            created: now,
            first: None,
            last: None,
            ingested: None,
        }
    }
}

//! CloudWatch Logs: groups, streams, and what functions print.
//!
//! Left out on purpose: subscriptions, metric filters, Insights. A group keeps only its newest
//! events (`keep`).

mod keep;
mod model;

pub use keep::append;
pub use model::Event;

use super::store::{Part, Rows, Table};
use super::wire::Operation;
use model::{Batch, Group, Stream};

pub const OPERATIONS: &[Operation] = &[];

#[derive(Default)]
pub struct Logs {
    groups: Table<Group>,
    /// By `stream_row`.
    streams: Table<Stream>,
    /// By `batch_row`: of a group, in the order in which they came.
    batches: Table<Batch>,
}

/// No name of a group or stream holds a zero byte.
fn stream_row(group: &str, stream: &str) -> String {
    format!("{group}\0{stream}")
}

fn batches_of(group: &str) -> String {
    format!("{group}\0")
}

fn batch_row(group: &str, number: u64) -> String {
    format!("{group}\0{number:020}")
}

impl Part for Logs {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![
            ("logs.groups", &mut self.groups),
            ("logs.streams", &mut self.streams),
            ("logs.batches", &mut self.batches),
        ]
    }
}

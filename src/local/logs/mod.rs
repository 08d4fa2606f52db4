//! CloudWatch Logs: groups, streams, and what functions print.
//!
//! Left out on purpose: subscriptions, metric filters, Insights, export. A group keeps only its
//! newest events (`keep`); a filter pattern is terms (`pattern`).

mod errors;
mod events;
mod filter;
mod groups;
mod keep;
mod model;
mod page;
mod pattern;
mod streams;
mod tags;
#[cfg(test)]
mod tests;

pub use keep::append;
pub use model::Event;

use super::store::{Part, Rows, Table};
use super::wire::Operation;
use model::{Batch, Group, Stream};

pub const OPERATIONS: &[Operation] = &[
    Operation::action("CreateLogGroup", groups::create),
    Operation::action("DeleteLogGroup", groups::delete),
    Operation::action("DescribeLogGroups", groups::describe),
    Operation::action("PutRetentionPolicy", groups::put_retention),
    Operation::action("DeleteRetentionPolicy", groups::delete_retention),
    Operation::action("CreateLogStream", streams::create),
    Operation::action("DeleteLogStream", streams::delete),
    Operation::action("DescribeLogStreams", streams::describe),
    Operation::action("PutLogEvents", events::put),
    Operation::action("GetLogEvents", events::get),
    Operation::action("FilterLogEvents", filter::filter),
    Operation::action("TagResource", tags::tag),
    Operation::action("UntagResource", tags::untag),
    Operation::action("ListTagsForResource", tags::list),
    Operation::action("TagLogGroup", tags::tag),
    Operation::action("UntagLogGroup", tags::untag),
    Operation::action("ListTagsLogGroup", tags::list),
];

#[derive(Default)]
pub struct Logs {
    groups: Table<Group>,
    /// By `stream_row`.
    streams: Table<Stream>,
    /// By `batch_row`: of a group, in the order in which they came.
    batches: Table<Batch>,
}

/// What the rows of a group's streams and batches begin with. No name holds a zero byte.
fn of_group(group: &str) -> String {
    format!("{group}\0")
}

fn stream_row(group: &str, stream: &str) -> String {
    format!("{group}\0{stream}")
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

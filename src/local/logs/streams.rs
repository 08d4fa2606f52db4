//! Log streams of a group.

use serde_json::{Value, json};

use super::model::Stream;
use super::{errors, of_group, page, stream_row};
use crate::local::check::Check;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

pub fn create(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (group, name) = (errors::group_name(input)?, errors::stream_name(input)?);
    errors::group(turn, &group)?;
    let now = turn.now.as_millisecond();
    let streams = &mut turn.region().logs.streams;
    let row = stream_row(&group, &name);
    if streams.contains(&row) {
        return Err(errors::exists("log stream"));
    }
    streams.insert(row, Stream::new(&name, now));
    Ok(Reply::empty())
}

pub fn delete(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (group, name) = (errors::group_name(input)?, errors::stream_name(input)?);
    errors::stream(turn, &group, &name)?;
    let logs = &mut turn.region().logs;
    logs.streams.remove(&stream_row(&group, &name));
    let prefix = of_group(&group);
    let of_stream = logs.batches.under(&prefix);
    let of_stream = of_stream.filter(|(_, batch)| batch.stream == name);
    let (rows, bytes): (Vec<String>, Vec<u64>) = of_stream
        .map(|(row, batch)| (row.to_owned(), batch.bytes()))
        .unzip();
    rows.iter().for_each(|row| drop(logs.batches.remove(row)));
    if let Some(group) = logs.groups.get_mut(&group) {
        group.bytes = group.bytes.saturating_sub(bytes.iter().sum());
    }
    Ok(Reply::empty())
}

pub fn describe(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let group = errors::group_name(input)?;
    let prefix = input.text("logStreamNamePrefix");
    let order = input.text("orderBy").unwrap_or("LogStreamName");
    let mut check = Check::default();
    check.one_of("orderBy", order, &["LogStreamName", "LastEventTime"]);
    errors::done(check)?;
    let by_time = order == "LastEventTime";
    if by_time && prefix.is_some() {
        return Err(errors::invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let (logs, _) = errors::group(turn, &group)?;
    let of_group = of_group(&group);
    let streams = logs.streams.under(&of_group).map(|(_, stream)| stream);
    let wanted = streams.filter(|stream| prefix.is_none_or(|p| stream.name.starts_with(p)));
    let mut wanted: Vec<&Stream> = wanted.collect();
    if by_time {
        wanted.sort_by_key(|stream| (stream.last, stream.name.as_str()));
    }
    if input.body["descending"].as_bool() == Some(true) {
        wanted.reverse();
    }
    let items = wanted.into_iter().enumerate();
    // The token of a page is a place in the order that was asked for.
    let items = items.map(|(at, stream)| (format!("{at:020}"), shown(turn, &group, stream)));
    page::answer(input, "logStreams", items.collect())
}

fn shown(turn: &Turn<'_>, group: &str, stream: &Stream) -> Value {
    let resource = format!("log-group:{group}:log-stream:{}", stream.name);
    let mut shown = json!({
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "arn": turn.arn("logs", &resource),
        // AWS says so of every stream since 2019.
        "storedBytes": 0,
    });
    let times = [
        ("firstEventTimestamp", stream.first),
        ("lastEventTimestamp", stream.last),
        ("lastIngestionTime", stream.ingested),
    ];
    for (key, time) in times {
        if let Some(time) = time {
            shown[key] = json!(time);
        }
    }
    shown
}

//! `FilterLogEvents`: the events of many streams, by time and pattern.

use serde_json::json;

use super::events::{self, Kept, time};
use super::pattern::Pattern;
use super::{errors, page};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

pub fn filter(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let group = errors::group_name(input)?;
    let size = page::limit(input, 10_000)?;
    let pattern = Pattern::read(input.text("filterPattern").unwrap_or_default())?;
    let after = after(input)?;
    let streams = input.body["logStreamNames"].as_array();
    let prefix = input.text("logStreamNamePrefix");
    if streams.is_some() && prefix.is_some() {
        return Err(errors::invalid(
            "LogStreamNamePrefix and LogStreamNames are mutually exclusive parameters.",
        ));
    }
    let (start, end) = (time(input, "startTime"), time(input, "endTime"));
    let (logs, _) = errors::group(turn, &group)?;
    let rows = super::of_group(&group);
    let wanted = events::kept(logs, &rows).filter(|kept| {
        let (stream, event) = (&kept.batch.stream, kept.event);
        streams.is_none_or(|list| list.iter().any(|name| name == stream))
            && prefix.is_none_or(|prefix| stream.starts_with(prefix))
            && start.is_none_or(|start| event.timestamp >= start)
            && end.is_none_or(|end| event.timestamp <= end)
            && after.is_none_or(|after| order(kept) > after)
            && pattern.fits(&event.message)
    });
    let mut wanted: Vec<Kept<'_>> = wanted.collect();
    wanted.sort_by_key(order);
    let more = wanted.len() > size;
    wanted.truncate(size);
    let events = wanted.iter().map(|kept| {
        let mut shown = kept.shown();
        shown["logStreamName"] = json!(kept.batch.stream);
        shown["eventId"] = json!(format!("{:056}", kept.place));
        shown
    });
    let mut answer = json!({
        "events": events.collect::<Vec<_>>(),
        // AWS fills it no more since 2019.
        "searchedLogStreams": [],
    });
    if let (true, Some((time, place))) = (more, wanted.last().map(order)) {
        answer["nextToken"] = json!(format!("{time}-{place}"));
    }
    Ok(answer.into())
}

/// By time; what happened at the same time as it came.
fn order(kept: &Kept<'_>) -> (i64, u128) {
    (kept.event.timestamp, kept.place)
}

/// The last event of the page before.
fn after(input: &Input) -> Result<Option<(i64, u128)>, AwsError> {
    let Some(token) = input.text("nextToken") else {
        return Ok(None);
    };
    let place = token
        .rsplit_once('-')
        .and_then(|(time, place)| Some((time.parse().ok()?, place.parse().ok()?)));
    match place {
        Some(place) => Ok(Some(place)),
        None => Err(errors::invalid("The specified nextToken is invalid.")),
    }
}

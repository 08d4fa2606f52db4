//! Putting events, and reading a stream forwards and backwards.

use serde::Deserialize;
use serde_json::{Value, json};

use super::model::{Batch, Event};
use super::{Logs, errors, keep, page};
use crate::local::check::Check;
use crate::local::clock::Millis;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

const MOST_EVENTS: usize = 10_000;
/// Bytes of a call's events, as AWS counts them.
const LARGEST_BATCH: u64 = 1 << 20;
const HOUR: Millis = 60 * 60 * 1000;

/// An event that is kept, and where: places grow as events come.
pub struct Kept<'a> {
    pub place: u128,
    pub batch: &'a Batch,
    pub event: &'a Event,
}

impl Kept<'_> {
    /// As both ways of reading show it.
    pub fn shown(&self) -> Value {
        json!({
            "timestamp": self.event.timestamp,
            "message": self.event.message,
            "ingestionTime": self.batch.ingested,
        })
    }
}

/// The events of a group as they came; `prefix` is `of_group`.
pub fn kept<'a>(logs: &'a Logs, prefix: &'a str) -> impl Iterator<Item = Kept<'a>> {
    logs.batches.under(prefix).flat_map(move |(row, batch)| {
        // The row ends with the batch's number, which `batch_row` wrote.
        let number: u128 = row[prefix.len()..].parse().unwrap_or_default();
        let events = batch.events.iter().enumerate();
        events.map(move |(index, event)| Kept {
            place: number * MOST_EVENTS as u128 + index as u128 + 1,
            batch,
            event,
        })
    })
}

#[derive(Debug, Deserialize)]
struct Put {
    #[serde(rename = "logEvents")]
    events: Vec<Given>,
}

#[derive(Debug, Deserialize)]
struct Given {
    timestamp: Millis,
    message: String,
}

pub fn put(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (group, stream) = (errors::group_name(input)?, errors::stream_name(input)?);
    let put: Put = input.body()?;
    let events: Vec<Event> = put.events.into_iter().map(Given::event).collect();
    sound(&events)?;
    errors::stream(turn, &group, &stream)?;
    let now = turn.now.as_millisecond();
    let (oldest, newest) = (now - 14 * 24 * HOUR, now + 2 * HOUR);
    let too_old = events.partition_point(|event| event.timestamp < oldest);
    let too_new = events.partition_point(|event| event.timestamp <= newest);
    let count = events.len();
    let taken = events.into_iter().take(too_new).skip(too_old).collect();
    keep::add(&mut turn.region().logs, &group, &stream, taken, now);
    let mut rejected = json!({});
    if too_old > 0 {
        rejected["tooOldLogEventEndIndex"] = json!(too_old);
    }
    if too_new < count {
        rejected["tooNewLogEventStartIndex"] = json!(too_new);
    }
    // AWS still gives a token, and asks for none.
    let mut answer = json!({ "nextSequenceToken": format!("{now:056}") });
    if rejected != json!({}) {
        answer["rejectedLogEventsInfo"] = rejected;
    }
    Ok(answer.into())
}

impl Given {
    fn event(self) -> Event {
        Event {
            timestamp: self.timestamp,
            message: self.message,
        }
    }
}

fn sound(events: &[Event]) -> Result<(), AwsError> {
    let mut check = Check::default();
    if events.is_empty() || events.len() > MOST_EVENTS {
        let bound = match events.is_empty() {
            true => "greater than or equal to 1".to_owned(),
            false => format!("less than or equal to {MOST_EVENTS}"),
        };
        let constraint = format!("Member must have length {bound}");
        check.value(
            "logEvents",
            format!("[{} events]", events.len()),
            constraint,
        );
    }
    if events.iter().any(|event| event.message.is_empty()) {
        check.value(
            "logEvents.message",
            "",
            "Member must have length greater than or equal to 1",
        );
    }
    errors::done(check)?;
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(errors::invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let bytes: u64 = events.iter().map(Event::bytes).sum();
    if bytes > LARGEST_BATCH {
        return Err(errors::invalid(format!(
            "Upload too large: {bytes} bytes exceeds limit of {LARGEST_BATCH}"
        )));
    }
    let span = match (events.first(), events.last()) {
        (Some(first), Some(last)) => last.timestamp - first.timestamp,
        _ => 0,
    };
    match span > 24 * HOUR {
        true => Err(errors::invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 \
             hours.",
        )),
        false => Ok(()),
    }
}

/// Where a page of a stream begins.
enum From {
    Head,
    Tail,
    After(u128),
    Before(u128),
}

pub fn get(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (group, stream) = (errors::group_name(input)?, errors::stream_name(input)?);
    let size = page::limit(input, MOST_EVENTS as i64)?;
    let from = from(input)?;
    errors::stream(turn, &group, &stream)?;
    let (logs, _) = errors::group(turn, &group)?;
    let (start, end) = (time(input, "startTime"), time(input, "endTime"));
    let prefix = super::of_group(&group);
    let fitting = kept(logs, &prefix).filter(|kept| {
        kept.batch.stream == stream
            && from.takes(kept.place)
            && start.is_none_or(|start| kept.event.timestamp >= start)
            && end.is_none_or(|end| kept.event.timestamp < end)
    });
    let fitting: Vec<Kept<'_>> = fitting.collect();
    let page = match from {
        From::Head | From::After(_) => &fitting[..size.min(fitting.len())],
        From::Tail | From::Before(_) => &fitting[fitting.len().saturating_sub(size)..],
    };
    // At an end, the same token comes back, by which clients know.
    let first = page.first().map_or(from.place(), |kept| kept.place);
    let last = page.last().map_or(from.place(), |kept| kept.place);
    Ok(json!({
        "events": page.iter().map(Kept::shown).collect::<Vec<_>>(),
        "nextForwardToken": format!("f/{last:056}/s"),
        "nextBackwardToken": format!("b/{first:056}/s"),
    })
    .into())
}

impl From {
    fn takes(&self, place: u128) -> bool {
        match self {
            From::After(from) => place > *from,
            From::Before(from) => place < *from,
            From::Head | From::Tail => true,
        }
    }

    fn place(&self) -> u128 {
        match self {
            From::After(place) | From::Before(place) => *place,
            From::Head | From::Tail => 0,
        }
    }
}

fn from(input: &Input) -> Result<From, AwsError> {
    let Some(token) = input.text("nextToken") else {
        return Ok(match input.body["startFromHead"].as_bool() {
            Some(true) => From::Head,
            _ => From::Tail,
        });
    };
    let wrong = || errors::invalid("The specified nextToken is invalid.");
    let (side, place) = token.split_once('/').ok_or_else(wrong)?;
    let place = place.strip_suffix("/s").unwrap_or(place);
    let place: u128 = place.parse().map_err(|_| wrong())?;
    match side {
        "f" => Ok(From::After(place)),
        "b" => Ok(From::Before(place)),
        _ => Err(wrong()),
    }
}

pub fn time(input: &Input, name: &str) -> Option<Millis> {
    input.body[name].as_i64()
}

//! Lists in pages: `limit` and `position`.

use serde_json::{Value, json};

use super::error::bad_request;
use crate::local::error::AwsError;
use crate::local::wire::{Input, Reply};

const DEFAULT: usize = 25;
const LARGEST: usize = 500;

/// A page of `items` (each with its key, and in the order of keys) as `{item: […], position}`: its name on the wire.
pub fn page<'a, T>(
    input: &Input,
    items: impl Iterator<Item = (&'a str, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Reply, AwsError> {
    let size = size(input)?;
    let after = match input.query("position") {
        Some(position) => decoded(position)?,
        None => String::new(),
    };
    // What stood there may be gone by now; all after it is still to come.
    let mut rest = items
        .skip_while(|(key, _)| *key <= after.as_str())
        .peekable();
    let mut shown = Vec::new();
    let mut last = "";
    while shown.len() < size
        && let Some((key, item)) = rest.next()
    {
        last = key;
        shown.push(show(item));
    }
    let mut answer = json!({ "item": shown });
    if rest.peek().is_some() && !last.is_empty() {
        answer["position"] = json!(encoded(last));
    }
    Ok(answer.into())
}

fn size(input: &Input) -> Result<usize, AwsError> {
    let Some(given) = input.query("limit") else {
        return Ok(DEFAULT);
    };
    match given.parse::<usize>() {
        Ok(0) => Ok(DEFAULT),
        Ok(size) if size <= LARGEST => Ok(size),
        _ => Err(bad_request(format!(
            "Invalid limit parameter: must be between 1 and {LARGEST}"
        ))),
    }
}

// Opaque, as on AWS, lest a client count on what is in it.
fn encoded(key: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(key)
}

fn decoded(position: &str) -> Result<String, AwsError> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(position);
    let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| bad_request("Invalid position parameter"))
}

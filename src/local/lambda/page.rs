//! Lists in pages, by `Marker` and `MaxItems`.

use serde_json::{Value, json};

use super::errors;
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::wire::{Answer, Input};

/// One page of `items`, which are in the order of their keys, under `member`. A page has at most
/// `most`, whatever is asked for.
pub fn answer(input: &Input, member: &str, items: Vec<(String, Value)>, most: usize) -> Answer {
    let size = size(input)?.unwrap_or(most).min(most);
    let after = match input.query("Marker").filter(|marker| !marker.is_empty()) {
        Some(marker) => Some(unsealed(marker).ok_or_else(|| errors::invalid("Invalid Marker"))?),
        None => None,
    };
    let mut rest = items
        .into_iter()
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let page: Vec<(String, Value)> = rest.by_ref().take(size).collect();
    let last = page.last().map(|(key, _)| sealed(key));
    let more = rest.next().is_some();
    let page: Vec<Value> = page.into_iter().map(|(_, item)| item).collect();
    let mut answer = json!({ member: page });
    if let (true, Some(marker)) = (more, last) {
        answer["NextMarker"] = json!(marker);
    }
    Ok(answer.into())
}

fn size(input: &Input) -> Result<Option<usize>, AwsError> {
    let Some(text) = input.query("MaxItems") else {
        return Ok(None);
    };
    let mut check = Check::default();
    let size: i64 = text.parse().map_err(|_| {
        let message = format!("MaxItems is not a number: {text}");
        AwsError::new(400, "SerializationException", message)
    })?;
    check.between("maxItems", size, 1, 10_000);
    check.done()?;
    Ok(usize::try_from(size).ok())
}

/// Markers mean nothing to callers, and look so.
fn sealed(key: &str) -> String {
    super::code::hex(key.as_bytes())
}

fn unsealed(marker: &str) -> Option<String> {
    let pairs = marker.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

//! Lists in pages: `MaxItems`, `Marker`, `IsTruncated`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::asked::{bounded, invalid, number};
use crate::local::error::AwsError;
use crate::local::wire::{Input, Reply};

/// IAM's page where none is asked for.
const PAGE: u32 = 100;

/// The page that was asked for, under `member`. `items` come in the order of their keys, which
/// are unique; a marker holds the last key of the page before.
pub fn page(
    input: &Input,
    member: &str,
    items: impl Iterator<Item = (String, Value)>,
) -> Result<Reply, AwsError> {
    let most = number(input, "MaxItems", 1, 1000)?.unwrap_or(PAGE) as usize;
    let after = marker(input)?;
    let mut rest = items.skip_while(|(key, _)| after.as_ref().is_some_and(|after| key <= after));
    let page: Vec<(String, Value)> = rest.by_ref().take(most).collect();
    let mut answer = Map::new();
    let truncated = rest.next().is_some();
    answer.insert("IsTruncated".into(), truncated.into());
    if let (true, Some((key, _))) = (truncated, page.last()) {
        answer.insert("Marker".into(), STANDARD.encode(key).into());
    }
    let page = page.into_iter().map(|(_, item)| item).collect();
    answer.insert(member.into(), Value::Array(page));
    Ok(Value::Object(answer).into())
}

fn marker(input: &Input) -> Result<Option<String>, AwsError> {
    let Some(marker) = bounded(input, "Marker", 1, 320)? else {
        return Ok(None);
    };
    let decoded = STANDARD.decode(marker).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Some).ok_or_else(|| invalid("Invalid Marker."))
}

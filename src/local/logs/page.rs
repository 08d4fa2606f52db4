//! Lists in pages, by `nextToken` and `limit`.

use serde_json::{Value, json};

use super::errors;
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::wire::{Answer, Input};

/// One page of `items`, which are in the order of their keys, under `member`.
pub fn answer(input: &Input, member: &str, items: Vec<(String, Value)>) -> Answer {
    let size = limit(input, 50)?;
    let after = input.text("nextToken");
    let mut rest = items
        .into_iter()
        .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
    let page: Vec<(String, Value)> = rest.by_ref().take(size).collect();
    let last = page.last().map(|(key, _)| key.clone());
    let more = rest.next().is_some();
    let page: Vec<Value> = page.into_iter().map(|(_, item)| item).collect();
    let mut answer = json!({ member: page });
    if let (true, Some(token)) = (more, last) {
        answer["nextToken"] = json!(token);
    }
    Ok(answer.into())
}

/// How many are asked for, of at most `most`.
pub fn limit(input: &Input, most: i64) -> Result<usize, AwsError> {
    let limit = input.body["limit"].as_i64().unwrap_or(most);
    let mut check = Check::default();
    check.between("limit", limit, 1, most);
    errors::done(check)?;
    Ok(usize::try_from(limit).unwrap_or_default())
}

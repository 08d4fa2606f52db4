//! Tags of groups: by ARN, and by name as older clients do.

use std::collections::BTreeMap;

use serde_json::json;

use super::errors;
use crate::bounds::texts;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

const MOST: usize = 50;

pub fn tag(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (name, given) = (tagged(input)?, given(input)?);
    let tags = &mut errors::group_mut(turn, &name)?.tags;
    tags.extend(given);
    match tags.len() > MOST {
        true => Err(AwsError::new(
            400,
            "TooManyTagsException",
            format!("A log group has at most {MOST} tags"),
        )),
        false => Ok(Reply::empty()),
    }
}

pub fn untag(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = tagged(input)?;
    let keys = input.body.get("tagKeys").or_else(|| input.body.get("tags"));
    let keys: Vec<String> = serde_json::from_value(keys.cloned().unwrap_or_default())
        .map_err(|error| AwsError::new(400, "SerializationException", error.to_string()))?;
    let group = errors::group_mut(turn, &name)?;
    group.tags.retain(|key, _| !keys.contains(key));
    Ok(Reply::empty())
}

pub fn list(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = tagged(input)?;
    let (_, group) = errors::group(turn, &name)?;
    Ok(json!({ "tags": group.tags }).into())
}

/// The tags in a request, none where it has none.
pub fn given(input: &Input) -> Result<BTreeMap<String, String>, AwsError> {
    let Some(tags) = input.body.get("tags") else {
        return Ok(BTreeMap::new());
    };
    let tags: BTreeMap<String, String> = serde_json::from_value(tags.clone())
        .map_err(|error| AwsError::new(400, "SerializationException", error.to_string()))?;
    let strange = |text: &String| texts::stranger_in_tag(text).is_some();
    match tags
        .iter()
        .any(|(key, value)| strange(key) || strange(value))
    {
        false => Ok(tags),
        true => Err(AwsError::new(
            400,
            "InvalidParameterException",
            "Tag keys and values must satisfy regular expression pattern: \
             ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$",
        )),
    }
}

/// The group that is meant, by ARN or by name.
fn tagged(input: &Input) -> Result<String, AwsError> {
    match input.text("resourceArn") {
        Some(arn) if arn.contains(":log-group:") => Ok(errors::of_arn(arn).to_owned()),
        Some(_) => Err(AwsError::not_emulated(
            "tags of other things than log groups",
        )),
        None => errors::group_name(input),
    }
}

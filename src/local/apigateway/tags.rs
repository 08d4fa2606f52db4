//! Tags of APIs and stages, by their ARNs.

use std::collections::BTreeMap;

use serde_json::json;

use super::error::{bad_request, missing};
use super::find::gateway;
use super::members;
use super::snapshot::key;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

const ARN: &str = "resource_arn";
const MOST: usize = 50;

/// Tags as AWS takes them: at most 50, keys to 128 and values to 256 characters.
pub fn checked(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, AwsError> {
    if tags.len() > MOST {
        return Err(bad_request(format!(
            "The number of tags exceeds the limit of {MOST}"
        )));
    }
    for (key, value) in &tags {
        let fits = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        if !fits || key.to_lowercase().starts_with("aws:") {
            return Err(bad_request(format!(
                "Invalid tag '{key}': keys have 1 to 128 characters and do not begin with aws:, \
                 values have up to 256"
            )));
        }
    }
    Ok(tags)
}

pub fn get_tags(turn: &mut Turn<'_>, input: &Input) -> Answer {
    Ok(json!({ "tags": tags(turn, input)? }).into())
}

pub fn tag_resource(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let given = members::map(&input.body, "tags")?.unwrap_or_default();
    let all = tags(turn, input)?;
    let mut after = all.clone();
    after.extend(given);
    *all = checked(after)?;
    Ok(Reply::empty())
}

pub fn untag_resource(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let gone: Vec<&str> = input.queries("tagKeys").collect();
    tags(turn, input)?.retain(|key, _| !gone.contains(&key.as_str()));
    Ok(Reply::empty())
}

/// `arn:aws:apigateway:REGION::/restapis/ID` or `…/restapis/ID/stages/NAME`.
fn tags<'t>(
    turn: &'t mut Turn<'_>,
    input: &Input,
) -> Result<&'t mut BTreeMap<String, String>, AwsError> {
    let arn = input.path(ARN).to_owned();
    let prefix = turn.arn("apigateway", "");
    let path = arn
        .strip_prefix(&prefix)
        .map(|path| path.split('/').collect::<Vec<_>>());
    let gateway = gateway(turn);
    let found = match path.as_deref() {
        Some(["", "restapis", api]) => gateway.apis.get_mut(api).map(|api| &mut api.tags),
        Some(["", "restapis", api, "stages", stage]) => {
            let stage = gateway.stages.get_mut(&key(api, stage));
            stage.map(|stage| &mut stage.tags)
        }
        _ => return Err(bad_request(format!("Invalid ARN specified: {arn}"))),
    };
    found.ok_or_else(|| missing("Invalid resource identifier specified"))
}

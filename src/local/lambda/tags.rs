//! Tags of functions, by ARN.

use std::collections::BTreeMap;

use serde_json::json;

use super::create::revision;
use super::errors;
use super::name::{self, Form, Named};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

const MOST: usize = 50;
const RESOURCE: &str = "arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)";

pub fn tag_resource(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let wanted = input.body.get("Tags").cloned().unwrap_or_default();
    let wanted: Option<BTreeMap<String, String>> = serde_json::from_value(wanted)
        .map_err(|error| AwsError::new(400, "SerializationException", error.to_string()))?;
    let mut found = Check::default();
    if wanted.is_none() {
        found.missing("tags");
    }
    let named = tagged(turn, input, found)?;
    let wanted = wanted.unwrap_or_default();
    let mut tags = super::function(turn, &named)?.tags.clone();
    if wanted.is_empty() {
        return Err(errors::invalid(
            "An error occurred and the request cannot be processed.",
        ));
    }
    tags.extend(wanted);
    check(Some(&tags))?;
    replace(turn, &named, tags)
}

pub fn untag_resource(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let keys: Vec<&str> = input.queries("tagKeys").collect();
    let mut found = Check::default();
    if keys.is_empty() {
        found.missing("tagKeys");
    }
    let named = tagged(turn, input, found)?;
    let mut tags = super::function(turn, &named)?.tags.clone();
    tags.retain(|key, _| !keys.contains(&key.as_str()));
    replace(turn, &named, tags)
}

pub fn list_tags(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = tagged(turn, input, Check::default())?;
    let tags = &super::function(turn, &named)?.tags;
    Ok(json!({ "Tags": tags }).into())
}

/// May a function have these?
pub fn check(tags: Option<&BTreeMap<String, String>>) -> Result<(), AwsError> {
    let Some(tags) = tags else { return Ok(()) };
    if tags.len() > MOST {
        return Err(errors::invalid(
            "Number of tags exceeds resource tag limit.",
        ));
    }
    let long = |text: &String, most: usize| text.chars().count() > most;
    if tags
        .iter()
        .any(|(key, value)| long(key, 128) || long(value, 256))
    {
        return Err(errors::invalid(
            "A tag's key has at most 128 characters, its value at most 256.",
        ));
    }
    if tags
        .keys()
        .any(|key| key.to_ascii_lowercase().starts_with("aws:"))
    {
        return Err(errors::invalid(
            "The tag prefix 'aws:' is reserved and must not be used.",
        ));
    }
    Ok(())
}

/// Tagging gives a function a new revision, as recorded from AWS.
fn replace(turn: &mut Turn<'_>, named: &Named, tags: BTreeMap<String, String>) -> Answer {
    let function = super::function_mut(turn, named)?;
    function.tags = tags;
    function.latest.revision = revision();
    Ok(Reply::empty())
}

/// The function that the path's ARN names.
fn tagged(turn: &Turn<'_>, input: &Input, mut check: Check) -> Result<Named, AwsError> {
    let arn = input.path("Resource");
    let parts: Vec<&str> = arn.split(':').collect();
    let missing = |what: &str| Err(errors::not_found(format!("{what} not found: {arn}")));
    match parts[..] {
        ["arn", _, "lambda", region, account, kind, ..]
            if name::is_region(region) && name::is_account(account) =>
        {
            match (kind, parts.len()) {
                ("function", 7 | 8) => {}
                ("event-source-mapping", 7) => return missing("Event source mapping"),
                ("capacity-provider", 7) => return missing("Capacity provider"),
                ("layer" | "code-signing-config", 7) => {
                    return Err(AwsError::not_emulated(&format!("tags of a {kind}")));
                }
                _ => check.pattern("resource", arn, RESOURCE),
            }
        }
        _ => check.pattern("resource", arn, RESOURCE),
    }
    check.done()?;
    let named = name::named(turn, arn, None, Form::Found)?;
    match named.qualifier {
        None => Ok(named),
        Some(_) => Err(errors::invalid(
            "Tags on function aliases and versions are not supported. Please specify a function \
             ARN.",
        )),
    }
}

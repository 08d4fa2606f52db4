//! The versions of a managed policy: five at most, one of them counts.

use serde_json::json;

use super::asked::{self, beyond, conflict, flag, invalid, missing, required};
use super::model::{Policy, Version};
use super::page::page;
use super::policies::{named, named_mut};
use super::{check, shape};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

const MOST: usize = 5;

pub fn create(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let now = turn.now;
    let policy = named_mut(turn, input)?;
    let text = check::text(input, "PolicyDocument")?;
    check::managed(text)?;
    if policy.versions.len() >= MOST {
        return Err(beyond(
            "A managed policy can have up to 5 versions. Before you create a new version, you \
             must delete an existing version.",
        ));
    }
    let (number, version) = (
        policy.next,
        Version {
            document: text.to_owned(),
            created: now,
        },
    );
    policy.next += 1;
    policy.updated = now;
    if flag(input, "SetAsDefault") {
        policy.default = number;
    }
    let shown = shape::version(policy, number, &version);
    policy.versions.insert(number, version);
    Ok(json!({"PolicyVersion": shown}).into())
}

pub fn get(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let policy = named(turn, input)?;
    let number = number(policy, input)?;
    let version = policy.versions.get(&number);
    let shown = version.map(|version| shape::whole_version(policy, number, version));
    Ok(json!({"PolicyVersion": shown}).into())
}

/// The youngest first.
pub fn list(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let policy = named(turn, input)?;
    let versions = policy.versions.iter().rev();
    page(
        input,
        "Versions",
        versions.map(|(number, version)| {
            let place = format!("{:010}", u32::MAX - number);
            (place, shape::version(policy, *number, version))
        }),
    )
}

pub fn set_default(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let now = turn.now;
    let policy = named_mut(turn, input)?;
    policy.default = number(policy, input)?;
    policy.updated = now;
    Ok(Reply::empty())
}

pub fn delete(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let now = turn.now;
    let policy = named_mut(turn, input)?;
    let number = number(policy, input)?;
    if number == policy.default {
        return Err(conflict("Cannot delete the default version of a policy."));
    }
    policy.versions.remove(&number);
    policy.updated = now;
    Ok(Reply::empty())
}

/// `v3`, of a version that is there.
fn number(policy: &Policy, input: &Input) -> Result<u32, AwsError> {
    let id = required(input, "VersionId")?;
    let digits = id.strip_prefix('v').filter(|rest| !rest.starts_with('0'));
    let number = digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| {
            invalid(format!(
                "1 validation error detected: Value '{id}' at 'versionId' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: \
             v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"
            ))
        })?;
    match policy.versions.contains_key(&number) {
        true => Ok(number),
        false => Err(missing(format!(
            "Policy {} version {id} does not exist or is not attachable.",
            asked::policy_arn(input, "PolicyArn")?
        ))),
    }
}

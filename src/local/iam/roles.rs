//! Roles: made, read, changed, removed.

use serde_json::{Value, json};

use super::asked::{self, bounded, conflict, exists, no_role, number, role_name};
use super::model::Role;
use super::page::page;
use super::{Iam, check, key, policies, shape, trust};
use crate::bounds::texts;
use crate::local::error::AwsError;
use crate::local::turn::{Turn, UPPER, random};
use crate::local::wire::{Answer, Input, Reply};

/// Roles of an account, at first.
const MOST: usize = 1000;

/// The role that a request names.
pub fn named<'t>(turn: &'t Turn<'_>, input: &Input) -> Result<&'t Role, AwsError> {
    let name = role_name(input)?;
    let role = turn.world.global.iam.roles.get(&key(name));
    role.ok_or_else(|| no_role(name))
}

/// The same, to be changed.
pub fn named_mut<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t mut Role, AwsError> {
    let name = role_name(input)?;
    let role = turn.world.global.iam.roles.get_mut(&key(name));
    role.ok_or_else(|| no_role(name))
}

pub fn create(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = role_name(input)?;
    let trust = check::text(input, "AssumeRolePolicyDocument")?;
    let role = Role {
        name: name.to_owned(),
        account: turn.account().to_owned(),
        path: asked::path(input, texts::is_role_path)?,
        id: format!("AROA{}", random(UPPER, 17)),
        description: description(input)?,
        created: turn.now,
        max_session_seconds: session(input)?.unwrap_or(3600),
        trust: trust.to_owned(),
        trusted: trust::read(turn, trust)?,
        boundary: boundary(turn, input)?,
        inline: Default::default(),
        attached: Default::default(),
        tags: asked::tags(input)?,
    };
    if role.path.starts_with("/aws-service-role/") {
        return Err(asked::invalid(
            "The specified value for path is invalid: /aws-service-role/ is reserved.",
        ));
    }
    let iam = &mut turn.world.global.iam;
    if iam.roles.contains(&key(name)) {
        return Err(exists(format!("Role with name {name} already exists.")));
    }
    if iam.roles.len() >= MOST {
        return Err(asked::beyond(
            "Cannot exceed quota for RolesPerAccount: 1000",
        ));
    }
    let shown = shape::created_role(iam, &role);
    iam.roles.insert(key(name), role);
    Ok(json!({"Role": shown}).into())
}

fn description(input: &Input) -> Result<Option<String>, AwsError> {
    let text = bounded(input, "Description", 0, 1000)?;
    if let Some(text) = text.filter(|text| texts::stranger_in_description(text).is_some()) {
        let must = format!("satisfy regular expression pattern: {}", texts::DESCRIPTION);
        return Err(asked::constraint(
            &format!("'{text}'"),
            "description",
            &must,
        ));
    }
    Ok(text.filter(|text| !text.is_empty()).map(str::to_owned))
}

fn session(input: &Input) -> Result<Option<u32>, AwsError> {
    number(input, "MaxSessionDuration", 3600, 43200)
}

fn boundary(turn: &Turn<'_>, input: &Input) -> Result<Option<String>, AwsError> {
    if input.text("PermissionsBoundary").is_none() {
        return Ok(None);
    }
    let arn = asked::policy_arn(input, "PermissionsBoundary")?;
    policies::attachable(&turn.world.global.iam, arn).map(|arn| Some(arn.to_owned()))
}

pub fn get(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let role = named(turn, input)?;
    let shown = shape::whole_role(&turn.world.global.iam, role);
    Ok(json!({"Role": shown}).into())
}

pub fn list(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let iam = &turn.world.global.iam;
    let prefix = bounded(input, "PathPrefix", 1, 512)?.unwrap_or("/");
    let roles = iam
        .roles
        .iter()
        .filter(|(_, role)| role.path.starts_with(prefix));
    page(
        input,
        "Roles",
        roles.map(|(key, role)| (key.to_owned(), shape::listed_role(iam, role))),
    )
}

/// Description and session length; what is left out goes back to its default.
pub fn update(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (description, session) = (description(input)?, session(input)?);
    let role = changeable(turn, input)?;
    if input.text("Description").is_some() {
        role.description = description;
    }
    if let Some(session) = session {
        role.max_session_seconds = session;
    }
    Ok(json!({}).into())
}

pub fn update_description(turn: &mut Turn<'_>, input: &Input) -> Answer {
    asked::required(input, "Description")?;
    let description = description(input)?;
    changeable(turn, input)?.description = description;
    get(turn, input)
}

pub fn update_trust(turn: &mut Turn<'_>, input: &Input) -> Answer {
    changeable(turn, input)?;
    let text = check::text(input, "PolicyDocument")?;
    let trusted = trust::read(turn, text)?;
    let role = named_mut(turn, input)?;
    role.trust = text.to_owned();
    role.trusted = trusted;
    Ok(Reply::empty())
}

pub fn put_boundary(turn: &mut Turn<'_>, input: &Input) -> Answer {
    asked::required(input, "PermissionsBoundary")?;
    let boundary = boundary(turn, input)?;
    changeable(turn, input)?.boundary = boundary;
    Ok(Reply::empty())
}

pub fn delete_boundary(turn: &mut Turn<'_>, input: &Input) -> Answer {
    changeable(turn, input)?.boundary = None;
    Ok(Reply::empty())
}

pub fn delete(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let role = changeable(turn, input)?;
    if !role.attached.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !role.inline.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must delete policies first.",
        ));
    }
    let name = key(&role.name);
    turn.world.global.iam.roles.remove(&name);
    Ok(Reply::empty())
}

/// A role that is not a service's own.
pub fn changeable<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t mut Role, AwsError> {
    let role = named_mut(turn, input)?;
    if role.path.starts_with("/aws-service-role/") {
        return Err(AwsError::new(
            400,
            "UnmodifiableEntity",
            format!(
                "Cannot perform the operation on the protected role '{}' - this role is only \
                 modifiable by AWS",
                role.name
            ),
        ));
    }
    Ok(role)
}

/// A role that is there has no instance profile here.
pub fn instance_profiles(turn: &mut Turn<'_>, input: &Input) -> Answer {
    named(turn, input)?;
    page(
        input,
        "InstanceProfiles",
        std::iter::empty::<(String, Value)>(),
    )
}

/// The roles of an account, as its details list them.
pub fn detailed(iam: &Iam) -> impl Iterator<Item = (String, Value)> {
    iam.roles
        .iter()
        .map(|(key, role)| (format!("role/{key}"), shape::detailed_role(iam, role)))
}

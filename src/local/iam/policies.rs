//! Managed policies: the account's own, made, read and removed; AWS's, read.

use serde_json::{Value, json};

use super::asked::{self, bounded, conflict, exists, flag, missing};
use super::aws;
use super::model::{Policy, Version};
use super::page::page;
use super::{Iam, check, key, shape};
use crate::bounds::texts;
use crate::iam::managed::{self, There};
use crate::local::error::AwsError;
use crate::local::turn::{Turn, UPPER, random};
use crate::local::wire::{Answer, Input, Reply};

/// Customer managed policies of an account.
const MOST: usize = 1500;

/// The document of a managed policy that counts.
pub fn document<'i>(iam: &'i Iam, arn: &str) -> Option<&'i str> {
    find(iam, arn).map(Policy::document)
}

/// The account's policy or AWS's, of an ARN.
pub fn find<'i>(iam: &'i Iam, arn: &str) -> Option<&'i Policy> {
    let outside = || iam.outside.get(arn);
    iam.policy(arn).or_else(outside).or_else(|| aws::find(arn))
}

/// An ARN that may be attached or be a boundary: also one of AWS's whose document is not here.
pub fn attachable<'a>(iam: &Iam, arn: &'a str) -> Result<&'a str, AwsError> {
    let named = || managed::there(arn) == Some(There::Yes);
    match find(iam, arn) {
        Some(_) => Ok(arn),
        None if named() => Ok(arn),
        None => Err(missing(format!(
            "Policy {arn} does not exist or is not attachable."
        ))),
    }
}

pub fn not_found(arn: &str) -> AwsError {
    missing(format!("Policy {arn} was not found."))
}

/// The policy that a request names, to be read.
pub fn named<'t>(turn: &'t Turn<'_>, input: &Input) -> Result<&'t Policy, AwsError> {
    let arn = asked::policy_arn(input, "PolicyArn")?;
    find(&turn.world.global.iam, arn).ok_or_else(|| not_found(arn))
}

/// The account's policy that a request names, to be changed; AWS's own nobody changes.
pub fn named_mut<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t mut Policy, AwsError> {
    let arn = asked::policy_arn(input, "PolicyArn")?;
    if arn.starts_with("arn:aws:iam::aws:") {
        let message = format!("Policy {arn} is outside your own account.");
        return Err(AwsError::new(403, "AccessDenied", message));
    }
    let iam = &mut turn.world.global.iam;
    if iam.policy(arn).is_none() {
        return Err(not_found(arn));
    }
    let name = arn.rsplit('/').next().unwrap_or_default();
    iam.policies
        .get_mut(&key(name))
        .ok_or_else(|| not_found(arn))
}

pub fn create(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = asked::name(input, "PolicyName", 128)?;
    let text = check::text(input, "PolicyDocument")?;
    check::managed(text)?;
    let version = Version {
        document: text.to_owned(),
        created: turn.now,
    };
    let description = bounded(input, "Description", 0, 1000)?;
    let policy = Policy {
        name: name.to_owned(),
        account: turn.account().to_owned(),
        path: asked::path(input, texts::is_policy_path)?,
        id: format!("ANPA{}", random(UPPER, 17)),
        description: description
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        created: turn.now,
        updated: turn.now,
        versions: [(1, version)].into(),
        default: 1,
        next: 2,
        tags: asked::tags(input)?,
    };
    let iam = &mut turn.world.global.iam;
    if iam.policies.contains(&key(name)) {
        return Err(exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    if iam.policies.len() >= MOST {
        return Err(asked::beyond(
            "Cannot exceed quota for PoliciesPerAccount: 1500",
        ));
    }
    let shown = shape::created_policy(iam, &policy);
    iam.policies.insert(key(name), policy);
    Ok(json!({"Policy": shown}).into())
}

pub fn get(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let policy = named(turn, input)?;
    let shown = shape::whole_policy(&turn.world.global.iam, policy);
    Ok(json!({"Policy": shown}).into())
}

/// The account's own first, then AWS's.
pub fn list(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let iam = &turn.world.global.iam;
    let scope = input.text("Scope").unwrap_or("All");
    let local = iam.policies.values().filter(|_| scope != "AWS");
    let aws = aws::all().filter(|_| scope != "Local");
    let prefix = bounded(input, "PathPrefix", 1, 512)?.unwrap_or("/");
    let (attached, usage) = (flag(input, "OnlyAttached"), input.text("PolicyUsageFilter"));
    let wanted = |policy: &&Policy| {
        let arn = policy.arn();
        let holds = iam.roles.values().any(|role| role.attached.contains(&arn));
        let bounds = iam
            .roles
            .values()
            .any(|role| role.boundary.as_ref() == Some(&arn));
        policy.path.starts_with(prefix)
            && (!attached || holds)
            && match usage {
                Some("PermissionsPolicy") => !bounds || holds,
                Some("PermissionsBoundary") => bounds,
                _ => true,
            }
    };
    let policies = local
        .map(|policy| ("0", policy))
        .chain(aws.map(|policy| ("1", policy)));
    let policies = policies.filter(|(_, policy)| wanted(policy));
    page(
        input,
        "Policies",
        policies.map(|(order, policy)| {
            let place = format!("{order}/{}", key(&policy.name));
            (place, shape::listed_policy(iam, policy))
        }),
    )
}

pub fn delete(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let policy = named_mut(turn, input)?;
    let (arn, name, versions) = (policy.arn(), key(&policy.name), policy.versions.len());
    let iam = &mut turn.world.global.iam;
    let uses =
        |role: &super::Role| role.attached.contains(&arn) || role.boundary.as_ref() == Some(&arn);
    if iam.roles.values().any(uses) {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete \
             the policy's versions. The default version is deleted with the policy.",
        ));
    }
    iam.policies.remove(&name);
    Ok(Reply::empty())
}

/// The roles that a policy is attached to, or is the boundary of.
pub fn entities(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let arn = named(turn, input)?.arn();
    let prefix = bounded(input, "PathPrefix", 1, 512)?.unwrap_or("/");
    let boundary = input.text("PolicyUsageFilter") == Some("PermissionsBoundary");
    let filter = input.text("EntityFilter").unwrap_or("Role");
    let roles = turn.world.global.iam.roles.iter().filter(|(_, role)| {
        let uses = match boundary {
            true => role.boundary.as_ref() == Some(&arn),
            false => role.attached.contains(&arn),
        };
        uses && filter == "Role" && role.path.starts_with(prefix)
    });
    let shown = roles.map(|(key, role)| {
        let role = json!({"RoleName": role.name, "RoleId": role.id});
        (key.to_owned(), role)
    });
    let mut reply = page(input, "PolicyRoles", shown)?;
    if let crate::local::wire::Body::Json(answer) = &mut reply.body {
        answer["PolicyUsers"] = json!([]);
        answer["PolicyGroups"] = json!([]);
    }
    Ok(reply)
}

/// A policy as the account's details list it, with its place among them.
pub fn detailed(iam: &Iam, policy: &Policy) -> (String, Value) {
    let place = format!("{}/{}", policy.account, key(&policy.name));
    (place, shape::detailed_policy(iam, policy))
}

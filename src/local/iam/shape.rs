//! Roles and policies as answers show them. What is null is left out.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Iam;
use super::model::{Policy, Role, Tags, Version};
use super::trust;

/// RFC 3986: only unreserved characters stay.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A policy document as IAM answers it.
pub fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// IAM counts in seconds.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub fn tags(tags: &Tags) -> Value {
    let tag = |(key, value): &(String, String)| json!({"Key": key, "Value": value});
    tags.iter().map(tag).collect()
}

/// Tags are no member where there are none.
fn some_tags(all: &Tags) -> Value {
    if all.is_empty() {
        Value::Null
    } else {
        tags(all)
    }
}

fn boundary(role: &Role) -> Value {
    role.boundary.as_ref().map_or(
        Value::Null,
        |arn| json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}),
    )
}

fn basic_role(iam: &Iam, role: &Role) -> Value {
    json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn(),
        "CreateDate": time(role.created),
        "AssumeRolePolicyDocument": encoded(&trust::shown(iam, role)),
    })
}

fn joined(mut base: Value, more: Value) -> Value {
    if let (Value::Object(base), Value::Object(more)) = (&mut base, more) {
        base.extend(more);
    }
    base
}

/// As CreateRole answers.
pub fn created_role(iam: &Iam, role: &Role) -> Value {
    let more = json!({
        "Description": role.description,
        "Tags": some_tags(&role.tags),
        "PermissionsBoundary": boundary(role),
        // Recorded: an answer to CreateRole has it only where the request had.
        "MaxSessionDuration": (role.max_session_seconds != HOUR).then_some(role.max_session_seconds),
    });
    joined(basic_role(iam, role), more)
}

const HOUR: u32 = 3600;

/// As ListRoles answers: neither tags nor boundary.
pub fn listed_role(iam: &Iam, role: &Role) -> Value {
    let more = json!({
        "Description": role.description,
        "MaxSessionDuration": role.max_session_seconds,
    });
    joined(basic_role(iam, role), more)
}

/// As GetRole answers.
pub fn whole_role(iam: &Iam, role: &Role) -> Value {
    let more = json!({
        "Tags": some_tags(&role.tags),
        "PermissionsBoundary": boundary(role),
        "RoleLastUsed": {},
    });
    joined(listed_role(iam, role), more)
}

/// As GetAccountAuthorizationDetails answers: no description, no session length.
pub fn detailed_role(iam: &Iam, role: &Role) -> Value {
    let inline = role
        .inline
        .iter()
        .map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": encoded(document)}));
    let more = json!({
        "InstanceProfileList": [],
        "RolePolicyList": inline.collect::<Value>(),
        "AttachedManagedPolicies": role.attached.iter().map(|arn| attached(arn)).collect::<Value>(),
        "Tags": tags(&role.tags),
        "PermissionsBoundary": boundary(role),
        "RoleLastUsed": {},
    });
    joined(basic_role(iam, role), more)
}

/// A policy as a role's list shows it.
pub fn attached(arn: &str) -> Value {
    json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn})
}

/// As ListPolicies answers: neither description nor tags.
pub fn listed_policy(iam: &Iam, policy: &Policy) -> Value {
    let arn = policy.arn();
    let attachments = iam
        .roles
        .values()
        .filter(|role| role.attached.contains(&arn));
    let bounds = iam
        .roles
        .values()
        .filter(|role| role.boundary.as_ref() == Some(&arn));
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default),
        "AttachmentCount": attachments.count(),
        "PermissionsBoundaryUsageCount": bounds.count(),
        "IsAttachable": true,
        "CreateDate": time(policy.created),
        "UpdateDate": time(policy.updated),
        "Arn": arn,
    })
}

/// As CreatePolicy answers.
pub fn created_policy(iam: &Iam, policy: &Policy) -> Value {
    let more = json!({
        "Description": policy.description,
        "Tags": some_tags(&policy.tags),
    });
    joined(listed_policy(iam, policy), more)
}

/// As GetPolicy answers.
pub fn whole_policy(iam: &Iam, policy: &Policy) -> Value {
    let more = json!({
        "Description": policy.description,
        "Tags": tags(&policy.tags),
    });
    joined(listed_policy(iam, policy), more)
}

/// As GetAccountAuthorizationDetails answers: every version, no tags.
pub fn detailed_policy(iam: &Iam, policy: &Policy) -> Value {
    let versions = policy.versions.iter().rev();
    let versions = versions.map(|(number, it)| whole_version(policy, *number, it));
    let more = json!({
        "Description": policy.description,
        "PolicyVersionList": versions.collect::<Value>(),
    });
    joined(listed_policy(iam, policy), more)
}

pub fn version(policy: &Policy, number: u32, version: &Version) -> Value {
    json!({
        "VersionId": format!("v{number}"),
        "IsDefaultVersion": number == policy.default,
        "CreateDate": time(version.created),
    })
}

pub fn whole_version(policy: &Policy, number: u32, it: &Version) -> Value {
    joined(
        version(policy, number, it),
        json!({"Document": encoded(&it.document)}),
    )
}

//! Whom a trust policy may name, and what AWS keeps of it: a role's unique id, not its name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::asked::malformed;
use super::model::Role;
use super::{Iam, check};
use crate::iam::grammar::Document;
use crate::local::error::AwsError;
use crate::local::turn::Turn;

/// Reads a trust policy: the unique ids of the roles that it names, by ARN.
pub fn read(turn: &Turn<'_>, document: &str) -> Result<BTreeMap<String, String>, AwsError> {
    let read = check::trust(document)?;
    let ids = principals(turn, &read)?;
    if check::size(document) > 2048 {
        return Err(super::asked::beyond(
            "Cannot exceed quota for ACLSizePerRole: 2048",
        ));
    }
    Ok(ids)
}

fn principals(turn: &Turn<'_>, document: &Document) -> Result<BTreeMap<String, String>, AwsError> {
    let mut ids = BTreeMap::new();
    let listed = document
        .statements
        .iter()
        .filter_map(|s| s.principals.as_ref());
    for (kind, name) in listed.flat_map(|principals| &principals.listed) {
        let there = match kind.as_str() {
            "AWS" => aws(turn, name, &mut ids),
            "Federated" => federated(turn, name),
            "Service" | "CanonicalUser" => true,
            _ => return Err(malformed("Syntax errors in policy.")),
        };
        if !there || !check::fits(kind, name) {
            let kind = kind.to_ascii_uppercase();
            return Err(malformed(format!(
                "Invalid principal in policy: \"{kind}\":\"{name}\""
            )));
        }
    }
    Ok(ids)
}

/// An account, everyone, or a role of this account that is there; what other accounts have
/// cannot be known here and is taken.
fn aws(turn: &Turn<'_>, name: &str, ids: &mut BTreeMap<String, String>) -> bool {
    if name == "*" || is_account(name) {
        return true;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let ["arn", "aws", service, "", account, resource] = parts[..] else {
        return is_known_id(turn, name);
    };
    if !is_account(account) || !matches!(service, "iam" | "sts") {
        return false;
    }
    if resource == "root" || account != turn.account() {
        return true;
    }
    if service == "sts" {
        return resource.starts_with("assumed-role/");
    }
    if turn.world.global.iam.principals.contains(name) {
        return true;
    }
    match super::ask::role(turn, name) {
        Some(role) if !turn.spreading(role.created) => {
            ids.insert(name.to_owned(), role.id.clone());
            true
        }
        _ => false,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// AWS takes a unique id as long as its role lives.
fn is_known_id(turn: &Turn<'_>, name: &str) -> bool {
    let iam = &turn.world.global.iam;
    iam.principals.contains(name) || iam.roles.values().any(|role| role.id == name)
}

/// A web identity provider, or one of this account's by ARN, which this cloud does not have.
fn federated(turn: &Turn<'_>, name: &str) -> bool {
    const PROVIDERS: [&str; 4] = [
        "cognito-identity.amazonaws.com",
        "www.amazon.com",
        "graph.facebook.com",
        "accounts.google.com",
    ];
    let foreign = |rest: &str| {
        !rest.starts_with(turn.account()) && is_account(rest.get(..12).unwrap_or_default())
    };
    PROVIDERS.contains(&name)
        || turn.world.global.iam.principals.contains(name)
        || name.strip_prefix("arn:aws:iam::").is_some_and(foreign)
}

/// A role's trust policy as AWS shows it: accounts as their root, and the unique id in the place
/// of a role that is gone, even where another has its name now.
pub fn shown(iam: &Iam, role: &Role) -> String {
    let gone: BTreeMap<&str, &str> = role
        .trusted
        .iter()
        .filter(|(arn, id)| {
            let name = arn.rsplit('/').next().unwrap_or_default();
            let now = iam.roles.get(&super::key(name));
            now.is_none_or(|now| now.id != **id)
        })
        .map(|(arn, id)| (arn.as_str(), id.as_str()))
        .collect();
    let Ok(mut document) = serde_json::from_str::<Value>(&role.trust) else {
        return role.trust.clone();
    };
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(items)) => items.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut changed = false;
    for statement in statements {
        for key in ["Principal", "NotPrincipal"] {
            if let Some(names) = statement.pointer_mut(&format!("/{key}/AWS")) {
                changed |= renamed(names, &gone);
            }
        }
    }
    // As it was written, wherever it can be: AWS keeps the order of keys.
    match changed {
        true => document.to_string(),
        false => role.trust.clone(),
    }
}

fn renamed(names: &mut Value, gone: &BTreeMap<&str, &str>) -> bool {
    match names {
        Value::Array(items) => {
            let mut changed = false;
            for item in items {
                changed |= renamed(item, gone);
            }
            changed
        }
        Value::String(name) => {
            let new = match gone.get(name.as_str()) {
                Some(id) => (*id).to_owned(),
                None if is_account(name) => format!("arn:aws:iam::{name}:root"),
                None => return false,
            };
            *name = new;
            true
        }
        _ => false,
    }
}

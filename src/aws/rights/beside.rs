//! What is needed beside the resources: the state in its bucket, its keys, the variables' sources.

use std::collections::BTreeSet;

use super::{Only, Part, Right, Rights};
use crate::manifest::{Backend, Encryption, KeyPlace, Origin, StatePlace};
use crate::scope::Scope;

/// What the state takes, whose key in the bucket is `key`. A plan only reads it.
pub fn of_state(place: &StatePlace, key: &str, scope: &Scope, part: Part) -> Rights {
    let mut rights = Rights::new();
    if let (Backend::S3, Some(bucket)) = (place.backend, &place.bucket) {
        rights.extend(in_bucket(bucket, key, scope, part));
        rights.extend(key_of(place.kms_key.as_deref(), place, scope, part));
    }
    let places = place.encryption.as_ref().map(Encryption::places);
    if let Some(Ok((current, previous))) = places {
        for (key, writes) in current
            .iter()
            .map(|key| (key, part))
            .chain(previous.iter().map(|key| (key, Part::Plan)))
        {
            if let KeyPlace::Kms(id) = key {
                rights.extend(kms(id, &scope.region, scope, writes));
            }
        }
    }
    rights
}

fn in_bucket(bucket: &str, key: &str, scope: &Scope, part: Part) -> Rights {
    let bucket = format!("arn:{}:s3:::{bucket}", scope.partition);
    let object = |end: &str| format!("{bucket}/{key}{end}");
    let mut rights = Rights::new();
    let mut add = |action, resource: &str| {
        rights.insert(Right::new(action, resource, Only::Always));
    };
    // Under a condition on the prefix S3 would say 403 instead of 404 of an object that is not there.
    add("s3:ListBucket", &bucket);
    for end in ["", ".journal"] {
        add("s3:GetObject", &object(end));
    }
    if part == Part::Life {
        // The history is kept, and read by whoever puts an earlier state back.
        add("s3:GetObject", &object(".lock"));
        for end in ["", ".journal", ".lock", ".history/*"] {
            add("s3:PutObject", &object(end));
        }
        for end in [".journal", ".lock"] {
            add("s3:DeleteObject", &object(end));
        }
    }
    rights
}

fn key_of(id: Option<&str>, place: &StatePlace, scope: &Scope, part: Part) -> Rights {
    let region = place.region.as_deref().unwrap_or(&scope.region);
    id.map(|id| kms(id, region, scope, part))
        .unwrap_or_default()
}

/// A key by its id, its ARN, or an alias, of which IAM knows only a condition.
fn kms(id: &str, region: &str, scope: &Scope, part: Part) -> Rights {
    let Scope {
        partition, account, ..
    } = scope;
    let key = |name: &str| format!("arn:{partition}:kms:{region}:{account}:key/{name}");
    let alias = id
        .rsplit_once(":alias/")
        .map(|(_, name)| name)
        .or(id.strip_prefix("alias/"));
    let (resource, only) = match alias {
        Some(name) => (key("*"), Only::Alias(format!("alias/{name}"))),
        None if id.starts_with("arn:") => (id.to_owned(), Only::Always),
        None => (key(id), Only::Always),
    };
    let actions: &[&str] = match part {
        Part::Plan => &["kms:Decrypt"],
        Part::Life => &["kms:Decrypt", "kms:GenerateDataKey"],
    };
    let rights = actions.iter();
    rights
        .map(|action| Right::new(action, &resource, only.clone()))
        .collect()
}

/// What asking these sources takes. Outputs of other projects are in their states.
pub fn of_sources(origins: &BTreeSet<Origin>, scope: &Scope) -> Rights {
    let mut rights = Rights::new();
    let mut secrets = BTreeSet::new();
    for origin in origins {
        match origin {
            Origin::Parameter(name) => {
                rights.insert(Right::new(
                    "ssm:GetParameters",
                    &parameter(name, scope),
                    Only::Always,
                ));
            }
            Origin::Secret { id, .. } => {
                secrets.insert(id);
                let secret = secret(id, scope);
                rights.insert(Right::new(
                    "secretsmanager:GetSecretValue",
                    &secret,
                    Only::Always,
                ));
            }
            Origin::Output { .. } => {}
        }
    }
    if secrets.len() > 1 {
        // It cannot be narrowed; each secret is asked for by itself as well.
        rights.insert(Right::new(
            "secretsmanager:BatchGetSecretValue",
            "*",
            Only::Always,
        ));
    }
    rights
}

/// Without the version or label behind its name.
fn parameter(name: &str, scope: &Scope) -> String {
    if name.starts_with("arn:") {
        return name.splitn(7, ':').take(6).collect::<Vec<_>>().join(":");
    }
    let name = name.split(':').next().unwrap_or(name);
    scope.arn(
        "ssm",
        &format!("parameter/{}", name.trim_start_matches('/')),
    )
}

/// AWS adds six characters to a secret's name.
fn secret(id: &str, scope: &Scope) -> String {
    let whole = |tail: &str| tail.len() == 6 && tail.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_whole = id.rsplit_once('-').is_some_and(|(_, tail)| whole(tail));
    match (id.starts_with("arn:"), is_whole) {
        (true, true) => id.to_owned(),
        (true, false) => format!("{id}-??????"),
        (false, _) => scope.arn("secretsmanager", &format!("secret:{id}-??????")),
    }
}

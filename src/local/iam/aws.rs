//! The managed policies of AWS that every embedded cloud has: those of `iam::managed`.
//!
//! Left out on purpose: the hundreds of others, which can be attached and cannot be read.

use std::sync::LazyLock;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::model::{Policy, Version};
use crate::iam::managed::{self, Managed};
use crate::local::turn::UPPER;

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| managed::all().map(policy).collect());

/// 6 February 2015, when AWS began with managed policies. When each came is not published.
const SINCE: i64 = 1_423_180_800;

fn policy(managed: &Managed) -> Policy {
    let created = Timestamp::from_second(SINCE).unwrap_or(Timestamp::UNIX_EPOCH);
    let version = Version {
        document: managed.document.to_string(),
        created,
    };
    Policy {
        id: id(&managed.name),
        name: managed.name.clone(),
        account: "aws".to_owned(),
        path: managed.path.clone(),
        description: None,
        created,
        updated: created,
        versions: [(1, version)].into(),
        default: 1,
        next: 2,
        tags: Vec::new(),
    }
}

/// `ANPA…`, the same in every run.
fn id(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let letters = digest
        .iter()
        .take(17)
        .map(|byte| char::from(UPPER[usize::from(*byte) % UPPER.len()]));
    "ANPA".chars().chain(letters).collect()
}

/// All of them, by name.
pub fn all() -> impl Iterator<Item = &'static Policy> {
    POLICIES.iter()
}

/// Is this the ARN of one that every embedded cloud has?
pub fn is_one(arn: &str) -> bool {
    find(arn).is_some()
}

/// The one of an ARN.
pub fn find(arn: &str) -> Option<&'static Policy> {
    let name = arn.rsplit('/').next()?;
    all().find(|policy| policy.name == name && policy.arn() == arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::iam::check;

    #[test]
    fn each_is_a_policy_that_iam_takes() {
        assert!(all().count() >= 20);
        for policy in all() {
            assert_eq!(check::managed(policy.document()), Ok(()), "{}", policy.name);
        }
    }
}

//! The managed policies of AWS that functions and their roles mostly have, with the documents
//! that AWS publishes (docs.aws.amazon.com/aws-managed-policy/latest/reference/).
//!
//! Of the hundreds of others only the names stand here (`managed.txt`, as of August 2026; `~` marks
//! what AWS attaches no more to what does not have it), to tell a slip. Left out on purpose: the
//! partitions of China and the US government, whose documents differ.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::problem::slip_of;

static POLICIES: LazyLock<Vec<Managed>> =
    LazyLock::new(|| serde_json::from_str(include_str!("managed.json")).unwrap_or_default());

/// One policy.
#[derive(Debug, Deserialize)]
pub struct Managed {
    /// `/`, or `/service-role/`.
    pub path: String,
    pub name: String,
    pub document: Value,
}

impl Managed {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }
}

/// All of them, by name.
pub fn all() -> impl Iterator<Item = &'static Managed> {
    POLICIES.iter()
}

/// The one of an ARN.
pub fn find(arn: &str) -> Option<&'static Managed> {
    let name = arn.rsplit('/').next()?;
    all().find(|policy| policy.name == name && policy.arn() == arn)
}

/// `/service-role/NAME` of every one that is known by name; `~NAME` of what is attached no more.
static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("managed.txt").lines().collect());

fn name_of(entry: &str) -> &str {
    entry.rsplit(['/', '~']).next().unwrap_or(entry)
}

/// Whether AWS has such a managed policy of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum There {
    Yes,
    /// No: this one is meant.
    No(String),
    /// Nothing is like it: AWS may have it since.
    Perhaps,
}

/// What the ARN of one of AWS's own policies names; of another policy nothing is said.
pub fn there(arn: &str) -> Option<There> {
    let place = arn.strip_prefix("arn:aws:iam::aws:policy")?;
    let name = name_of(place);
    if NAMES.contains(place) || NAMES.contains(format!("~{name}").as_str()) {
        return Some(There::Yes);
    }
    Some(arn_of(name).map_or(There::Perhaps, There::No))
}

/// The ARN of the policy of AWS's that a name, or a slip of one, stands for.
pub fn arn_of(name: &str) -> Option<String> {
    let usable = || NAMES.iter().copied().filter(|entry| entry.starts_with('/'));
    let same = |entry: &&str| name_of(entry).eq_ignore_ascii_case(name);
    let meant = usable().find(same).or_else(|| {
        let slip = slip_of(name, usable().map(name_of))?;
        usable().find(|entry| name_of(entry) == slip)
    })?;
    Some(format!("arn:aws:iam::aws:policy{meant}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_and_what_is_new_is_not_refused() {
        let of = |rest: &str| there(&format!("arn:aws:iam::aws:policy{rest}"));
        let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert_eq!(there(basic), Some(There::Yes));
        for slip in [
            "/AWSLambdaBasicExecutionRole",
            "/service-role/AWSLambdaBasicExecutonRole",
            "/service-role/awslambdabasicexecutionrole",
        ] {
            assert_eq!(of(slip), Some(There::No(basic.into())), "{slip}");
        }
        assert_eq!(of("/AWSCodePipelineReadOnlyAccess"), Some(There::Yes));
        assert_eq!(of("/AmazonHoverboardFullAccess"), Some(There::Perhaps));
        assert_eq!(there("arn:aws:iam::123456789012:policy/x"), None);
    }

    #[test]
    fn every_document_is_of_a_policy_that_is_there() {
        for policy in all() {
            assert_eq!(there(&policy.arn()), Some(There::Yes), "{}", policy.name);
        }
    }

    #[test]
    fn a_policy_is_found_by_its_whole_arn() {
        assert!(all().count() >= 20);
        assert!(find("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").is_some());
        assert!(find("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none());
    }
}

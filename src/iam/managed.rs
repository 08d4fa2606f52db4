//! The managed policies of AWS that functions and their roles mostly have, with the documents
//! that AWS publishes (docs.aws.amazon.com/aws-managed-policy/latest/reference/).
//!
//! Left out on purpose: the hundreds of others, and the partitions of China and the US
//! government, whose documents differ.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_found_by_its_whole_arn() {
        assert!(all().count() >= 20);
        assert!(find("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").is_some());
        assert!(find("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none());
    }
}

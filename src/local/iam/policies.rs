//! Managed policies, the account's own and AWS's.

use super::Iam;

/// The document of a managed policy that counts.
pub fn document<'i>(iam: &'i Iam, arn: &str) -> Option<&'i str> {
    iam.policy(arn).map(|policy| policy.document())
}

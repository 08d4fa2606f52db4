//! IAM: roles and managed policies, as strict as AWS about both.
//!
//! Each file holds the operations on one thing; `ask` is for the other services: may Lambda
//! assume this role, may this role invoke that function.
//! Left out on purpose: users, groups, access keys, identity providers.

mod ask;
mod evaluate;
mod grammar;
mod model;
mod policies;

pub use ask::{Unassumable, allowed, assumable, decide, permits, role};
pub use evaluate::{Caller, Context, Decision, Request, Why};
pub use model::Role;

use super::store::{Part, Rows, Table};
use super::wire::Operation;
use model::Policy;

pub const OPERATIONS: &[Operation] = &[];

/// Roles and policies by `key` of their names, which are unique whatever path and case.
#[derive(Default)]
pub struct Iam {
    pub roles: Table<Role>,
    policies: Table<Policy>,
}

impl Iam {
    /// The policy of an ARN, exact in path and case.
    fn policy(&self, arn: &str) -> Option<&Policy> {
        let policy = self.policies.get(&key(arn.rsplit('/').next()?))?;
        (policy.arn() == arn).then_some(policy)
    }
}

impl Part for Iam {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![
            ("iam.roles", &mut self.roles),
            ("iam.policies", &mut self.policies),
        ]
    }
}

/// Names that differ in case alone are the same.
fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

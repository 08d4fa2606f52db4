//! IAM: roles and managed policies, as strict as AWS about both.
//!
//! Each file holds the operations on one thing; `ask` is for the other services: may Lambda
//! assume this role, may this role invoke that function.
//! Left out on purpose: users, groups, access keys, identity providers, instance profiles.

mod ask;
mod asked;
mod attach;
mod aws;
mod check;
mod details;
mod model;
mod page;
mod policies;
mod roles;
mod shape;
mod tags;
#[cfg(test)]
mod tests;
mod trust;
mod versions;

pub use crate::iam::evaluate::{Caller, Context, Request};
pub use crate::iam::grammar::{Document, read as read_policy};
pub use ask::{allowed, assumable, decision, permits, role};
pub use aws::is_one as is_aws_policy;
pub use check::stands_on_a_thing;
pub use model::Role;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::store::{Part, Rows, Table};
use super::wire::Operation;
use model::Policy;

pub const OPERATIONS: &[Operation] = &[
    Operation::action("CreateRole", roles::create),
    Operation::action("GetRole", roles::get),
    Operation::action("ListRoles", roles::list),
    Operation::action("UpdateRole", roles::update),
    Operation::action("UpdateRoleDescription", roles::update_description),
    Operation::action("UpdateAssumeRolePolicy", roles::update_trust),
    Operation::action("PutRolePermissionsBoundary", roles::put_boundary),
    Operation::action("DeleteRolePermissionsBoundary", roles::delete_boundary),
    Operation::action("DeleteRole", roles::delete),
    Operation::action("ListInstanceProfilesForRole", roles::instance_profiles),
    Operation::action("TagRole", tags::tag_role),
    Operation::action("UntagRole", tags::untag_role),
    Operation::action("ListRoleTags", tags::list_of_role),
    Operation::action("AttachRolePolicy", attach::attach),
    Operation::action("DetachRolePolicy", attach::detach),
    Operation::action("ListAttachedRolePolicies", attach::attached),
    Operation::action("PutRolePolicy", attach::put_inline),
    Operation::action("GetRolePolicy", attach::get_inline),
    Operation::action("ListRolePolicies", attach::list_inline),
    Operation::action("DeleteRolePolicy", attach::delete_inline),
    Operation::action("CreatePolicy", policies::create),
    Operation::action("GetPolicy", policies::get),
    Operation::action("ListPolicies", policies::list),
    Operation::action("DeletePolicy", policies::delete),
    Operation::action("ListEntitiesForPolicy", policies::entities),
    Operation::action("CreatePolicyVersion", versions::create),
    Operation::action("GetPolicyVersion", versions::get),
    Operation::action("ListPolicyVersions", versions::list),
    Operation::action("SetDefaultPolicyVersion", versions::set_default),
    Operation::action("DeletePolicyVersion", versions::delete),
    Operation::action("TagPolicy", tags::tag_policy),
    Operation::action("UntagPolicy", tags::untag_policy),
    Operation::action("ListPolicyTags", tags::list_of_policy),
    Operation::action("GetAccountAuthorizationDetails", details::get),
];

/// Roles and policies by `key` of their names, which are unique whatever path and case.
#[derive(Default)]
pub struct Iam {
    pub roles: Table<Role>,
    policies: Table<Policy>,
    /// Of a copy: policies of AWS or of other accounts, by ARN.
    outside: BTreeMap<String, Policy>,
    /// Of a copy: what policies may name and nothing here tells of.
    pub principals: BTreeSet<String>,
}

impl Iam {
    /// The account's policy of an ARN, exact in path and case.
    fn policy(&self, arn: &str) -> Option<&Policy> {
        let policy = self.policies.get(&key(arn.rsplit('/').next()?))?;
        (policy.arn() == arn).then_some(policy)
    }

    /// The ARN of the role with this name.
    pub fn role_arn(&self, name: &str) -> Option<String> {
        self.roles.get(&key(name)).map(Role::arn)
    }

    /// Takes over a managed policy that is not this account's to change.
    pub fn add_outside(&mut self, arn: &str, document: &str, now: Timestamp) {
        let policy = Policy::outside(arn, document, now);
        self.outside.insert(arn.to_owned(), policy);
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

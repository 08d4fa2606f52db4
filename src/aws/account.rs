//! All roles and policies of the account in a few calls, for when there are many to read.
//!
//! `GetAccountAuthorizationDetails` lacks a role's description and session length, and a
//! policy's tags; `ListRoles` has the former. It is often forbidden: then things are read
//! one by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, Role, RoleDetail};

use super::calls::Who;
use super::cloud::Cloud;
use super::retry::Nature;
use crate::provider::ProviderError;

/// How many of a kind are read one by one before lists are cheaper.
pub const FEW: usize = 8;

/// What the account's details say, by name and by ARN.
#[derive(Default)]
pub struct Details {
    pub roles: BTreeMap<String, RoleDetail>,
    pub policies: BTreeMap<String, ManagedPolicyDetail>,
}

/// The details; asked once a refresh.
pub async fn details(cloud: &Cloud) -> Result<Arc<Details>, ProviderError> {
    cloud
        .once("GetAccountAuthorizationDetails", "", || fetch(cloud))
        .await
}

async fn fetch(cloud: &Cloud) -> Result<Details, ProviderError> {
    let mut details = Details::default();
    let mut marker: Option<String> = None;
    loop {
        let page = cloud
            .call(
                "GetAccountAuthorizationDetails",
                Nature::Read,
                Who::NOBODY,
                || {
                    let filters = [EntityType::Role, EntityType::LocalManagedPolicy];
                    let ask = cloud.iam().get_account_authorization_details();
                    ask.set_filter(Some(filters.to_vec()))
                        .max_items(1000)
                        .set_marker(marker.clone())
                        .send()
                },
            )
            .await?;
        for role in page.role_detail_list.unwrap_or_default() {
            details
                .roles
                .insert(role.role_name.clone().unwrap_or_default(), role);
        }
        for policy in page.policies.unwrap_or_default() {
            details
                .policies
                .insert(policy.arn.clone().unwrap_or_default(), policy);
        }
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(details);
        }
    }
}

/// Every role with its description and session length; asked once a refresh.
pub async fn roles(cloud: &Cloud) -> Result<Arc<BTreeMap<String, Role>>, ProviderError> {
    cloud.once("ListRoles", "", || list_roles(cloud)).await
}

async fn list_roles(cloud: &Cloud) -> Result<BTreeMap<String, Role>, ProviderError> {
    let mut roles = BTreeMap::new();
    let mut marker: Option<String> = None;
    loop {
        let page = cloud
            .call("ListRoles", Nature::Read, Who::NOBODY, || {
                cloud
                    .iam()
                    .list_roles()
                    .max_items(1000)
                    .set_marker(marker.clone())
                    .send()
            })
            .await?;
        roles.extend(
            page.roles
                .into_iter()
                .map(|role| (role.role_name.clone(), role)),
        );
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(roles);
        }
    }
}

/// Whether a batch read is worth while and allowed.
pub fn forbidden<T>(answer: &Result<T, ProviderError>) -> bool {
    answer
        .as_ref()
        .is_err_and(|error| error.is("AccessDenied") || error.is("AccessDeniedException"))
}

/// IAM's tags as a map.
pub fn tags(tags: Vec<aws_sdk_iam::types::Tag>) -> BTreeMap<String, String> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// A map as IAM's tags.
pub fn to_tags(tags: &BTreeMap<String, String>) -> Option<Vec<aws_sdk_iam::types::Tag>> {
    let tag = |(key, value): (&String, &String)| {
        aws_sdk_iam::types::Tag::builder()
            .key(key)
            .value(value)
            .build()
            .ok()
    };
    Some(tags.iter().filter_map(tag).collect::<Vec<_>>()).filter(|tags| !tags.is_empty())
}

//! Reading log groups: whether one is there, whose it is and, where it goes, who still logs to it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatchlogs::types::LogGroup as Group;

use super::{Facts, LogGroup, NONE, Spec, arn};
use crate::aws::account;
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::function;
use crate::aws::resource::{Answer, Asked, Found};
use crate::aws::retry::Nature::Read;
use crate::aws::tags;
use crate::provider::ProviderError;
use crate::scope::Owner;

/// What is wanted counts before what the state knows: a group that the function no longer logs to
/// is not its log group any more.
pub async fn single(cloud: &Cloud, ask: Asked<LogGroup>) -> Answer<LogGroup> {
    let goes = ask.wanted.is_none();
    let wanted = ask.wanted.as_ref().map(|spec| spec.name.clone());
    let Some(name) = wanted.or(ask.id) else {
        return Ok(None);
    };
    let Some(group) = group(cloud, &name).await? else {
        return Ok(None);
    };
    let Some(all) = tags_of(cloud, &name, Who::NOBODY).await? else {
        return Ok(None);
    };
    let known = ask.spec.is_none_or(|spec| spec.name == name);
    let prior = ask.facts.filter(|_| known).unwrap_or_default();
    let owner = owner(cloud, &all, prior.made);
    let mut facts = Facts {
        made: prior.made || matches!(owner, Owner::Ours { .. }),
        created: created(cloud, &group),
        ..Facts::default()
    };
    if goes {
        users(cloud, &name, &mut facts).await?;
    }
    let spec = Spec {
        name: name.clone(),
        retention_days: group.retention_in_days,
        tags: tags::seen(&all, cloud.scope()),
    };
    Ok(Some(Found {
        id: name,
        spec,
        facts,
        owner,
    }))
}

/// By its tags; without any it is what the state says that slp made, or somebody else's.
fn owner(cloud: &Cloud, all: &BTreeMap<String, String>, made: bool) -> Owner {
    match cloud.scope().owner(all) {
        Owner::Nobody if !made => Owner::Borrowed,
        Owner::Nobody if !cloud.scope().tagged => Owner::Parents,
        owner => owner,
    }
}

/// Only where no tags say whose it is.
pub fn created(cloud: &Cloud, group: &Group) -> Option<i64> {
    group.creation_time.filter(|_| !cloud.scope().tagged)
}

/// The group of exactly this name.
pub async fn group(cloud: &Cloud, name: &str) -> Result<Option<Group>, ProviderError> {
    let mut position: Option<String> = None;
    loop {
        let describe = || {
            let ask = cloud.logs().describe_log_groups();
            ask.log_group_name_prefix(name)
                .set_next_token(position.clone())
                .send()
        };
        let answer = cloud
            .call("DescribeLogGroups", Read, Who::NOBODY, describe)
            .await?;
        let groups = answer.log_groups.unwrap_or_default().into_iter();
        let mut groups = groups.filter(|group| group.log_group_name.as_deref() == Some(name));
        if let Some(group) = groups.next() {
            return Ok(Some(group));
        }
        position = answer.next_token.filter(|token| !token.is_empty());
        if position.is_none() {
            return Ok(None);
        }
    }
}

/// All its tags; `None` where there is no such group.
pub async fn tags_of(
    cloud: &Cloud,
    name: &str,
    who: Who<'_>,
) -> Result<Option<BTreeMap<String, String>>, ProviderError> {
    let arn = arn(cloud, name);
    let list = || {
        let list = cloud.logs().list_tags_for_resource();
        list.resource_arn(&arn).send()
    };
    let answer = cloud.call("ListTagsForResource", Read, who, list).await;
    let answer = found(answer, NONE)?;
    Ok(answer.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
}

async fn users(cloud: &Cloud, group: &str, facts: &mut Facts) -> Result<(), ProviderError> {
    let groups = function::log_groups(cloud).await;
    if account::forbidden(&groups) {
        // A group of this name is a function's own: Lambda calls it after the function.
        facts.users_unseen = !group.starts_with("/aws/lambda/");
        return Ok(());
    }
    let groups = groups?.into_iter();
    let users: BTreeSet<String> = groups
        .filter(|(_, used)| used == group)
        .map(|(name, _)| name)
        .collect();
    facts.users = users;
    Ok(())
}

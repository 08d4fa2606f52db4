//! Reading roles: one by one when there are few, from the account's lists when there are many.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::RoleDetail;
use futures_util::future::join_all;

use super::{Facts, Role, Spec};
use crate::aws::account::{self, FEW};
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::document::Document;
use crate::aws::resource::{Answer, Asked, Found};
use crate::aws::retry::Nature::Read;
use crate::aws::tags;
use crate::provider::{Depth, ProviderError};
use crate::text::Text;

const NONE: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];

pub async fn read(cloud: &Cloud, asked: Vec<Asked<Role>>) -> Vec<Answer<Role>> {
    let fast = asked
        .iter()
        .all(|ask| ask.depth == Depth::Fast && ask.spec.is_some());
    if asked.len() > FEW || fast {
        let details = account::details(cloud).await;
        if !account::forbidden(&details) {
            let one = |ask| from_lists(cloud, details.clone(), ask);
            return join_all(asked.into_iter().map(one)).await;
        }
    }
    join_all(asked.into_iter().map(|ask| single(cloud, ask))).await
}

async fn from_lists(
    cloud: &Cloud,
    details: Result<std::sync::Arc<account::Details>, ProviderError>,
    ask: Asked<Role>,
) -> Answer<Role> {
    let details = details?;
    let Some(name) = &ask.id else {
        return Ok(None);
    };
    let Some(detail) = details.roles.get(name) else {
        // A list may lag behind: what state has is asked for by name before it counts as gone.
        return match ask.spec.is_some() {
            true => single(cloud, ask).await,
            false => Ok(None),
        };
    };
    let (description, session) = match (&ask.spec, ask.depth) {
        (Some(spec), Depth::Fast) => (spec.description.to_string(), spec.max_session_duration),
        _ => match account::roles(cloud).await?.get(name) {
            Some(role) => (
                role.description.clone().unwrap_or_default(),
                role.max_session_duration.unwrap_or(3600),
            ),
            None => return single(cloud, ask).await,
        },
    };
    Ok(Some(of_detail(cloud, detail, description, session, &ask)))
}

fn of_detail(
    cloud: &Cloud,
    detail: &RoleDetail,
    description: String,
    session: i32,
    ask: &Asked<Role>,
) -> Found<Role> {
    let all = account::tags(detail.tags.clone().unwrap_or_default());
    let attached = detail
        .attached_managed_policies()
        .iter()
        .filter_map(|p| p.policy_arn.clone());
    let inline = detail.role_policy_list().iter().filter_map(|policy| {
        Some((
            policy.policy_name.clone()?,
            Document::from_aws(policy.policy_document.as_deref()?),
        ))
    });
    let boundary = detail
        .permissions_boundary
        .as_ref()
        .and_then(|b| b.permissions_boundary_arn.clone());
    let spec = Spec {
        name: detail.role_name.clone().unwrap_or_default(),
        path: detail.path.clone().unwrap_or_else(|| "/".into()),
        trust: Document::from_aws(
            detail
                .assume_role_policy_document
                .as_deref()
                .unwrap_or("{}"),
        ),
        description: description.into(),
        max_session_duration: session,
        boundary: boundary.map(Text::Known),
        attach: attached.map(Text::Known).collect(),
        inline: inline.collect(),
        tags: tags::seen(&all, cloud.scope()),
        exclusive: true,
    };
    settle(
        cloud,
        spec,
        detail.role_id.clone().unwrap_or_default(),
        &all,
        ask,
    )
}

/// `exclusive = false` leaves what others added out of the comparison.
fn settle(
    cloud: &Cloud,
    mut spec: Spec,
    unique_id: String,
    all: &BTreeMap<String, String>,
    ask: &Asked<Role>,
) -> Found<Role> {
    let mut facts = Facts {
        unique_id,
        ..Facts::default()
    };
    let reference = ask.wanted.as_ref().or(ask.spec.as_ref());
    spec.exclusive = reference.is_none_or(|wanted| wanted.exclusive);
    if !spec.exclusive {
        let ours: Vec<&Spec> = [&ask.wanted, &ask.spec].into_iter().flatten().collect();
        let (mine, others) = spec
            .attach
            .into_iter()
            .partition(|arn| ours.iter().any(|spec| spec.attach.contains(arn)));
        let others: BTreeSet<Text> = others;
        spec.attach = mine;
        facts.other_attached = others.iter().map(Text::to_string).collect();
        let (mine, others) = spec
            .inline
            .into_iter()
            .partition(|(name, _)| ours.iter().any(|spec| spec.inline.contains_key(name)));
        let others: BTreeMap<String, Document> = others;
        spec.inline = mine;
        facts.other_inline = others.into_keys().collect();
    }
    Found {
        id: spec.name.clone(),
        owner: cloud.scope().owner(all),
        spec,
        facts,
    }
}

async fn single(cloud: &Cloud, ask: Asked<Role>) -> Answer<Role> {
    let Some(name) = ask.id.clone() else {
        return Ok(None);
    };
    let iam = cloud.iam();
    let answer = cloud
        .call("GetRole", Read, Who::NOBODY, || {
            iam.get_role().role_name(&name).send()
        })
        .await;
    let Some(role) = found(answer, NONE)?.and_then(|output| output.role) else {
        return Ok(None);
    };
    let (attached, inline) = tokio::join!(attached(cloud, &name), inline(cloud, &name));
    let (Some(attached), Some(inline)) = (found(attached, NONE)?, found(inline, NONE)?) else {
        return Ok(None);
    };
    let all = account::tags(role.tags.unwrap_or_default());
    let boundary = role
        .permissions_boundary
        .and_then(|b| b.permissions_boundary_arn);
    let spec = Spec {
        path: role.path,
        trust: Document::from_aws(role.assume_role_policy_document.as_deref().unwrap_or("{}")),
        description: role.description.unwrap_or_default().into(),
        max_session_duration: role.max_session_duration.unwrap_or(3600),
        boundary: boundary.map(Text::Known),
        attach: attached.into_iter().map(Text::Known).collect(),
        inline,
        tags: tags::seen(&all, cloud.scope()),
        exclusive: true,
        name,
    };
    Ok(Some(settle(cloud, spec, role.role_id, &all, &ask)))
}

async fn attached(cloud: &Cloud, name: &str) -> Result<Vec<String>, ProviderError> {
    let mut arns = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let page = cloud
            .call("ListAttachedRolePolicies", Read, Who::NOBODY, || {
                cloud
                    .iam()
                    .list_attached_role_policies()
                    .role_name(name)
                    .set_marker(marker.clone())
                    .send()
            })
            .await?;
        arns.extend(
            page.attached_policies
                .unwrap_or_default()
                .into_iter()
                .filter_map(|p| p.policy_arn),
        );
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(arns);
        }
    }
}

async fn inline(cloud: &Cloud, name: &str) -> Result<BTreeMap<String, Document>, ProviderError> {
    let mut names = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let page = cloud
            .call("ListRolePolicies", Read, Who::NOBODY, || {
                cloud
                    .iam()
                    .list_role_policies()
                    .role_name(name)
                    .set_marker(marker.clone())
                    .send()
            })
            .await?;
        names.extend(page.policy_names);
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            break;
        }
    }
    let document = async |policy: String| {
        let ask = || {
            cloud
                .iam()
                .get_role_policy()
                .role_name(name)
                .policy_name(&policy)
                .send()
        };
        let answer = cloud.call("GetRolePolicy", Read, Who::NOBODY, ask).await?;
        Ok::<_, ProviderError>((policy, Document::from_aws(&answer.policy_document)))
    };
    join_all(names.into_iter().map(document))
        .await
        .into_iter()
        .collect()
}

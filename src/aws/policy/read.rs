//! Reading managed policies. A version's document never changes: where the default version
//! is the one that state knows, its document is not fetched again.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::{Facts, Policy, Spec};
use crate::aws::account::{self, FEW};
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::document::Document;
use crate::aws::resource::{Answer, Asked, Found};
use crate::aws::retry::Nature::Read;
use crate::aws::tags;
use crate::provider::{Depth, ProviderError};

const NONE: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];

pub async fn read(cloud: &Cloud, asked: Vec<Asked<Policy>>) -> Vec<Answer<Policy>> {
    let many = asked.len() > FEW;
    join_all(asked.into_iter().map(|ask| one(cloud, ask, many))).await
}

async fn one(cloud: &Cloud, ask: Asked<Policy>, many: bool) -> Answer<Policy> {
    let Some(arn) = ask.id.clone() else {
        return Ok(None);
    };
    let listed = many || ask.depth == Depth::Fast && ask.spec.is_some();
    let details = match listed {
        true => Some(account::details(cloud).await).filter(|details| !account::forbidden(details)),
        false => None,
    };
    if let Some(details) = details {
        match (details?.policies.get(&arn), &ask.spec, &ask.facts) {
            (Some(detail), Some(spec), Some(facts))
                if ask.depth == Depth::Fast
                    && detail.policy_id.as_deref() == Some(&facts.unique_id)
                    && detail.default_version_id.as_deref() == Some(&facts.version) =>
            {
                let owner = crate::scope::Owner::Parents;
                return Ok(Some(Found {
                    id: arn,
                    spec: spec.clone(),
                    facts: facts.clone(),
                    owner,
                }));
            }
            (None, None, _) => return Ok(None),
            _ => {}
        }
    }
    single(cloud, arn, ask).await
}

async fn single(cloud: &Cloud, arn: String, ask: Asked<Policy>) -> Answer<Policy> {
    let iam = cloud.iam();
    let get = || iam.get_policy().policy_arn(&arn).send();
    let answer = cloud.call("GetPolicy", Read, Who::NOBODY, get).await;
    let Some(policy) = found(answer, NONE)?.and_then(|output| output.policy) else {
        return Ok(None);
    };
    let version = policy.default_version_id.unwrap_or_default();
    let known = ask
        .facts
        .as_ref()
        .is_some_and(|facts| facts.version == version);
    let document = match (known, &ask.spec) {
        (true, Some(spec)) => spec.document.clone(),
        _ => match document(cloud, &arn, &version).await? {
            Some(document) => document,
            None => return Ok(None),
        },
    };
    let all = account::tags(policy.tags.unwrap_or_default());
    let spec = Spec {
        name: policy.policy_name.unwrap_or_default(),
        path: policy.path.unwrap_or_else(|| "/".into()),
        description: policy.description.unwrap_or_default().into(),
        document,
        tags: tags::seen(&all, cloud.scope()),
    };
    let mut facts = Facts {
        unique_id: policy.policy_id.unwrap_or_default(),
        version,
        ..Facts::default()
    };
    look_closer(cloud, &arn, &spec, &ask, &mut facts).await?;
    Ok(Some(Found {
        id: arn,
        owner: owner(cloud, &all),
        spec,
        facts,
    }))
}

fn owner(cloud: &Cloud, all: &BTreeMap<String, String>) -> crate::scope::Owner {
    cloud.scope().owner(all)
}

/// What a new version, a replacement or a delete must know.
async fn look_closer(
    cloud: &Cloud,
    arn: &str,
    spec: &Spec,
    ask: &Asked<Policy>,
    facts: &mut Facts,
) -> Result<(), ProviderError> {
    let wanted = ask.wanted.as_ref();
    let fixed = |spec: &Spec| {
        let Spec {
            name,
            path,
            description,
            ..
        } = spec.clone();
        (name, path, description)
    };
    let going = ask.replaced || wanted.is_none_or(|wanted| fixed(wanted) != fixed(spec));
    if going || wanted.is_some_and(|wanted| wanted.document != spec.document) {
        facts.others = versions(cloud, arn).await?;
    }
    if going {
        let (ours, leaving) = (cloud.known("role"), cloud.leaving("role"));
        for (kind, name) in attached(cloud, arn).await? {
            match kind == "role" && ours.contains(&name) {
                true => facts.attached.push(name),
                false => facts.foreign.push(format!("{kind} {name}")),
            }
        }
        let attached = facts.attached.iter();
        facts.leaving = attached.filter(|r| leaving.contains(*r)).cloned().collect();
    }
    Ok(())
}

/// The document that counts of a policy, as AWS is sent it; `None` where there is no such policy.
pub async fn document_of(cloud: &Cloud, arn: &str) -> Result<Option<String>, ProviderError> {
    let get = || cloud.iam().get_policy().policy_arn(arn).send();
    let answer = cloud.call("GetPolicy", Read, Who::NOBODY, get).await;
    let policy = found(answer, NONE)?.and_then(|output| output.policy);
    let Some(version) = policy.and_then(|policy| policy.default_version_id) else {
        return Ok(None);
    };
    let document = document(cloud, arn, &version).await?;
    Ok(document.map(|document| document.to_aws()))
}

async fn document(
    cloud: &Cloud,
    arn: &str,
    version: &str,
) -> Result<Option<Document>, ProviderError> {
    let get = || {
        cloud
            .iam()
            .get_policy_version()
            .policy_arn(arn)
            .version_id(version)
            .send()
    };
    let answer = found(
        cloud.call("GetPolicyVersion", Read, Who::NOBODY, get).await,
        NONE,
    )?;
    let text = answer
        .and_then(|output| output.policy_version)
        .and_then(|version| version.document);
    Ok(text.map(|text| Document::from_aws(&text)))
}

async fn versions(cloud: &Cloud, arn: &str) -> Result<Vec<String>, ProviderError> {
    let list = || {
        cloud
            .iam()
            .list_policy_versions()
            .policy_arn(arn)
            .max_items(100)
            .send()
    };
    let answer = cloud
        .call("ListPolicyVersions", Read, Who::NOBODY, list)
        .await?;
    let others = answer
        .versions
        .unwrap_or_default()
        .into_iter()
        .filter(|version| !version.is_default_version);
    let mut ids: Vec<String> = others.filter_map(|version| version.version_id).collect();
    // `v10` is younger than `v9`.
    ids.sort_by_key(|id| {
        id.trim_start_matches('v')
            .parse::<u64>()
            .unwrap_or(u64::MAX)
    });
    Ok(ids)
}

async fn attached(cloud: &Cloud, arn: &str) -> Result<Vec<(&'static str, String)>, ProviderError> {
    let mut entities = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let list = || {
            cloud
                .iam()
                .list_entities_for_policy()
                .policy_arn(arn)
                .set_marker(marker.clone())
                .send()
        };
        let page = cloud
            .call("ListEntitiesForPolicy", Read, Who::NOBODY, list)
            .await?;
        entities.extend(
            page.policy_roles
                .unwrap_or_default()
                .into_iter()
                .filter_map(|e| Some(("role", e.role_name?))),
        );
        entities.extend(
            page.policy_users
                .unwrap_or_default()
                .into_iter()
                .filter_map(|e| Some(("user", e.user_name?))),
        );
        entities.extend(
            page.policy_groups
                .unwrap_or_default()
                .into_iter()
                .filter_map(|e| Some(("group", e.group_name?))),
        );
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(entities);
        }
    }
}

//! The calls that make, change and delete log groups.

use std::collections::HashMap;

use super::{LogGroup, NONE, Step, arn, read};
use crate::aws::calls::{Who, gone};
use crate::aws::cloud::Cloud;
use crate::aws::resource::Work;
use crate::aws::retry::Nature::{Create, Put};
use crate::aws::tags;
use crate::provider::ProviderError;
use crate::scope::Owner;

pub async fn run(
    cloud: &Cloud,
    step: Step,
    work: &mut Work<'_, LogGroup>,
) -> Result<(), ProviderError> {
    match step {
        Step::Create => create(cloud, work).await,
        Step::Retention => retention(cloud, work).await,
        Step::Untag(keys) => untag(cloud, keys, work).await,
        Step::Tag { own } => tag(cloud, own, work).await,
        Step::Delete => delete(cloud, &work.id, work.who()).await,
    }
}

async fn create(cloud: &Cloud, work: &mut Work<'_, LogGroup>) -> Result<(), ProviderError> {
    let name = work.wanted()?.name.clone();
    let user = &work.wanted()?.tags;
    let all = tags::at_create(user, cloud.scope(), work.addr.as_str(), work.op);
    let all: Option<HashMap<_, _>> = Some(all.into_iter().collect());
    let all = all.filter(|all| !all.is_empty());
    let send = || {
        let create = cloud.logs().create_log_group().log_group_name(&name);
        create.set_tags(all.clone()).send()
    };
    work.facts.made = match cloud.call("CreateLogGroup", Create, work.who(), send).await {
        Err(error) if error.is("ResourceAlreadyExistsException") => {
            met(cloud, &name, error, work.who()).await?
        }
        answer => answer.map(|_| true)?,
    };
    if !cloud.scope().tagged {
        let group = read::group(cloud, &name).await?;
        work.facts.created = group.and_then(|group| read::created(cloud, &group));
    }
    work.id = name;
    Ok(())
}

/// It was not there when the plan was made: our own call, whose answer was lost, made it; or
/// Lambda did at a first call, or another function of ours that logs to it.
///
/// # Errors
/// Another slp project made it.
async fn met(
    cloud: &Cloud,
    name: &str,
    error: ProviderError,
    who: Who<'_>,
) -> Result<bool, ProviderError> {
    let all = read::tags_of(cloud, name, who).await?.unwrap_or_default();
    match cloud.scope().owner(&all) {
        Owner::Ours { .. } => Ok(true),
        Owner::Other(whose) => Err(error.hint(format!(
            "{name} belongs to {whose}: give the function another `logging.group`"
        ))),
        _ => Ok(false),
    }
}

async fn retention(cloud: &Cloud, work: &Work<'_, LogGroup>) -> Result<(), ProviderError> {
    let (logs, spec, who) = (cloud.logs(), work.wanted()?, work.who());
    match spec.retention_days {
        Some(days) => {
            let put = || {
                logs.put_retention_policy()
                    .log_group_name(&spec.name)
                    .retention_in_days(days)
                    .send()
            };
            cloud
                .call("PutRetentionPolicy", Put, who, put)
                .await
                .map(drop)
        }
        None => {
            let delete = || {
                logs.delete_retention_policy()
                    .log_group_name(&spec.name)
                    .send()
            };
            gone(
                cloud.call("DeleteRetentionPolicy", Put, who, delete).await,
                NONE,
            )
        }
    }
}

async fn untag(
    cloud: &Cloud,
    keys: Vec<String>,
    work: &Work<'_, LogGroup>,
) -> Result<(), ProviderError> {
    let arn = arn(cloud, &work.wanted()?.name);
    let untag = || {
        let untag = cloud.logs().untag_resource().resource_arn(&arn);
        untag.set_tag_keys(Some(keys.clone())).send()
    };
    cloud
        .call("UntagResource", Put, work.who(), untag)
        .await
        .map(drop)
}

async fn tag(cloud: &Cloud, own: bool, work: &Work<'_, LogGroup>) -> Result<(), ProviderError> {
    let arn = arn(cloud, &work.wanted()?.name);
    let set = tags::to_write(own, work, |spec| &spec.tags, cloud.scope())?;
    let set: HashMap<String, String> = set.into_iter().collect();
    if set.is_empty() {
        return Ok(());
    }
    let tag = || {
        let tag = cloud.logs().tag_resource().resource_arn(&arn);
        tag.set_tags(Some(set.clone())).send()
    };
    cloud
        .call("TagResource", Put, work.who(), tag)
        .await
        .map(drop)
}

async fn delete(cloud: &Cloud, name: &str, who: Who<'_>) -> Result<(), ProviderError> {
    let delete = || {
        let delete = cloud.logs().delete_log_group();
        delete.log_group_name(name).send()
    };
    gone(cloud.call("DeleteLogGroup", Put, who, delete).await, NONE)
}

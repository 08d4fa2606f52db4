//! The calls that make, change and remove a managed policy.

use super::{Policy, Step};
use crate::aws::account::to_tags;
use crate::aws::calls::gone;
use crate::aws::cloud::Cloud;
use crate::aws::resource::Work;
use crate::aws::retry::Nature::{Create, CreateOnce, Put};
use crate::aws::tags;
use crate::provider::ProviderError;

const NONE: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];

pub async fn run(
    cloud: &Cloud,
    step: Step,
    work: &mut Work<'_, Policy>,
) -> Result<(), ProviderError> {
    match step {
        Step::Create => create(cloud, work).await,
        Step::Version => version(cloud, work).await,
        step => other(cloud, step, work).await,
    }
}

async fn create(cloud: &Cloud, work: &mut Work<'_, Policy>) -> Result<(), ProviderError> {
    let spec = work.wanted()?;
    let all = tags::at_create(&spec.tags, cloud.scope(), work.addr.as_str(), work.op);
    let description = Some(spec.description.to_string()).filter(|text| !text.is_empty());
    let send = || {
        let create = cloud
            .iam()
            .create_policy()
            .policy_name(&spec.name)
            .path(&spec.path);
        let create = create
            .policy_document(spec.document.to_aws())
            .set_description(description.clone());
        create.set_tags(to_tags(&all)).send()
    };
    let answer = cloud.call("CreatePolicy", Create, work.who(), send).await?;
    let policy = answer.policy.ok_or_else(|| {
        ProviderError::new("CreatePolicy", "AWS answered without a policy").unsure()
    })?;
    cloud.passes_on("policy", &spec.name);
    work.id = policy.arn.unwrap_or_default();
    work.facts.unique_id = policy.policy_id.unwrap_or_default();
    work.facts.version = policy.default_version_id.unwrap_or_else(|| "v1".into());
    work.facts.others.clear();
    work.facts.leaving.clear();
    Ok(())
}

/// Not repeated when it may have happened: a second version would push out a third.
async fn version(cloud: &Cloud, work: &mut Work<'_, Policy>) -> Result<(), ProviderError> {
    let document = work.wanted()?.document.to_aws();
    let send = || {
        let version = cloud.iam().create_policy_version().policy_arn(&work.id);
        version
            .policy_document(&document)
            .set_as_default(true)
            .send()
    };
    let answer = cloud
        .call("CreatePolicyVersion", CreateOnce, work.who(), send)
        .await?;
    let old = std::mem::take(&mut work.facts.version);
    work.facts.others.push(old);
    work.facts.version = answer
        .policy_version
        .and_then(|version| version.version_id)
        .unwrap_or_default();
    Ok(())
}

async fn other(
    cloud: &Cloud,
    step: Step,
    work: &mut Work<'_, Policy>,
) -> Result<(), ProviderError> {
    let (iam, arn, who) = (cloud.iam(), work.id.as_str(), work.who());
    match step {
        Step::Prune(version) => {
            let prune = || {
                iam.delete_policy_version()
                    .policy_arn(arn)
                    .version_id(&version)
                    .send()
            };
            gone(
                cloud.call("DeletePolicyVersion", Put, who, prune).await,
                NONE,
            )?;
            work.facts.others.retain(|other| *other != version);
            Ok(())
        }
        Step::Attach(role) => {
            let attach = || {
                iam.attach_role_policy()
                    .role_name(&role)
                    .policy_arn(arn)
                    .send()
            };
            // A role that is made anew as well attaches it by itself.
            gone(cloud.call("AttachRolePolicy", Put, who, attach).await, NONE)
        }
        Step::Detach(role) => {
            let detach = || {
                iam.detach_role_policy()
                    .role_name(&role)
                    .policy_arn(arn)
                    .send()
            };
            gone(cloud.call("DetachRolePolicy", Put, who, detach).await, NONE)
        }
        Step::Untag(keys) => {
            let untag = || {
                iam.untag_policy()
                    .policy_arn(arn)
                    .set_tag_keys(Some(keys.clone()))
                    .send()
            };
            cloud.call("UntagPolicy", Put, who, untag).await.map(drop)
        }
        Step::Tag { own } => {
            let set = tags::to_write(own, work, |spec| &spec.tags, cloud.scope())?;
            let tag = || {
                iam.tag_policy()
                    .policy_arn(arn)
                    .set_tags(to_tags(&set))
                    .send()
            };
            cloud.call("TagPolicy", Put, who, tag).await.map(drop)
        }
        Step::Delete => {
            let delete = || iam.delete_policy().policy_arn(arn).send();
            gone(cloud.call("DeletePolicy", Put, who, delete).await, NONE)
        }
        Step::Create | Step::Version => Ok(()),
    }
}

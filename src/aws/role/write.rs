//! The calls that make, change and remove a role.

use super::{Role, Step};
use crate::aws::account::to_tags;
use crate::aws::calls::gone;
use crate::aws::cloud::Cloud;
use crate::aws::passing::Need;
use crate::aws::resource::Work;
use crate::aws::retry::Nature::{Create, Put};
use crate::aws::tags;
use crate::provider::ProviderError;

const NONE: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];

pub async fn run(
    cloud: &Cloud,
    step: Step,
    work: &mut Work<'_, Role>,
) -> Result<(), ProviderError> {
    let done = carry_out(cloud, step, work).await;
    cloud.passes_on("role", &work.id);
    done
}

async fn carry_out(
    cloud: &Cloud,
    step: Step,
    work: &mut Work<'_, Role>,
) -> Result<(), ProviderError> {
    match step {
        Step::Create => create(cloud, work).await,
        Step::Trust | Step::Settings | Step::SetBoundary | Step::DropBoundary => {
            settings(cloud, step, work).await
        }
        Step::Attach(_) | Step::Detach(_) | Step::PutInline(_) | Step::DropInline(_) => {
            policies(cloud, step, work).await
        }
        Step::Tag { own } => {
            let set = tags::to_write(own, work, |spec| &spec.tags, cloud.scope())?;
            let tag = || {
                cloud
                    .iam()
                    .tag_role()
                    .role_name(&work.id)
                    .set_tags(to_tags(&set))
                    .send()
            };
            cloud.call("TagRole", Put, work.who(), tag).await.map(drop)
        }
        Step::Untag(keys) => {
            let untag = || {
                cloud
                    .iam()
                    .untag_role()
                    .role_name(&work.id)
                    .set_tag_keys(Some(keys.clone()))
                    .send()
            };
            cloud
                .call("UntagRole", Put, work.who(), untag)
                .await
                .map(drop)
        }
        Step::Delete => {
            let delete = || cloud.iam().delete_role().role_name(&work.id).send();
            gone(
                cloud.call("DeleteRole", Put, work.who(), delete).await,
                NONE,
            )
        }
    }
}

async fn create(cloud: &Cloud, work: &mut Work<'_, Role>) -> Result<(), ProviderError> {
    let spec = work.wanted()?;
    let all = tags::at_create(&spec.tags, cloud.scope(), work.addr.as_str(), work.op);
    let description = Some(spec.description.to_string()).filter(|text| !text.is_empty());
    let send = || {
        let create = cloud
            .iam()
            .create_role()
            .role_name(&spec.name)
            .path(&spec.path);
        create
            .assume_role_policy_document(spec.trust.to_aws())
            .max_session_duration(spec.max_session_duration)
            .set_description(description.clone())
            .set_permissions_boundary(spec.boundary.as_ref().map(ToString::to_string))
            .set_tags(to_tags(&all))
            .send()
    };
    let answer = cloud.call("CreateRole", Create, work.who(), send).await?;
    work.id = spec.name.clone();
    work.facts.unique_id = answer.role.map(|role| role.role_id).unwrap_or_default();
    Ok(())
}

async fn settings(cloud: &Cloud, step: Step, work: &Work<'_, Role>) -> Result<(), ProviderError> {
    let (spec, name, who) = (work.wanted()?, &work.id, work.who());
    let iam = cloud.iam();
    match step {
        Step::Trust => {
            let document = spec.trust.to_aws();
            let send = || {
                iam.update_assume_role_policy()
                    .role_name(name)
                    .policy_document(&document)
                    .send()
            };
            cloud
                .call("UpdateAssumeRolePolicy", Put, who, send)
                .await
                .map(drop)
        }
        Step::SetBoundary => {
            let boundary = spec.boundary.as_ref().map(ToString::to_string);
            let put = || {
                let put = iam.put_role_permissions_boundary().role_name(name);
                put.set_permissions_boundary(boundary.clone()).send()
            };
            cloud
                .call("PutRolePermissionsBoundary", Put, who, put)
                .await
                .map(drop)
        }
        Step::DropBoundary => {
            let delete = || {
                iam.delete_role_permissions_boundary()
                    .role_name(name)
                    .send()
            };
            gone(
                cloud
                    .call("DeleteRolePermissionsBoundary", Put, who, delete)
                    .await,
                NONE,
            )
        }
        _ => {
            // One call sets both: what is left out would be reset.
            let update = || {
                let update = iam
                    .update_role()
                    .role_name(name)
                    .description(spec.description.to_string());
                update
                    .max_session_duration(spec.max_session_duration)
                    .send()
            };
            cloud.call("UpdateRole", Put, who, update).await.map(drop)
        }
    }
}

async fn policies(cloud: &Cloud, step: Step, work: &Work<'_, Role>) -> Result<(), ProviderError> {
    let (name, who) = (&work.id, work.who());
    let iam = cloud.iam();
    match step {
        Step::Attach(arn) => {
            let attach = || {
                iam.attach_role_policy()
                    .role_name(name)
                    .policy_arn(arn.to_string())
                    .send()
            };
            let arn = arn.to_string();
            let needs = [Need::Policy { arn: &arn }];
            cloud
                .call("AttachRolePolicy", Put, who.needing(&needs), attach)
                .await
                .map(drop)
        }
        Step::Detach(arn) => {
            let detach = || {
                iam.detach_role_policy()
                    .role_name(name)
                    .policy_arn(arn.to_string())
                    .send()
            };
            gone(cloud.call("DetachRolePolicy", Put, who, detach).await, NONE)
        }
        Step::PutInline(policy) => {
            let document = work
                .wanted()?
                .inline
                .get(&policy)
                .map(|document| document.to_aws());
            let put = || {
                let put = iam.put_role_policy().role_name(name).policy_name(&policy);
                put.set_policy_document(document.clone()).send()
            };
            cloud.call("PutRolePolicy", Put, who, put).await.map(drop)
        }
        Step::DropInline(policy) => {
            let drop_it = || {
                iam.delete_role_policy()
                    .role_name(name)
                    .policy_name(&policy)
                    .send()
            };
            gone(
                cloud.call("DeleteRolePolicy", Put, who, drop_it).await,
                NONE,
            )
        }
        _ => Ok(()),
    }
}

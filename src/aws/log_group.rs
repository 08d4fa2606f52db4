//! The log group of a function whose `logging.retention_days` is set. One that exists
//! already is adopted; it goes with the function.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calls::{Who, gone};
use super::cloud::Cloud;
use super::resource::{Answer, Asked, Found, Resource, Transition, Work};
use super::retry::Nature::{Create, Put, Read};
use super::tags::{self, Tags};
use crate::kind::{Identity, Outputs};
use crate::provider::ProviderError;
use crate::resolve::Ctx;
use crate::scope::{Owner, Scope};
use futures_util::future::join_all;

pub struct LogGroup;

/// The days that CloudWatch Logs takes (API reference of `PutRetentionPolicy`).
pub const RETENTION: &[i32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// Nobody writes one: `logging.retention_days` adds it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decl {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    #[schemars(extend("x-replace" = true))]
    pub name: String,
    /// Absent: lines are kept for ever.
    #[schemars(extend("x-unit" = "days"))]
    pub retention_days: Option<i32>,
    pub tags: Tags,
}

/// One AWS call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Create,
    Retention,
    Tag,
    Untag(Vec<String>),
    Delete,
}

const NONE: &[&str] = &["ResourceNotFoundException"];

impl Resource for LogGroup {
    const KIND: &'static str = "function.log_group";
    const ABOUT: &'static str = "The log group of a function, with its retention";
    const OUTPUTS: &'static [&'static str] = &["name"];
    const ADDED: bool = true;
    type Decl = Decl;
    type Spec = Spec;
    type Facts = ();
    type Step = Step;

    fn identity(_: &Decl, _: &str, _: &Scope) -> Identity {
        Identity::default()
    }

    fn lower(_: &Decl, _: &Ctx) -> Option<Spec> {
        None
    }

    fn outputs(id: &str, _: &Spec, _: &(), _: &Scope) -> Outputs {
        Outputs::from([("name".into(), id.to_owned())])
    }

    fn steps(delta: &Transition<Self>) -> Vec<Step> {
        match (&delta.before, &delta.after) {
            (None, Some(_)) => vec![Step::Create, Step::Retention],
            (Some(before), Some(after)) => {
                let (gone, set) = tags::change(&before.tags, &after.tags);
                let retention = before.retention_days != after.retention_days;
                let steps = [
                    retention.then_some(Step::Retention),
                    (!gone.is_empty()).then_some(Step::Untag(gone)),
                    set.then_some(Step::Tag),
                ];
                steps.into_iter().flatten().collect()
            }
            (Some(_), None) => vec![Step::Delete],
            (None, None) => Vec::new(),
        }
    }

    fn call(step: &Step) -> Option<&'static str> {
        Some(match step {
            Step::Create => "CreateLogGroup",
            Step::Retention => "PutRetentionPolicy",
            Step::Tag => "TagResource",
            Step::Untag(_) => "UntagResource",
            Step::Delete => "DeleteLogGroup",
        })
    }

    async fn read(cloud: &Cloud, asked: Vec<Asked<Self>>) -> Vec<Answer<Self>> {
        join_all(asked.into_iter().map(|ask| single(cloud, ask))).await
    }

    async fn run(
        cloud: &Cloud,
        step: Step,
        work: &mut Work<'_, Self>,
    ) -> Result<(), ProviderError> {
        match step {
            Step::Create => create(cloud, work).await,
            Step::Delete => {
                let delete = || {
                    cloud
                        .logs()
                        .delete_log_group()
                        .log_group_name(&work.id)
                        .send()
                };
                gone(
                    cloud.call("DeleteLogGroup", Put, work.who(), delete).await,
                    NONE,
                )
            }
            step => change(cloud, step, work).await,
        }
    }
}

async fn single(cloud: &Cloud, ask: Asked<LogGroup>) -> Answer<LogGroup> {
    let name = ask
        .id
        .or(ask.wanted.map(|spec| spec.name))
        .unwrap_or_default();
    let describe = || {
        cloud
            .logs()
            .describe_log_groups()
            .log_group_name_prefix(&name)
            .send()
    };
    let answer = cloud
        .call("DescribeLogGroups", Read, Who::NOBODY, describe)
        .await?;
    let groups = answer.log_groups.unwrap_or_default();
    let Some(group) = groups
        .into_iter()
        .find(|group| group.log_group_name.as_ref() == Some(&name))
    else {
        return Ok(None);
    };
    let arn = arn(cloud, &name);
    let list = || {
        cloud
            .logs()
            .list_tags_for_resource()
            .resource_arn(&arn)
            .send()
    };
    let all = cloud
        .call("ListTagsForResource", Read, Who::NOBODY, list)
        .await?
        .tags
        .unwrap_or_default();
    let tags = tags::seen(&all.into_iter().collect(), cloud.scope());
    let spec = Spec {
        name: name.clone(),
        retention_days: group.retention_in_days,
        tags,
    };
    Ok(Some(Found {
        id: name,
        spec,
        facts: (),
        owner: Owner::Parents,
    }))
}

/// One that exists already (Lambda makes it at the first call) is as good as made.
async fn create(cloud: &Cloud, work: &mut Work<'_, LogGroup>) -> Result<(), ProviderError> {
    let spec = work.wanted()?.clone();
    let all = tags::at_create(&spec.tags, cloud.scope(), work.addr.as_str(), work.op);
    let tags = Some(all.into_iter().collect())
        .filter(|tags: &std::collections::HashMap<_, _>| !tags.is_empty());
    let send = || {
        cloud
            .logs()
            .create_log_group()
            .log_group_name(&spec.name)
            .set_tags(tags.clone())
            .send()
    };
    match cloud.call("CreateLogGroup", Create, work.who(), send).await {
        Err(error) if !error.is("ResourceAlreadyExistsException") => return Err(error),
        _ => {}
    }
    work.id = spec.name;
    Ok(())
}

async fn change(cloud: &Cloud, step: Step, work: &Work<'_, LogGroup>) -> Result<(), ProviderError> {
    let (logs, spec, who) = (cloud.logs(), work.wanted()?, work.who());
    let arn = arn(cloud, &spec.name);
    match (step, spec.retention_days) {
        (Step::Retention, Some(days)) => {
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
        (Step::Retention, None) => {
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
        (Step::Untag(keys), _) => {
            let untag = || {
                logs.untag_resource()
                    .resource_arn(&arn)
                    .set_tag_keys(Some(keys.clone()))
                    .send()
            };
            cloud.call("UntagResource", Put, who, untag).await.map(drop)
        }
        _ => {
            let set = tags::to_write(false, work, |spec| &spec.tags, cloud.scope())?;
            let tag = || {
                logs.tag_resource()
                    .resource_arn(&arn)
                    .set_tags(Some(set.clone().into_iter().collect()))
                    .send()
            };
            cloud.call("TagResource", Put, who, tag).await.map(drop)
        }
    }
}

fn arn(cloud: &Cloud, name: &str) -> String {
    cloud.scope().arn("logs", &format!("log-group:{name}"))
}

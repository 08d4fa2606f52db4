//! The log group of a function whose `logging.retention_days` is set.
//!
//! Lambda makes a function's log group at its first call, and several functions may share one.
//! So one that exists already is taken over, shown with what that changes; it stays when its
//! function goes. One that slp made goes with the last function that logs to it, and stays, with
//! all its events, where only the field is taken out of the manifest or names another group.

mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cloud::Cloud;
use super::resource::{Answer, Asked, Resource, Transition, Work};
use super::tags::{self, Tags};
use crate::addr::Addr;
use crate::kind::{Identity, Outputs};
use crate::provider::ProviderError;
use crate::resolve::{Ctx, Wanted};
use crate::scope::Scope;
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

/// Noted at a read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// slp made it: only then does it go with its functions.
    pub made: bool,
    /// When it was made, in milliseconds, where no tags say whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
    /// The functions of the region that log to it; asked only where it goes.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub users: BTreeSet<String>,
    /// Nobody may see which functions log to it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub users_unseen: bool,
}

/// One AWS call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Create,
    Retention,
    /// With the ownership tags, after a move.
    Tag {
        own: bool,
    },
    Untag(Vec<String>),
    Delete,
}

const NONE: &[&str] = &["ResourceNotFoundException"];

impl Resource for LogGroup {
    const KIND: &'static str = "function.log_group";
    const ABOUT: &'static str = "The log group of a function, with its retention";
    const OUTPUTS: &'static [&'static str] = &["name"];
    const ADDED: bool = true;
    const SHARED: bool = true;
    type Decl = Decl;
    type Spec = Spec;
    type Facts = Facts;
    type Step = Step;

    fn identity(_: &Decl, _: &str, _: &Scope) -> Identity {
        Identity::default()
    }

    fn lower(_: &Decl, _: &Ctx) -> Option<Spec> {
        None
    }

    fn outputs(id: &str, _: &Spec, _: &Facts, _: &Scope) -> Outputs {
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
                    (set || delta.moved).then_some(Step::Tag { own: delta.moved }),
                ];
                steps.into_iter().flatten().collect()
            }
            (Some(_), None) => vec![Step::Delete],
            (None, None) => Vec::new(),
        }
    }

    fn fits(id: &str, spec: &Spec) -> bool {
        id == spec.name
    }

    fn used_by(
        spec: &Spec,
        facts: &Facts,
        goes: &dyn Fn(&str, &str) -> bool,
        wanted: &BTreeMap<Addr, Wanted>,
    ) -> Option<String> {
        let group = |wanted: &Wanted| wanted.spec.pointer("/logging/group").cloned();
        let here = Some(Value::String(spec.name.clone()));
        let mut known = wanted.values().filter(|wanted| group(wanted) == here);
        let mut others = facts.users.iter().filter(|name| !goes("function", name));
        match (known.next(), others.next()) {
            (Some(wanted), _) => Some(format!("{} logs to it", wanted.addr)),
            (None, Some(name)) => Some(format!("the function {name} logs to it")),
            (None, None) => facts.users_unseen.then(|| {
                "who else logs to it cannot be seen: lambda:ListFunctions is not allowed".into()
            }),
        }
    }

    /// Absent, everything is kept for ever.
    fn loses(delta: &Transition<Self>) -> Option<String> {
        let (before, after) = (delta.before.as_ref()?, delta.after.as_ref()?);
        let days = after.retention_days?;
        let shorter = before.retention_days.is_none_or(|before| days < before);
        shorter.then(|| match days {
            1 => "AWS deletes what is older than a day".to_owned(),
            days => format!("AWS deletes what is older than {days} days"),
        })
    }

    fn call(step: &Step) -> Option<&'static str> {
        Some(match step {
            Step::Create => "CreateLogGroup",
            Step::Retention => "PutRetentionPolicy",
            Step::Tag { .. } => "TagResource",
            Step::Untag(_) => "UntagResource",
            Step::Delete => "DeleteLogGroup",
        })
    }

    async fn read(cloud: &Cloud, asked: Vec<Asked<Self>>) -> Vec<Answer<Self>> {
        join_all(asked.into_iter().map(|ask| read::single(cloud, ask))).await
    }

    async fn run(
        cloud: &Cloud,
        step: Step,
        work: &mut Work<'_, Self>,
    ) -> Result<(), ProviderError> {
        write::run(cloud, step, work).await
    }
}

fn arn(cloud: &Cloud, name: &str) -> String {
    cloud.scope().arn("logs", &format!("log-group:{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(days: Option<i32>) -> Spec {
        Spec {
            name: "/aws/lambda/X".into(),
            retention_days: days,
            tags: Tags::new(),
        }
    }

    #[test]
    fn only_a_shorter_time_loses_anything() {
        let lost = |before, after| {
            LogGroup::loses(&Transition {
                before: Some(spec(before)),
                after: Some(spec(after)),
                facts: Facts::default(),
                moved: false,
                renewed: BTreeSet::new(),
            })
        };
        for (before, after) in [(Some(7), Some(14)), (Some(7), Some(7)), (Some(7), None)] {
            assert_eq!(lost(before, after), None);
        }
        for (before, after) in [(Some(3653), 14), (None, 14)] {
            let told = lost(before, Some(after)).expect("events go");
            assert!(told.contains("older than 14 days"), "{told}");
        }
    }
}

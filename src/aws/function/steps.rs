//! Which calls turn one function into another, in the order that Lambda demands:
//! configuration, wait, code, wait, publish.

use serde::{Deserialize, Serialize};

use super::{Function, Spec};
use crate::aws::resource::Transition;
use crate::aws::tags;

/// One AWS call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A package over 50 MB goes to S3 first.
    Upload,
    /// Waits until the function is active.
    Create,
    /// Waits until the update is through.
    Configure,
    /// Waits until the update is through.
    Code,
    PutConcurrency,
    DropConcurrency,
    Publish,
    /// Remove a permission that slp did not make.
    DropPermission(String),
    Untag(Vec<String>),
    Tag {
        own: bool,
    },
    Delete,
}

pub fn call(step: &Step) -> Option<&'static str> {
    Some(match step {
        Step::Upload => "PutObject",
        Step::Create => "CreateFunction",
        Step::Configure => "UpdateFunctionConfiguration",
        Step::Code => "UpdateFunctionCode",
        Step::PutConcurrency => "PutFunctionConcurrency",
        Step::DropConcurrency => "DeleteFunctionConcurrency",
        Step::Publish => "PublishVersion",
        Step::DropPermission(_) => "RemovePermission",
        Step::Untag(_) => "UntagResource",
        Step::Tag { .. } => "TagResource",
        Step::Delete => "DeleteFunction",
    })
}

pub fn steps(delta: &Transition<Function>) -> Vec<Step> {
    match (&delta.before, &delta.after) {
        (None, Some(after)) => create(after),
        (Some(before), Some(after)) => update(before, after, delta),
        (Some(_), None) => vec![Step::Delete],
        (None, None) => Vec::new(),
    }
}

fn create(after: &Spec) -> Vec<Step> {
    let mut steps = Vec::new();
    if after.code.through_s3 {
        steps.push(Step::Upload);
    }
    steps.push(Step::Create);
    if after.reserved_concurrency.is_some() {
        steps.push(Step::PutConcurrency);
    }
    if after.publish {
        steps.push(Step::Publish);
    }
    steps
}

fn update(before: &Spec, after: &Spec, delta: &Transition<Function>) -> Vec<Step> {
    let mut steps = Vec::new();
    let role_is_new = delta.renewed.iter().any(|addr| addr.kind() == "role");
    let undone = delta.facts.failed;
    if configuration(before) != configuration(after) || role_is_new || undone {
        steps.push(Step::Configure);
    }
    if before.code != after.code || before.architecture != after.architecture {
        steps.extend(after.code.through_s3.then_some(Step::Upload));
        steps.push(Step::Code);
    }
    let served = !steps.is_empty() || !before.publish;
    match (before.reserved_concurrency, after.reserved_concurrency) {
        (before, after) if before == after => {}
        (_, Some(_)) => steps.push(Step::PutConcurrency),
        (_, None) => steps.push(Step::DropConcurrency),
    }
    if after.publish && (served || delta.facts.version.is_none()) {
        steps.push(Step::Publish);
    }
    if after.exclusive {
        let foreign = before
            .foreign_permissions
            .difference(&after.foreign_permissions);
        steps.extend(foreign.cloned().map(Step::DropPermission));
    }
    let (gone, set) = tags::change(&before.tags, &after.tags);
    if !gone.is_empty() {
        steps.push(Step::Untag(gone));
    }
    if set || delta.moved {
        steps.push(Step::Tag { own: delta.moved });
    }
    steps
}

/// What `UpdateFunctionConfiguration` sets: everything but what has calls of its own.
fn configuration(spec: &Spec) -> Spec {
    Spec {
        code: Default::default(),
        architecture: String::new(),
        reserved_concurrency: None,
        publish: false,
        foreign_permissions: Default::default(),
        exclusive: false,
        tags: Default::default(),
        ..spec.clone()
    }
}

//! Which calls lead from one stage to another.

use serde::{Deserialize, Serialize};

use super::{Facts, Spec, Stage, serves};
use crate::aws::patch::{Patch, PatchOp};
use crate::aws::resource::Transition;
use crate::aws::tags;

/// One AWS call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// No change: the API is older than this stage, so a run that died between the first two
    /// calls may have left deployments.
    FindDeployments,
    CreateDeployment,
    CreateStage,
    /// One call for everything that changed; with `deploy` the stage moves to the
    /// deployment that was just made.
    UpdateStage {
        deploy: bool,
        patches: Vec<Patch>,
    },
    Untag(Vec<String>),
    /// With the ownership tags, after a move.
    Tag {
        own: bool,
    },
    DeleteStage,
    DeleteDeployment(String),
    /// What `FindDeployments` found goes. Nobody can know it when the plan is made, so its
    /// calls are not counted; most often there are none.
    DeleteFound,
}

pub const DESCRIPTION: &str = "/description";
pub const VARIABLE: &str = "/variables/";
const RATE: &str = "/*/*/throttling/rateLimit";
const BURST: &str = "/*/*/throttling/burstLimit";
/// What AWS answers where a limit is not set.
const UNSET: &str = "-1";

pub fn steps(delta: &Transition<Stage>) -> Vec<Step> {
    match (&delta.before, &delta.after) {
        (None, Some(after)) => create(after),
        (Some(before), Some(after)) => update(before, after, delta),
        (Some(before), None) => {
            let mut steps = vec![Step::DeleteStage];
            let goes = before.serves != serves::FOREIGN;
            delete_deployments(&delta.facts, goes, &mut steps);
            steps
        }
        (None, None) => Vec::new(),
    }
}

fn create(after: &Spec) -> Vec<Step> {
    let mut steps = vec![Step::CreateDeployment, Step::CreateStage];
    if after.api.known().is_some() {
        steps.insert(0, Step::FindDeployments);
    }
    let patches = throttle(None, after);
    if !patches.is_empty() {
        // CreateStage knows no method settings.
        let deploy = false;
        steps.push(Step::UpdateStage { deploy, patches });
    }
    if after.api.known().is_some() {
        steps.push(Step::DeleteFound);
    }
    steps
}

fn update(before: &Spec, after: &Spec, delta: &Transition<Stage>) -> Vec<Step> {
    let mut steps = Vec::new();
    let deploy = before.serves != after.serves;
    if deploy {
        steps.push(Step::CreateDeployment);
    }
    let patches = patches(before, after);
    if deploy || !patches.is_empty() {
        steps.push(Step::UpdateStage { deploy, patches });
    }
    let (untag, tag) = tags::change(&before.tags, &after.tags);
    if !untag.is_empty() {
        steps.push(Step::Untag(untag));
    }
    if tag || delta.moved {
        steps.push(Step::Tag { own: delta.moved });
    }
    // Somebody else's deployment is theirs, also where the stage is moved away from it.
    let goes = deploy && before.serves != serves::FOREIGN;
    delete_deployments(&delta.facts, goes, &mut steps);
    steps
}

/// The deployments that nothing needs any more, the one served until now among them where it `goes`.
fn delete_deployments(facts: &Facts, goes: bool, steps: &mut Vec<Step>) {
    let current = Some(&facts.deployment_id).filter(|id| goes && !id.is_empty());
    let ids = current.into_iter().chain(&facts.stale).cloned();
    steps.extend(ids.map(Step::DeleteDeployment));
}

fn patches(before: &Spec, after: &Spec) -> Vec<Patch> {
    let mut patches = Vec::new();
    if before.description != after.description {
        patches.push(Patch::new(PatchOp::Replace, DESCRIPTION, None));
    }
    if before.tracing != after.tracing {
        patches.push(Patch::replace("/tracingEnabled", after.tracing.to_string()));
    }
    let gone = before
        .variables
        .keys()
        .filter(|name| !after.variables.contains_key(*name));
    patches.extend(gone.map(|name| Patch::remove(format!("{VARIABLE}{name}"))));
    for (name, value) in &after.variables {
        if before.variables.get(name) != Some(value) {
            // `replace` adds as well; AWS knows no `add` here.
            patches.push(Patch::new(
                PatchOp::Replace,
                format!("{VARIABLE}{name}"),
                None,
            ));
        }
    }
    patches.extend(throttle(Some(before), after));
    patches.extend(before.extra.keys().map(|path| take_back(path)));
    if before.throttle.is_some() && after.throttle.is_none() {
        // AWS applies patches in their order. -1 alone leaves an entry that lets nothing
        // pass on ministack; moto heeds nothing but -1.
        patches.push(Patch::remove("/*/*"));
    }
    patches
}

fn throttle(before: Option<&Spec>, after: &Spec) -> Vec<Patch> {
    let was = before.and_then(|before| before.throttle);
    match after.throttle {
        now if now == was => Vec::new(),
        Some(now) => vec![
            Patch::replace(RATE, now.rate.to_string()),
            Patch::replace(BURST, now.burst.to_string()),
        ],
        None => vec![Patch::replace(RATE, UNSET), Patch::replace(BURST, UNSET)],
    }
}

/// The patch that takes back what somebody else set.
fn take_back(path: &str) -> Patch {
    match path {
        "/cacheClusterEnabled" | "/*/*/metrics/enabled" | "/*/*/logging/dataTrace" => {
            Patch::replace(path, "false")
        }
        "/*/*/logging/loglevel" => Patch::replace(path, "OFF"),
        "/clientCertificateId" => Patch::replace(path, ""),
        _ => Patch::remove(path),
    }
}

/// AWS's name of the call.
pub fn call(step: &Step) -> Option<&'static str> {
    Some(match step {
        Step::FindDeployments | Step::DeleteFound => return None,
        Step::CreateDeployment => "CreateDeployment",
        Step::CreateStage => "CreateStage",
        Step::UpdateStage { .. } => "UpdateStage",
        Step::Untag(_) => "UntagResource",
        Step::Tag { .. } => "TagResource",
        Step::DeleteStage => "DeleteStage",
        Step::DeleteDeployment(_) => "DeleteDeployment",
    })
}

//! Stages: the names under which deployments answer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::{bad_request, conflict, limit};
use super::find::{self, API, gateway};
use super::snapshot::{AccessLog, Stage, key};
use super::{members, patch, stage_patch, tags};
use crate::bounds::texts;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// AWS's quota of stages an API.
const MOST: usize = 10;
/// Of variables a stage.
const MOST_VARIABLES: usize = 100;

pub fn create_stage(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let body = &input.body;
    let api = find::api(turn, input)?.id.clone();
    refuse_caches_and_canaries(body, "CreateStage")?;
    let name = members::text(body, "stageName")?.unwrap_or_default();
    let deployment = members::text(body, "deploymentId")?.unwrap_or_default();
    known(turn, &api, &deployment)?;
    let mut stage = Stage::named(&name, &deployment, turn.now);
    stage.description = members::text(body, "description")?.filter(|text| !text.is_empty());
    stage.tracing = members::flag(body, "tracingEnabled")?.unwrap_or_default();
    stage.documentation_version = members::text(body, "documentationVersion")?;
    stage.variables = variables(members::map(body, "variables")?.unwrap_or_default())?;
    stage.tags = tags::checked(members::map(body, "tags")?.unwrap_or_default())?;
    let answer = view(&stage);
    add(turn, &api, stage)?;
    Ok(answer.into())
}

fn add(turn: &mut Turn<'_>, api: &str, stage: Stage) -> Result<(), AwsError> {
    check_name(&stage.name)?;
    let gateway = gateway(turn);
    let row = key(api, &stage.name);
    if gateway.stages.contains(&row) {
        return Err(conflict("Stage already exists"));
    }
    if gateway.stages.under(&key(api, "")).count() >= MOST {
        return Err(limit(format!(
            "Maximum number of stages for this API has been reached: {MOST}. Please contact AWS \
             if you need additional stages."
        )));
    }
    gateway.stages.insert(row, stage);
    Ok(())
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match (1..=128).contains(&name.len()) && name.chars().all(allowed) {
        true => Ok(()),
        false => Err(bad_request("Stage name only allows a-zA-Z0-9_-")),
    }
}

/// A deployment of the API that a stage may serve.
pub fn known(turn: &mut Turn<'_>, api: &str, deployment: &str) -> Result<(), AwsError> {
    match gateway(turn).deployments.contains(&key(api, deployment)) {
        true => Ok(()),
        false => Err(bad_request("Deployment id does not exist")),
    }
}

/// What neither deployments nor stages do here.
pub fn refuse_caches_and_canaries(body: &Value, operation: &str) -> Result<(), AwsError> {
    let canary = body.get("canarySettings").is_some_and(|it| !it.is_null());
    let cache = members::flag(body, "cacheClusterEnabled")?.unwrap_or_default();
    match (canary, cache) {
        (true, _) => Err(AwsError::not_emulated(&format!(
            "apigateway:{operation} with canarySettings"
        ))),
        (_, true) => Err(AwsError::not_emulated(&format!(
            "apigateway:{operation} with a cache"
        ))),
        _ => Ok(()),
    }
}

/// CreateDeployment with a stage's name makes the stage, or moves it.
pub fn deployed(
    turn: &mut Turn<'_>,
    input: &Input,
    name: &str,
    deployment: &str,
) -> Result<(), AwsError> {
    let body = &input.body;
    let given = variables(members::map(body, "variables")?.unwrap_or_default())?;
    let description = members::text(body, "stageDescription")?.filter(|text| !text.is_empty());
    let tracing = members::flag(body, "tracingEnabled")?;
    let (api, now) = (input.path(API), turn.now);
    let row = key(api, name);
    let fresh = Stage::named(name, deployment, turn.now);
    if !gateway(turn).stages.contains(&row) {
        add(turn, api, fresh)?;
    }
    if let Some(stage) = gateway(turn).stages.get_mut(&row) {
        stage.deployment = deployment.to_owned();
        stage.updated = now;
        stage.variables.extend(given);
        stage.description = description.or(stage.description.take());
        stage.tracing = tracing.unwrap_or(stage.tracing);
    }
    Ok(())
}

/// Variables whose names and values AWS takes.
pub fn variables(all: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, AwsError> {
    if all.len() > MOST_VARIABLES {
        return Err(limit(format!(
            "Maximum number of stage variables has been reached: {MOST_VARIABLES}"
        )));
    }
    for (name, value) in &all {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !(1..=64).contains(&name.len()) || !name.chars().all(named) {
            return Err(bad_request(format!(
                "Invalid stage variable name: {name}. Names may contain alphanumeric characters \
                 and underscores, up to 64"
            )));
        }
        let strange = texts::stranger_in_stage_variable(value).is_some();
        if value.is_empty() || value.len() > texts::LONGEST_STAGE_VARIABLE || strange {
            return Err(bad_request(format!(
                "Invalid stage variable value: {value}. Please use values with alphanumeric \
                 characters and the symbols '-', '.', '_', '~', ':', '/', '?', '#', '&', '=' and \
                 ',', up to 512"
            )));
        }
    }
    Ok(all)
}

pub fn get_stage(turn: &mut Turn<'_>, input: &Input) -> Answer {
    Ok(view(find::stage(turn, input)?).into())
}

/// All at once: this list has no pages.
pub fn get_stages(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let own = key(&find::api(turn, input)?.id, "");
    let deployment = input.query("deploymentId");
    let stages = gateway(turn).stages.under(&own).map(|(_, stage)| stage);
    let wanted = stages.filter(|stage| deployment.is_none_or(|id| stage.deployment == id));
    let shown: Vec<Value> = wanted.map(view).collect();
    Ok(json!({ "item": shown }).into())
}

pub fn update_stage(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::plain(input, "updateStageInput")?;
    let mut stage = find::stage(turn, input)?.clone();
    for patch in &patches {
        stage_patch::apply(turn, input.path(API), &mut stage, patch)?;
    }
    stage.variables = variables(stage.variables)?;
    stage.updated = turn.now;
    let answer = view(&stage);
    gateway(turn).stages.insert(find::stage_row(input), stage);
    Ok(answer.into())
}

pub fn delete_stage(turn: &mut Turn<'_>, input: &Input) -> Answer {
    find::stage(turn, input)?;
    gateway(turn).stages.remove(&find::stage_row(input));
    Ok(Reply::empty())
}

fn view(stage: &Stage) -> Value {
    let mut view = json!({
        "stageName": stage.name,
        "deploymentId": stage.deployment,
        "cacheClusterEnabled": false,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": stage.method_settings,
        "tracingEnabled": stage.tracing,
        "createdDate": stage.created.as_second(),
        "lastUpdatedDate": stage.updated.as_second(),
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            view[name] = value;
        }
    };
    put("description", stage.description.clone().map(Value::from));
    put(
        "documentationVersion",
        stage.documentation_version.clone().map(Value::from),
    );
    put(
        "clientCertificateId",
        stage.client_certificate.clone().map(Value::from),
    );
    let log = &stage.access_log;
    put(
        "accessLogSettings",
        (*log != AccessLog::default()).then(|| json!(log)),
    );
    put(
        "variables",
        (!stage.variables.is_empty()).then(|| json!(stage.variables)),
    );
    put("tags", (!stage.tags.is_empty()).then(|| json!(stage.tags)));
    view
}

//! Deployments: copies of all that an API serves.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::error::bad_request;
use super::find::{self, API, DEPLOYMENT, gateway};
use super::model::Resource;
use super::patch::Op;
use super::snapshot::{Deployment, Snapshot, key};
use super::{members, page, patch, stages};
use crate::local::error::AwsError;
use crate::local::turn::{LOWER, Turn, random};
use crate::local::wire::{Answer, Input, Reply};

pub fn create_deployment(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let body = &input.body;
    let api = find::api(turn, input)?.clone();
    stages::refuse_caches_and_canaries(body, "CreateDeployment")?;
    let now = turn.now;
    let snapshot = gateway(turn).snapshot(&api);
    complete(&snapshot)?;
    let deployment = Deployment {
        id: random(LOWER, 6),
        description: members::text(body, "description")?,
        created: now,
        snapshot: Arc::new(snapshot),
    };
    let (id, answer) = (deployment.id.clone(), view(&deployment, input));
    let row = key(&api.id, &id);
    gateway(turn).deployments.insert(row, deployment);
    if let Some(stage) = members::text(body, "stageName")?.filter(|name| !name.is_empty()) {
        stages::deployed(turn, input, &stage, &id)?;
    }
    Ok(answer.into())
}

/// A method that nothing answers cannot be served.
fn complete(snapshot: &Snapshot) -> Result<(), AwsError> {
    let mut methods = snapshot
        .resources
        .values()
        .flat_map(|resource: &Resource| resource.methods.values())
        .peekable();
    if methods.peek().is_none() {
        return Err(bad_request("The REST API doesn't contain any methods"));
    }
    match methods.all(|method| method.method_integration.is_some()) {
        true => Ok(()),
        false => Err(bad_request("No integration defined for method")),
    }
}

pub fn get_deployment(turn: &mut Turn<'_>, input: &Input) -> Answer {
    Ok(view(find::deployment(turn, input)?, input).into())
}

pub fn get_deployments(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let own = key(&find::api(turn, input)?.id, "");
    let deployments = gateway(turn).deployments.under(&own);
    page::page(input, deployments, |deployment| view(deployment, input))
}

pub fn update_deployment(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::plain(input, "updateDeploymentInput")?;
    let mut deployment = find::deployment(turn, input)?.clone();
    for patch in &patches {
        match (patch.op, &patch.parts()[..]) {
            (Op::Replace, ["description"]) => deployment.description = patch.filled(),
            _ => return Err(patch.unknown_of(&["/description"])),
        }
    }
    let answer = view(&deployment, input);
    let row = key(input.path(API), &deployment.id);
    gateway(turn).deployments.insert(row, deployment);
    Ok(answer.into())
}

pub fn delete_deployment(turn: &mut Turn<'_>, input: &Input) -> Answer {
    find::deployment(turn, input)?;
    let (api, id) = (input.path(API), input.path(DEPLOYMENT));
    let gateway = gateway(turn);
    let own = key(api, "");
    let mut stages = gateway.stages.under(&own);
    if stages.any(|(_, stage)| stage.deployment == id) {
        return Err(bad_request(
            "Active stages pointing to this deployment must be moved or deleted",
        ));
    }
    drop(stages);
    gateway.deployments.remove(&key(api, id));
    Ok(Reply::empty())
}

fn view(deployment: &Deployment, input: &Input) -> Value {
    let mut view = json!({"id": deployment.id, "createdDate": deployment.created.as_second()});
    if let Some(description) = &deployment.description {
        view["description"] = json!(description);
    }
    if input.queries("embed").any(|what| what == "apisummary") {
        view["apiSummary"] = summary(&deployment.snapshot);
    }
    view
}

fn summary(snapshot: &Snapshot) -> Value {
    let methods = |resource: &Resource| -> Map<String, Value> {
        let methods = resource.methods.iter();
        let shown = methods.map(|(verb, method)| {
            let method = json!({
                "authorizationType": method.authorization_type,
                "apiKeyRequired": method.api_key_required,
            });
            (verb.clone(), method)
        });
        shown.collect()
    };
    let resources = snapshot.resources.values();
    let served = resources.filter(|resource| !resource.methods.is_empty());
    served
        .map(|resource| (resource.path.clone(), Value::Object(methods(resource))))
        .collect::<Map<_, _>>()
        .into()
}

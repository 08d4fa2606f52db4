//! From the variables of a request's path to the things that they name.

use super::ApiGateway;
use super::error::{missing, no_api, not_found};
use super::model::{Api, Integration, Method, Resource};
use super::snapshot::{Deployment, Stage, key};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::Input;

pub const API: &str = "restapi_id";
pub const RESOURCE: &str = "resource_id";
pub const METHOD: &str = "http_method";
pub const STATUS: &str = "status_code";
pub const STAGE: &str = "stage_name";
pub const DEPLOYMENT: &str = "deployment_id";

pub fn gateway<'t>(turn: &'t mut Turn<'_>) -> &'t mut ApiGateway {
    &mut turn.region().apigateway
}

pub fn api<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t Api, AwsError> {
    let id = input.path(API);
    let missing = no_api(turn.account(), id);
    gateway(turn).apis.get(id).ok_or(missing)
}

pub fn api_mut<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t mut Api, AwsError> {
    let id = input.path(API);
    let missing = no_api(turn.account(), id);
    gateway(turn).apis.get_mut(id).ok_or(missing)
}

/// The row of the resource that the path names.
pub fn resource_row(input: &Input) -> String {
    key(input.path(API), input.path(RESOURCE))
}

// Of a wrong API AWS says here that the resource is wrong.
pub fn resource<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t Resource, AwsError> {
    let found = gateway(turn).resources.get(&resource_row(input));
    found.ok_or_else(|| not_found("Resource"))
}

pub fn resource_mut<'t>(
    turn: &'t mut Turn<'_>,
    input: &Input,
) -> Result<&'t mut Resource, AwsError> {
    let found = gateway(turn).resources.get_mut(&resource_row(input));
    found.ok_or_else(|| not_found("Resource"))
}

pub fn method<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t Method, AwsError> {
    let found = resource(turn, input)?.methods.get(input.path(METHOD));
    found.ok_or_else(|| not_found("Method"))
}

pub fn method_mut<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t mut Method, AwsError> {
    let resource = resource_mut(turn, input)?;
    let found = resource.methods.get_mut(input.path(METHOD));
    found.ok_or_else(|| not_found("Method"))
}

pub fn integration<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t Integration, AwsError> {
    let found = method(turn, input)?.method_integration.as_ref();
    found.ok_or_else(|| not_found("Integration"))
}

pub fn integration_mut<'t>(
    turn: &'t mut Turn<'_>,
    input: &Input,
) -> Result<&'t mut Integration, AwsError> {
    let found = method_mut(turn, input)?.method_integration.as_mut();
    found.ok_or_else(|| not_found("Integration"))
}

pub fn deployment<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t Deployment, AwsError> {
    let row = key(input.path(API), input.path(DEPLOYMENT));
    let found = gateway(turn).deployments.get(&row);
    found.ok_or_else(|| not_found("Deployment"))
}

pub fn stage<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t Stage, AwsError> {
    let found = gateway(turn).stages.get(&stage_row(input));
    found.ok_or_else(|| not_found("stage"))
}

pub fn stage_row(input: &Input) -> String {
    key(input.path(API), input.path(STAGE))
}

/// A model's name must be known to the API.
pub fn model(turn: &mut Turn<'_>, api: &str, name: &str) -> Result<(), AwsError> {
    match gateway(turn).models.contains(&key(api, name)) {
        true => Ok(()),
        false => Err(super::error::bad_request(format!(
            "Invalid model identifier specified: {name}"
        ))),
    }
}

pub fn no_model(name: &str) -> AwsError {
    missing(format!("Invalid model name specified: {name}"))
}

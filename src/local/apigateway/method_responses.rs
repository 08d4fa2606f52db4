//! What a method declares that it answers.

use serde_json::json;

use super::error::{Violations, conflict, no_status};
use super::find::{self, API, STATUS};
use super::methods::{CONTENT_TYPE, PARAMETER, entry};
use super::model::MethodResponse;
use super::{mapping, members, patch};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

pub fn put_method_response(turn: &mut Turn<'_>, input: &Input) -> Answer {
    status_code(input)?;
    let response = MethodResponse {
        status_code: input.path(STATUS).to_owned(),
        response_parameters: members::flags(&input.body, "responseParameters")?,
        response_models: members::map(&input.body, "responseModels")?,
    };
    find::method(turn, input)?;
    check(turn, input, &response)?;
    let method = find::method_mut(turn, input)?;
    if method.method_responses.contains_key(&response.status_code) {
        return Err(conflict("Response already exists for this resource"));
    }
    let answer = json!(response);
    let status = response.status_code.clone();
    method.method_responses.insert(status, response);
    Ok(answer.into())
}

fn check(turn: &mut Turn<'_>, input: &Input, response: &MethodResponse) -> Result<(), AwsError> {
    if let Some(parameters) = &response.response_parameters {
        mapping::method_response(parameters)?;
    }
    for model in response
        .response_models
        .iter()
        .flat_map(|models| models.values())
    {
        find::model(turn, input.path(API), model)?;
    }
    Ok(())
}

pub fn get_method_response(turn: &mut Turn<'_>, input: &Input) -> Answer {
    status_code(input)?;
    let method = find::method(turn, input)?;
    let found = method.method_responses.get(input.path(STATUS));
    Ok(json!(found.ok_or_else(no_status)?).into())
}

pub fn update_method_response(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::read(input, "updateMethodResponseInput", |wrong| {
        wrong.status_code(input.path(STATUS));
    })?;
    let method = find::method(turn, input)?;
    let found = method.method_responses.get(input.path(STATUS));
    let mut response = found.ok_or_else(no_status)?.clone();
    for patch in &patches {
        let parameters = response.response_parameters.get_or_insert_default();
        let models = response.response_models.get_or_insert_default();
        match patch.parts()[..] {
            ["responseParameters", name] => {
                entry(parameters, patch, name, PARAMETER, patch.flag())?;
            }
            ["responseModels", kind] => {
                entry(models, patch, kind, CONTENT_TYPE, patch.text().to_owned())?;
            }
            _ => return Err(patch.unknown()),
        }
        // What a patch empties is gone; only an empty map that was put is shown.
        response.response_parameters = response.response_parameters.filter(|map| !map.is_empty());
        response.response_models = response.response_models.filter(|map| !map.is_empty());
    }
    check(turn, input, &response)?;
    let answer = json!(response);
    let method = find::method_mut(turn, input)?;
    let status = response.status_code.clone();
    method.method_responses.insert(status, response);
    Ok(answer.into())
}

pub fn delete_method_response(turn: &mut Turn<'_>, input: &Input) -> Answer {
    status_code(input)?;
    let method = find::method_mut(turn, input)?;
    let removed = method.method_responses.remove(input.path(STATUS));
    removed.map(|_| Reply::empty()).ok_or_else(no_status)
}

/// Refuses what is no status at all.
pub fn status_code(input: &Input) -> Result<(), AwsError> {
    let mut wrong = Violations::default();
    wrong.status_code(input.path(STATUS));
    wrong.finish()
}

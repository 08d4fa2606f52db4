//! Which of a backend's answers becomes which of the method's.

use serde_json::json;

use super::error::{Violations, conflict, no_status, not_found};
use super::find::{self, STATUS};
use super::method_responses::status_code;
use super::methods::{CONTENT_TYPE, PARAMETER, entry};
use super::model::{Integration, IntegrationResponse};
use super::patch::Patch;
use super::{mapping, members, patch};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

const HANDLINGS: [&str; 2] = ["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"];

pub fn put_integration_response(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let body = &input.body;
    let handling = members::text(body, "contentHandling")?;
    let mut wrong = Violations::default();
    let at = "putIntegrationResponseInput.contentHandling";
    wrong.one_of(handling.as_deref(), at, &HANDLINGS);
    wrong.status_code(input.path(STATUS));
    wrong.finish()?;
    let response = IntegrationResponse {
        status_code: input.path(STATUS).to_owned(),
        selection_pattern: members::text(body, "selectionPattern")?,
        response_parameters: members::map(body, "responseParameters")?.unwrap_or_default(),
        response_templates: members::templates(body, "responseTemplates")?,
        content_handling: handling,
    };
    keep(turn, input, response)
}

fn keep(turn: &mut Turn<'_>, input: &Input, response: IntegrationResponse) -> Answer {
    let method = find::method(turn, input)?;
    mapping::content_types(&response.response_templates)?;
    mapping::integration_response(&response.response_parameters, &response.status_code, method)?;
    let integration = find::integration_mut(turn, input)?;
    alone(integration, &response)?;
    let answer = json!(response);
    let status = response.status_code.clone();
    integration.integration_responses.insert(status, response);
    Ok(answer.into())
}

/// Two answers of one pattern could not be told apart.
fn alone(integration: &Integration, response: &IntegrationResponse) -> Result<(), AwsError> {
    let mut others = integration.integration_responses.values();
    let taken = others.any(|other| {
        other.status_code != response.status_code && other.pattern() == response.pattern()
    });
    match taken {
        false => Ok(()),
        true => Err(conflict(format!(
            "Integration response with selection pattern {} already exists",
            response.pattern().unwrap_or("default")
        ))),
    }
}

impl IntegrationResponse {
    /// None is the default response.
    pub fn pattern(&self) -> Option<&str> {
        self.selection_pattern
            .as_deref()
            .filter(|text| !text.is_empty())
    }
}

pub fn get_integration_response(turn: &mut Turn<'_>, input: &Input) -> Answer {
    status_code(input)?;
    let integration = find::integration(turn, input)?;
    let found = integration.integration_responses.get(input.path(STATUS));
    Ok(json!(found.ok_or_else(no_status)?).into())
}

pub fn update_integration_response(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::read(input, "updateIntegrationResponseInput", |wrong| {
        wrong.status_code(input.path(STATUS));
    })?;
    let integration = find::integration(turn, input)?;
    let found = integration.integration_responses.get(input.path(STATUS));
    let mut response = found.ok_or_else(no_status)?.clone();
    for patch in &patches {
        apply(&mut response, patch)?;
    }
    keep(turn, input, response)
}

fn apply(response: &mut IntegrationResponse, patch: &Patch) -> Result<(), AwsError> {
    match patch.parts()[..] {
        ["selectionPattern"] => {
            patch.only_replace()?;
            response.selection_pattern = patch.value.clone();
            Ok(())
        }
        ["contentHandling"] => {
            patch.only_replace()?;
            response.content_handling = patch.filled();
            Ok(())
        }
        ["responseParameters", name] => {
            let from = patch.text().to_owned();
            entry(
                &mut response.response_parameters,
                patch,
                name,
                PARAMETER,
                from,
            )
        }
        ["responseTemplates", kind] => {
            let template = patch.filled();
            entry(
                &mut response.response_templates,
                patch,
                kind,
                CONTENT_TYPE,
                template,
            )
        }
        _ => Err(patch.unknown()),
    }
}

pub fn delete_integration_response(turn: &mut Turn<'_>, input: &Input) -> Answer {
    status_code(input)?;
    find::resource(turn, input)?;
    // Here AWS says so of a missing method as well.
    let integration = find::integration_mut(turn, input).map_err(|_| not_found("Integration"))?;
    let removed = integration.integration_responses.remove(input.path(STATUS));
    removed.map(|_| Reply::empty()).ok_or_else(no_status)
}

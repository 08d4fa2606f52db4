//! What functions of this cloud never have. AWS's answers that there is none let clients, such
//! as Terraform's refresh, go on; to set it is refused by the operation's name.

use serde_json::json;

use super::errors;
use super::model::LATEST;
use super::name::{self, Named};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

pub fn code_signing(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    super::function(turn, &named)?;
    Ok(json!({}).into())
}

pub fn event_invoke(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let qualifier = named.qualifier.as_deref().unwrap_or(LATEST);
    let arn = name::arn(turn, &named.name, Some(qualifier));
    Err(errors::not_found(format!(
        "The function {arn} doesn't have an EventInvokeConfig"
    )))
}

pub fn event_invokes(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    super::function(turn, &named).map_err(|_| errors::not_found("The function doesn't exist."))?;
    Ok(json!({ "FunctionEventInvokeConfigs": [] }).into())
}

pub fn url(turn: &mut Turn<'_>, input: &Input) -> Answer {
    name::asked(turn, input)?;
    Err(errors::not_found(
        "The resource you requested does not exist.",
    ))
}

pub fn urls(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    super::function(turn, &named)?;
    Ok(json!({ "FunctionUrlConfigs": [] }).into())
}

pub fn provisioned(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    published(turn, &named)?;
    let message = "No Provisioned Concurrency Config found for this function";
    Err(AwsError::new(
        404,
        "ProvisionedConcurrencyConfigNotFoundException",
        message,
    ))
}

pub fn provisioned_list(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    super::function(turn, &named)?;
    Ok(json!({ "ProvisionedConcurrencyConfigs": [] }).into())
}

/// Provisioned concurrency is for aliases and published versions.
fn published(turn: &Turn<'_>, named: &Named) -> Result<(), AwsError> {
    let Some(qualifier) = named.version() else {
        return Err(errors::invalid(
            "The function resource provided must be an alias or a published version.",
        ));
    };
    let arn = named.arn(turn);
    let function = super::function(turn, named).ok();
    let found = function.and_then(|function| function.version(Some(qualifier)));
    match (found, qualifier.parse::<u64>()) {
        (Some(_), _) => Ok(()),
        (None, Ok(_)) => Err(errors::no_function(&arn)),
        (None, Err(_)) => Err(errors::no_alias(&arn)),
    }
}

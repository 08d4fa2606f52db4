//! `UpdateFunctionCode` and `UpdateFunctionConfiguration`: one at a time, by revision id.

use super::check;
use super::create::revision;
use super::errors;
use super::model::{Change, Changing, Code, Function, LATEST};
use super::name::{self, Named};
use super::request::{Source, UpdateCode, Wanted};
use super::{code, config, publish, role, show};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

pub fn update_function_code(turn: &mut Turn<'_>, input: &Input) -> Answer {
    code::fits(input, "UpdateFunctionCode")?;
    let (source, update): (Source, UpdateCode) = (input.body()?, input.body()?);
    let mut found = Check::default();
    check::architecture(&mut found, update.architectures.as_deref());
    found.done()?;
    let named = name::asked(turn, input)?;
    let mut function = changeable(turn, &named, update.revision_id.as_deref())?;
    let image = matches!(function.latest.code, Code::Image { .. });
    match (image, source.image_uri.is_some()) {
        (true, false) => {
            return Err(errors::invalid(
                "Please provide ImageUri when updating a function with packageType Image.",
            ));
        }
        (false, true) => {
            return Err(errors::invalid(
                "Please don't provide ImageUri when updating a function with packageType Zip.",
            ));
        }
        _ => {}
    }
    let latest = &mut function.latest;
    let code = code::of_function(turn, &source, image)?;
    if let Code::Zip(zip) = &code {
        config::together(&latest.config, zip.unpacked)?;
    }
    // What was there before stays.
    if turn.undone.is_none() {
        latest.code = code;
    }
    if let Some([architecture]) = update.architectures.as_deref() {
        latest.config.architecture = architecture.clone();
    }
    change(turn, &mut function);
    if update.dry_run == Some(true) {
        return Ok(show::configuration(turn, &named.name, &function.latest, None).into());
    }
    let shown = match update.publish {
        Some(true) => publish::publish(turn, &mut function, None),
        _ => show::configuration(turn, &named.name, &function.latest, None),
    };
    turn.region().lambda.functions.insert(named.name, function);
    Ok(shown.into())
}

pub fn update_function_configuration(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let wanted: Wanted = Wanted::of(input)?;
    let mut found = Check::default();
    check::wanted(&mut found, &wanted);
    found.done()?;
    let named = name::asked(turn, input)?;
    let mut function = changeable(turn, &named, input.text("RevisionId"))?;
    let code = function.latest.code.clone();
    let config = &mut function.latest.config;
    match &code {
        Code::Image { .. } if wanted.runtime.is_some() || wanted.handler.is_some() => {
            return Err(errors::invalid(
                "Please don't provide Handler or Runtime or Layer when the intended function \
                 PackageType is Image.",
            ));
        }
        Code::Image { .. } => config::apply(turn, config, &wanted)?,
        Code::Zip(zip) => {
            config::apply(turn, config, &wanted)?;
            config::together(config, zip.unpacked)?;
        }
    }
    role::assumable(turn, &named.name, config)?;
    change(turn, &mut function);
    let shown = show::configuration(turn, &named.name, &function.latest, None);
    turn.region().lambda.functions.insert(named.name, function);
    Ok(shown.into())
}

/// The function, if it may be changed now by one who knows this revision.
fn changeable(
    turn: &Turn<'_>,
    named: &Named,
    revision: Option<&str>,
) -> Result<Function, AwsError> {
    let function = super::function(turn, named)?;
    if named.version().is_some() {
        return Err(errors::invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not \
             support this operation. Please specify either a function name or an unqualified \
             function ARN.",
        ));
    }
    if revision.is_some_and(|revision| revision != function.latest.revision(turn)) {
        return Err(errors::stale("GetFunction/GetAlias"));
    }
    settled(turn, function)?;
    Ok(function.clone())
}

/// Refuses while the function is made or changed.
pub fn settled(turn: &Turn<'_>, function: &Function) -> Result<(), AwsError> {
    let arn = name::arn(turn, &function.name, None);
    match function.latest.changing(turn).map(|change| change.what) {
        None => Ok(()),
        Some(Changing::Updated) => Err(errors::conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for \
             resource: {arn}"
        ))),
        Some(Changing::Created) => Err(errors::conflict(
            "The operation cannot be performed at this time. The function is currently in the \
             following state: Pending",
        )),
    }
}

/// Begins a change of `$LATEST`.
fn change(turn: &Turn<'_>, function: &mut Function) {
    debug_assert_eq!(function.latest.version, LATEST);
    function.latest.modified = turn.now.as_millisecond();
    function.latest.revision = revision();
    function.latest.change = Some(Change::begun(turn, Changing::Updated));
}

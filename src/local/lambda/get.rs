//! `GetFunction`, `GetFunctionConfiguration`, `ListFunctions`.

use super::errors;
use super::model::{Function, LATEST, Version};
use super::name::{self, Named};
use super::{page, publish, show};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

pub fn get_function(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let (function, version) = found(turn, &named)?;
    Ok(show::function(turn, function, version, named.qualifier.as_deref()).into())
}

pub fn get_function_configuration(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let (function, version) = found(turn, &named)?;
    let qualifier = named.qualifier.as_deref();
    Ok(show::configuration(turn, &function.name, version, qualifier).into())
}

/// The function and the version that its qualifier names.
fn found<'a>(turn: &'a Turn<'_>, named: &Named) -> Result<(&'a Function, &'a Version), AwsError> {
    let missing = || errors::no_function(&named.arn(turn));
    let function = super::function(turn, named).map_err(|_| missing())?;
    let version = function.version(named.qualifier.as_deref());
    Ok((function, version.ok_or_else(missing)?))
}

pub fn list_functions(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let all = input.query("FunctionVersion");
    let mut check = Check::default();
    if let Some(value) = all {
        check.one_of("functionVersion", value, &["ALL"]);
    }
    check.done()?;
    let functions = super::of(turn).map(|lambda| &lambda.functions);
    let functions = functions.into_iter().flat_map(|table| table.values());
    let mut items = Vec::new();
    for function in functions {
        let key = |version: &str| format!("{}\0{}", function.name, publish::order(version));
        let mut put = |version: &Version, qualifier: Option<&str>| {
            let shown = show::listed(turn, &function.name, version, qualifier);
            items.push((key(&version.version), shown));
        };
        put(&function.latest, all.map(|_| LATEST));
        if all.is_some() {
            let published = function.published.values();
            published.for_each(|version| put(version, Some(&version.version)));
        }
    }
    page::answer(input, "Functions", items, 50)
}

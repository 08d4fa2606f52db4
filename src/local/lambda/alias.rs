//! Aliases: names for versions, with a part of the calls for another version.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::create::revision;
use super::errors;
use super::model::{Alias, Function, LATEST};
use super::name::{self, Named};
use super::{page, show};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    name: Option<String>,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<Routing>,
    revision_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Routing {
    additional_version_weights: Option<BTreeMap<String, f64>>,
}

impl Wanted {
    fn weights(&self) -> Option<BTreeMap<String, f64>> {
        let routing = self.routing_config.as_ref()?;
        Some(
            routing
                .additional_version_weights
                .clone()
                .unwrap_or_default(),
        )
    }
}

pub fn create_alias(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let wanted: Wanted = input.body()?;
    let mut check = Check::default();
    match &wanted.name {
        Some(name) => check_name(&mut check, name),
        None => check.missing("name"),
    }
    if wanted.function_version.is_none() {
        check.missing("functionVersion");
    }
    checked(check, &wanted)?;
    let named = name::asked(turn, input)?;
    let alias = Alias {
        name: wanted.name.clone().unwrap_or_default(),
        version: wanted.function_version.clone().unwrap_or_default(),
        description: wanted.description.clone().unwrap_or_default(),
        routing: wanted.weights().unwrap_or_default(),
        revision: revision(),
    };
    let mut function = with_version(turn, &named, &alias.version)?.clone();
    routes(turn, &function, &alias)?;
    if function.aliases.contains_key(&alias.name) {
        let arn = name::arn(turn, &named.name, Some(&alias.name));
        return Err(errors::conflict(format!("Alias already exists: {arn}")));
    }
    let shown = show::alias(turn, &named.name, &alias);
    function.aliases.insert(alias.name.clone(), alias);
    turn.region().lambda.functions.insert(named.name, function);
    Ok(shown.into())
}

pub fn update_alias(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let wanted: Wanted = input.body()?;
    checked(Check::default(), &wanted)?;
    let named = name::asked(turn, input)?;
    let asked = input.path("Name");
    let arn = name::arn(turn, &named.name, Some(asked));
    let mut function = super::function(turn, &named)?.clone();
    let missing = || errors::not_found(format!("Alias not found: {arn}"));
    let mut alias = function.aliases.get(asked).ok_or_else(missing)?.clone();
    if wanted
        .revision_id
        .as_ref()
        .is_some_and(|r| *r != alias.revision)
    {
        return Err(errors::stale("GetFunction/GetAlias"));
    }
    if let Some(version) = &wanted.function_version {
        with_version(turn, &named, version)?;
        alias.version.clone_from(version);
    }
    if let Some(description) = &wanted.description {
        alias.description.clone_from(description);
    }
    if let Some(weights) = wanted.weights() {
        alias.routing = weights;
    }
    routes(turn, &function, &alias)?;
    alias.revision = revision();
    let shown = show::alias(turn, &named.name, &alias);
    function.aliases.insert(alias.name.clone(), alias);
    turn.region().lambda.functions.insert(named.name, function);
    Ok(shown.into())
}

pub fn get_alias(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let asked = input.path("Name");
    let arn = name::arn(turn, &named.name, Some(asked));
    let missing = |_| errors::no_alias(&arn);
    let function = super::function(turn, &named).map_err(missing)?;
    let alias = function
        .aliases
        .get(asked)
        .ok_or(())
        .map_err(|()| errors::no_alias(&arn))?;
    Ok(show::alias(turn, &named.name, alias).into())
}

/// An alias that is not there is gone; that of a function that is not there is missed.
pub fn delete_alias(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let asked = input.path("Name");
    let function = super::function_mut(turn, &named)?;
    function.aliases.remove(asked);
    function.policies.remove(asked);
    Ok(Reply::empty())
}

pub fn list_aliases(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let version = input.query("FunctionVersion");
    let function = super::function(turn, &named)?;
    let aliases = function.aliases.values();
    let wanted = aliases.filter(|alias| version.is_none_or(|version| alias.version == version));
    let items: Vec<(String, Value)> = wanted
        .map(|alias| (alias.name.clone(), show::alias(turn, &named.name, alias)))
        .collect();
    page::answer(input, "Aliases", items, 50)
}

fn check_name(check: &mut Check, name: &str) {
    check.longest("name", name, 128);
    let number = name.bytes().all(|b| b.is_ascii_digit());
    if number || !name.bytes().all(name::is_word) {
        check.pattern("name", name, "(?!^[0-9]+$)([a-zA-Z0-9-_]+)");
    }
}

fn checked(mut check: Check, wanted: &Wanted) -> Result<(), AwsError> {
    if let Some(description) = &wanted.description {
        check.longest("description", description, 256);
    }
    if let Some(version) = &wanted.function_version
        && version != LATEST
        && (version.is_empty() || !version.bytes().all(|b| b.is_ascii_digit()))
    {
        check.pattern("functionVersion", version, "(\\$LATEST|[0-9]+)");
    }
    if let Some(weights) = wanted.weights() {
        check_weights(&mut check, &weights);
    }
    check.done()
}

fn check_weights(check: &mut Check, weights: &BTreeMap<String, f64>) {
    let shown = weights
        .iter()
        .map(|(version, weight)| format!("{version}={weight:?}"));
    let shown = format!("{{{}}}", shown.collect::<Vec<_>>().join(", "));
    let at = "routingConfig.additionalVersionWeights";
    if weights
        .keys()
        .any(|key| key.is_empty() || !key.bytes().all(|b| b.is_ascii_digit()))
    {
        check.value(
            at,
            &shown,
            "Map keys must satisfy constraint: [Member must have length less than or equal to \
             1024, Member must have length greater than or equal to 1, Member must satisfy \
             regular expression pattern: [0-9]+]",
        );
    }
    if weights.values().any(|weight| !(0.0..=1.0).contains(weight)) {
        check.value(
            at,
            &shown,
            "Map value must satisfy constraint: [Member must have value less than or equal to \
             1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
        );
    }
}

/// The function, if it has the version; else both are missed by the version's ARN.
fn with_version<'a>(
    turn: &'a Turn<'_>,
    named: &Named,
    version: &str,
) -> Result<&'a Function, AwsError> {
    let missing = || errors::no_function(&name::arn(turn, &named.name, Some(version)));
    let function = super::function(turn, named).map_err(|_| missing())?;
    function.numbered(version).ok_or_else(missing)?;
    Ok(function)
}

/// May the alias send its calls there?
fn routes(turn: &Turn<'_>, function: &Function, alias: &Alias) -> Result<(), AwsError> {
    if alias.routing.len() > 1 {
        return Err(errors::invalid(
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ));
    }
    let Some(other) = alias.routing.keys().next() else {
        return Ok(());
    };
    if alias.version == LATEST {
        let why = "$LATEST is not supported for an alias pointing to more than 1 version";
        // AWS answers this one without a type.
        return Err(errors::invalid(why).with("Type", Value::Null));
    }
    if *other == alias.version {
        return Err(errors::invalid(format!(
            "Invalid function version {other}. Function version {other} is already included in \
             routing configuration."
        )));
    }
    let missing = || errors::no_function(&name::arn(turn, &function.name, Some(other)));
    function.numbered(other).ok_or_else(missing)?;
    Ok(())
}

//! Published versions: numbers that are given once, and copies that never change.

use serde::Deserialize;
use serde_json::Value;

use super::create::revision;
use super::errors;
use super::model::{Change, Changing, Function, LATEST, Version};
use super::name::{self};
use super::{page, show, update};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
}

pub fn publish_version(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let wanted: Wanted = input.body()?;
    let mut check = Check::default();
    if let Some(description) = &wanted.description {
        check.longest("description", description, 256);
    }
    check.done()?;
    let named = name::asked(turn, input)?;
    let mut function = super::function(turn, &named)?.clone();
    let latest = &function.latest;
    if let Some(revision) = &wanted.revision_id
        && revision != latest.revision(turn)
    {
        return Err(errors::stale("GetFunction/GetAlias"));
    }
    let current = latest.code.sha256();
    if let Some(given) = wanted.code_sha256.filter(|given| !given.is_empty())
        && given != current
    {
        return Err(errors::invalid(format!(
            "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({current}). \
             Please try again with the CodeSHA256 in $LATEST."
        )));
    }
    update::settled(turn, &function)?;
    let shown = publish(turn, &mut function, wanted.description);
    turn.region().lambda.functions.insert(named.name, function);
    Ok(Reply::from(shown))
}

/// Publishes `$LATEST` as it is; shows the version. What was published last is not published
/// again.
pub fn publish(turn: &mut Turn<'_>, function: &mut Function, description: Option<String>) -> Value {
    let latest = &function.latest;
    let last = function.published.last_key_value();
    let same = last.filter(|(_, last)| last.code == latest.code && unchanged(latest, last));
    let number = match same {
        Some((number, _)) => *number,
        None => {
            let number = number(turn, &function.name);
            let mut version = made(turn, latest, number, description);
            // A version of settled code is there at once.
            let settling = latest.changing(turn).is_some();
            version.change = version.change.filter(|_| settling);
            function.published.insert(number, version);
            function.latest.revision = revision();
            number
        }
    };
    let version = number.to_string();
    match function.published.get(&number) {
        Some(published) => show::configuration(turn, &function.name, published, Some(&version)),
        None => Value::Null,
    }
}

/// Publishes `$LATEST` under a number of another cloud's; later ones follow it.
pub fn publish_as(turn: &mut Turn<'_>, name: &str, number: u64) -> Result<(), AwsError> {
    let functions = &turn.region().lambda.functions;
    let missing = || errors::not_found(format!("Function not found: {name}"));
    let mut function = functions.get(name).cloned().ok_or_else(missing)?;
    let mut version = made(turn, &function.latest, number, None);
    version.change = None;
    function.published.insert(number, version);
    let last = function.published.last_key_value();
    let last = last.map_or(number, |(last, _)| *last);
    let lambda = &mut turn.region().lambda;
    lambda.numbers.insert(format!("function:{name}"), last);
    lambda.functions.insert(name, function);
    Ok(())
}

/// Has `$LATEST` still the configuration of which the version was made?
fn unchanged(latest: &Version, last: &Version) -> bool {
    let mut made = last.config.clone();
    made.description.clone_from(&last.described);
    made == latest.config
}

/// The next number of a function.
pub fn number(turn: &mut Turn<'_>, name: &str) -> u64 {
    super::next_number(turn, &format!("function:{name}"))
}

/// A copy of `$LATEST`, on its way.
pub fn made(
    turn: &Turn<'_>,
    latest: &Version,
    number: u64,
    description: Option<String>,
) -> Version {
    let mut version = Version {
        version: number.to_string(),
        revision: revision(),
        change: Some(Change::begun(turn, Changing::Created)),
        described: latest.config.description.clone(),
        ..latest.clone()
    };
    if let Some(description) = description {
        version.config.description = description;
    }
    version
}

pub fn list_versions(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let function = super::function(turn, &named)?;
    let published = function.published.values();
    let versions = std::iter::once(&function.latest).chain(published);
    let items = versions.map(|version| {
        let shown = show::listed(turn, &function.name, version, Some(&version.version));
        (order(&version.version), shown)
    });
    page::answer(input, "Versions", items.collect(), 50)
}

/// `$LATEST` first, then by number.
pub fn order(version: &str) -> String {
    match version {
        LATEST => String::new(),
        number => format!("{number:0>20}"),
    }
}

//! Getting and listing layer versions.

use serde_json::{Value, json};

use super::{layer_name, number};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::lambda::errors;
use crate::local::lambda::model::LayerVersion;
use crate::local::lambda::{check, of, page, runtimes, show};
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

pub fn get(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let number = number(input)?;
    let name = layer_name(turn, input)?;
    found(turn, &name, number)
}

pub fn get_by_arn(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let arn = input.query("Arn").unwrap_or_default();
    let mut found_wrong = Check::default();
    check::layer_version(&mut found_wrong, "arn", arn);
    found_wrong.done()?;
    let missing = || errors::not_found("The resource you requested does not exist.");
    let (layer, number) = arn.rsplit_once(':').ok_or_else(missing)?;
    let name = super::own(turn, layer)?;
    found(turn, &name, number.parse().map_err(|_| missing())?)
}

fn found(turn: &Turn<'_>, name: &str, number: u64) -> Answer {
    let layer = of(turn).and_then(|lambda| lambda.layers.get(name));
    match layer.and_then(|layer| layer.versions.get(&number)) {
        Some(version) => Ok(whole(turn, name, number, version).into()),
        None => Err(errors::not_found(
            "The resource you requested does not exist.",
        )),
    }
}

/// Layers with their newest version that fits.
pub fn list(turn: &mut Turn<'_>, input: &Input) -> Answer {
    filters(input)?;
    let layers = of(turn).map(|lambda| &lambda.layers);
    let layers = layers.into_iter().flat_map(|layers| layers.iter());
    let items = layers.filter_map(|(name, layer)| {
        let mut newest = layer.versions.iter().rev();
        let (number, version) = newest.find(|(_, version)| fits(input, version))?;
        let item = json!({
            "LayerName": name,
            "LayerArn": turn.arn("lambda", &format!("layer:{name}")),
            "LatestMatchingVersion": item(turn, name, *number, version),
        });
        Some((name.to_owned(), item))
    });
    page::answer(input, "Layers", items.collect(), 50)
}

/// The newest first.
pub fn list_versions(turn: &mut Turn<'_>, input: &Input) -> Answer {
    filters(input)?;
    let name = layer_name(turn, input)?;
    let layer = of(turn).and_then(|lambda| lambda.layers.get(&name));
    let versions = layer
        .into_iter()
        .flat_map(|layer| layer.versions.iter().rev());
    let items = versions
        .filter(|(_, version)| fits(input, version))
        .map(|(number, version)| {
            let order = format!("{:020}", u64::MAX - number);
            (order, item(turn, &name, *number, version))
        });
    page::answer(input, "LayerVersions", items.collect(), 50)
}

fn filters(input: &Input) -> Result<(), AwsError> {
    let mut check = Check::default();
    if let Some(runtime) = input.query("CompatibleRuntime")
        && !runtimes::known(runtime)
    {
        let known = [&runtimes::SUPPORTED[..], &runtimes::RETIRED[..]].concat();
        check.one_of("compatibleRuntime", runtime, &known);
    }
    if let Some(architecture) = input.query("CompatibleArchitecture") {
        check.one_of("compatibleArchitecture", architecture, &["x86_64", "arm64"]);
    }
    check.done()
}

fn fits(input: &Input, version: &LayerVersion) -> bool {
    let has = |wanted: Option<&str>, list: &Option<Vec<String>>| {
        let list = list.as_deref().unwrap_or_default();
        wanted.is_none_or(|wanted| list.iter().any(|one| one == wanted))
    };
    has(input.query("CompatibleRuntime"), &version.runtimes)
        && has(
            input.query("CompatibleArchitecture"),
            &version.architectures,
        )
}

/// As lists show a version.
fn item(turn: &Turn<'_>, name: &str, number: u64, version: &LayerVersion) -> Value {
    let mut shown = json!({
        "LayerVersionArn": turn.arn("lambda", &format!("layer:{name}:{number}")),
        "Version": number,
        "Description": version.description,
        "CreatedDate": show::date(version.created),
    });
    if let Some(license) = &version.license {
        shown["LicenseInfo"] = json!(license);
    }
    if let Some(runtimes) = &version.runtimes {
        shown["CompatibleRuntimes"] = json!(runtimes);
    }
    if let Some(architectures) = &version.architectures {
        shown["CompatibleArchitectures"] = json!(architectures);
    }
    shown
}

/// With the way to its content.
pub fn whole(turn: &Turn<'_>, name: &str, number: u64, version: &LayerVersion) -> Value {
    let mut shown = item(turn, name, number, version);
    shown["LayerArn"] = json!(turn.arn("lambda", &format!("layer:{name}")));
    shown["Content"] = json!({
        "CodeSha256": version.zip.sha256(),
        "CodeSize": version.zip.size,
        "Location": show::location(turn, &version.zip.digest),
    });
    shown
}

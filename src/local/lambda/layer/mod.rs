//! Layers: versions of zips that functions name by ARN.

mod permission;
mod read;

use serde::Deserialize;

pub use permission::{add_permission, get_policy, remove_permission};
pub use read::{get, get_by_arn, list, list_versions};

use super::check;
use super::errors;
use super::model::{LayerVersion, Used, Zip};
use super::name;
use super::request::Source;
use super::{code, runtimes};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

const MOST_RUNTIMES: usize = 15;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    description: Option<String>,
    content: Option<Source>,
    compatible_runtimes: Option<Vec<String>>,
    compatible_architectures: Option<Vec<String>>,
    license_info: Option<String>,
}

pub fn publish(turn: &mut Turn<'_>, input: &Input) -> Answer {
    code::fits(input, "PublishLayerVersion")?;
    let wanted: Wanted = input.body()?;
    checked(&wanted)?;
    let name = layer_name(turn, input)?;
    let zip = code::zip(turn, &wanted.content.unwrap_or_default())?;
    let number = super::next_number(turn, &format!("layer:{name}"));
    let version = LayerVersion {
        description: wanted.description.unwrap_or_default(),
        license: wanted.license_info,
        runtimes: wanted.compatible_runtimes,
        architectures: wanted.compatible_architectures,
        zip,
        created: turn.now.as_millisecond(),
        policy: None,
    };
    let shown = read::whole(turn, &name, number, &version);
    let layers = &mut turn.region().lambda.layers;
    let mut layer = layers.get(&name).cloned().unwrap_or_default();
    layer.versions.insert(number, version);
    layers.insert(name, layer);
    Ok(shown.into())
}

/// What is not there is gone.
pub fn delete(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let number = number(input)?;
    let name = layer_name(turn, input)?;
    let layers = &mut turn.region().lambda.layers;
    if let Some(layer) = layers.get_mut(&name) {
        layer.versions.remove(&number);
        if layer.versions.is_empty() {
            layers.remove(&name);
        }
    }
    Ok(Reply::empty())
}

/// The layer versions that a function is to use, in its order.
pub fn used(turn: &Turn<'_>, arns: &[String]) -> Result<Vec<Used>, AwsError> {
    let mut used: Vec<Used> = Vec::new();
    for arn in arns {
        let missing = || errors::invalid(format!("Layer version {arn} does not exist."));
        let (layer, number) = arn.rsplit_once(':').ok_or_else(missing)?;
        let twin = used.iter().find(|other| {
            let other = other.arn.rsplit_once(':').map(|(layer, _)| layer);
            other == Some(layer)
        });
        if let Some(twin) = twin {
            return Err(errors::invalid(format!(
                "Two different versions of the same layer are not allowed to be referenced in \
                 the same function. {} and {arn} are versions of the same layer.",
                twin.arn
            )));
        }
        let name = named(turn, layer)?;
        if name.is_foreign || super::of(turn).is_some_and(|lambda| lambda.outside.contains(arn)) {
            let (arn, zip) = (arn.clone(), Zip::default());
            used.push(Used { arn, zip });
            continue;
        }
        let found = super::of(turn).and_then(|lambda| lambda.layers.get(name.layer));
        let number: u64 = number.parse().map_err(|_| missing())?;
        let version = found.and_then(|layer| layer.versions.get(&number));
        used.push(Used {
            arn: arn.clone(),
            zip: version.ok_or_else(missing)?.zip.clone(),
        });
    }
    Ok(used)
}

/// What a layer's ARN names.
struct Named<'a> {
    layer: &'a str,
    /// Another account's: what it holds cannot be known here, and it is taken as it is.
    is_foreign: bool,
}

/// Reads a layer's ARN, if it is one of this region.
fn named<'a>(turn: &Turn<'_>, arn: &'a str) -> Result<Named<'a>, AwsError> {
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, _, region, account, _, layer] = parts[..] else {
        return Err(errors::invalid(format!("Layer {arn} does not exist.")));
    };
    let here = &turn.place.region;
    if region != here {
        return Err(errors::invalid(format!(
            "Layers are not in the same region as the function. Layers are expected to be in \
             region {here}."
        )));
    }
    let is_foreign = account != turn.account();
    Ok(Named { layer, is_foreign })
}

/// The layer that the path names, by name or ARN.
fn layer_name(turn: &Turn<'_>, input: &Input) -> Result<String, AwsError> {
    let text = input.path("LayerName");
    let mut check = Check::default();
    check.longest("layerName", text, 140);
    let name = match text.rsplit_once(":layer:") {
        Some((_, name)) => name,
        None => text,
    };
    if !name.bytes().all(name::is_word) {
        let pattern = "((arn:[a-zA-Z0-9-]+:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)";
        check.pattern("layerName", text, pattern);
    }
    check.done()?;
    match text == name {
        true => Ok(name.to_owned()),
        false => own(turn, text),
    }
}

/// The name in the ARN of a layer of this account.
fn own(turn: &Turn<'_>, arn: &str) -> Result<String, AwsError> {
    let named = named(turn, arn)?;
    if named.is_foreign {
        let message = format!("not authorized to perform: lambda:GetLayerVersion on {arn}");
        return Err(AwsError::new(403, "AccessDeniedException", message));
    }
    Ok(named.layer.to_owned())
}

/// The version that the path names.
fn number(input: &Input) -> Result<u64, AwsError> {
    let text = input.path("VersionNumber");
    let number: i64 = text.parse().map_err(|_| {
        let message = format!("VersionNumber is not a number: {text}");
        AwsError::new(400, "SerializationException", message)
    })?;
    match u64::try_from(number) {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(errors::invalid("Layer Version Cannot be less than 1")),
    }
}

fn checked(wanted: &Wanted) -> Result<(), AwsError> {
    let mut found = Check::default();
    if wanted.content.is_none() {
        found.missing("content");
    }
    if let Some(description) = &wanted.description {
        found.longest("description", description, 256);
    }
    if let Some(license) = &wanted.license_info {
        found.longest("licenseInfo", license, 512);
    }
    let runtimes = wanted.compatible_runtimes.as_deref().unwrap_or_default();
    if runtimes.len() > MOST_RUNTIMES {
        found.value(
            "compatibleRuntimes",
            check::list(runtimes),
            "Member must have length less than or equal to 15",
        );
    }
    if !runtimes.iter().all(|runtime| runtimes::known(runtime)) {
        found.value(
            "compatibleRuntimes",
            check::list(runtimes),
            format!(
                "Member must satisfy enum value set: [{}]",
                runtimes::SUPPORTED.join(", ")
            ),
        );
    }
    if let Some(architectures) = &wanted.compatible_architectures {
        check::architectures(&mut found, "compatibleArchitectures", architectures);
    }
    found.done()
}

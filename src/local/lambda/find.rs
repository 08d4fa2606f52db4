//! From a function's name and a qualifier to the version that is meant.

use std::time::Duration;

use super::Lambda;
use super::errors;
use super::model::{Alias, Changing, Code, Function, LATEST, Logging, Version, Zip};
use super::name::{self, Form, Named};
use crate::local::error::AwsError;
use crate::local::runtime::{Image, Level, LogFormat};
use crate::local::turn::Turn;

/// The function itself, whatever its qualifier.
pub fn function<'a>(turn: &'a Turn<'_>, named: &Named) -> Result<&'a Function, AwsError> {
    let found = super::of(turn).and_then(|lambda| lambda.functions.get(&named.name));
    found.ok_or_else(|| errors::no_function(&name::arn(turn, &named.name, None)))
}

/// The function, to be changed.
pub fn function_mut<'a>(
    turn: &'a mut Turn<'_>,
    named: &Named,
) -> Result<&'a mut Function, AwsError> {
    let arn = name::arn(turn, &named.name, None);
    let functions = &mut turn.region().lambda.functions;
    functions
        .get_mut(&named.name)
        .ok_or_else(|| errors::no_function(&arn))
}

impl Function {
    /// A version by its name, or the one that an alias names; without a qualifier `$LATEST`.
    pub fn version(&self, qualifier: Option<&str>) -> Option<&Version> {
        match qualifier {
            None | Some(LATEST) => Some(&self.latest),
            Some(qualifier) => match self.aliases.get(qualifier) {
                Some(alias) => self.numbered(&alias.version),
                None => self.numbered(qualifier),
            },
        }
    }

    /// `$LATEST` or a number, no alias.
    pub fn numbered(&self, version: &str) -> Option<&Version> {
        match version {
            LATEST => Some(&self.latest),
            number => self.published.get(&number.parse().ok()?),
        }
    }
}

impl Logging {
    /// As the runtime knows it.
    fn running(&self) -> LogFormat {
        if self.format != "JSON" {
            return LogFormat::Text;
        }
        let level = |level: &Option<String>| level.clone().unwrap_or_else(|| "INFO".to_owned());
        LogFormat::Json {
            application: level(&self.application_level),
            system: match level(&self.system_level).as_str() {
                "DEBUG" => Level::Debug,
                "WARN" => Level::Warn,
                _ => Level::Info,
            },
        }
    }
}

impl Alias {
    /// The version for a call: the part that `routing` gives to the other one goes there.
    fn drawn(&self) -> &str {
        let drawn = f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
        let mut other = self.routing.iter();
        match other.next() {
            Some((version, weight)) if drawn < *weight => version,
            _ => &self.version,
        }
    }
}

/// The runtimes that functions declare now.
pub fn runtimes(lambda: &Lambda) -> Vec<String> {
    let functions = lambda.functions.values();
    let declared = functions.filter_map(|function| function.latest.config.runtime.clone());
    declared.collect()
}

/// What is to run for a call of a function, by name or ARN. An alias with a routing is drawn for
/// each call.
///
/// # Errors
/// As `Invoke` answers: no such function, not active yet, an image.
pub fn image(turn: &Turn<'_>, name: &str, qualifier: Option<&str>) -> Result<Image, AwsError> {
    let named = name::named(turn, name, qualifier, Form::Found)?;
    let qualifier = named.qualifier.as_deref().unwrap_or(LATEST);
    let missing = || errors::no_function(&name::arn(turn, &named.name, Some(qualifier)));
    let found = function(turn, &named).map_err(|_| missing())?;
    let version = match found.aliases.get(qualifier) {
        Some(alias) => found.numbered(alias.drawn()),
        None => found.numbered(qualifier),
    };
    let version = version.ok_or_else(missing)?;
    let change = version.changing(turn).map(|change| change.what);
    match (change, &version.code) {
        (Some(Changing::Created), _) => Err(errors::conflict(format!(
            "The operation cannot be performed at this time. The function is currently in the \
             following state: Pending (resource {})",
            named.arn(turn)
        ))),
        (_, Code::Zip(zip)) => Ok(running(turn, &named, found, version, zip)),
        (_, Code::Image { .. }) => Err(AwsError::not_emulated(
            "running functions of package type Image",
        )),
    }
}

fn running(
    turn: &Turn<'_>,
    named: &Named,
    function: &Function,
    version: &Version,
    zip: &Zip,
) -> Image {
    let config = &version.config;
    // A layer that the cloud does not hold adds nothing.
    let held = config
        .layers
        .iter()
        .filter(|used| !used.zip.digest.is_empty());
    Image {
        arn: named.arn(turn),
        name: named.name.clone(),
        version: version.version.clone(),
        revision: version.revision.clone(),
        region: turn.place.region.clone(),
        runtime: config.runtime.clone().unwrap_or_default(),
        handler: config.handler.clone().unwrap_or_default(),
        memory_mb: config.memory,
        timeout: Duration::from_secs(config.timeout.into()),
        environment: config.environment.clone().unwrap_or_default(),
        code: zip.digest.clone(),
        layers: held.map(|used| used.zip.digest.clone()).collect(),
        log_group: config.logging.group.clone(),
        log_format: config.logging.running(),
        reserved: function.reserved,
    }
}

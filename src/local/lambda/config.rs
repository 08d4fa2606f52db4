//! From what a caller wants to a function's configuration, as far as it depends on what is there.

use super::errors;
use super::layer;
use super::model::{Config, ImageConfig, Logging, Vpc};
use super::request::{self, Variables, Wanted};
use super::{code, runtimes};
use crate::bounds::environment::{self, RESERVED};
use crate::local::error::AwsError;
use crate::local::turn::Turn;

const MOST_LAYERS: usize = 5;

/// The configuration that AWS gives a function of which nothing is said.
pub fn fresh(name: &str) -> Config {
    Config {
        description: String::new(),
        role: String::new(),
        runtime: None,
        handler: None,
        timeout: 3,
        memory: 128,
        storage: 512,
        architecture: "x86_64".to_owned(),
        environment: None,
        layers: Vec::new(),
        tracing: "PassThrough".to_owned(),
        logging: Logging {
            format: "Text".to_owned(),
            group: format!("/aws/lambda/{name}"),
            application_level: None,
            system_level: None,
        },
        snap_start: "None".to_owned(),
        vpc: None,
        dead_letter: None,
        kms_key: None,
        image: None,
    }
}

/// Changes what is wanted. What the request's front door checks (`check::wanted`) is done.
pub fn apply(turn: &mut Turn<'_>, config: &mut Config, wanted: &Wanted) -> Result<(), AwsError> {
    emulated(wanted)?;
    if let Some(runtime) = &wanted.runtime {
        runtimes::check(runtime, config.runtime.as_deref())?;
        config.runtime = Some(runtime.clone());
    }
    plain(config, wanted);
    if let Some(environment) = &wanted.environment {
        let variables = environment.variables.clone().unwrap_or_default();
        environment_fits(&variables)?;
        config.environment = Some(variables.0.into_iter().collect());
    }
    if let Some(arns) = &wanted.layers {
        if arns.len() > MOST_LAYERS {
            return Err(errors::invalid("Cannot reference more than 5 layers."));
        }
        config.layers = layer::used(turn, arns)?;
    }
    if let Some(logging) = &wanted.logging_config {
        log(&mut config.logging, logging)?;
    }
    if let Some(vpc) = &wanted.vpc_config {
        config.vpc = Some(Vpc {
            subnets: vpc.subnet_ids.clone().unwrap_or_default(),
            security_groups: vpc.security_group_ids.clone().unwrap_or_default(),
            ipv6: vpc.ipv6_allowed_for_dual_stack.unwrap_or_default(),
        });
    }
    snap_start(config, wanted)
}

/// The members that are copied as they are.
fn plain(config: &mut Config, wanted: &Wanted) {
    let unsigned = |number: i64| u32::try_from(number).ok();
    let storage = wanted.ephemeral_storage.as_ref();
    let tracing = wanted.tracing_config.as_ref();
    let dead_letter = wanted.dead_letter_config.as_ref();
    let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
    set(&mut config.role, wanted.role.clone());
    set(&mut config.description, wanted.description.clone());
    set(&mut config.timeout, wanted.timeout.and_then(unsigned));
    set(&mut config.memory, wanted.memory_size.and_then(unsigned));
    let size = storage.and_then(|storage| storage.size);
    set(&mut config.storage, size.and_then(unsigned));
    set(&mut config.tracing, tracing.and_then(|t| t.mode.clone()));
    set(&mut config.handler, wanted.handler.clone().map(Some));
    set(&mut config.kms_key, wanted.kms_key.as_ref().map(filled));
    let target = dead_letter.map(|config| config.target_arn.as_ref().and_then(filled));
    set(&mut config.dead_letter, target);
    set(&mut config.image, wanted.image_config.as_ref().map(image));
}

fn set<T>(place: &mut T, wanted: Option<T>) {
    if let Some(wanted) = wanted {
        *place = wanted;
    }
}

fn image(wanted: &request::Image) -> Option<ImageConfig> {
    let filled = |list: &Option<Vec<String>>| list.clone().filter(|list| !list.is_empty());
    let config = ImageConfig {
        entry_point: filled(&wanted.entry_point),
        command: filled(&wanted.command),
        working_directory: wanted.working_directory.clone(),
    };
    (config != ImageConfig::default()).then_some(config)
}

/// What is stored but never happens must not look as if it did.
fn emulated(wanted: &Wanted) -> Result<(), AwsError> {
    let file_systems = wanted.file_system_configs.as_ref();
    let asked = [
        (
            "file systems of functions",
            file_systems.is_some_and(|list| !list.is_empty()),
        ),
        (
            "capacity providers",
            wanted.capacity_provider_config.is_some(),
        ),
        ("durable functions", wanted.durable_config.is_some()),
        ("tenants of functions", wanted.tenancy_config.is_some()),
    ];
    match asked.iter().find(|(_, asked)| *asked) {
        Some((what, _)) => Err(AwsError::not_emulated(what)),
        None => Ok(()),
    }
}

fn environment_fits(variables: &Variables) -> Result<(), AwsError> {
    let given = |key: &str| variables.0.iter().any(|(name, _)| name == key);
    let reserved = RESERVED.iter().filter(|key| given(key));
    let reserved: Vec<&str> = reserved.copied().collect();
    let unable = "Lambda was unable to configure your environment variables because the \
                  environment variables you have provided";
    if !reserved.is_empty() {
        return Err(errors::invalid(format!(
            "{unable} contains reserved keys that are currently not supported for modification. \
             Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    // What `bounds` measures, in the order of the request. Texts always have a JSON form.
    let measured = serde_json::to_string(variables).unwrap_or_default();
    if measured.len() > environment::LARGEST {
        return Err(errors::invalid(format!(
            "{unable} exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(())
}

fn log(config: &mut Logging, wanted: &request::Logging) -> Result<(), AwsError> {
    set(&mut config.format, wanted.log_format.clone());
    set(&mut config.group, wanted.log_group.clone());
    if config.format == "JSON" {
        let level = |wanted: &Option<String>, old: &Option<String>| {
            let default = || Some("INFO".to_owned());
            wanted.clone().or_else(|| old.clone()).or_else(default)
        };
        let application = level(&wanted.application_log_level, &config.application_level);
        config.system_level = level(&wanted.system_log_level, &config.system_level);
        config.application_level = application;
        return Ok(());
    }
    if wanted.application_log_level.is_some() || wanted.system_log_level.is_some() {
        return Err(errors::invalid(
            "Log Level is not supported when the LogFormat is set to 'Text'. Remove the log level \
             from your request or change the LogFormat to 'JSON' and try again.",
        ));
    }
    config.application_level = None;
    config.system_level = None;
    Ok(())
}

fn snap_start(config: &mut Config, wanted: &Wanted) -> Result<(), AwsError> {
    let asked = wanted.snap_start.as_ref();
    set(
        &mut config.snap_start,
        asked.and_then(|s| s.apply_on.clone()),
    );
    match config.runtime.as_deref() {
        Some(runtime) if config.snap_start != "None" && !runtimes::snap_start(runtime) => {
            Err(errors::invalid(format!(
                "{runtime} is not supported for SnapStart enabled functions."
            )))
        }
        _ => Ok(()),
    }
}

/// Code and layers together must fit.
pub fn together(config: &Config, unpacked: u64) -> Result<(), AwsError> {
    let layers: u64 = config.layers.iter().map(|used| used.zip.unpacked).sum();
    let size = unpacked + layers;
    if size <= code::LARGEST_UNPACKED {
        return Ok(());
    }
    Err(errors::invalid(format!(
        "Function code combined with layers exceeds the maximum allowed size of {} bytes. The \
         actual size is {size} bytes.",
        code::LARGEST_UNPACKED
    )))
}

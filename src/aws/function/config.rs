//! Between a spec and the SDK's types.

use std::collections::HashMap;

use aws_sdk_lambda::types as sdk;

use super::{ImageConfig, Logging, Spec, Vpc};
use crate::text::Text;

/// An empty one takes all variables away.
pub fn environment(spec: &Spec) -> sdk::Environment {
    let variables: HashMap<String, String> = spec
        .environment
        .iter()
        .map(|(key, value)| (key.clone(), value.to_string()))
        .collect();
    sdk::Environment::builder()
        .set_variables(Some(variables))
        .build()
}

/// Empty lists leave the network.
pub fn vpc(spec: &Spec) -> sdk::VpcConfig {
    let vpc = spec.vpc.clone().unwrap_or_default();
    let texts = |set: &std::collections::BTreeSet<Text>| {
        Some(set.iter().map(Text::to_string).collect::<Vec<_>>())
    };
    sdk::VpcConfig::builder()
        .set_subnet_ids(texts(&vpc.subnets))
        .set_security_group_ids(texts(&vpc.security_groups))
        .set_ipv6_allowed_for_dual_stack(vpc.ipv6.then_some(true))
        .build()
}

/// An empty ARN takes the dead letter target away.
pub fn dead_letter(spec: &Spec) -> sdk::DeadLetterConfig {
    let arn = spec
        .dead_letter
        .as_ref()
        .map(Text::to_string)
        .unwrap_or_default();
    sdk::DeadLetterConfig::builder().target_arn(arn).build()
}

pub fn tracing(spec: &Spec) -> sdk::TracingConfig {
    sdk::TracingConfig::builder()
        .mode(sdk::TracingMode::from(spec.tracing.as_str()))
        .build()
}

pub fn storage(spec: &Spec) -> Option<sdk::EphemeralStorage> {
    sdk::EphemeralStorage::builder()
        .size(spec.ephemeral_storage)
        .build()
        .ok()
}

pub fn logging(spec: &Spec) -> sdk::LoggingConfig {
    let Logging {
        format,
        application_level,
        system_level,
        group,
    } = &spec.logging;
    sdk::LoggingConfig::builder()
        .log_format(sdk::LogFormat::from(format.as_str()))
        .set_application_log_level(
            application_level
                .as_deref()
                .map(sdk::ApplicationLogLevel::from),
        )
        .set_system_log_level(system_level.as_deref().map(sdk::SystemLogLevel::from))
        .log_group(group)
        .build()
}

pub fn image(spec: &Spec) -> sdk::ImageConfig {
    let ImageConfig {
        command,
        entry_point,
        working_directory,
    } = spec.image_config.clone().unwrap_or_default();
    let list = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    sdk::ImageConfig::builder()
        .set_command(list(command))
        .set_entry_point(list(entry_point))
        .set_working_directory(working_directory)
        .build()
}

pub fn layers(spec: &Spec) -> Vec<String> {
    spec.layers.iter().map(Text::to_string).collect()
}

/// The configuration that AWS answers, absent being AWS's default. Code, tags, concurrency
/// and permissions come from elsewhere.
pub fn spec_of(config: sdk::FunctionConfiguration) -> Spec {
    let name = config.function_name.unwrap_or_default();
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    let environment = config
        .environment
        .and_then(|env| env.variables)
        .unwrap_or_default();
    let package_type = config
        .package_type
        .map_or("Zip".into(), |kind| kind.as_str().to_owned());
    Spec {
        runtime: config
            .runtime
            .map(|runtime| runtime.as_str().to_owned())
            .filter(|r| !r.is_empty()),
        handler: text(config.handler),
        role: config.role.unwrap_or_default().into(),
        memory: config.memory_size.unwrap_or(128),
        timeout: config.timeout.unwrap_or(3),
        environment: environment
            .into_iter()
            .map(|(key, value)| (key, value.into()))
            .collect(),
        description: config.description.unwrap_or_default().into(),
        architecture: config
            .architectures
            .unwrap_or_default()
            .first()
            .map_or("x86_64".into(), |a| a.as_str().to_owned()),
        layers: config
            .layers
            .unwrap_or_default()
            .into_iter()
            .filter_map(|l| l.arn)
            .map(Text::Known)
            .collect(),
        ephemeral_storage: config.ephemeral_storage.map_or(512, |storage| storage.size),
        vpc: config.vpc_config.and_then(vpc_of),
        dead_letter: text(config.dead_letter_config.and_then(|d| d.target_arn)).map(Text::Known),
        kms_key: text(config.kms_key_arn).map(Text::Known),
        tracing: config
            .tracing_config
            .and_then(|t| t.mode)
            .map_or("PassThrough".into(), |m| m.as_str().to_owned()),
        logging: logging_of(config.logging_config, &name),
        image_config: config
            .image_config_response
            .and_then(|r| r.image_config)
            .and_then(image_of),
        package_type,
        name,
        code: Default::default(),
        reserved_concurrency: None,
        publish: false,
        foreign_permissions: Default::default(),
        exclusive: false,
        tags: Default::default(),
    }
}

fn vpc_of(config: sdk::VpcConfigResponse) -> Option<Vpc> {
    let texts = |list: Option<Vec<String>>| {
        list.unwrap_or_default()
            .into_iter()
            .map(Text::Known)
            .collect()
    };
    let vpc = Vpc {
        subnets: texts(config.subnet_ids),
        security_groups: texts(config.security_group_ids),
        ipv6: config.ipv6_allowed_for_dual_stack.unwrap_or(false),
    };
    (vpc != Vpc::default()).then_some(vpc)
}

fn logging_of(config: Option<sdk::LoggingConfig>, name: &str) -> Logging {
    let format = config
        .as_ref()
        .and_then(|c| c.log_format.as_ref())
        .map_or("Text", |f| f.as_str())
        .to_owned();
    let level = |level: Option<String>| level.filter(|level| !level.is_empty());
    let config = config.unwrap_or_else(|| sdk::LoggingConfig::builder().build());
    Logging {
        format,
        application_level: level(config.application_log_level.map(|l| l.as_str().to_owned())),
        system_level: level(config.system_log_level.map(|l| l.as_str().to_owned())),
        group: config
            .log_group
            .filter(|group| !group.is_empty())
            .unwrap_or_else(|| super::log_group(name)),
    }
}

fn image_of(config: sdk::ImageConfig) -> Option<ImageConfig> {
    let image = ImageConfig {
        command: config.command.unwrap_or_default(),
        entry_point: config.entry_point.unwrap_or_default(),
        working_directory: config.working_directory,
    };
    (image != ImageConfig::default()).then_some(image)
}

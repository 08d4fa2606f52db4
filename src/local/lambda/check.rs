//! What AWS's front door checks of a configuration, before it looks at anything that is there.

use super::request::{Logging, Variables, Vpc, Wanted};
use crate::bounds::environment::is_key;
use crate::bounds::texts::{is_layer_version, is_log_group, is_resource_arn, is_role_arn};
use crate::local::check::Check;

/// The longest that a function may run, in seconds.
const LONGEST: i64 = 1800;

const ROLE: &str = "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
const RESOURCE: &str = "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";
const LAYER: &str = "(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)";

/// Everything in a configuration that can be judged by itself.
pub fn wanted(check: &mut Check, wanted: &Wanted) {
    if let Some(role) = &wanted.role
        && !is_role_arn(role)
    {
        check.pattern("role", role, ROLE);
    }
    if let Some(handler) = &wanted.handler {
        check.longest("handler", handler, 128);
        if handler.is_empty() || handler.contains(char::is_whitespace) {
            check.pattern("handler", handler, "[^\\s]+");
        }
    }
    if let Some(description) = &wanted.description {
        check.longest("description", description, 256);
    }
    sizes(check, wanted);
    if let Some(variables) = wanted
        .environment
        .as_ref()
        .and_then(|e| e.variables.as_ref())
    {
        environment(check, variables);
    }
    if let Some(layers) = &wanted.layers
        && !layers.iter().all(|layer| is_layer_version(layer))
    {
        let constraint = format!(
            "Member must satisfy constraint: [Member must have length less than or equal to 2048, \
             Member must have length greater than or equal to 1, Member must satisfy regular \
             expression pattern: {LAYER}, Member must not be null]"
        );
        check.value("layers", list(layers), constraint);
    }
    modes(check, wanted);
    if let Some(vpc) = &wanted.vpc_config {
        network(check, vpc);
    }
    resources(check, wanted);
}

fn resources(check: &mut Check, wanted: &Wanted) {
    let dead_letter = wanted.dead_letter_config.as_ref();
    if let Some(arn) = dead_letter.and_then(|config| config.target_arn.as_ref())
        && !is_resource_arn(arn)
    {
        check.pattern("deadLetterConfig.targetArn", arn, RESOURCE);
    }
    if let Some(arn) = &wanted.kms_key
        && !is_resource_arn(arn)
    {
        check.pattern("kMSKeyArn", arn, RESOURCE);
    }
}

fn sizes(check: &mut Check, wanted: &Wanted) {
    if let Some(timeout) = wanted.timeout {
        check.between("timeout", timeout, 1, LONGEST);
    }
    if let Some(memory) = wanted.memory_size {
        check.between("memorySize", memory, 128, 10_240);
    }
    match wanted
        .ephemeral_storage
        .as_ref()
        .map(|storage| storage.size)
    {
        Some(Some(size)) => check.between("ephemeralStorage.size", size, 512, 10_240),
        Some(None) => check.missing("ephemeralStorage.size"),
        None => {}
    }
}

fn environment(check: &mut Check, variables: &Variables) {
    // The keys with a leading underscore are reserved, which is said later.
    if variables
        .0
        .iter()
        .any(|(key, _)| !is_key(key.trim_start_matches('_')))
    {
        // AWS does not repeat values that may be secret.
        check.secret(
            "environment.variables",
            "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
             [a-zA-Z]([a-zA-Z0-9_])+]",
        );
    }
}

fn modes(check: &mut Check, wanted: &Wanted) {
    let tracing = wanted.tracing_config.as_ref();
    if let Some(mode) = tracing.and_then(|tracing| tracing.mode.as_ref()) {
        check.one_of("tracingConfig.mode", mode, &["Active", "PassThrough"]);
    }
    if let Some(apply) = wanted.snap_start.as_ref().and_then(|s| s.apply_on.as_ref()) {
        check.one_of("snapStart.applyOn", apply, &["PublishedVersions", "None"]);
    }
    if let Some(logging) = &wanted.logging_config {
        logs(check, logging);
    }
}

fn logs(check: &mut Check, logging: &Logging) {
    const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    let words: [(&str, &Option<String>, &[&str]); 3] = [
        (
            "loggingConfig.logFormat",
            &logging.log_format,
            &["JSON", "Text"],
        ),
        (
            "loggingConfig.applicationLogLevel",
            &logging.application_log_level,
            &LEVELS,
        ),
        (
            "loggingConfig.systemLogLevel",
            &logging.system_log_level,
            &["DEBUG", "INFO", "WARN"],
        ),
    ];
    for (at, value, words) in words {
        if let Some(value) = value {
            check.one_of(at, value, words);
        }
    }
    if let Some(group) = &logging.log_group {
        check.longest("loggingConfig.logGroup", group, 512);
        if !is_log_group(group) && group.len() <= 512 {
            check.pattern("loggingConfig.logGroup", group, "[\\.\\-_/#A-Za-z0-9]+");
        }
    }
}

fn network(check: &mut Check, vpc: &Vpc) {
    let lists = [
        (
            "vpcConfig.subnetIds",
            &vpc.subnet_ids,
            "subnet-",
            "subnet-[0-9a-z]*",
        ),
        (
            "vpcConfig.securityGroupIds",
            &vpc.security_group_ids,
            "sg-",
            "sg-[0-9a-zA-Z]*",
        ),
    ];
    for (at, ids, prefix, pattern) in lists {
        let sound = |id: &String| {
            id.strip_prefix(prefix)
                .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric()))
        };
        if let Some(ids) = ids
            && !ids.iter().all(sound)
        {
            let constraint = format!(
                "Member must satisfy constraint: [Member must have length less than or equal to \
                 1024, Member must have length greater than or equal to 0, Member must satisfy \
                 regular expression pattern: {pattern}]"
            );
            check.value(at, list(ids), constraint);
        }
    }
}

/// Of `CreateFunction`, `UpdateFunctionCode` and layers.
pub fn architectures(check: &mut Check, at: &str, given: &[String]) {
    if !given
        .iter()
        .all(|one| ["x86_64", "arm64"].contains(&one.as_str()))
    {
        check.value(
            at,
            list(given),
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, \
             arm64], Member must not be null]",
        );
    }
}

/// A function has one.
pub fn architecture(check: &mut Check, given: Option<&[String]>) {
    let Some(given) = given else { return };
    match given {
        [] => check.value(
            "architectures",
            "[]",
            "Member must have length greater than or equal to 1",
        ),
        [_] => architectures(check, "architectures", given),
        _ => check.value(
            "architectures",
            list(given),
            "Member must have length less than or equal to 1",
        ),
    }
}

/// As AWS shows lists in its messages.
pub fn list(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

/// The ARN of a layer version, with the pattern that AWS quotes.
pub fn layer_version(check: &mut Check, at: &str, arn: &str) {
    if !is_layer_version(arn) {
        check.pattern(at, arn, LAYER);
    }
}

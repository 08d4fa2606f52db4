//! Functions as the answers show them.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::code::hex;
use super::model::{Alias, Changing, Code, Config, Function, ImageConfig, LATEST, Version, Vpc};
use super::name;
use crate::local::clock::Millis;
use crate::local::turn::Turn;

/// The configuration of a version, whole. `qualifier` is that of the ARN.
pub fn configuration(
    turn: &Turn<'_>,
    name: &str,
    version: &Version,
    qualifier: Option<&str>,
) -> Value {
    let mut shown = listed(turn, name, version, qualifier);
    let why = json!("The function is being created.");
    match version.changing(turn).map(|change| change.what) {
        Some(Changing::Created) => {
            shown["State"] = json!("Pending");
            shown["StateReason"] = why;
            shown["StateReasonCode"] = json!("Creating");
        }
        Some(Changing::Updated) => {
            shown["State"] = json!("Active");
            shown["LastUpdateStatus"] = json!("InProgress");
            // AWS says so of updates, too.
            shown["LastUpdateStatusReason"] = why;
            shown["LastUpdateStatusReasonCode"] = json!("Creating");
        }
        None => ended(turn, version, &mut shown),
    }
    if let Some(runtime) = &version.config.runtime {
        // AWS names the patch of a runtime, of each architecture, by a digest; here there is one.
        let patch = format!("{runtime} {}", version.config.architecture);
        let digest = hex(&Sha256::digest(patch));
        let region = &turn.place.region;
        let arn = format!("arn:aws:lambda:{region}::runtime:{digest}");
        shown["RuntimeVersionConfig"] = json!({ "RuntimeVersionArn": arn });
    }
    shown
}

/// How its last change ended.
fn ended(turn: &Turn<'_>, version: &Version, shown: &mut Value) {
    shown["State"] = json!("Active");
    shown["LastUpdateStatus"] = json!("Successful");
    let Some((what, why)) = version.undone(turn) else {
        return;
    };
    let of = match what {
        Changing::Created => "State",
        Changing::Updated => "LastUpdateStatus",
    };
    shown[of] = json!("Failed");
    shown[format!("{of}Reason")] = json!(why.reason);
    shown[format!("{of}ReasonCode")] = json!(why.code);
}

/// As lists show it: without states.
pub fn listed(turn: &Turn<'_>, name: &str, version: &Version, qualifier: Option<&str>) -> Value {
    let config = &version.config;
    let is_image = matches!(version.code, Code::Image { .. });
    let optimized = config.snap_start != "None" && version.version != LATEST;
    let mut shown = json!({
        "Architectures": [config.architecture],
        "CodeSha256": version.code.sha256(),
        "CodeSize": version.code.size(),
        "Description": config.description,
        "EphemeralStorage": { "Size": config.storage },
        "FunctionArn": name::arn(turn, name, qualifier),
        "FunctionName": name,
        "LastModified": date(version.modified),
        "LoggingConfig": logging(config),
        "MemorySize": config.memory,
        "PackageType": if is_image { "Image" } else { "Zip" },
        "RevisionId": version.revision(turn),
        "Role": config.role,
        "SnapStart": {
            "ApplyOn": config.snap_start,
            "OptimizationStatus": if optimized { "On" } else { "Off" },
        },
        "Timeout": config.timeout,
        "TracingConfig": { "Mode": config.tracing },
        "Version": version.version,
    });
    if let Value::Object(map) = &mut shown {
        optional(map, config);
    }
    shown
}

/// What is shown only where it was set.
fn optional(shown: &mut Map<String, Value>, config: &Config) {
    let mut put = |key: &str, value: Option<Value>| {
        value.map(|value| shown.insert(key.to_owned(), value));
    };
    put("Runtime", config.runtime.as_ref().map(|text| json!(text)));
    put("Handler", config.handler.as_ref().map(|text| json!(text)));
    let environment = config.environment.as_ref();
    put(
        "Environment",
        environment.map(|e| json!({ "Variables": e })),
    );
    let layers = config.layers.iter();
    let layers: Vec<Value> = layers
        .map(|used| json!({ "Arn": used.arn, "CodeSize": used.zip.size }))
        .collect();
    put("Layers", (!layers.is_empty()).then(|| json!(layers)));
    let target = config.dead_letter.as_ref();
    put(
        "DeadLetterConfig",
        target.map(|arn| json!({ "TargetArn": arn })),
    );
    put("KMSKeyArn", config.kms_key.as_ref().map(|arn| json!(arn)));
    put("VpcConfig", config.vpc.as_ref().map(network));
    put("ImageConfigResponse", config.image.as_ref().map(image));
}

fn network(vpc: &Vpc) -> Value {
    let id = match vpc.subnets.as_slice() {
        [] => String::new(),
        // There are no networks here: the id is made of those of the subnets.
        subnets => format!("vpc-{}", &hex(&Sha256::digest(subnets.join(",")))[..17]),
    };
    json!({
        "Ipv6AllowedForDualStack": vpc.ipv6,
        "SecurityGroupIds": vpc.security_groups,
        "SubnetIds": vpc.subnets,
        "VpcId": id,
    })
}

fn image(image: &ImageConfig) -> Value {
    let mut parts = Map::new();
    if let Some(list) = &image.entry_point {
        parts.insert("EntryPoint".to_owned(), json!(list));
    }
    if let Some(list) = &image.command {
        parts.insert("Command".to_owned(), json!(list));
    }
    if let Some(text) = &image.working_directory {
        parts.insert("WorkingDirectory".to_owned(), json!(text));
    }
    json!({ "ImageConfig": parts })
}

fn logging(config: &Config) -> Value {
    let logging = &config.logging;
    let mut shown = json!({ "LogFormat": logging.format, "LogGroup": logging.group });
    if let Some(level) = &logging.application_level {
        shown["ApplicationLogLevel"] = json!(level);
    }
    if let Some(level) = &logging.system_level {
        shown["SystemLogLevel"] = json!(level);
    }
    shown
}

/// Where `GetFunction` says that the code is.
pub fn code(turn: &Turn<'_>, code: &Code) -> Value {
    match code {
        Code::Zip(zip) => json!({
            "RepositoryType": "S3",
            "Location": location(turn, &zip.digest),
        }),
        Code::Image { uri } => {
            let repository = uri.split(['@', ':']).next().unwrap_or_default();
            json!({
                "RepositoryType": "ECR",
                "ImageUri": uri,
                "ResolvedImageUri": format!("{repository}@sha256:{}", code.sha256()),
            })
        }
    }
}

/// A URL of this cloud at which a zip is fetched, without a signature: as with AWS's, who has it
/// may. Nobody knows the digest of what he has not seen.
pub fn location(turn: &Turn<'_>, digest: &str) -> String {
    format!("{}{}{digest}", turn.place.url, super::CODE_PATH)
}

pub fn alias(turn: &Turn<'_>, function: &str, alias: &Alias) -> Value {
    let mut shown = json!({
        "AliasArn": name::arn(turn, function, Some(&alias.name)),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    });
    if !alias.routing.is_empty() {
        shown["RoutingConfig"] = json!({ "AdditionalVersionWeights": alias.routing });
    }
    shown
}

/// The whole answer of `GetFunction`.
pub fn function(
    turn: &Turn<'_>,
    function: &Function,
    version: &Version,
    qualifier: Option<&str>,
) -> Value {
    let mut shown = json!({
        "Configuration": configuration(turn, &function.name, version, qualifier),
        "Code": code(turn, &version.code),
    });
    if !function.tags.is_empty() {
        shown["Tags"] = json!(function.tags);
    }
    if let Some(reserved) = function.reserved {
        shown["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
    }
    shown
}

/// `2026-11-24T10:00:00.000+0000`, as Lambda writes times.
pub fn date(time: Millis) -> String {
    let time = jiff::Timestamp::from_millisecond(time).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

//! What a person writes of a function, and what AWS can hold of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::code::{self, FolderDecl, S3Object};
use super::{ImageConfig, Logging, Spec, Vpc, log_group};
use crate::aws::{limits, tags};
use crate::problem::Problem;
use crate::resolve::{Added, Ctx, Strength};
use crate::text::Text;

/// `[function.X]`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decl {
    /// The name in AWS; without it the header's own, after `name_prefix`. At most 64 characters.
    pub name: Option<String>,
    /// Such as `nodejs22.x` or `python3.13`; not for images.
    pub runtime: Option<String>,
    /// `file.function`; not for images.
    pub handler: Option<String>,
    /// A `[role.*]`, or an ARN.
    pub role: String,
    /// A folder that slp packs.
    pub code: Option<FolderDecl>,
    /// A ready-made zip.
    pub zip: Option<String>,
    /// An object in S3.
    pub s3: Option<S3Object>,
    /// The URI of an image.
    pub image: Option<String>,
    /// MB, 128 to 10,240.
    #[serde(default = "memory")]
    #[schemars(range(min = 128, max = 10240))]
    pub memory: i32,
    /// Seconds, 1 to 900.
    #[serde(default = "timeout")]
    #[schemars(range(min = 1, max = 900))]
    pub timeout: i32,
    /// Environment variables: texts, integers, booleans. At most 4 KB in all.
    #[serde(default)]
    pub environment: BTreeMap<String, Scalar>,
    /// At most 256 characters.
    #[serde(default)]
    pub description: String,
    /// `x86_64` or `arm64`.
    #[serde(default)]
    pub architecture: Architecture,
    /// ARNs of layer versions, at most 5, in order.
    #[serde(default)]
    pub layers: Vec<String>,
    /// MB of `/tmp`, 512 to 10,240.
    #[serde(default = "storage")]
    #[schemars(range(min = 512, max = 10240))]
    pub ephemeral_storage: i32,
    /// The network to join.
    pub vpc: Option<VpcDecl>,
    /// The ARN of a queue or topic for events that failed.
    pub dead_letter: Option<String>,
    /// The ARN of the key that the environment is encrypted with.
    pub kms_key: Option<String>,
    /// `active` or `pass_through`.
    #[serde(default)]
    pub tracing: Tracing,
    #[serde(default)]
    pub logging: LoggingDecl,
    pub image_config: Option<ImageConfig>,
    /// How many may run at once; 0 stops the function. Absent: a share of the account's.
    pub reserved_concurrency: Option<i32>,
    /// Whether permissions on it that slp did not make are removed.
    #[serde(default)]
    pub exclusive: bool,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    #[default]
    #[serde(rename = "x86_64")]
    X86,
    Arm64,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tracing {
    Active,
    #[default]
    PassThrough,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// Where and how a function logs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoggingDecl {
    /// `text` or `json`.
    #[serde(default)]
    pub format: Format,
    /// `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`, `FATAL`; with `json` only.
    pub application_level: Option<String>,
    /// `DEBUG`, `INFO`, `WARN`; with `json` only.
    pub system_level: Option<String>,
    /// The log group; AWS's own is `/aws/lambda/NAME`.
    pub group: Option<String>,
    /// Days that lines are kept. With it the log group is slp's; without it AWS's.
    pub retention_days: Option<i32>,
}

/// The network that a function joins.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpcDecl {
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
    #[serde(default)]
    pub ipv6: bool,
}

/// A text, an integer or a boolean; AWS holds texts.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "serde_json::Value", extend("type" = ["string", "integer", "boolean"]))]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scalar, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Scalar;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a text, an integer or a boolean")
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

fn memory() -> i32 {
    128
}

fn timeout() -> i32 {
    3
}

fn storage() -> i32 {
    512
}

pub fn lower(decl: &Decl, ctx: &Ctx) -> Option<Spec> {
    let name = ctx.aws_name(&decl.name);
    check(decl, &name, ctx);
    let code = code::lower(decl, ctx);
    let texts = |key: &str, list: &[String]| -> Vec<Text> {
        list.iter().map(|raw| ctx.text(&[key], raw)).collect()
    };
    let optional = |key: &str, raw: &Option<String>| raw.as_ref().map(|raw| ctx.text(&[key], raw));
    let spec = Spec {
        role: ctx.arn_of(&["role"], "role", &decl.role),
        package_type: if decl.image.is_some() {
            "Image".into()
        } else {
            "Zip".into()
        },
        runtime: decl.runtime.clone(),
        handler: decl.handler.clone(),
        memory: decl.memory,
        timeout: decl.timeout,
        environment: environment(decl, ctx),
        description: ctx.text(&["description"], &decl.description),
        architecture: match decl.architecture {
            Architecture::X86 => "x86_64".into(),
            Architecture::Arm64 => "arm64".into(),
        },
        layers: texts("layers", &decl.layers),
        ephemeral_storage: decl.ephemeral_storage,
        vpc: decl.vpc.as_ref().map(|vpc| Vpc {
            subnets: texts("vpc", &vpc.subnets).into_iter().collect(),
            security_groups: texts("vpc", &vpc.security_groups).into_iter().collect(),
            ipv6: vpc.ipv6,
        }),
        dead_letter: optional("dead_letter", &decl.dead_letter),
        kms_key: optional("kms_key", &decl.kms_key),
        tracing: match decl.tracing {
            Tracing::Active => "Active".into(),
            Tracing::PassThrough => "PassThrough".into(),
        },
        logging: logging(&decl.logging, &name, ctx),
        image_config: decl.image_config.clone(),
        reserved_concurrency: decl.reserved_concurrency,
        publish: ctx.names.children(ctx.addr, "alias").next().is_some(),
        foreign_permissions: Default::default(),
        exclusive: decl.exclusive,
        tags: tags::wanted(ctx),
        code: code?,
        name,
    };
    Some(spec)
}

fn check(decl: &Decl, name: &str, ctx: &Ctx) {
    limits::lambda_name(&["name"], name, 64, ctx);
    limits::range(&["memory"], decl.memory, 128..=10240, "MB", ctx);
    limits::range(&["timeout"], decl.timeout, 1..=900, "s", ctx);
    limits::range(
        &["ephemeral_storage"],
        decl.ephemeral_storage,
        512..=10240,
        "MB",
        ctx,
    );
    limits::length(&["description"], &decl.description, 256, ctx);
    if decl.layers.len() > 5 {
        let message = format!("{} layers; AWS takes 5", decl.layers.len());
        ctx.problem(Problem::at(&["layers"], message).help("merge some of them"));
    }
    for (at, layer) in decl.layers.iter().enumerate() {
        let example = "arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION";
        limits::arn(&["layers", &at.to_string()], layer, example, ctx);
    }
    if let Some(arn) = decl.dead_letter.as_deref().filter(|arn| !arn.is_empty()) {
        let example = "arn:aws:sqs:REGION:ACCOUNT:QUEUE";
        limits::arn(&["dead_letter"], arn, example, ctx);
    }
    if let Some(arn) = decl.kms_key.as_deref().filter(|arn| !arn.is_empty()) {
        let example = "arn:aws:kms:REGION:ACCOUNT:key/ID";
        limits::arn(&["kms_key"], arn, example, ctx);
    }
    runtime(decl, ctx);
    if decl.reserved_concurrency.is_some_and(|n| n < 0) {
        ctx.problem(
            Problem::at(&["reserved_concurrency"], "fewer than none cannot run")
                .help("0 stops the function"),
        );
    }
    for (key, given) in [
        ("runtime", decl.runtime.is_some()),
        ("handler", decl.handler.is_some()),
    ] {
        if given == decl.image.is_some() {
            let problem = match given {
                true => Problem::at(&[key], format!("an image brings its own {key}"))
                    .help(format!("leave out `{key}`, or set `image_config`")),
                false => Problem::at(&[], format!("`{key}` is missing")).help(example(key)),
            };
            ctx.problem(problem);
        }
    }
    if decl.image_config.is_some() && decl.image.is_none() {
        ctx.problem(Problem::at(
            &["image_config"],
            "only a function made from an `image` has an image's settings",
        ));
    }
}

/// The families that Lambda has; which versions of each it still takes changes too often to stand here.
fn runtime(decl: &Decl, ctx: &Ctx) {
    const FAMILIES: [(&str, &str); 7] = [
        ("nodejs", "nodejs22.x"),
        ("python", "python3.13"),
        ("java", "java21"),
        ("dotnet", "dotnet8"),
        ("ruby", "ruby3.4"),
        ("provided", "provided.al2023"),
        ("go", "go1.x"),
    ];
    let Some(given) = &decl.runtime else {
        return;
    };
    let version = |family: &str| given.strip_prefix(family);
    let fits = FAMILIES.iter().any(|(family, _)| match *family {
        "nodejs" => version(family).is_some_and(|rest| rest.ends_with(".x")),
        "python" | "ruby" => version(family).is_some_and(|rest| rest.contains('.')),
        _ => version(family).is_some(),
    });
    if fits {
        return;
    }
    let family = given.trim_end_matches(|c: char| !c.is_ascii_alphabetic() || c == 'x');
    let near = crate::problem::nearest(family, FAMILIES.iter().map(|(family, _)| *family));
    let example = FAMILIES
        .iter()
        .find(|(family, _)| {
            near == Some(*family) || family.starts_with(given.get(..4).unwrap_or("?"))
        })
        .map_or("nodejs22.x", |(_, example)| example);
    ctx.problem(
        Problem::at(
            &["runtime"],
            format!("`{given}` is not a runtime of Lambda"),
        )
        .help(format!("such as `{example}`")),
    );
}

fn example(key: &str) -> &'static str {
    match key {
        "runtime" => "such as `runtime = \"nodejs22.x\"`",
        _ => "such as `handler = \"index.handler\"`",
    }
}

/// Keys that Lambda sets itself and refuses.
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

fn environment(decl: &Decl, ctx: &Ctx) -> BTreeMap<String, Text> {
    let mut size = 0;
    let mut environment = BTreeMap::new();
    for (key, Scalar(raw)) in &decl.environment {
        let path = ["environment", key.as_str()];
        // AWS: [a-zA-Z]([a-zA-Z0-9_])+
        let fits = key.len() > 1
            && key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if RESERVED.contains(&key.as_str()) {
            ctx.problem(Problem::at(
                &path,
                format!("Lambda sets `{key}` itself and refuses it"),
            ));
        } else if !fits {
            ctx.problem(
                Problem::at(
                    &path,
                    format!("`{key}` cannot be an environment variable's name"),
                )
                .help("two or more letters, digits or _, the first a letter"),
            );
        }
        size += key.len() + raw.len();
        environment.insert(key.clone(), ctx.text(&path, raw));
    }
    if size > 4096 {
        ctx.problem(
            Problem::at(
                &["environment"],
                format!("the environment has {size} bytes; AWS takes 4096 in all"),
            )
            .help("put large values into the package, or into a parameter store"),
        );
    }
    environment
}

fn logging(decl: &LoggingDecl, name: &str, ctx: &Ctx) -> Logging {
    let json = matches!(decl.format, Format::Json);
    for (key, given) in [
        ("application_level", &decl.application_level),
        ("system_level", &decl.system_level),
    ] {
        if given.is_some() && !json {
            ctx.problem(Problem::at(
                &["logging", key],
                "levels need `format = \"json\"`",
            ));
        }
    }
    let group = decl.group.as_ref().map_or_else(
        || log_group(name),
        |group| ctx.plain(&["logging", "group"], group),
    );
    if let Some(days) = decl.retention_days {
        if !super::super::log_group::RETENTION.contains(&days) {
            let list: Vec<String> = super::super::log_group::RETENTION
                .iter()
                .map(ToString::to_string)
                .collect();
            ctx.problem(
                Problem::at(
                    &["logging", "retention_days"],
                    format!("CloudWatch keeps no lines for {days} days"),
                )
                .help(format!("one of {}", list.join(", "))),
            );
        }
        ctx.add(Added {
            addr: ctx.addr.child("log_group", None),
            id: Some(group.clone()),
            spec: json!({ "name": group, "retention_days": days, "tags": tags::wanted(ctx) }),
            needs: BTreeMap::from([(ctx.addr.clone(), Strength::Soft)]),
        });
    }
    Logging {
        format: if json { "JSON".into() } else { "Text".into() },
        application_level: decl
            .application_level
            .clone()
            .or(json.then(|| "INFO".into())),
        system_level: decl.system_level.clone().or(json.then(|| "INFO".into())),
        group,
    }
}

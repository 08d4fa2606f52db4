//! What a person writes of a function, and what AWS can hold of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::code::{self, FolderDecl, S3Object};
use super::{ImageConfig, Logging, Spec, Vpc, log_group};
use crate::aws::{limits, tags};
use crate::bounds::environment::{self, RESERVED};
use crate::bounds::runtime::{self, Standing};
use crate::bounds::texts;
use crate::problem::{Problem, nearest};
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
    /// Seconds, 1 to 1,800.
    #[serde(default = "timeout")]
    #[schemars(range(min = 1, max = 1800))]
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

/// The longest that a function may run, in seconds: 15 minutes until 2026, 30 since.
const LONGEST: i32 = 1800;

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
        role: limits::role(&["role"], &decl.role, ctx),
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
        tags: match decl.logging.retention_days {
            // Its log group has the same, and has said what is wrong with them.
            Some(_) => tags::plain(ctx),
            None => tags::wanted(ctx),
        },
        code: code?,
        name,
    };
    Some(spec)
}

fn check(decl: &Decl, name: &str, ctx: &Ctx) {
    limits::lambda_name(&["name"], name, 64, ctx);
    limits::range(&["memory"], decl.memory, 128..=10240, "MB", ctx);
    limits::range(&["timeout"], decl.timeout, 1..=LONGEST, "s", ctx);
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
    for (at, layer) in decl
        .layers
        .iter()
        .enumerate()
        .filter(|(_, arn)| !arn.contains("${"))
    {
        if !texts::is_layer_version(layer) {
            let message = format!("`{layer}` is not the ARN of a layer's version");
            let help = "such as arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION";
            ctx.problem(Problem::at(&["layers", &at.to_string()], message).help(help));
        }
    }
    if let Some(arn) = decl.dead_letter.as_deref().filter(|arn| !arn.is_empty()) {
        let example = "arn:aws:sqs:REGION:ACCOUNT:QUEUE";
        limits::arn(&["dead_letter"], arn, texts::is_resource_arn, example, ctx);
    }
    if let Some(arn) = decl.kms_key.as_deref().filter(|arn| !arn.is_empty()) {
        let example = "arn:aws:kms:REGION:ACCOUNT:key/ID";
        limits::arn(&["kms_key"], arn, texts::is_resource_arn, example, ctx);
    }
    runtime(decl, ctx);
    network(decl, ctx);
    layers(decl, ctx);
    if let Some(handler) = decl
        .handler
        .as_deref()
        .filter(|text| !texts::is_handler(text))
    {
        let message = format!("`{handler}` is not a handler");
        let help = "up to 128 characters without white space, such as `index.handler`";
        ctx.problem(Problem::at(&["handler"], message).help(help));
    }
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

/// What can be told of layers by their ARNs: one version of each, all of the function's region.
fn layers(decl: &Decl, ctx: &Ctx) {
    let mut seen: Vec<&str> = Vec::new();
    for (at, arn) in decl.layers.iter().enumerate() {
        let at = ["layers", &at.to_string()];
        let Some((layer, _)) = arn
            .rsplit_once(':')
            .filter(|_| texts::is_layer_version(arn))
        else {
            continue;
        };
        let region = arn.split(':').nth(3).unwrap_or_default();
        let here = ctx.scope.region.as_str();
        if !region.is_empty() && !here.starts_with('<') && region != here {
            let message = format!("the layer is in {region}, and the function in {here}");
            let help = "AWS takes layers of the function's own region only";
            ctx.problem(Problem::at(&at, message).help(help));
        }
        if seen.contains(&layer) {
            let message = format!("`{layer}` stands here twice");
            let help = "AWS takes one version of a layer in a function";
            ctx.problem(Problem::at(&at, message).help(help));
        }
        seen.push(layer);
    }
    if decl.image.is_some() && !decl.layers.is_empty() {
        let problem = Problem::at(&["layers"], "a function made from an `image` has no layers");
        ctx.problem(problem.help("put what they hold into the image"));
    }
}

/// Ids of subnets and security groups, as Lambda's API reference has them.
fn network(decl: &Decl, ctx: &Ctx) {
    let Some(vpc) = &decl.vpc else {
        return;
    };
    for (key, ids, head) in [
        ("subnets", &vpc.subnets, "subnet-"),
        ("security_groups", &vpc.security_groups, "sg-"),
    ] {
        for (at, id) in ids.iter().enumerate().filter(|(_, id)| !id.contains("${")) {
            let rest = id.strip_prefix(head);
            if !rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric())) {
                let message = format!("`{id}` is not the id of one of the `{key}`");
                let help = format!("such as `{head}0a1b2c3d`");
                ctx.problem(Problem::at(&["vpc", key, &at.to_string()], message).help(help));
            }
        }
    }
}

/// An error only where AWS makes and updates nothing with it; where it only makes nothing new, the
/// plan refuses that.
fn runtime(decl: &Decl, ctx: &Ctx) {
    let Some(given) = &decl.runtime else {
        return;
    };
    let at = |message: String| Problem::at(&["runtime"], message);
    let instead = runtime::instead_of(given);
    let meant = runtime::meant(given);
    let such = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("such as `{instead}`"),
    };
    let problem = match runtime::standing(given) {
        Standing::Supported => return,
        Standing::Deprecated(days) => at(format!("AWS has deprecated `{given}` since {}", days.deprecated))
            .help(format!(
                "AWS says that it refuses to make functions with it from {} on and to update them from {} on; move to `{instead}`",
                days.create, days.update
            ))
            .warning(),
        Standing::NoCreate(days) => at(format!(
            "AWS has refused to make functions with `{given}` since {}",
            days.create
        ))
        .help(format!(
            "it updates those that have it until {}; move to `{instead}`",
            days.update
        ))
        .warning(),
        Standing::Withdrawn(days) => at(format!(
            "AWS has withdrawn `{given}`: since {} it neither makes nor updates functions with it",
            days.update
        ))
        .help(format!("move to `{instead}`")),
        Standing::Unknown => at(format!("slp knows no runtime `{given}`"))
            .help(format!("if AWS does not know it either, it refuses the function; {such}"))
            .warning(),
        Standing::Never => at(format!("`{given}` is not a runtime of Lambda"))
            .help(such),
    };
    ctx.problem(problem);
}

fn example(key: &str) -> &'static str {
    match key {
        "runtime" => "such as `runtime = \"nodejs22.x\"`",
        _ => "such as `handler = \"index.handler\"`",
    }
}

fn environment(decl: &Decl, ctx: &Ctx) -> BTreeMap<String, Text> {
    let mut environment = BTreeMap::new();
    for (key, Scalar(raw)) in &decl.environment {
        let path = ["environment", key.as_str()];
        if RESERVED.contains(&key.as_str()) {
            ctx.problem(Problem::of_key(
                &path,
                format!("Lambda sets `{key}` itself and refuses it"),
            ));
        } else if !environment::is_key(key) {
            ctx.problem(
                Problem::of_key(
                    &path,
                    format!("`{key}` cannot be an environment variable's name"),
                )
                .help("two or more letters, digits or _, the first a letter"),
            );
        }
        environment.insert(key.clone(), ctx.text(&path, raw));
    }
    environment_fits(&environment, ctx);
    environment
}

/// As AWS measures; what only AWS knows counts as nothing.
fn environment_fits(environment: &BTreeMap<String, Text>, ctx: &Ctx) {
    let filled: BTreeMap<&str, String> = environment
        .iter()
        .map(|(key, text)| (key.as_str(), ctx.measurable(text)))
        .collect();
    let variables = filled.iter().map(|(key, text)| (*key, text.as_str()));
    let size = environment::measured(&variables.collect()).len();
    if size > environment::LARGEST {
        let most = environment::LARGEST;
        let message = format!(
            "the environment has {size} bytes as JSON, with quotes and commas; AWS takes {most} in all"
        );
        ctx.problem(
            Problem::at(&["environment"], message)
                .help("put large values into the package, or into a parameter store"),
        );
    }
}

/// AWS's words for what is logged.
fn levels(decl: &LoggingDecl, ctx: &Ctx) {
    const APPLICATION: &[&str] = &["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    const SYSTEM: &[&str] = &["DEBUG", "INFO", "WARN"];
    for (key, given, words) in [
        ("application_level", &decl.application_level, APPLICATION),
        ("system_level", &decl.system_level, SYSTEM),
    ] {
        if let Some(word) = given
            && !words.contains(&word.as_str())
        {
            let message = format!("`{word}` is not a level");
            let known = || words.iter().copied();
            let longer = known().find(|known| word.to_ascii_uppercase().starts_with(known));
            let help = match nearest(word, known()).or(longer) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("it is one of {}", words.join(", ")),
            };
            ctx.problem(Problem::at(&["logging", key], message).help(help));
        }
    }
}

/// The nearest numbers of days that CloudWatch takes, and all of them.
fn instead_of_days(days: i32) -> String {
    let known = crate::aws::log_group::RETENTION;
    let list: Vec<String> = known.iter().map(ToString::to_string).collect();
    let list = list.join(", ");
    let less = known.iter().rfind(|known| **known < days);
    let more = known.iter().find(|known| **known > days);
    match (less, more) {
        (Some(less), Some(more)) => format!("did you mean {less} or {more}? It takes {list}"),
        (None, _) => format!("leave it out to keep them for ever; it takes {list}"),
        (Some(_), None) => format!("it takes {list}"),
    }
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
    if decl.group.is_some() && !texts::is_log_group(&group) {
        let message = format!("`{group}` cannot name a log group");
        let help = "up to 512 letters, digits and `. - _ / #`";
        ctx.problem(Problem::at(&["logging", "group"], message).help(help));
    }
    levels(decl, ctx);
    if let Some(days) = decl.retention_days {
        if !super::super::log_group::RETENTION.contains(&days) {
            ctx.problem(
                Problem::at(
                    &["logging", "retention_days"],
                    format!("CloudWatch keeps no lines for {days} days"),
                )
                .help(instead_of_days(days)),
            );
        }
        ctx.add(Added {
            addr: ctx.addr.child("log_group", None),
            id: Some(group.clone()),
            spec: json!({ "name": group, "retention_days": days, "tags": tags::certain(ctx) }),
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

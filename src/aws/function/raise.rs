//! A function as a person would write it.

use super::{ImageConfig, Logging, Spec, Vpc, log_group};
use crate::import::{Fields, Raising};
use crate::scope::Scope;
use crate::text::Text;

pub fn raise(spec: &Spec, r: &Raising) -> Fields {
    let mut fields = Fields::default();
    r.name(&spec.name, &mut fields);
    fields.optional("runtime", spec.runtime.as_deref());
    fields.optional("handler", spec.handler.as_deref());
    fields.set("role", r.named("role", &spec.role));
    match &spec.code.image {
        Some(image) => fields.set("image", r.text(image)),
        None => {
            if let Some((key, path)) = r.code {
                fields.set(key, path);
            }
        }
    }
    let optional = |text: &Option<Text>| text.as_ref().map(|text| r.text(text));
    fields.differing("description", r.text(&spec.description), String::new());
    fields.differing("memory", spec.memory, 128);
    fields.differing("timeout", spec.timeout, 3);
    fields.differing("architecture", spec.architecture.as_str(), "x86_64");
    fields.list(
        "layers",
        spec.layers.iter().map(|arn| r.text(arn)).collect(),
    );
    fields.differing("ephemeral_storage", spec.ephemeral_storage, 512);
    fields.optional("dead_letter", optional(&spec.dead_letter));
    fields.optional("kms_key", optional(&spec.kms_key));
    if spec.tracing == "Active" {
        fields.set("tracing", "active");
    }
    fields.optional("reserved_concurrency", spec.reserved_concurrency);
    fields.inline(
        "vpc",
        spec.vpc
            .as_ref()
            .map(|vpc| vpc_of(vpc, r))
            .unwrap_or_default(),
    );
    fields.inline("logging", logging(&spec.logging, &spec.name));
    let image = spec.image_config.as_ref().map(image);
    fields.inline("image_config", image.unwrap_or_default());
    fields.block("environment", r.veiled(&spec.environment));
    r.own_tags(&spec.tags, &mut fields);
    fields
}

fn vpc_of(vpc: &Vpc, r: &Raising) -> Fields {
    let texts = |list: &std::collections::BTreeSet<Text>| -> Vec<String> {
        list.iter().map(|text| r.text(text)).collect()
    };
    let mut fields = Fields::default();
    fields.set("subnets", texts(&vpc.subnets));
    fields.set("security_groups", texts(&vpc.security_groups));
    fields.differing("ipv6", vpc.ipv6, false);
    fields
}

fn logging(logging: &Logging, name: &str) -> Fields {
    let mut fields = Fields::default();
    if logging.format == "JSON" {
        fields.set("format", "json");
    }
    fields.optional("application_level", logging.application_level.as_deref());
    fields.optional("system_level", logging.system_level.as_deref());
    fields.differing("group", logging.group.as_str(), &log_group(name));
    fields
}

fn image(image: &ImageConfig) -> Fields {
    let mut fields = Fields::default();
    fields.list("command", image.command.clone());
    fields.list("entry_point", image.entry_point.clone());
    fields.optional("working_directory", image.working_directory.as_deref());
    fields
}

/// The name in the ARN of a function, of one of its aliases or versions.
pub fn id_of(arn: &str, scope: &Scope) -> Option<String> {
    let name = arn.strip_prefix(&scope.arn("lambda", "function:"))?;
    name.split(':').next().map(str::to_owned)
}

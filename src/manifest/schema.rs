//! The JSON Schema of a manifest, from the list of kinds.
//!
//! Blocks are merged by hand: `allOf` with `additionalProperties: false` would refuse
//! everything. Whatever is no text also accepts exactly one `${var.…}`, as the manifest does.

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::beside::beside;
use super::dev::Dev;
use super::place::StatePlace;
use super::project::Project;
use crate::kind::{Kind, Kinds};

pub(super) type Object = Map<String, Value>;

/// The names of the fields that a block's schema allows.
pub fn fields(schema: &Schema, generator: &SchemaGenerator) -> BTreeSet<String> {
    let value = referred(schema.as_value(), generator.definitions());
    let properties = value.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flat_map(|map| map.keys().cloned())
        .collect()
}

/// The JSON Schema (draft 2020-12) of `slp.toml`.
pub fn manifest_schema(kinds: &Kinds) -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let project = generator.subschema_for::<Project>();
    let state = generator.subschema_for::<StatePlace>();
    let dev = generator.subschema_for::<Dev>();
    let roots: Vec<&dyn Kind> = kinds
        .iter()
        .filter(|kind| !kind.name().contains('.'))
        .collect();
    let mut blocks = Object::new();
    for kind in kinds.iter() {
        if let Some(schema) = kind.decl_schema(&mut generator) {
            blocks.insert(kind.name().to_owned(), schema.to_value());
        }
    }
    let definitions = generator.take_definitions(true);
    let merged: BTreeSet<&str> = blocks.values().filter_map(definition).collect();
    let mut defs: Object = definitions
        .iter()
        .filter(|(name, _)| !merged.contains(name.as_str()))
        .map(|(name, schema)| (name.clone(), relaxed(schema)))
        .collect();
    for kind in kinds.iter() {
        if let Some(schema) = blocks.get(kind.name()) {
            let block = block_schema(kind, kinds, referred(schema, &definitions), &blocks);
            defs.insert(default_name(kind.name()), default(&block));
            defs.insert(block_name(kind.name()), block);
        }
    }
    let mut properties = tables(&roots);
    properties.insert("project".into(), relaxed(&project.to_value()));
    properties.insert("state".into(), relaxed(&state.to_value()));
    properties.insert("dev".into(), relaxed(&dev.to_value()));
    properties.extend(beside(&roots, &definitions));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "slp.toml",
        "description": "What should exist, declared for slp.",
        "type": "object",
        "properties": properties,
        "required": ["project"],
        "additionalProperties": false,
        "$defs": defs,
    })
}

fn block_name(kind: &str) -> String {
    format!("block.{kind}")
}

/// As a block; under a child's word stand its defaults, without names.
pub(super) fn default_name(kind: &str) -> String {
    format!("default.{kind}")
}

fn referred<'a>(schema: &'a Value, definitions: &'a Object) -> &'a Value {
    definition(schema)
        .and_then(|name| definitions.get(name))
        .unwrap_or(schema)
}

fn definition(schema: &Value) -> Option<&str> {
    let path = schema.get("$ref").and_then(Value::as_str)?;
    path.rsplit('/').next()
}

/// A kind's own fields, its children, and what every resource takes. Nothing is required:
/// what one table lacks, `[defaults.*]` or an overlay may say.
fn block_schema(kind: &dyn Kind, kinds: &Kinds, own: &Value, blocks: &Object) -> Value {
    let mut block = relaxed(own);
    let Some(map) = block.as_object_mut() else {
        return block;
    };
    map.insert("description".into(), json!(kind.about()));
    // `[defaults.*]` or an environment may say what a block leaves out.
    map.remove("required");
    let properties = map.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        let children = kinds.children_of(kind.name()).collect::<Vec<_>>();
        for (word, child) in children {
            if blocks.contains_key(child.name()) {
                properties.insert(
                    word.to_owned(),
                    named(&block_name(child.name()), child.about()),
                );
            }
        }
        properties.extend(common());
    }
    map.insert("additionalProperties".into(), json!(false));
    block
}

fn default(block: &Value) -> Value {
    let mut block = block.clone();
    let properties = block.get_mut("properties").and_then(Value::as_object_mut);
    for (_, child) in properties.into_iter().flatten() {
        let path = child.pointer("/additionalProperties/$ref");
        let path = path.and_then(Value::as_str);
        let kind = path.and_then(|path| path.strip_prefix("#/$defs/block."));
        if let Some(kind) = kind.map(str::to_owned) {
            *child = json!({ "$ref": format!("#/$defs/{}", default_name(&kind)) });
        }
    }
    block
}

/// `[KIND.NAME]`: a table of blocks by name.
fn named(definition: &str, about: &str) -> Value {
    json!({
        "description": about,
        "type": "object",
        "propertyNames": { "pattern": NAME },
        "additionalProperties": { "$ref": format!("#/$defs/{definition}") },
    })
}

pub(super) const NAME: &str = "^[A-Za-z0-9_-]+$";

pub(super) fn tables(roots: &[&dyn Kind]) -> Object {
    let table = |kind: &&dyn Kind| {
        let word = kind.name().to_owned();
        (word, named(&block_name(kind.name()), kind.about()))
    };
    roots.iter().map(table).collect()
}

fn common() -> Object {
    let properties = json!({
        "tags": { "description": "Tags, beside those of the project.", "type": "object", "additionalProperties": { "type": "string" } },
        "protect": relaxed(&json!({ "description": "Never destroyed or replaced; lifted only by an apply that says `false`.", "type": "boolean", "default": false })),
        "ignore": { "description": "Fields whose differences are left alone.", "type": "array", "items": { "type": "string" } },
        "depends_on": { "description": "Headers of resources that must stand before this one.", "type": "array", "items": { "type": "string" } },
    });
    match properties {
        Value::Object(map) => map,
        _ => Object::new(),
    }
}

/// The schema, in which every value that is no text may also be one `${var.…}`, and no
/// value is `null`, which TOML does not have.
pub(super) fn relaxed(schema: &Value) -> Value {
    let Value::Object(map) = schema else {
        return schema.clone();
    };
    let mut out = Object::new();
    for (key, value) in map {
        let value = match (key.as_str(), value) {
            ("properties" | "$defs" | "patternProperties", Value::Object(inner)) => {
                let inner = inner
                    .iter()
                    .map(|(name, schema)| (name.clone(), relaxed(schema)));
                Value::Object(inner.collect())
            }
            ("items" | "additionalProperties", inner) => relaxed(inner),
            ("anyOf" | "oneOf" | "allOf", Value::Array(inner)) => {
                let some = inner
                    .iter()
                    .filter(|schema| **schema != json!({ "type": "null" }));
                some.map(relaxed).collect()
            }
            ("type", Value::Array(types)) => not_null(types),
            ("default", Value::Null) => continue,
            ("enum", Value::Array(values)) => {
                values.iter().filter(|v| !v.is_null()).cloned().collect()
            }
            (_, value) => value.clone(),
        };
        // A variable fits every alternative, so that none may claim to be the only one.
        let key = if key == "oneOf" { "anyOf" } else { key };
        out.insert(key.to_owned(), value);
    }
    match wants_variable(&out) {
        true => or_variable(out),
        false => Value::Object(out),
    }
}

fn not_null(types: &[Value]) -> Value {
    let kept: Vec<Value> = types.iter().filter(|t| **t != "null").cloned().collect();
    match kept.as_slice() {
        [one] => one.clone(),
        _ => Value::Array(kept),
    }
}

fn wants_variable(schema: &Object) -> bool {
    let plain = |name: &str| schema.get("type").is_some_and(|kind| *kind == name);
    let narrow = ["enum", "const", "pattern", "format"]
        .iter()
        .any(|key| schema.contains_key(*key));
    ["integer", "number", "boolean", "array"]
        .into_iter()
        .any(plain)
        || (plain("string") && narrow)
}

/// Keeps what is said about the value outside, so that editors still show it.
fn or_variable(schema: Object) -> Value {
    const SAID: [&str; 5] = ["title", "description", "default", "examples", "deprecated"];
    let (mut said, core): (Object, Object) = schema
        .into_iter()
        .partition(|(key, _)| SAID.contains(&key.as_str()) || key.starts_with("x-"));
    let variable = match core.get("type").is_some_and(|kind| *kind == "string") {
        true => json!({ "type": "string", "pattern": "\\$\\{" }),
        false => json!({ "type": "string", "pattern": "^\\$\\{ *var\\.[A-Za-z0-9_-]+ *\\}$" }),
    };
    said.insert("anyOf".into(), json!([core, variable]));
    Value::Object(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::fakes::kinds;

    fn fits(manifest: &str) -> bool {
        let validator = jsonschema::draft202012::new(&manifest_schema(&kinds())).unwrap();
        let value: toml::Value = toml::from_str(manifest).unwrap();
        validator.is_valid(&serde_json::to_value(value).unwrap())
    }

    const HEAD: &str = "[project]\nname = \"shop\"\n";

    #[test]
    fn a_whole_manifest_fits() {
        assert!(fits(
            r#"
            [project]
            name = "shop"
            [variables]
            a = 1
            b = { default = "x", secret = true }
            [defaults.function]
            memory = 128
            [defaults.api.stage]
            variables = { a = "b" }
            [function.X]
            role = "r"
            memory = "${var.a}"
            publish = "${ var.p }"
            architecture = "${var.arch}"
            subnets = "${var.subnets}"
            tags = { a = "b" }
            protect = true
            [function.X.alias.live]
            [function.Y]
            [api.a.routes]
            "GET /" = { function = "X" }
            [api.a.stage.test]
            [env.prod]
            omit = ["function.X"]
            [env.prod.function.X]
            memory = 512
            [env.prod.api.a.stage.test]
            variables = { a = "c" }
            [outputs]
            url = "x"
            [[moved]]
            from = "function.A"
            to = "function.X"
            "#
        ));
    }

    #[test]
    fn what_the_manifest_refuses_the_schema_refuses() {
        for wrong in [
            "[functon.X]\n",
            "[function.X]\nrole = \"r\"\nmemroy = 1\n",
            "[function.X]\nrole = \"r\"\nmemory = \"much\"\n",
            "[function.X]\nrole = \"r\"\nmemory = \"${var.a} \"\n",
            "[function.X]\nrole = \"r\"\narchitecture = \"arm\"\n",
            "[function.\"X y\"]\nrole = \"r\"\n",
            "[function.X.log_group]\n",
            "[env.prod.function.X]\nmemroy = 1\n",
        ] {
            assert!(!fits(&format!("{HEAD}{wrong}")), "{wrong}");
        }
        assert!(!fits("[function.X]\nrole = \"r\"\n"));
    }
}

//! The JSON Schema of a manifest, from the list of kinds.

use std::collections::BTreeSet;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::kind::Kinds;

/// The names of the fields that a block's schema allows.
pub fn fields(schema: &Schema, generator: &SchemaGenerator) -> BTreeSet<String> {
    let value = schema.as_value();
    let referred = value.get("$ref").and_then(Value::as_str);
    let name = referred.and_then(|path| path.rsplit('/').next());
    let target = match name.and_then(|name| generator.definitions().get(name)) {
        Some(target) => target,
        None => value,
    };
    let properties = target.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flat_map(|map| map.keys().cloned())
        .collect()
}

pub fn manifest_schema(_kinds: &Kinds) -> Value {
    Value::Null
}

//! The schema of the tables that are no kinds: variables, outputs, defaults, what became of
//! addresses, environments.

use serde_json::{Value, json};

use super::schema::{NAME, Object, default_name, relaxed, tables};
use crate::kind::Kind;
use crate::plan::Gate;

/// All of them, by name.
pub fn beside(roots: &[&dyn Kind], definitions: &Object) -> Object {
    let plain = plain(roots);
    let about = "Overlays, one an environment: their tables are merged over the manifest.";
    let env = by_name(about, &environment(roots, definitions, &plain));
    let env = ("env".to_owned(), env);
    plain.into_iter().chain([env]).collect()
}

/// Those that an environment can have as well.
fn plain(roots: &[&dyn Kind]) -> Object {
    let pair =
        |from: &str, to: &str| strict(json!({ from: text(), to: text() }), json!([from, to]));
    let tables = [
        (
            "variables",
            by_name("Values that texts take as `${var.NAME}`.", &variable()),
        ),
        ("outputs", by_name("What `slp output` gives.", &output())),
        ("defaults", defaults(roots)),
        ("gates", gates()),
        (
            "moved",
            list("Renamed without replacing.", pair("from", "to")),
        ),
        (
            "removed",
            list(
                "Forgotten by slp, left in AWS.",
                strict(json!({ "address": text() }), json!(["address"])),
            ),
        ),
        (
            "import",
            list(
                "Taken over as it is in AWS, with what stands under it.",
                pair("to", "id"),
            ),
        ),
    ];
    let tables = tables.into_iter();
    tables
        .map(|(word, schema)| (word.to_owned(), schema))
        .collect()
}

fn environment(roots: &[&dyn Kind], definitions: &Object, plain: &Object) -> Value {
    let mut overlay = tables(roots);
    for (word, name) in [
        ("project", "Project"),
        ("state", "StatePlace"),
        ("dev", "Dev"),
    ] {
        let mut table = definitions.get(name).map(relaxed).unwrap_or_default();
        if let Some(table) = table.as_object_mut() {
            table.remove("required");
        }
        overlay.insert(word.into(), table);
    }
    overlay.extend(plain.clone());
    for (word, about) in [
        (
            "omit",
            "Headers of resources that this environment does not have.",
        ),
        ("unset", "Fields that this environment does not have."),
    ] {
        overlay.insert(word.into(), list(about, text()));
    }
    json!({ "type": "object", "properties": overlay, "additionalProperties": false })
}

fn variable() -> Value {
    let long = strict(
        json!({
            "default": {},
            "type": { "enum": ["string", "integer", "number", "boolean", "list", "table"] },
            "required": { "type": "boolean" },
            "secret": { "description": "Never printed, never in a plan or in state.", "type": "boolean", "default": false },
            "allow_empty": { "description": "Whether a secret may be empty; else an empty one is refused.", "type": "boolean", "default": false },
            "from": { "description": "`env:NAME`, `file:PATH`, `ssm:NAME`, `secretsmanager:ID#KEY` or `state:PROJECT#OUTPUT`.", "type": "string" },
            "description": text(),
        }),
        json!([]),
    );
    json!({ "anyOf": [
        { "type": ["string", "integer", "number", "boolean", "array"] },
        long,
    ] })
}

fn output() -> Value {
    let long = strict(
        json!({ "value": text(), "description": text(), "secret": { "type": "boolean", "default": false } }),
        json!(["value"]),
    );
    json!({ "anyOf": [{ "type": ["string", "integer", "boolean"] }, long] })
}

fn gates() -> Value {
    let names = Gate::ALL.map(Gate::name);
    let gate = json!({ "type": "string", "enum": names });
    let waiver = strict(
        json!({
            "gate": gate,
            "address": { "description": "This resource, and what stands under it.", "type": "string" },
            "reason": text(),
            "until": { "description": "The last day, such as 2026-12-31.", "type": "string" },
        }),
        json!(["gate", "address", "reason", "until"]),
    );
    let mut table = strict(
        json!({
            "refuse": list("What a plan may not do.", gate),
            "waiver": list("What passes a gate all the same, for a time.", waiver),
        }),
        json!([]),
    );
    table["description"] =
        json!("What a plan must not do, and the waivers that let it for a time.");
    relaxed(&table)
}

fn defaults(roots: &[&dyn Kind]) -> Value {
    let one = |kind: &&dyn Kind| {
        let path = format!("#/$defs/{}", default_name(kind.name()));
        (kind.name().to_owned(), json!({ "$ref": path }))
    };
    let properties: Object = roots.iter().map(one).collect();
    json!({ "description": "Fields for every resource of a kind.", "type": "object", "properties": properties, "additionalProperties": false })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn strict(properties: Value, required: Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn by_name(about: &str, value: &Value) -> Value {
    json!({ "description": about, "type": "object", "propertyNames": { "pattern": NAME }, "additionalProperties": value })
}

fn list(about: &str, item: Value) -> Value {
    json!({ "description": about, "type": "array", "items": item })
}

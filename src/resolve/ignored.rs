//! The paths under `ignore`: each names a field that the kind has, as its spec's schema says.

use serde_json::{Map, Value};

use crate::kind::Kind;
use crate::problem::{Problem, nearest};

/// What is wrong with a path such as `logging.group`. What stands under names of one's own
/// (`environment.A`) cannot be wrong.
pub fn check(kind: &dyn Kind, path: &str) -> Option<Problem> {
    let schema = kind.spec_schema();
    let mut fields = properties(schema, schema)?;
    let mut above = String::new();
    for field in path.split('.') {
        let Some(inner) = fields.get(field) else {
            return Some(unknown(kind, &above, field, fields));
        };
        above = format!("{above}{field}.");
        fields = properties(inner, schema)?;
    }
    None
}

/// The fields of a table whose keys are all known.
fn properties<'a>(node: &'a Value, root: &'a Value) -> Option<&'a Map<String, Value>> {
    let node = match node.get("$ref").and_then(Value::as_str) {
        Some(path) => root.pointer(path.strip_prefix('#')?)?,
        None => node,
    };
    if let Some(either) = node.get("anyOf").and_then(Value::as_array) {
        // One that may be absent.
        let there = either.iter().find(|one| one.get("$ref").is_some())?;
        return properties(there, root);
    }
    let open = node
        .get("additionalProperties")
        .is_some_and(|more| *more != Value::Bool(false));
    node.get("properties")?.as_object().filter(|_| !open)
}

fn unknown(kind: &dyn Kind, above: &str, field: &str, fields: &Map<String, Value>) -> Problem {
    let names: Vec<String> = fields.keys().cloned().collect();
    let near = kind.meant(field, &names);
    let near = near.or_else(|| nearest(field, names.iter().map(String::as_str)));
    let message = format!("{} has no field `{above}{field}` to ignore", kind.name());
    let help = match near {
        Some(near) => format!("did you mean `{above}{near}`?"),
        None => format!("it has `{above}{}`", names.join(&format!("`, `{above}"))),
    };
    Problem::at(&[], message).help(help)
}

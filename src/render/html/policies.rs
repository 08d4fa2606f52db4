//! The statements of policies that differ, as the documents have them.

use serde_json::Value;

use crate::diff::{FieldChange, Shape};
use crate::plan::Change;
use crate::render::value::printable;
use crate::text::map_texts;

/// Each under the name of its document, `-` and `+` before its lines; empty where no policy
/// changes.
pub fn statements(change: &Change) -> String {
    let fields = change.fields.iter();
    let fields: Vec<&FieldChange> = fields.filter(|f| f.shape == Shape::Statement).collect();
    let mut out = String::new();
    for document in fields.chunk_by(|a, b| a.path == b.path) {
        let Some(first) = document.first() else {
            continue;
        };
        out.push_str(&format!("{}\n", printable(&first.path.join("."))));
        for field in document {
            out.push_str(&side('-', field.before.as_ref()));
            out.push_str(&side('+', field.after.as_ref()));
        }
    }
    out
}

fn side(symbol: char, statement: Option<&Value>) -> String {
    let Some(statement) = statement else {
        return String::new();
    };
    // Holes by their names, and no digest of a secret.
    let shown = map_texts(statement, &mut |text| text.to_string().into());
    let lines = format!("{shown:#}");
    let line = |line: &str| format!("{symbol} {}\n", printable(line));
    lines.lines().map(line).collect()
}

//! What two clouds have in common: everything but the ids and times that AWS makes up.

use regex::Regex;
use serde_json::Value;

const MADE_UP: [(&str, &str); 6] = [
    (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME"),
    (r"\b1[0-9]{12}\b", "TIME"),
    (
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "UUID",
    ),
    (r"\b[0-9a-f]{32}\b", "OPERATION"),
    (r"\b[A-Z0-9]{20,21}\b", "ID"),
    // Takes words of that length with it, in every picture the same ones.
    (r"\b([a-z0-9]{10}|[a-z0-9]{6})\b", "id"),
];

/// The lines, each ending in JSON, without what is made up; in an order that does not hang on it.
pub fn without_made_up(lines: Vec<String>) -> Vec<String> {
    let patterns = MADE_UP.map(|(pattern, name)| (Regex::new(pattern).expect(pattern), name));
    let without = |text: &str| {
        let all = patterns.iter();
        all.fold(text.to_owned(), |text, (pattern, name)| {
            pattern.replace_all(&text, *name).into_owned()
        })
    };
    let mut found: Vec<String> = lines.iter().map(|line| flat(line, &without)).collect();
    found.sort();
    found
}

fn flat(line: &str, without: &impl Fn(&str) -> String) -> String {
    let (key, value) = line.split_at(line.find(" {").unwrap_or(line.len()));
    match serde_json::from_str(value) {
        Ok(value) => format!("{} {}", without(key), told(&value, without)),
        Err(_) => without(line),
    }
}

/// Objects by their contents: their keys may be ids, which would decide the order.
fn told(value: &Value, without: &impl Fn(&str) -> String) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            let mut parts: Vec<String> = fields
                .map(|(key, value)| match key.as_str() {
                    // A digest, keyed with what each state makes up for itself.
                    "$secret" => "SECRET".to_owned(),
                    // What a policy was attached to at the last look; every plan looks anew.
                    "attached" => "ATTACHED".to_owned(),
                    _ => format!("{}: {}", without(key), told(value, without)),
                })
                .collect();
            parts.sort();
            format!("{{{}}}", parts.join(", "))
        }
        Value::Array(items) => {
            let mut parts: Vec<String> = items.iter().map(|item| told(item, without)).collect();
            // Statements, which mean the same in any order; what is ordered are texts.
            if items.iter().all(Value::is_object) {
                parts.sort();
            }
            format!("[{}]", parts.join(", "))
        }
        other => without(&other.to_string()),
    }
}

//! The one form that all documents of the same meaning share.

use serde_json::{Map, Value};

use super::{LISTS, PRINCIPALS, leaves, shown, statement_list};
use crate::text;

/// The canonical form: again a valid policy document, in which statements are a list,
/// lists are sorted and free of doubles, and a single element stays a list.
///
/// Equal in meaning: a statement and a list of one; any order of statements (their number
/// counts); `Effect` in any case; a text and a list of one, in any order; an account id
/// and its root ARN; `"*"` and `{"AWS": "*"}`; an empty principal map entry or condition
/// and none; a condition's boolean or number and its text; `""` and `{}`. `Version`, `Id`
/// and `Sid` are taken literally. A document given as JSON text is read first.
pub fn canonical(document: &Value) -> Value {
    match document {
        Value::Null => Value::Object(Map::new()),
        Value::String(text) if text.trim().is_empty() => Value::Object(Map::new()),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(parsed @ Value::Object(_)) => canonical(&parsed),
            _ => document.clone(),
        },
        Value::Object(map) if text::from_value(document).is_none() => canonical_document(map),
        other => other.clone(),
    }
}

fn canonical_document(map: &Map<String, Value>) -> Value {
    let mut form: Map<String, Value> = map
        .iter()
        .filter(|(key, value)| key.as_str() != "Statement" && !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if map.get("Statement").is_some_and(|value| !value.is_null()) {
        let document = Value::Object(map.clone());
        let mut statements: Vec<Value> = statement_list(&document)
            .into_iter()
            .map(canonical_statement)
            .collect();
        statements.sort_by_cached_key(Value::to_string);
        form.insert("Statement".into(), Value::Array(statements));
    }
    Value::Object(form)
}

fn canonical_statement(statement: &Value) -> Value {
    let Value::Object(map) = statement else {
        return statement.clone();
    };
    let mut form = Map::new();
    for (key, value) in map {
        let value = match key.as_str() {
            "Effect" => effect(value),
            "Condition" => conditions(value),
            key if LISTS.contains(&key) => list(value, leaf),
            key if PRINCIPALS.contains(&key) => principal(value),
            _ => value.clone(),
        };
        let empty = value.is_null() || (key == "Condition" && value == Value::Object(Map::new()));
        if !empty {
            form.insert(key.clone(), value);
        }
    }
    Value::Object(form)
}

fn effect(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if text.eq_ignore_ascii_case("allow") => "Allow".into(),
        Some(text) if text.eq_ignore_ascii_case("deny") => "Deny".into(),
        _ => value.clone(),
    }
}

/// Sorted, without doubles, each element in its own canonical form.
fn list(value: &Value, element: fn(&Value) -> Value) -> Value {
    let mut items: Vec<Value> = leaves(value).into_iter().map(element).collect();
    items.sort_by_cached_key(|item| (shown(item), item.to_string()));
    items.dedup();
    Value::Array(items)
}

/// A template's neighbouring literals are joined, so that equal texts are equal values.
fn leaf(value: &Value) -> Value {
    match text::from_value(value) {
        Some(text) => text::to_value(&text),
        None => value.clone(),
    }
}

fn principal(value: &Value) -> Value {
    let Value::Object(map) = value else {
        return leaf(value);
    };
    if text::from_value(value).is_some() {
        return leaf(value);
    }
    let form: Map<String, Value> = map
        .iter()
        .map(|(key, value)| (key.clone(), list(value, account)))
        .filter(|(_, value)| value.as_array().is_some_and(|items| !items.is_empty()))
        .collect();
    let anyone = Value::Array(vec!["*".into()]);
    match form.len() {
        1 if form.get("AWS") == Some(&anyone) => "*".into(),
        _ => Value::Object(form),
    }
}

/// `arn:PARTITION:iam::ID:root` is what AWS gives back for an account id.
fn account(value: &Value) -> Value {
    let id = value.as_str().and_then(|text| {
        let rest = text.strip_prefix("arn:")?;
        let id = rest.split_once(":iam::")?.1.strip_suffix(":root")?;
        (id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
    });
    id.map_or_else(|| leaf(value), Value::String)
}

fn conditions(value: &Value) -> Value {
    let Value::Object(operators) = value else {
        return value.clone();
    };
    let operator = |tests: &Value| match tests {
        Value::Object(tests) => Value::Object(
            tests
                .iter()
                .map(|(key, value)| (key.clone(), list(value, as_text)))
                .collect(),
        ),
        other => other.clone(),
    };
    Value::Object(
        operators
            .iter()
            .map(|(name, tests)| (name.clone(), operator(tests)))
            .filter(|(_, tests)| tests.as_object().is_none_or(|map| !map.is_empty()))
            .collect(),
    )
}

fn as_text(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => leaf(other),
    }
}

#[cfg(test)]
#[path = "canonical_tests.rs"]
mod tests;

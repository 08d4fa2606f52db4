//! The event that a proxy function gets, version 1.0.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::Call;
use super::context::context;

/// The event of a call.
pub fn event(call: &Call) -> Value {
    let (body, encoded) = body(call);
    json!({
        "resource": call.resource,
        "path": call.path,
        "httpMethod": call.verb,
        "headers": single(&call.headers),
        "multiValueHeaders": multiple(&call.headers),
        "queryStringParameters": single(&call.query),
        "multiValueQueryStringParameters": multiple(&call.query),
        "pathParameters": filled(&call.parameters),
        "stageVariables": filled(&call.stage.variables),
        "requestContext": context(call),
        "body": body,
        "isBase64Encoded": encoded,
    })
}

/// Of several values the last; null where there are none at all.
fn single(pairs: &[(String, String)]) -> Value {
    let map: BTreeMap<&str, &str> = pairs
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    match map.is_empty() {
        true => Value::Null,
        false => json!(map),
    }
}

fn multiple(pairs: &[(String, String)]) -> Value {
    let mut map: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in pairs {
        map.entry(key).or_default().push(value);
    }
    match map.is_empty() {
        true => Value::Null,
        false => json!(map),
    }
}

fn filled(map: &BTreeMap<String, String>) -> Value {
    match map.is_empty() {
        true => Value::Null,
        false => json!(map),
    }
}

fn body(call: &Call) -> (Value, bool) {
    match (call.body.is_empty(), call.is_binary()) {
        (true, _) => (Value::Null, false),
        (false, true) => (json!(STANDARD.encode(&call.body)), true),
        (false, false) => (json!(String::from_utf8_lossy(&call.body)), false),
    }
}

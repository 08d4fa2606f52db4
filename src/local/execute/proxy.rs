//! The answer of a proxy function, in AWS's form or not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::answer::{Answer, Failure};
use super::call::Call;

/// None of them must be there, and no other may.
const MEMBERS: [&str; 5] = [
    "statusCode",
    "headers",
    "multiValueHeaders",
    "body",
    "isBase64Encoded",
];

/// The HTTP answer that a function's result means.
pub fn answer(call: &Call, payload: &[u8]) -> Result<Answer, Failure> {
    let malformed =
        |what: &str| Failure::bad_gateway(format!("malformed Lambda proxy response: {what}"));
    let Ok(Value::Object(result)) = serde_json::from_slice(payload) else {
        return Err(malformed("it is not an object"));
    };
    if let Some(other) = result.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
        return Err(malformed(&format!("it has the member `{other}`")));
    }
    let status = status(&result).ok_or_else(|| malformed("its statusCode is no status"))?;
    let headers = headers(&result).ok_or_else(|| malformed("its headers are not text"))?;
    let body = match result.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(Value::String(text)) => {
            let encoded = result.get("isBase64Encoded") == Some(&Value::Bool(true));
            bytes(call, text, encoded).ok_or_else(|| malformed("its body is not base64"))?
        }
        Some(_) => return Err(malformed("its body is not text")),
    };
    let answer = Answer::new(status, headers, body).passed_on().typed();
    Ok(Answer {
        traced: true,
        ..answer
    })
}

fn status(result: &Map<String, Value>) -> Option<u16> {
    let code = match result.get("statusCode") {
        None | Some(Value::Null) => 200,
        Some(Value::String(text)) => text.parse().ok()?,
        Some(value) => value.as_u64()?,
    };
    u16::try_from(code)
        .ok()
        .filter(|code| (200..600).contains(code))
}

/// Both kinds, where the one of many values wins over the other.
fn headers(result: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let empty = Map::new();
    let map = |name: &str| match result.get(name) {
        None | Some(Value::Null) => Some(&empty),
        Some(value) => value.as_object(),
    };
    let (single, multiple) = (map("headers")?, map("multiValueHeaders")?);
    let mut all = Vec::new();
    for (name, value) in single {
        if !multiple.contains_key(name) {
            all.push((name.clone(), text(value)?));
        }
    }
    for (name, values) in multiple {
        for value in values.as_array()? {
            all.push((name.clone(), text(value)?));
        }
    }
    Some(all)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

/// Bytes only for a caller that takes them; else the base64 goes out as it is.
fn bytes(call: &Call, text: &str, encoded: bool) -> Option<Bytes> {
    match encoded && call.accepts_binary() {
        true => Some(STANDARD.decode(text).ok()?.into()),
        false => Some(text.to_owned().into()),
    }
}

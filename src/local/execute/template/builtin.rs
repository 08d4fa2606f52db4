//! `$input` and `$util`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::value::Value;
use super::{Scope, Trouble, path};
use crate::local::execute::call::decoded;

pub fn property(scope: &Scope, name: &str) -> Result<Value, Trouble> {
    match name {
        "body" => Ok(Value::text(body(scope))),
        _ => Err(Trouble::unknown(&format!("$input.{name}"))),
    }
}

/// To AWS a body that is empty is an empty object.
fn body(scope: &Scope) -> &str {
    match scope.body.is_empty() {
        true => "{}",
        false => &scope.body,
    }
}

pub fn input(scope: &Scope, name: &str, given: &[Value]) -> Result<Value, Trouble> {
    match (name, given) {
        ("params", []) => Ok(scope.params.clone()),
        ("params", [wanted]) => Ok(param(scope, &wanted.shown())),
        ("path", [place]) => found(scope, &place.shown()),
        ("json", [place]) => Ok(match found(scope, &place.shown())? {
            Value::Null => Value::text("\"\""),
            value => Value::text(value.json()),
        }),
        _ => Err(Trouble::unknown(&format!("$input.{name}(…)"))),
    }
}

/// Looked for in the path, the query and the headers, in this order.
fn param(scope: &Scope, name: &str) -> Value {
    let places = ["path", "querystring", "header"];
    let mut found = places.map(|place| scope.params.member(place).member(name));
    let found = found.iter_mut().find(|value| !value.is_null());
    found.map_or(Value::text(""), |value| value.clone())
}

fn found(scope: &Scope, place: &str) -> Result<Value, Trouble> {
    path::find(&parsed(body(scope))?, place)
}

fn parsed(text: &str) -> Result<Value, Trouble> {
    serde_json::from_str(text).map_err(|error| Trouble::new(format!("it is not JSON: {error}")))
}

pub fn util(name: &str, given: &[Value]) -> Result<Value, Trouble> {
    let [value] = given else {
        return Err(Trouble::unknown(&format!("$util.{name}")));
    };
    let text = value.shown();
    Ok(match name {
        "escapeJavaScript" => Value::text(escaped(&text)),
        "parseJson" => parsed(&text)?,
        "urlEncode" => {
            Value::text(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>())
        }
        "urlDecode" => Value::text(decoded(&text.replace('+', " "))),
        "base64Encode" => Value::text(STANDARD.encode(text)),
        "base64Decode" => {
            let bytes = STANDARD.decode(text.trim());
            let bytes =
                bytes.map_err(|error| Trouble::new(format!("it is not base64: {error}")))?;
            Value::text(String::from_utf8_lossy(&bytes))
        }
        _ => return Err(Trouble::unknown(&format!("$util.{name}"))),
    })
}

/// As StringEscapeUtils of Java's Commons does: a `'` gets a backslash, which JSON forbids.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match char::from_u32(unit.into()) {
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\u{c}') => out.push_str("\\f"),
            Some(c @ ('\'' | '"' | '\\' | '/')) => out.extend(['\\', c]),
            Some(c @ ' '..='~') => out.push(c),
            _ => out.push_str(&format!("\\u{unit:04X}")),
        }
    }
    out
}

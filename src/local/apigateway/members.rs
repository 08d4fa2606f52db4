//! The members of a request's body, of the type that AWS's model gives them. Null is absent.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::wrong_type;
use super::model::Templates;
use crate::local::error::AwsError;

pub fn text(body: &Value, name: &str) -> Result<Option<String>, AwsError> {
    member(body, name, "String", |value| {
        value.as_str().map(str::to_owned)
    })
}

pub fn flag(body: &Value, name: &str) -> Result<Option<bool>, AwsError> {
    member(body, name, "Boolean", Value::as_bool)
}

pub fn number(body: &Value, name: &str) -> Result<Option<i64>, AwsError> {
    member(body, name, "Integer", Value::as_i64)
}

pub fn list(body: &Value, name: &str) -> Result<Option<Vec<String>>, AwsError> {
    let Some(items) = member(body, name, "List", |value| value.as_array().cloned())? else {
        return Ok(None);
    };
    let text = |value: &Value| string(value);
    items.iter().map(text).collect::<Result<_, _>>().map(Some)
}

/// A map of text; an entry without a value is left out.
pub fn map(body: &Value, name: &str) -> Result<Option<BTreeMap<String, String>>, AwsError> {
    entries(body, name, string)
}

pub fn flags(body: &Value, name: &str) -> Result<Option<BTreeMap<String, bool>>, AwsError> {
    entries(body, name, |value| {
        value.as_bool().ok_or_else(|| wrong_type(value, "Boolean"))
    })
}

/// Templates; an empty one is none.
pub fn templates(body: &Value, name: &str) -> Result<Templates, AwsError> {
    let Some(given) = object(body, name)? else {
        return Ok(Templates::new());
    };
    let entry = |(key, value): (String, Value)| match value {
        Value::Null => Ok((key, None)),
        value => Ok((key, Some(string(&value)?).filter(|text| !text.is_empty()))),
    };
    given.into_iter().map(entry).collect()
}

fn entries<T>(
    body: &Value,
    name: &str,
    read: impl Fn(&Value) -> Result<T, AwsError>,
) -> Result<Option<BTreeMap<String, T>>, AwsError> {
    let Some(given) = object(body, name)? else {
        return Ok(None);
    };
    let filled = given.into_iter().filter(|(_, value)| !value.is_null());
    let read = |(key, value): (String, Value)| Ok((key, read(&value)?));
    filled.map(read).collect::<Result<_, _>>().map(Some)
}

fn object(body: &Value, name: &str) -> Result<Option<serde_json::Map<String, Value>>, AwsError> {
    member(body, name, "Map", |value| value.as_object().cloned())
}

fn string(value: &Value) -> Result<String, AwsError> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| wrong_type(value, "String"))
}

fn member<T>(
    body: &Value,
    name: &str,
    kind: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>, AwsError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| wrong_type(value, kind)),
    }
}

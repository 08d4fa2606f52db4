//! Mapping expressions: where a parameter comes from and where it goes.

use std::collections::BTreeMap;

use super::error::bad_request;
use super::model::Method;
use crate::local::error::AwsError;

/// The parts of a request that a method may declare.
const PLACES: [&str; 3] = ["path", "querystring", "header"];

fn invalid(what: &str) -> AwsError {
    bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : \
         [Invalid mapping expression specified: {what}]"
    ))
}

fn undeclared(what: &str) -> AwsError {
    bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : \
         [Invalid mapping expression parameter specified: {what}]"
    ))
}

/// The keys of a method's `requestParameters`: `method.request.path.id`.
pub fn method_request<T>(parameters: &BTreeMap<String, T>) -> Result<(), AwsError> {
    let mut names: Vec<&str> = Vec::new();
    for key in parameters.keys() {
        let name = place(key, "method.request").ok_or_else(|| invalid(key))?;
        if names.contains(&name) {
            return Err(bad_request(
                "Parameter names must be unique across querystring, header and path",
            ));
        }
        names.push(name);
    }
    Ok(())
}

/// The keys of a method response's parameters: `method.response.header.X`.
pub fn method_response<T>(parameters: &BTreeMap<String, T>) -> Result<(), AwsError> {
    let wrong = parameters.keys().find(|key| header(key).is_none());
    wrong.map_or(Ok(()), |key| Err(invalid(key)))
}

/// An integration's `requestParameters`: what goes to the backend, and where it comes from.
pub fn integration_request(
    parameters: &BTreeMap<String, String>,
    method: &Method,
) -> Result<(), AwsError> {
    for (to, from) in parameters {
        place(to, "integration.request").ok_or_else(|| invalid(to))?;
        let known = literal(from).is_some()
            || from.starts_with("context.")
            || from.starts_with("stageVariables.")
            || from == "method.request.body"
            || from.starts_with("method.request.body.")
            || from.starts_with("method.request.multivalueheader.")
            || from.starts_with("method.request.multivaluequerystring.");
        if known {
            continue;
        }
        place(from, "method.request").ok_or_else(|| invalid(from))?;
        if !method.request_parameters.contains_key(from) {
            return Err(undeclared(from));
        }
    }
    Ok(())
}

/// An integration response's parameters; what they set, the method's response must declare.
pub fn integration_response(
    parameters: &BTreeMap<String, String>,
    status: &str,
    method: &Method,
) -> Result<(), AwsError> {
    let declared = method.method_responses.get(status);
    let declared = declared.and_then(|response| response.response_parameters.as_ref());
    for (to, from) in parameters {
        header(to).ok_or_else(|| invalid(to))?;
        if !declared.is_some_and(|declared| declared.contains_key(to)) {
            return Err(undeclared(to));
        }
        let known = literal(from).is_some()
            || from.starts_with("integration.response.")
            || from.starts_with("context.")
            || from.starts_with("stageVariables.");
        if !known {
            return Err(invalid(from));
        }
    }
    Ok(())
}

/// Content types of templates.
pub fn content_types<T>(templates: &BTreeMap<String, T>) -> Result<(), AwsError> {
    let wrong = templates.keys().find(|kind| !kind.contains('/'));
    wrong.map_or(Ok(()), |kind| {
        Err(bad_request(format!(
            "Validation Result: warnings : [], errors : [Invalid content type specified: {kind}]"
        )))
    })
}

/// `method.response.header.X` → `X`.
pub fn header(key: &str) -> Option<&str> {
    key.strip_prefix("method.response.header.")
        .filter(|name| !name.is_empty())
}

/// `'text'` → `text`.
pub fn literal(from: &str) -> Option<&str> {
    from.strip_prefix('\'')?.strip_suffix('\'')
}

/// `method.request.path.id` → `id`.
fn place<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let (place, name) = key
        .strip_prefix(prefix)?
        .strip_prefix('.')?
        .split_once('.')?;
    (PLACES.contains(&place) && !name.is_empty()).then_some(name)
}

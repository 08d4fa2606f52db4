//! Parameter mappings: what of a request goes to the backend, and of its answer to the caller.
//!
//! docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html

use std::collections::BTreeMap;

use super::answer::Failure;
use super::call::Call;
use super::context;
use super::responses::Backend;
use super::template::{self, Value};
use crate::local::apigateway::{self, Integration, literal};

/// What an integration's request parameters make of a call.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// By the name in the URI's braces; `%2F` is a slash.
    pub path: BTreeMap<String, String>,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
}

/// Headers that no mapping may set, for they are API Gateway's own; the second kind where AWS is
/// the backend. As recorded from AWS.
const OWN: [&str; 4] = [
    "content-length",
    "transfer-encoding",
    "x-amzn-apigateway-api-id",
    "x-amzn-trace-id",
];
const OWN_TO_AWS: [&str; 5] = [
    "authorization",
    "connection",
    "expect",
    "proxy-authenticate",
    "te",
];

impl Outgoing {
    /// Refuses mappings that AWS lets be made, and then fails each call for: also those of a
    /// proxy of a function, which it does not heed otherwise.
    pub fn check(integration: &Integration) -> Result<(), Failure> {
        let to_aws = integration.kind.starts_with("AWS");
        for to in integration.request_parameters.keys() {
            let name = to.strip_prefix("integration.request.header.");
            let name = name.unwrap_or_default().to_ascii_lowercase();
            let name = name.as_str();
            if OWN.contains(&name) || (to_aws && OWN_TO_AWS.contains(&name)) {
                return Err(Failure::internal(format!(
                    "`{to}` may not be mapped: API Gateway sets this header itself"
                )));
            }
        }
        Ok(())
    }

    /// As mapped, and then as templates overrode it.
    pub fn of(call: &Call, integration: &Integration) -> Result<Outgoing, Failure> {
        let mut outgoing = Outgoing::default();
        for (to, from) in &integration.request_parameters {
            let to = to.strip_prefix("integration.request.").unwrap_or(to);
            let (place, name) = to.split_once('.').unwrap_or((to, ""));
            for value in of_request(call, from)? {
                match place {
                    "path" => {
                        let value = in_path(from, value);
                        outgoing.path.insert(name.to_owned(), value);
                    }
                    "querystring" => outgoing.query.push((name.to_owned(), value)),
                    _ => outgoing.headers.push((name.to_owned(), value)),
                }
            }
        }
        outgoing.path.extend(call.overrides.path());
        for pair in call.overrides.query() {
            outgoing.query.retain(|(name, _)| *name != pair.0);
            outgoing.query.push(pair);
        }
        set(&mut outgoing.headers, &call.overrides.headers());
        Ok(outgoing)
    }
}

/// A path's own variables are encoded as they were sent; in all others a `%` is a per cent sign.
fn in_path(from: &str, value: String) -> String {
    match from.starts_with("method.request.path.") {
        true => value,
        false => value.replace('%', "%25"),
    }
}

/// Sets headers in place of those of the same names.
pub fn set(headers: &mut Vec<(String, String)>, others: &[(String, String)]) {
    headers.retain(|(name, _)| {
        let named = |(other, _): &(String, String)| other.eq_ignore_ascii_case(name);
        !others.iter().any(named)
    });
    headers.extend(others.iter().cloned());
}

/// The values of a request's part; none where it has no such part.
fn of_request(call: &Call, from: &str) -> Result<Vec<String>, Failure> {
    let Some(part) = from.strip_prefix("method.request.") else {
        return common(call, from);
    };
    let (place, name) = part.split_once('.').unwrap_or((part, ""));
    let single = |value: Option<&str>| value.map(str::to_owned).into_iter().collect();
    Ok(match place {
        "path" => single(call.parameters.get(name).map(String::as_str)),
        "querystring" => single(call.query(name)),
        "header" => single(call.header(name)),
        "multivaluequerystring" => named(&call.query, |other| other == name),
        "multivalueheader" => named(&call.headers, |other| other.eq_ignore_ascii_case(name)),
        "body" => {
            let body = String::from_utf8_lossy(&call.body);
            let wrong = |_| Failure::bad_request("Invalid JSON in request body");
            of_body(&body, name, wrong)?
        }
        _ => return Err(refused(from)),
    })
}

fn named(pairs: &[(String, String)], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let fitting = pairs.iter().filter(|(name, _)| wanted(name));
    fitting.map(|(_, value)| value.clone()).collect()
}

/// What is the same in both directions.
fn common(call: &Call, from: &str) -> Result<Vec<String>, Failure> {
    if let Some(text) = literal(from) {
        return Ok(vec![text.to_owned()]);
    }
    if let Some(name) = from.strip_prefix("stageVariables.") {
        return Ok(call
            .stage
            .variables
            .get(name)
            .cloned()
            .into_iter()
            .collect());
    }
    if let Some(name) = from.strip_prefix("context.") {
        let found = context::variable(&context::context(call), name);
        return Ok(found.into_iter().collect());
    }
    Err(refused(from))
}

fn refused(from: &str) -> Failure {
    Failure::internal(format!(
        "the embedded cloud does not know the mapping `{from}`"
    ))
}

/// The whole body, or what a JSONPath means in it.
fn of_body(
    body: &str,
    path: &str,
    wrong: impl Fn(serde_json::Error) -> Failure,
) -> Result<Vec<String>, Failure> {
    if path.is_empty() {
        return Ok(vec![body.to_owned()]);
    }
    let parsed: Value = serde_json::from_str(body).map_err(wrong)?;
    let found = template::find_path(&parsed, path).map_err(Failure::from)?;
    Ok(match found {
        Value::Null => Vec::new(),
        Value::List(_) | Value::Map(_) => vec![found.json()],
        simple => vec![simple.shown()],
    })
}

/// The headers that an integration response's parameters make of the backend's answer.
pub fn answered(
    call: &Call,
    parameters: &BTreeMap<String, String>,
    backend: &Backend,
) -> Result<Vec<(String, String)>, Failure> {
    let mut headers = Vec::new();
    for (to, from) in parameters {
        let name = apigateway::response_header(to).ok_or_else(|| refused(to))?;
        for value in of_answer(call, from, backend)? {
            headers.push((name.to_owned(), value));
        }
    }
    Ok(headers)
}

fn of_answer(call: &Call, from: &str, backend: &Backend) -> Result<Vec<String>, Failure> {
    let Some(part) = from.strip_prefix("integration.response.") else {
        return common(call, from);
    };
    let (place, name) = part.split_once('.').unwrap_or((part, ""));
    let all = || named(&backend.headers, |other| other.eq_ignore_ascii_case(name));
    match place {
        "header" => Ok(all().pop().into_iter().collect()),
        "multivalueheader" => Ok(all()),
        "body" => {
            let body = String::from_utf8_lossy(&backend.body);
            of_body(&body, name, |error| {
                Failure::internal(format!(
                    "`{from}`: the backend's answer is not JSON: {error}"
                ))
            })
        }
        _ => Err(refused(from)),
    }
}

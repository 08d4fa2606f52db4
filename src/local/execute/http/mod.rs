//! Other servers as the backends of APIs.
//!
//! `HTTP_PROXY` passes nearly all of a request and of its answer, `HTTP` only what is mapped.
//! What AWS leaves out or sets: docs.aws.amazon.com/apigateway/latest/developerguide/
//! api-gateway-known-issues.html. Left out: client certificates, and servers whose certificate
//! is not to be verified.

mod client;
mod target;

pub use client::Client;

use ::http::header::{HeaderName, HeaderValue};
use ::http::{Method as Verb, Request, Uri};
use bytes::Bytes;
use http_body_util::Full;

use super::answer::{Answer, Failure};
use super::call::Call;
use super::media;
use super::names;
use super::parameters::{self, Outgoing};
use super::payload::{Body, payload, received};
use super::responses::{self, Backend};
use crate::local::apigateway::{Integration, Method};

/// Of a request, what a proxy does not pass on; the host is the backend's own.
const NOT_ASKED: [&str; 3] = ["content-encoding", "host", "x-amzn-apigateway-api-id"];
/// What no backend is asked with, not even where it is mapped. As recorded from AWS.
const NEVER_ASKED: [&str; 5] = ["connection", "expect", "proxy-authenticate", "te", "via"];
/// Of an answer the same.
const NOT_ANSWERED: [&str; 5] = [
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "te",
    "trailer",
];

/// Passes a request on.
pub async fn proxied(
    client: &Client,
    call: &mut Call,
    integration: &Integration,
) -> Result<Answer, Failure> {
    let outgoing = Outgoing::of(call, integration)?;
    let mut headers = call.headers.clone();
    headers.retain(|(name, _)| !NOT_ASKED.contains(&name.to_ascii_lowercase().as_str()));
    if call.header("user-agent").is_none() {
        headers.push(("User-Agent".into(), agent(call)));
    }
    headers.push(("x-amzn-apigateway-api-id".into(), call.api.clone()));
    parameters::set(&mut headers, &outgoing.headers);
    let mut query = call.query.clone();
    query.retain(|(name, _)| !outgoing.query.iter().any(|(other, _)| other == name));
    query.extend(outgoing.query.iter().cloned());
    let uri = target::of(call, integration, &outgoing.path, &query)?;
    let body = received(call, integration.content_handling.as_deref())?.into_bytes();
    let backend = send(client, call, integration, (uri, headers, body)).await?;
    let body = passed(call, &backend)?;
    let mut headers = backend.headers;
    headers.retain(|(name, _)| !NOT_ANSWERED.contains(&name.to_ascii_lowercase().as_str()));
    Ok(Answer::new(backend.status, headers, body)
        .passed_on()
        .typed())
}

/// Text as text and bytes as bytes; what is compressed is never text.
fn passed(call: &Call, backend: &Backend) -> Result<Bytes, Failure> {
    match backend.header("content-encoding") {
        None | Some("identity") => media::answered(call, backend, None).map(Body::into_bytes),
        Some(_) => Ok(backend.body.clone()),
    }
}

/// Sends what the mappings make of a request, and maps the answer.
pub async fn mapped(
    client: &Client,
    call: &mut Call,
    method: &Method,
    integration: &Integration,
) -> Result<Answer, Failure> {
    let body = payload(call, integration)?;
    let outgoing = Outgoing::of(call, integration)?;
    let mut headers = vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        ("User-Agent".to_owned(), agent(call)),
        ("X-Amzn-Trace-Id".to_owned(), call.trace.clone()),
        ("x-amzn-apigateway-api-id".to_owned(), call.api.clone()),
    ];
    if !body.is_empty() {
        let kind = call.header("content-type").unwrap_or("application/json");
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
    }
    parameters::set(&mut headers, &outgoing.headers);
    let uri = target::of(call, integration, &outgoing.path, &outgoing.query)?;
    let backend = send(client, call, integration, (uri, headers, body)).await?;
    let said = backend.status.to_string();
    responses::answer(call, method, integration, &backend, &said).map(Answer::traced)
}

fn agent(call: &Call) -> String {
    format!("AmazonAPIGateway_{}", call.api)
}

async fn send(
    client: &Client,
    call: &mut Call,
    integration: &Integration,
    (uri, headers, body): (Uri, Vec<(String, String)>, Bytes),
) -> Result<Backend, Failure> {
    call.integration = Some(uri.to_string());
    let insecure = integration.tls_config.as_ref();
    if insecure.is_some_and(|config| config.insecure_skip_verification) {
        return Err(Failure::internal(
            "the embedded cloud does not emulate tlsConfig.insecureSkipVerification",
        ));
    }
    let verb = match integration.http_method.as_deref() {
        None | Some("ANY") => call.verb.as_str(),
        Some(verb) => verb,
    };
    let verb = Verb::from_bytes(verb.as_bytes());
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = verb.map_err(|_| Failure::internal("the verb is none of HTTP's"))?;
    *request.uri_mut() = uri;
    for (name, value) in &headers {
        if NEVER_ASKED.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name),
            HeaderValue::from_bytes(value.as_bytes()),
        ) else {
            return Err(Failure::internal(format!("`{name}` is no header of HTTP")));
        };
        request.headers_mut().append(name, value);
    }
    *request.extensions_mut() = names::cased(headers.iter().map(|(name, _)| name.as_str()));
    let backend = client.send(request).await?;
    call.backend.status = Some(backend.status);
    Ok(backend)
}

//! AWS's wire protocols: what a request asks for, and the form of results and refusals.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::input::Input;
use super::operation::Operation;
use super::reply::{Body, Reply};
use super::services::Service;
use super::{query, route, xml};
use crate::local::error::AwsError;

/// How a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A form in, XML out; the text is the answers' namespace.
    Query(&'static str),
    /// Method and path choose; JSON both ways. `type_member`: errors have Lambda's form
    /// (`typed`).
    RestJson { type_member: bool },
    /// The header `X-Amz-Target` chooses; JSON both ways.
    Json,
    /// S3: method and path choose; XML both ways, made by the operations themselves.
    RestXml,
}

/// An operation and what it was asked.
pub struct Wanted {
    pub operation: &'static Operation,
    pub input: Input,
}

/// Finds out what a request wants of a service.
pub fn wanted(service: &'static Service, request: Request<Bytes>) -> Result<Wanted, AwsError> {
    let (parts, raw) = request.into_parts();
    let query: Vec<(String, String)> =
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let unknown = |name: &str| AwsError::not_emulated(&format!("{}:{name}", service.name));
    let named = |name: &str| {
        service
            .operations
            .iter()
            .find(|operation| operation.name == name)
    };
    let (operation, path, body) = match service.protocol {
        Protocol::Query(_) => {
            let body = query::decode(&raw)?;
            let name = body["Action"].as_str().unwrap_or_default();
            (
                named(name).ok_or_else(|| unknown(name))?,
                Default::default(),
                body,
            )
        }
        Protocol::Json => {
            let target = parts.headers.get("x-amz-target");
            let target = target
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            let name = target.rsplit('.').next().unwrap_or_default();
            let operation = named(name).ok_or_else(|| unknown(name))?;
            (operation, Default::default(), parsed(&raw)?)
        }
        Protocol::RestJson { .. } | Protocol::RestXml => {
            let method = parts.method.as_str();
            let path = match service.protocol {
                Protocol::RestXml => route::in_path(&parts),
                _ => parts.uri.path().to_owned(),
            };
            let (operation, variables) = route::find(&service.operations, method, &path, &query)
                .ok_or_else(|| unknown(&format!(" {method} {path}")))?;
            let json = matches!(service.protocol, Protocol::RestJson { .. });
            let body = match json && operation.takes_json() {
                true => parsed(&raw)?,
                false => Value::Null,
            };
            (operation, variables, body)
        }
    };
    let input = Input {
        path,
        query,
        headers: parts.headers,
        body,
        raw,
        request_id: String::new(),
    };
    Ok(Wanted { operation, input })
}

/// A body that is empty asks for nothing in particular.
fn parsed(raw: &Bytes) -> Result<Value, AwsError> {
    if raw.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(raw).map_err(|error| {
        let message = format!("the request's body is not JSON: {error}");
        AwsError::new(400, "SerializationException", message)
    })
}

/// A result, in the service's form.
pub fn done(service: &Service, operation: &Operation, reply: Reply, id: &str) -> Response<Bytes> {
    let status = reply.status.unwrap_or(operation.status);
    let (kind, body) = match (service.protocol, reply.body) {
        (_, Body::Bytes(bytes)) => (None, bytes),
        (Protocol::Query(namespace), body) => (
            Some("text/xml"),
            result_xml(namespace, operation.name, body, id),
        ),
        (Protocol::RestXml, Body::Json(_) | Body::Empty) => (None, Bytes::new()),
        (Protocol::Json, Body::Empty) => (Some("application/x-amz-json-1.1"), Bytes::new()),
        (Protocol::Json, Body::Json(value)) => (
            Some("application/x-amz-json-1.1"),
            Bytes::from(value.to_string()),
        ),
        (Protocol::RestJson { .. }, Body::Empty) => (None, Bytes::new()),
        (Protocol::RestJson { .. }, Body::Json(value)) => {
            (Some("application/json"), Bytes::from(value.to_string()))
        }
    };
    response(status, id, kind, &reply.headers, body)
}

fn result_xml(namespace: &str, name: &str, body: Body, id: &str) -> Bytes {
    let mut out = format!("<{name}Response xmlns=\"{namespace}\">");
    if let Body::Json(value) = body {
        xml::element(&mut out, &format!("{name}Result"), &value);
    }
    out.push_str(&format!(
        "<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{name}Response>"
    ));
    out.into()
}

/// How a service says that a request is larger than anything that it takes.
pub fn too_large(service: &Service, operation: &Operation) -> AwsError {
    match service.protocol {
        Protocol::RestXml => AwsError::new(
            400,
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
        ),
        Protocol::Query(_) | Protocol::Json | Protocol::RestJson { .. } => AwsError::new(
            413,
            "RequestEntityTooLargeException",
            format!(
                "Request must be smaller than 70167211 bytes for the {} operation",
                operation.name
            ),
        ),
    }
}

/// How a service says that the caller's credentials have run out.
pub fn expired(service: &Service) -> AwsError {
    let (status, code) = match service.protocol {
        Protocol::Query(_) => (403, "ExpiredToken"),
        Protocol::RestJson { .. } => (403, "ExpiredTokenException"),
        Protocol::Json => (400, "ExpiredTokenException"),
        Protocol::RestXml => (400, "ExpiredToken"),
    };
    let message = "The security token included in the request is expired";
    AwsError::new(status, code, message)
}

/// A refusal, in the service's form.
pub fn failed(
    service: &Service,
    operation: Option<&Operation>,
    error: &AwsError,
    id: &str,
) -> Response<Bytes> {
    let (code, message) = (xml::escaped(&error.code), xml::escaped(&error.message));
    let fault = if error.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    let (kind, body) = match service.protocol {
        Protocol::Query(namespace) => (
            "text/xml",
            format!(
                "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type>\
                 <Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>"
            ),
        ),
        // Neither an answer to HEAD nor a 304 has a body.
        Protocol::RestXml
            if error.status == 304 || operation.is_some_and(|o| o.name.starts_with("Head")) =>
        {
            ("application/xml", String::new())
        }
        Protocol::RestXml => (
            "application/xml",
            format!(
                "<Error><Code>{code}</Code><Message>{message}</Message>{}\
                 <RequestId>{id}</RequestId></Error>",
                xml::members(&error.extra)
            ),
        ),
        Protocol::Json => {
            let mut body = json!({"__type": error.code, "message": error.message});
            extend(&mut body, &error.extra);
            ("application/x-amz-json-1.1", body.to_string())
        }
        Protocol::RestJson { type_member } => {
            let mut body = match type_member {
                true => typed(error),
                false => json!({"message": error.message}),
            };
            extend(&mut body, &error.extra);
            ("application/json", body.to_string())
        }
    };
    let mut headers = error.headers.clone();
    headers.push(("x-amzn-errortype", error.code.to_string()));
    response(error.status, id, Some(kind), &headers, body.into())
}

/// Lambda's errors carry a type where its model has them, and of those some write `Message`
/// large. So recorded from AWS.
fn typed(error: &AwsError) -> Value {
    let kind = if error.status < 500 {
        "User"
    } else {
        "Service"
    };
    match &*error.code {
        "AccessDeniedException" if error.message.is_empty() => json!({"Message": null}),
        "ValidationException" | "AccessDeniedException" | "RequestEntityTooLargeException" => {
            json!({"message": error.message})
        }
        "ResourceNotFoundException" | "ServiceException" => {
            json!({"Type": kind, "Message": error.message})
        }
        _ => json!({"Type": kind, "message": error.message}),
    }
}

/// Members of an error beside its message; null takes one away.
fn extend(body: &mut Value, extra: &Map<String, Value>) {
    let Value::Object(map) = body else { return };
    for (key, value) in extra {
        match value {
            Value::Null => map.remove(key),
            value => map.insert(key.clone(), value.clone()),
        };
    }
}

/// A refusal before any service was found.
pub fn plain(error: &AwsError, id: &str) -> Response<Bytes> {
    let body = json!({"__type": error.code, "message": error.message}).to_string();
    let headers = [("x-amzn-errortype", error.code.to_string())];
    response(
        error.status,
        id,
        Some("application/json"),
        &headers,
        body.into(),
    )
}

fn response(
    status: u16,
    id: &str,
    kind: Option<&str>,
    headers: &[(impl AsRef<str>, String)],
    body: Bytes,
) -> Response<Bytes> {
    let mut builder = Response::builder()
        .status(status)
        .header("x-amzn-requestid", id)
        .header("x-amz-request-id", id);
    if let Some(kind) = kind {
        builder = builder.header("content-type", kind);
    }
    for (name, value) in headers {
        builder = builder.header(name.as_ref(), value);
    }
    // A header that HTTP cannot carry is a mistake of ours, and must not look like success.
    builder.body(body).unwrap_or_else(|error| {
        let mut response = Response::new(Bytes::from(error.to_string()));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

//! The request that a client sends for a call.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::Call;
use super::operations::{self, Operation};

/// What stands unencoded in a path or a query, as AWS's clients have it.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The request, signed as far as emulators look.
pub fn request(call: &Call) -> Result<Request<Bytes>, String> {
    let (method, path, headers, body) = match call.service.as_str() {
        "iam" => query(call, "2010-05-08"),
        "sts" => query(call, "2011-06-15"),
        "logs" => json(call, "Logs_20140328"),
        _ => rest(call)?,
    };
    let (service, region) = (&call.service, &call.region);
    let signature = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    let mut builder = Request::builder()
        .method(method.as_str())
        .uri(path)
        .header("authorization", signature);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(body).map_err(|error| error.to_string())
}

/// Method, path, headers, body.
type Parts = (String, String, Vec<(String, String)>, Bytes);

fn kind(text: &str) -> Vec<(String, String)> {
    vec![("content-type".to_owned(), text.to_owned())]
}

fn query(call: &Call, version: &str) -> Parts {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", &call.operation);
    form.append_pair("Version", version);
    flat(&mut form, "", &call.input);
    let headers = kind("application/x-www-form-urlencoded; charset=utf-8");
    ("POST".into(), "/".into(), headers, form.finish().into())
}

/// `{"Tags": [{"Key": "a"}]}` → `Tags.member.1.Key=a`.
fn flat(form: &mut form_urlencoded::Serializer<'_, String>, name: &str, value: &Value) {
    match value {
        Value::Object(map) => {
            let dot = if name.is_empty() { "" } else { "." };
            for (key, item) in map {
                flat(form, &format!("{name}{dot}{key}"), item);
            }
        }
        Value::Array(items) if items.is_empty() => {
            form.append_pair(name, "");
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flat(form, &format!("{name}.member.{}", index + 1), item);
            }
        }
        plain => {
            form.append_pair(name, &text(plain));
        }
    }
}

fn json(call: &Call, target: &str) -> Parts {
    let mut headers = kind("application/x-amz-json-1.1");
    let target = format!("{target}.{}", call.operation);
    headers.push(("x-amz-target".into(), target));
    (
        "POST".into(),
        "/".into(),
        headers,
        call.input.to_string().into(),
    )
}

fn rest(call: &Call) -> Result<Parts, String> {
    let operation = operations::find(&call.service, &call.operation).ok_or_else(|| {
        let (service, name) = (&call.service, &call.operation);
        format!("operations.toml does not have {service}:{name}")
    })?;
    let mut input = call.input.as_object().cloned().unwrap_or_default();
    let (method, template) = operation.http.split_once(' ').unwrap_or_default();
    let (path, names) = template.split_once('?').unwrap_or((template, ""));
    let mut path = filled(path, &mut input)?;
    let question = question(names, &mut input);
    if !question.is_empty() {
        path = format!("{path}?{question}");
    }
    let mut headers = Vec::new();
    for (member, header) in &operation.headers {
        if let Some(value) = input.remove(member) {
            headers.push((header.clone(), text(&value)));
        }
    }
    let body = body(operation, input)?;
    if operation.body.is_none() && !body.is_empty() {
        headers.extend(kind("application/json"));
    }
    Ok((method.to_owned(), path, headers, body))
}

/// Takes `{member}`s out of the input, into the path; a last `{member+}` keeps its slashes.
fn filled(template: &str, input: &mut Map<String, Value>) -> Result<String, String> {
    let mut path = String::new();
    for (index, part) in template.split(['{', '}']).enumerate() {
        if index % 2 == 0 {
            path.push_str(part);
            continue;
        }
        let member = part.trim_end_matches('+');
        let value = input.remove(member).ok_or(format!("{member} is missing"))?;
        let value = text(&value);
        let steps = match part.ends_with('+') {
            true => value.split('/').collect(),
            false => vec![value.as_str()],
        };
        let steps: Vec<String> = steps.into_iter().map(encoded).collect();
        path.push_str(&steps.join("/"));
    }
    Ok(path)
}

/// Takes the query's members out of the input. `flag=` and `name:value` are always there.
fn question(names: &str, input: &mut Map<String, Value>) -> String {
    let mut pairs = Vec::new();
    for name in names.split('&').filter(|name| !name.is_empty()) {
        if let Some((name, value)) = name.split_once(':') {
            pairs.push(format!("{name}={value}"));
            continue;
        }
        let (name, member) = name.split_once('=').unwrap_or((name, name));
        if member.is_empty() {
            pairs.push(name.to_owned());
        }
        match input.remove(member) {
            Some(Value::Array(items)) => {
                let items = items.iter().map(text);
                pairs.extend(items.map(|item| format!("{name}={}", encoded(&item))));
            }
            Some(value) => pairs.push(format!("{name}={}", encoded(&text(&value)))),
            None => {}
        }
    }
    pairs.join("&")
}

fn body(operation: &Operation, mut input: Map<String, Value>) -> Result<Bytes, String> {
    if let Some(member) = &operation.body {
        return input.get(member).map_or(Ok(Bytes::new()), whole);
    }
    for (member, name) in &operation.sent_as {
        if let Some(value) = input.remove(member) {
            input.insert(name.clone(), value);
        }
    }
    let bodiless = ["GET ", "DELETE ", "HEAD "];
    if input.is_empty() && bodiless.iter().any(|verb| operation.http.starts_with(verb)) {
        return Ok(Bytes::new());
    }
    Ok(Value::Object(input).to_string().into())
}

/// A member that is the body: text, or `{"base64": …}` for bytes.
fn whole(value: &Value) -> Result<Bytes, String> {
    match value.get("base64").and_then(Value::as_str) {
        Some(encoded) => {
            let bytes = BASE64_STANDARD.decode(encoded);
            Ok(bytes.map_err(|error| error.to_string())?.into())
        }
        None => Ok(text(value).into()),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(service: &str, operation: &str, input: Value) -> Request<Bytes> {
        let call = Call {
            service: service.into(),
            operation: operation.into(),
            input,
            region: "us-east-1".into(),
        };
        request(&call).unwrap()
    }

    #[test]
    fn members_go_where_the_protocol_wants_them() {
        let form = call(
            "iam",
            "TagRole",
            json!({"RoleName": "a", "Tags": [{"Key": "k"}]}),
        );
        assert_eq!(
            form.body(),
            "Action=TagRole&Version=2010-05-08&RoleName=a&Tags.member.1.Key=k"
        );
        let rest = call(
            "lambda",
            "AddPermission",
            json!({"FunctionName": "a:b", "Qualifier": "1", "StatementId": "s"}),
        );
        let uri = "/2015-03-31/functions/a%3Ab/policy?Qualifier=1";
        assert_eq!(rest.uri(), uri);
        assert_eq!(rest.body(), "{\"StatementId\":\"s\"}");
        let json = call("logs", "DescribeLogGroups", json!({}));
        assert_eq!(
            json.headers()["x-amz-target"],
            "Logs_20140328.DescribeLogGroups"
        );
    }

    #[test]
    fn a_body_or_a_header_may_be_a_member() {
        let invoke = json!({"FunctionName": "f", "Payload": "{}", "InvocationType": "Event"});
        let sent = call("lambda", "Invoke", invoke);
        assert_eq!(sent.body(), "{}");
        assert_eq!(sent.headers()["x-amz-invocation-type"], "Event");
    }
}

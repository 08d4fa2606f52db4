//! An API as a person would write it, route by route.

use std::collections::BTreeMap;

use super::paths;
use super::route::fixed;
use super::spec::{Endpoint, PASSTHROUGH, Route, Spec, TIMEOUT, method_and_path};
use crate::aws::raise;
use crate::import::{Fields, Raising};
use crate::scope::Scope;
use crate::text::Text;

pub fn raise(spec: &Spec, r: &Raising) -> Fields {
    let mut fields = Fields::default();
    r.name(&spec.name, &mut fields);
    fields.differing("description", r.text(&spec.description), String::new());
    match spec.endpoint {
        Endpoint::Regional => {}
        Endpoint::Edge => fields.set("endpoint", "edge"),
        Endpoint::Private => fields.set("endpoint", "private"),
    }
    fields.list(
        "vpc_endpoints",
        spec.vpc_endpoints.iter().cloned().collect(),
    );
    let media = spec.binary_media_types.iter().cloned().collect();
    fields.list("binary_media_types", media);
    fields.optional("minimum_compression_size", spec.minimum_compression_size);
    if spec.api_key_source == "AUTHORIZER" {
        fields.set("api_key_source", "authorizer");
    }
    let closed = spec.disable_execute_api_endpoint;
    fields.differing("disable_execute_api_endpoint", closed, false);
    let policy = spec.policy.as_ref();
    fields.block(
        "policy",
        policy
            .map(|policy| raise::whole(policy, r))
            .unwrap_or_default(),
    );
    let mut routes = Fields::default();
    for (key, route) in &spec.routes {
        match one(key, route, r) {
            Ok(written) => routes.inline(key, written),
            Err(why) => r.lost(format!("{key}: {why}")),
        }
    }
    fields.block("routes", routes);
    r.own_tags(&spec.tags, &mut fields);
    fields
}

/// A route, or what no manifest can say of it yet.
fn one(key: &str, route: &Route, r: &Raising) -> Result<Fields, String> {
    if let Some((what, value)) = route.extra.first_key_value() {
        return Err(format!("{what} ({value})"));
    }
    let mut fields = Fields::default();
    match route.integration.as_str() {
        "AWS_PROXY" => function(route, r, &mut fields)?,
        "HTTP_PROXY" => http(key, route, r, &mut fields)?,
        "MOCK" => mock(route, r, &mut fields)?,
        other => return Err(format!("an integration of type {other}")),
    }
    let role = route.credentials.as_ref();
    fields.optional("credentials", role.map(|arn| r.named("role", arn)));
    match route.auth.as_str() {
        "NONE" => {}
        "AWS_IAM" => fields.set("auth", "iam"),
        other => return Err(format!("authorization {other}")),
    }
    fields.differing("api_key", route.api_key, false);
    fields.differing("timeout_ms", route.timeout_ms, TIMEOUT);
    let mut parameters = Fields::default();
    for (name, required) in &route.parameters {
        let implied = mapped(key, route).any(|(_, from)| from == *name);
        if !(implied && *required) {
            parameters.set(name, *required);
        }
    }
    fields.inline("parameters", parameters);
    let conversion = route.content_handling.as_deref();
    fields.optional("content_handling", conversion.map(str::to_ascii_lowercase));
    Ok(fields)
}

fn function(route: &Route, r: &Raising, fields: &mut Fields) -> Result<(), String> {
    plain_proxy(route)?;
    let target = route
        .target
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let lambda = target.starts_with(&format!("arn:{}:lambda:", r.scope.partition));
    if !lambda || route.integration_method.as_deref() != Some("POST") {
        return Err(format!("a proxy to {target}"));
    }
    if !route.request_parameters.is_empty() {
        return Err("request parameters that are mapped".into());
    }
    let (name, known) = named(&target, r);
    fields.set("function", name);
    // Who lets the API call it is said by permissions of their own, or by nobody.
    if known && route.credentials.is_none() {
        fields.set("permission", false);
    }
    Ok(())
}

/// `X`, `X:alias`, or the ARN of a function that the manifest does not have.
fn named(target: &str, r: &Raising) -> (String, bool) {
    if let Some(addr) = r.names.by_arn(target) {
        return (addr.name().to_owned(), true);
    }
    let aliased = target.rsplit_once(':').and_then(|(function, alias)| {
        let addr = r.names.by_arn(function)?;
        Some(format!("{}:{alias}", addr.name()))
    });
    match aliased {
        Some(name) => (name, true),
        None => (r.literal(target), false),
    }
}

fn http(key: &str, route: &Route, r: &Raising, fields: &mut Fields) -> Result<(), String> {
    plain_proxy(route)?;
    let (method, _) = method_and_path(key);
    let asked = route.integration_method.as_deref();
    if asked != Some(method) {
        return Err(format!("it calls with {}", asked.unwrap_or("no method")));
    }
    let implied: BTreeMap<String, String> = mapped(key, route).collect();
    if implied != route.request_parameters {
        return Err("request parameters that are mapped".into());
    }
    let target = route.target.as_ref();
    fields.optional("http", target.map(|target| r.text(target)));
    Ok(())
}

/// The variables of the path that an URL takes up, as its integration maps them.
fn mapped<'a>(key: &'a str, route: &Route) -> impl Iterator<Item = (String, String)> + 'a {
    let url = match route.integration.as_str() {
        "HTTP_PROXY" => route.target.as_ref().map(ToString::to_string),
        _ => None,
    };
    let url = url.unwrap_or_default();
    let (_, path) = method_and_path(key);
    let taken = paths::variables(path).filter(move |name| url.contains(&format!("{{{name}}}")));
    taken.map(|name| {
        let to = format!("integration.request.path.{name}");
        (to, format!("method.request.path.{name}"))
    })
}

fn plain_proxy(route: &Route) -> Result<(), String> {
    if !route.request_templates.is_empty() || route.passthrough != PASSTHROUGH {
        return Err("request templates before a proxy".into());
    }
    Ok(())
}

/// A fixed answer, where it is one that a manifest would give.
fn mock(route: &Route, r: &Raising, fields: &mut Fields) -> Result<(), String> {
    let refused = || "a mock that chooses among answers, or maps what it is sent".to_owned();
    let mut responses = route.responses.iter();
    let (Some((status, response)), None) = (responses.next(), responses.next()) else {
        return Err(refused());
    };
    let code: u16 = status.parse().map_err(|_| refused())?;
    let answer = response.answer.clone().ok_or_else(refused)?;
    let same = Route {
        auth: route.auth.clone(),
        api_key: route.api_key,
        timeout_ms: route.timeout_ms,
        credentials: route.credentials.clone(),
        parameters: route.parameters.clone(),
        content_handling: route.content_handling.clone(),
        ..fixed(code, answer.clone())
    };
    if same != *route || answer.templates.len() > 1 {
        return Err(refused());
    }
    let mut written = Fields::default();
    written.set("status", code);
    if let Some((media, body)) = answer.templates.first_key_value() {
        written.differing("content_type", media.as_str(), "application/json");
        written.set("body", r.text(body));
    }
    let mut headers = Fields::default();
    for (name, value) in &answer.headers {
        headers.set(name, r.text(&constant(value).ok_or_else(refused)?));
    }
    written.inline("headers", headers);
    fields.inline("mock", written);
    Ok(())
}

/// What stands between single quotes.
fn constant(value: &Text) -> Option<Text> {
    let value = value.known()?.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(value.into())
}

/// What an API refers to.
pub fn uses(spec: &Spec) -> Vec<String> {
    let of = |route: &Route| {
        route
            .target
            .iter()
            .chain(&route.credentials)
            .cloned()
            .collect::<Vec<_>>()
    };
    let texts = spec.routes.values().flat_map(of);
    texts.map(|text| text.to_string()).collect()
}

/// The id in an API's ARN, for its control or for its calls.
pub fn id_of(arn: &str, scope: &Scope) -> Option<String> {
    let control = scope.arn("apigateway", "/restapis/");
    let calls = scope.arn("execute-api", "");
    let rest = arn
        .strip_prefix(&control)
        .or_else(|| arn.strip_prefix(&calls))?;
    rest.split('/').next().map(str::to_owned)
}

//! Mapping templates: the dialect of Velocity in which API Gateway's mappings are written.
//!
//! `parse` and `expression` make `syntax` of the text, `evaluate` writes it out with `value`s;
//! `methods` is what texts, lists and maps can do, `builtin` is `$input` and `$util`, `path` is
//! JSONPath. Words and values: docs.aws.amazon.com/apigateway/latest/developerguide/
//! api-gateway-mapping-template-reference.html; where that is silent, Velocity 1.7.
//!
//! Left out, and a failure that names it: macros, `#parse`, `#evaluate`, `#define`, `#break`,
//! `#stop`, filters in JSONPath, and methods of Java that are in no common use.

mod builtin;
mod cursor;
mod evaluate;
mod expression;
mod methods;
mod operate;
mod parse;
mod path;
mod regex;
mod strings;
mod syntax;
#[cfg(test)]
mod tests;
mod value;

pub use path::find as find_path;
pub use value::Value;

use super::answer::Failure;
use super::call::{Call, Overrides};
use super::context;

/// AWS's: 300 KB.
const LARGEST_TEMPLATE: usize = 300 << 10;

/// Why a template cannot be done, for the developer.
#[derive(Debug, PartialEq)]
pub struct Trouble(String);

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        Failure::internal(format!("a mapping: {}", trouble.0))
    }
}

impl Trouble {
    fn new(why: impl Into<String>) -> Trouble {
        Trouble(why.into())
    }

    fn unknown(what: &str) -> Trouble {
        Trouble(format!("the embedded cloud does not know `{what}`"))
    }
}

/// What a template sees beside `$util` and its own variables.
pub struct Scope {
    /// The text that is mapped: a request's body, or a backend's answer.
    pub body: String,
    /// `path`, `querystring` and `header` of the request.
    pub params: Value,
    pub context: Value,
    pub stage_variables: Value,
}

/// Writes out a template over `body`. What it overrides of request and answer the call keeps.
pub fn rendered(call: &mut Call, body: &str, template: &str) -> Result<String, Failure> {
    if template.len() > LARGEST_TEMPLATE {
        return Err(Failure::internal("a mapping template has at most 300 KB"));
    }
    let scope = scope(call, body);
    let context = scope.context.clone();
    let nodes = parse::parse(template)?;
    let written = evaluate::written(&scope, &nodes)?;
    call.overrides = overrides(&context);
    Ok(written)
}

fn scope(call: &Call, body: &str) -> Scope {
    let texts = |pairs: &mut dyn Iterator<Item = (&String, &String)>| {
        Value::map(pairs.map(|(k, v)| (k.clone(), Value::text(v))).collect())
    };
    let last = |all: &[(String, String)]| texts(&mut all.iter().map(|(k, v)| (k, v)));
    let params = [
        ("path", texts(&mut call.parameters.iter())),
        ("querystring", last(&call.query)),
        ("header", last(&call.headers)),
    ];
    let params = params.map(|(name, value)| (name.to_owned(), value));
    Scope {
        body: body.to_owned(),
        params: Value::map(params.into_iter().collect()),
        context: context_of(call),
        stage_variables: texts(&mut call.stage.variables.iter()),
    }
}

/// `$context`, with what earlier templates of the call overrode.
fn context_of(call: &Call) -> Value {
    let texts = |pairs: &[(String, String)]| {
        let pairs = pairs.iter();
        Value::map(pairs.map(|(k, v)| (k.clone(), Value::text(v))).collect())
    };
    let map = |members: Vec<(&str, Value)>| {
        let members = members.into_iter();
        Value::map(members.map(|(k, v)| (k.to_owned(), v)).collect())
    };
    let over = &call.overrides;
    let request = map(vec![
        ("header", texts(&over.headers)),
        ("querystring", texts(&over.query)),
        ("path", texts(&over.path)),
    ]);
    let mut response = vec![("header", texts(&over.response_headers))];
    if let Some(status) = over.status {
        response.push(("status", Value::Int(status.into())));
    }
    let whole = Value::from(context::context(call));
    if let Value::Map(members) = &whole {
        let mut members = members.borrow_mut();
        members.insert("requestOverride".into(), request);
        members.insert("responseOverride".into(), map(response));
    }
    whole
}

fn overrides(context: &Value) -> Overrides {
    let texts = |of: &Value, name: &str| match of.member(name) {
        Value::Map(map) => {
            let map = map.borrow();
            let set = map.iter().filter(|(_, value)| !value.is_null());
            set.map(|(name, value)| (name.clone(), value.shown()))
                .collect()
        }
        _ => Vec::new(),
    };
    let request = context.member("requestOverride");
    let response = context.member("responseOverride");
    // AWS leaves out what is no status.
    let status = response.member("status").shown().parse().ok();
    Overrides {
        headers: texts(&request, "header"),
        query: texts(&request, "querystring"),
        path: texts(&request, "path"),
        response_headers: texts(&response, "header"),
        status: status.filter(|status| (100..600).contains(status)),
    }
}

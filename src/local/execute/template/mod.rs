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
use super::call::Call;
use super::context;
use super::overrides::Overrides;

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
    call.overrides = overrides(&context)?;
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
    let whole = Value::from(context::context(call));
    if let Value::Map(members) = &whole {
        let over = call.overrides.clone();
        let mut members = members.borrow_mut();
        members.insert("requestOverride".into(), over.request.into());
        members.insert("responseOverride".into(), over.response.into());
    }
    whole
}

fn overrides(context: &Value) -> Result<Overrides, Trouble> {
    let json = |name: &str| {
        let json = context.member(name).json();
        serde_json::from_str(&json)
            .map_err(|_| Trouble::new(format!("$context.{name} is nested too deeply")))
    };
    Ok(Overrides {
        request: json("requestOverride")?,
        response: json("responseOverride")?,
    })
}

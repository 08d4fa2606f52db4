//! What a person writes of an API.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::spec::Endpoint;
use crate::aws::document::Table;

/// `[api.X]`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decl {
    /// The name in AWS; absent: the header's own, after `name_prefix`.
    pub name: Option<String>,
    #[serde(default)]
    pub description: String,
    /// Where it is reached: `regional`, `edge` (through CloudFront) or `private` (from VPCs).
    #[serde(default)]
    pub endpoint: Endpoint,
    /// Interface VPC endpoints of a private API.
    #[serde(default)]
    pub vpc_endpoints: Vec<String>,
    /// Media types that pass as bytes, such as `image/png` or `*/*`.
    #[serde(default)]
    pub binary_media_types: Vec<String>,
    /// Compress bodies from this size on, in bytes (0 to 10485760); absent: never.
    pub minimum_compression_size: Option<i64>,
    /// Where API keys are read from.
    #[serde(default)]
    pub api_key_source: KeySource,
    /// Who may call it, in AWS's policy grammar; `execute-api:/*` as a resource is the API itself.
    pub policy: Option<Table>,
    /// Reachable through a domain of one's own only.
    #[serde(default)]
    pub disable_execute_api_endpoint: bool,
    /// Answers browsers' preflight requests (OPTIONS) on every path. The answers of the
    /// routes themselves are not touched: a function or an HTTP backend must send
    /// `Access-Control-Allow-Origin` by itself, since a proxy's answer passes as it is.
    pub cors: Option<Cors>,
    /// `"METHOD /path" = { … }`
    #[serde(default)]
    pub routes: BTreeMap<String, Route>,
    #[serde(default)]
    #[schemars(skip)]
    pub openapi: Option<IgnoredAny>,
}

/// Where API keys are read from.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeySource {
    /// The header `x-api-key`.
    #[default]
    Header,
    /// What the authorizer answers.
    Authorizer,
}

/// One route: exactly one of `function`, `http` and `mock`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// A function's header name, `X:alias`, or an ARN; it gets the whole request (a proxy).
    pub function: Option<String>,
    /// The URL to pass the request on to (a proxy); `{name}` stands for a variable of the path.
    pub http: Option<String>,
    /// A fixed answer, without anything behind it.
    pub mock: Option<Mock>,
    /// The role with which API Gateway calls the target; without it slp adds the permission
    /// that lets this API, and no other, invoke the function.
    pub credentials: Option<String>,
    /// Whether slp adds that permission; absent: for its own functions, without `credentials`.
    pub permission: Option<bool>,
    /// `none`, or `iam`: the caller signs, and IAM decides.
    pub auth: Option<String>,
    /// Callers must send an API key.
    #[serde(default)]
    pub api_key: bool,
    /// How long the target may take, in ms (50 to 29000; more where AWS has raised the quota).
    pub timeout_ms: Option<i64>,
    /// Request parameters, such as `method.request.querystring.page`, and whether each is required.
    #[serde(default)]
    pub parameters: BTreeMap<String, bool>,
    /// How bodies are converted; absent: they pass as they are.
    pub content_handling: Option<ContentHandling>,
    #[serde(default)]
    #[schemars(skip)]
    pub aws: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub scopes: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub validate: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub models: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub cache: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub request: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub response: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub response_streaming: Option<IgnoredAny>,
}

/// A fixed answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mock {
    /// The HTTP status.
    #[serde(default = "ok")]
    #[schemars(default = "ok")]
    pub status: u16,
    /// The body: a mapping template (VTL), so `$` and `#` mean something in it.
    #[serde(default)]
    pub body: String,
    /// The body's media type.
    #[serde(default = "json")]
    #[schemars(default = "json")]
    pub content_type: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

fn ok() -> u16 {
    200
}

fn json() -> String {
    "application/json".into()
}

/// How bodies are converted.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentHandling {
    ConvertToText,
    ConvertToBinary,
}

/// `cors = true`, or a table.
#[derive(Debug)]
pub enum Cors {
    Simple(bool),
    Table(CorsTable),
}

/// What browsers of other origins may do.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorsTable {
    /// Such as `https://shop.example`; absent: all (`*`).
    #[serde(default)]
    pub origins: Vec<String>,
    /// Absent: those that the path has.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Request headers; absent: those that the AWS console allows.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Whether cookies and credentials may be sent; needs `origins`.
    #[serde(default)]
    pub credentials: bool,
    /// How long a browser may remember this, in s; absent: as the browser likes.
    pub max_age: Option<u32>,
}

impl<'de> Deserialize<'de> for Cors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Cors, D::Error> {
        deserializer.deserialize_any(CorsVisitor)
    }
}

struct CorsVisitor;

impl<'de> Visitor<'de> for CorsVisitor {
    type Value = Cors;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`true`, or a table with `origins`")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cors, E> {
        Ok(Cors::Simple(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Cors, A::Error> {
        CorsTable::deserialize(MapAccessDeserializer::new(map)).map(Cors::Table)
    }
}

impl JsonSchema for Cors {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cors".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<CorsTable>();
        json_schema!({ "oneOf": [{ "type": "boolean" }, table] })
    }
}

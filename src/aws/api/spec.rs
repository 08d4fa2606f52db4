//! What AWS can hold of a REST API, with every default written out.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::document::Document;
use crate::aws::tags::Tags;
use crate::scope::Scope;
use crate::text::Text;

/// An API, managed whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    pub name: String,
    pub description: Text,
    #[schemars(extend("default" = "regional"))]
    pub endpoint: Endpoint,
    /// Interface VPC endpoints of a private API.
    #[serde(default)]
    #[schemars(extend("x-set" = true))]
    pub vpc_endpoints: BTreeSet<String>,
    #[schemars(extend("x-set" = true))]
    pub binary_media_types: BTreeSet<String>,
    /// Bodies from this size on are compressed; absent: never.
    #[schemars(extend("x-unit" = "bytes"))]
    pub minimum_compression_size: Option<i32>,
    /// `HEADER` or `AUTHORIZER`.
    #[schemars(extend("default" = "HEADER"))]
    pub api_key_source: String,
    pub policy: Option<Document>,
    pub disable_execute_api_endpoint: bool,
    /// By method and path: `GET /y`.
    pub routes: BTreeMap<String, Route>,
    pub tags: Tags,
}

/// Where an API is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    #[default]
    Regional,
    Edge,
    Private,
}

/// A method with its integration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-summary" = ["target", "type"]))]
pub struct Route {
    /// `AWS_PROXY`, `HTTP_PROXY`, `MOCK`, or what somebody else made.
    #[serde(rename = "type")]
    #[schemars(extend("x-implied" = true))]
    pub integration: String,
    /// What is called: a function's ARN, an URL, or a URI in API Gateway's own form.
    pub target: Option<Text>,
    /// The method with which the integration is called.
    #[schemars(extend("x-implied" = true))]
    pub integration_method: Option<String>,
    /// The role with which API Gateway calls it; absent: the target's own policy lets it.
    pub credentials: Option<Text>,
    /// `NONE`, `AWS_IAM`, or what somebody else made.
    #[schemars(extend("default" = "NONE"))]
    pub auth: String,
    pub api_key: bool,
    #[schemars(extend("x-unit" = "ms", "default" = TIMEOUT))]
    pub timeout_ms: i32,
    /// Request parameters, and whether each is required.
    pub parameters: BTreeMap<String, bool>,
    /// Integration parameter → where its value comes from.
    pub request_parameters: BTreeMap<String, String>,
    #[schemars(extend("x-implied" = true))]
    pub request_templates: BTreeMap<String, Text>,
    #[schemars(extend("default" = PASSTHROUGH))]
    pub passthrough: String,
    pub content_handling: Option<String>,
    /// By status; proxies have none, since API Gateway heeds none.
    pub responses: BTreeMap<String, Response>,
    /// What AWS has on this method and slp cannot write yet; wanted: nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
}

/// A method response, with the integration response that leads to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// Headers that the method declares.
    #[schemars(extend("x-set" = true, "x-implied" = true))]
    pub headers: BTreeSet<String>,
    pub models: BTreeMap<String, String>,
    pub answer: Option<Answer>,
}

/// An integration response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// Header → value, as AWS writes it: a constant stands in single quotes.
    pub headers: BTreeMap<String, Text>,
    /// Media type → mapping template.
    pub templates: BTreeMap<String, Text>,
    /// Which backend answers lead here; empty: all others.
    pub pattern: String,
    pub content_handling: Option<String>,
}

/// Noted at a read, and while an API is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    pub root_resource_id: String,
    /// Path → resource id, also of paths without a method; without the root.
    pub resources: BTreeMap<String, String>,
    /// Stages that slp did not make: they serve what somebody deployed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_stages: Vec<String>,
    /// When it was made, where no tags say whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
}

/// The path of an API Gateway URI that invokes a function.
const INVOKE: &str = ":lambda:path/2015-03-31/functions/";

/// The URI of an integration's target.
pub fn uri(target: &str, scope: &Scope) -> String {
    let head = format!("arn:{}:lambda:", scope.partition);
    match target.starts_with(&head) {
        true => format!(
            "arn:{}:apigateway:{}{INVOKE}{target}/invocations",
            scope.partition, scope.region
        ),
        false => target.to_owned(),
    }
}

/// The target that a URI stands for.
pub fn target(uri: &str) -> &str {
    let function = uri
        .split_once(INVOKE)
        .and_then(|(_, rest)| rest.strip_suffix("/invocations"));
    function.unwrap_or(uri)
}

/// AWS's own: the longest that API Gateway waits unless told otherwise, in ms.
pub const TIMEOUT: i32 = 29_000;
pub const PASSTHROUGH: &str = "WHEN_NO_MATCH";

/// How AWS names a response header in a mapping.
pub const HEADER: &str = "method.response.header.";

impl Endpoint {
    /// AWS's word for it.
    pub fn aws(self) -> &'static str {
        match self {
            Endpoint::Regional => "REGIONAL",
            Endpoint::Edge => "EDGE",
            Endpoint::Private => "PRIVATE",
        }
    }

    pub fn from_aws(word: &str) -> Endpoint {
        match word {
            "REGIONAL" => Endpoint::Regional,
            "PRIVATE" => Endpoint::Private,
            _ => Endpoint::Edge,
        }
    }
}

impl Route {
    /// A route with AWS's defaults.
    pub fn of_type(integration: &str) -> Route {
        Route {
            integration: integration.into(),
            auth: "NONE".into(),
            timeout_ms: TIMEOUT,
            passthrough: PASSTHROUGH.into(),
            ..Route::default()
        }
    }

    pub fn is_proxy(&self) -> bool {
        self.integration.ends_with("_PROXY")
    }
}

/// `GET /y` as its method and path.
pub fn method_and_path(route: &str) -> (&str, &str) {
    route.split_once(' ').unwrap_or((route, "/"))
}

//! The embedded cloud with a role, a function and an API, and calls of it as AWS's clients make them.

use serde_json::{Value, json};

use crate::calls::{Bindings, Call, Response, answer, fill, request};
use crate::harness::{self, Local, Sandbox};

const REGION: &str = "us-east-1";

pub struct Cloud {
    url: String,
    /// `<role>`, `<api>`, …
    pub bound: Bindings,
    _local: Local,
    _sandbox: Sandbox,
}

const MADE: &str = "[project]\nname = \"made\"\nregion = \"us-east-1\"\n[role.made]\ntrust = \"lambda.amazonaws.com\"\n[function.made]\nrole = \"made\"\nruntime = \"nodejs22.x\"\nhandler = \"index.handler\"\ncode = \"src\"\nlogging = { group = \"made\", retention_days = 1 }\n[function.made.alias.first]\n";

impl Cloud {
    pub fn start() -> Cloud {
        let sandbox = Sandbox::empty("agreement");
        sandbox
            .write("slp.toml", MADE)
            .write("src/index.js", "exports.handler = async () => 1;\n");
        let local = Local::start(&sandbox, "");
        sandbox.slp("--local apply --yes").ok();
        let mut cloud = Cloud {
            url: local.url.clone(),
            bound: Bindings::new(),
            _local: local,
            _sandbox: sandbox,
        };
        cloud.keep(
            "<role>",
            "iam:GetRole",
            json!({ "RoleName": "made" }),
            "/Role/Arn",
        );
        cloud.keep(
            "<empty>",
            "apigateway:CreateRestApi",
            json!({ "name": "empty" }),
            "/id",
        );
        let api = cloud.keep(
            "<api>",
            "apigateway:CreateRestApi",
            json!({ "name": "made" }),
            "/rootResourceId",
        );
        cloud.bound.insert("<root>".into(), api);
        let ids = cloud.call("apigateway:GetRestApis", &json!({}));
        let ids = ids.expect("APIs");
        let of = |name: &str| {
            let items = ids["items"].as_array().expect("a list");
            let found = items.iter().find(|api| api["name"] == name);
            found.expect("the API")["id"]
                .as_str()
                .expect("an id")
                .to_owned()
        };
        let (made, empty) = (of("made"), of("empty"));
        cloud.bound.insert("<api>".into(), made);
        cloud.bound.insert("<empty>".into(), empty);
        cloud.routes();
        cloud
    }

    fn routes(&mut self) {
        let at = json!({ "restApiId": "<api>", "resourceId": "<root>", "httpMethod": "GET" });
        let with = |more: Value| {
            let mut all = at.clone();
            let members = all.as_object_mut().expect("an object");
            members.extend(more.as_object().expect("an object").clone());
            all
        };
        let method = with(json!({ "authorizationType": "NONE" }));
        self.call("apigateway:PutMethod", &method)
            .expect("a method");
        let mock = with(json!({ "type": "MOCK" }));
        self.call("apigateway:PutIntegration", &mock)
            .expect("an integration");
        let under =
            |part: &str| json!({ "restApiId": "<api>", "parentId": "<root>", "pathPart": part });
        self.keep(
            "<variable>",
            "apigateway:CreateResource",
            under("{a}"),
            "/id",
        );
        let below =
            json!({ "restApiId": "<api>", "parentId": "<variable>", "pathPart": "{rest+}" });
        self.keep("<greedy>", "apigateway:CreateResource", below, "/id");
        let api = json!({ "restApiId": "<api>" });
        self.keep("<deployment>", "apigateway:CreateDeployment", api, "/id");
    }

    fn keep(&mut self, hole: &str, call: &str, input: Value, place: &str) -> String {
        let answer = self
            .call(call, &input)
            .unwrap_or_else(|why| panic!("{call}: {why}"));
        let kept = answer.pointer(place).and_then(Value::as_str);
        let kept = kept
            .unwrap_or_else(|| panic!("{call}: {answer}"))
            .to_owned();
        self.bound.insert(hole.to_owned(), kept.clone());
        kept
    }

    /// The answer, or of a refusal its message.
    pub fn call(&self, call: &str, input: &Value) -> Result<Value, String> {
        let (service, operation) = call.split_once(':').expect("service:Operation");
        let call = Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            input: fill(input, &self.bound)?,
            region: REGION.to_owned(),
        };
        let request = request(&call).expect("a request");
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
        };
        let headers: Vec<String> = request.headers().iter().map(header).collect();
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let body = std::str::from_utf8(request.body()).expect("UTF-8");
        let url = format!("{}{}", self.url, request.uri());
        let got = harness::request(request.method().as_str(), &url, &headers, body);
        if got.status >= 300 {
            return Err(format!(
                "{} {}",
                got.status,
                got.body.replace("&apos;", "'").replace("&quot;", "\"")
            ));
        }
        let response = Response {
            status: got.status,
            headers: got.headers,
            body: got.body.into(),
        };
        answer(&call, &response)
    }
}

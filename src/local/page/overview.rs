//! What there is: functions and routes, asked of the cloud by the operations that anyone uses.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::local::serve::Front;
use crate::local::wire::Answered;
use crate::local::{Cloud, Place};

/// AWS's own longest pages; who has more sees the first.
const RESOURCES: &str = "?limit=500&embed=methods";

/// `{"functions": […], "routes": […]}` of all regions.
pub async fn of(front: &Front) -> Value {
    let (mut functions, mut routes) = (Vec::new(), Vec::new());
    for region in regions(front) {
        let asker = Asker {
            cloud: &front.cloud,
            url: &front.url,
            region: &region,
        };
        functions.extend(asker.functions().await);
        routes.extend(asker.routes().await);
    }
    json!({ "functions": functions, "routes": routes })
}

fn regions(front: &Front) -> Vec<String> {
    let anywhere = Place {
        region: String::new(),
        url: front.url.clone(),
    };
    let names = front.cloud.turn(anywhere, |turn| {
        Ok(turn
            .world
            .regions()
            .map(|(name, _)| name.to_owned())
            .collect())
    });
    // Nothing was changed, so nothing can have gone wrong.
    names.unwrap_or_default()
}

struct Asker<'a> {
    cloud: &'a Arc<Cloud>,
    url: &'a str,
    region: &'a str,
}

impl Asker<'_> {
    async fn functions(&self) -> Vec<Value> {
        let answer = self
            .ask("lambda", "/2015-03-31/functions?MaxItems=50")
            .await;
        let shown = |function: Value| {
            json!({
                "region": self.region,
                "name": function["FunctionName"],
                "runtime": function["Runtime"],
                "memory": function["MemorySize"],
                "timeout": function["Timeout"],
                "modified": function["LastModified"],
            })
        };
        items(&answer, "Functions").into_iter().map(shown).collect()
    }

    async fn routes(&self) -> Vec<Value> {
        let mut routes = Vec::new();
        for api in items(&self.ask("apigateway", "/restapis?limit=500").await, "item") {
            let id = api["id"].as_str().unwrap_or_default();
            let stages = self
                .ask("apigateway", &format!("/restapis/{id}/stages"))
                .await;
            let path = format!("/restapis/{id}/resources{RESOURCES}");
            let resources = items(&self.ask("apigateway", &path).await, "item");
            for stage in items(&stages, "item") {
                let stage = stage["stageName"].as_str().unwrap_or_default();
                routes.extend(
                    resources
                        .iter()
                        .flat_map(|resource| self.methods(&api["name"], id, stage, resource)),
                );
            }
        }
        routes
    }

    fn methods(&self, name: &Value, api: &str, stage: &str, resource: &Value) -> Vec<Value> {
        let methods = resource["resourceMethods"].as_object();
        let names = methods.into_iter().flat_map(|methods| methods.keys());
        let path = &resource["path"];
        names
            .map(|method| {
                json!({
                    "region": self.region,
                    "api": name,
                    "stage": stage,
                    "method": method,
                    "path": path,
                    "url": format!("{}/_aws/execute-api/{api}/{stage}", self.url),
                })
            })
            .collect()
    }

    /// `Null` where the cloud refuses.
    async fn ask(&self, service: &str, path: &str) -> Value {
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential=page/20200101/{}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0",
            self.region
        );
        let request = Request::get(path)
            .header(AUTHORIZATION, signature)
            .body(Bytes::new());
        let Ok(request) = request else {
            return Value::Null;
        };
        match self.cloud.answer(request, self.url).await {
            Answered::Response(response) if response.status().is_success() => {
                serde_json::from_slice(response.body()).unwrap_or_default()
            }
            _ => Value::Null,
        }
    }
}

fn items(answer: &Value, key: &str) -> Vec<Value> {
    answer[key].as_array().cloned().unwrap_or_default()
}

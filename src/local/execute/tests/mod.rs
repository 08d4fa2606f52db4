//! Requests to deployed APIs.

mod functions;
mod headers;
mod http;
mod logs;
mod mocks;
mod settings;

use std::sync::Arc;

use ::http::{Request, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::local::Cloud;
use crate::local::testing::{URL, rest};

async fn call(cloud: &Arc<Cloud>, method: &str, path: &str, body: Value) -> Value {
    let path = format!("/restapis{path}");
    let (status, answer) = rest(cloud, "apigateway", method, &path, body).await;
    assert!(status < 300, "{method} {path}: {answer}");
    answer
}

/// A new API: its id, and its root resource's.
async fn empty(cloud: &Arc<Cloud>, types: &[&str]) -> (String, String) {
    let wanted = json!({"name": "a", "binaryMediaTypes": types});
    let made = call(cloud, "POST", "", wanted).await;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("rootResourceId"))
}

/// A child of the root; the path of its methods.
async fn resource(cloud: &Arc<Cloud>, (api, root): &(String, String), part: &str) -> String {
    let path = format!("/{api}/resources/{root}");
    let made = call(cloud, "POST", &path, json!({"pathPart": part})).await;
    format!("/{api}/resources/{}/methods", made["id"].as_str().unwrap())
}

/// A method with an integration, and its responses by status. What those map is declared.
async fn method(
    cloud: &Arc<Cloud>,
    path: &str,
    parameters: &[&str],
    integration: Value,
    responses: Value,
) {
    let declared: Value = parameters.iter().map(|name| (*name, false)).collect();
    let wanted = json!({"authorizationType": "NONE", "requestParameters": declared});
    call(cloud, "PUT", path, wanted).await;
    call(cloud, "PUT", &format!("{path}/integration"), integration).await;
    for (status, response) in responses.as_object().unwrap() {
        let mapped = response["responseParameters"].as_object();
        let names = mapped.into_iter().flat_map(|mapped| mapped.keys());
        let declared: Value = names.map(|name| (name.as_str(), false)).collect();
        let declared = json!({"responseParameters": declared});
        call(
            cloud,
            "PUT",
            &format!("{path}/responses/{status}"),
            declared,
        )
        .await;
        let at = format!("{path}/integration/responses/{status}");
        call(cloud, "PUT", &at, response.clone()).await;
    }
}

async fn deploy(cloud: &Arc<Cloud>, api: &str) {
    let stage = json!({"stageName": "s", "variables": {"color": "blue"}});
    call(cloud, "POST", &format!("/{api}/deployments"), stage).await;
}

async fn send(
    cloud: &Arc<Cloud>,
    api: &str,
    request: ::http::request::Builder,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let request: Request<Bytes> = request.body(body.into()).unwrap();
    let path = request.uri().path().to_owned();
    cloud.execute(request, api, "s", &path, URL).await
}

/// Sends a request without a body: status and body.
async fn asked(cloud: &Arc<Cloud>, api: &str, verb: &str, path: &str) -> (u16, String) {
    let request = Request::builder().method(verb).uri(path);
    let response = send(cloud, api, request, Bytes::new()).await;
    (response.status().as_u16(), text(&response))
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

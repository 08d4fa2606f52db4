//! Headers of mapped answers and requests, as recorded from AWS.

use ::http::Request;
use serde_json::{Value, json};

use super::functions::{URI, function, permit};
use super::{asked, deploy, empty, method, resource, send};
use crate::local::execute::names;
use crate::local::testing::cloud;

/// An answer that maps each of these headers to `its`.
fn mapped(names: &[&str]) -> Value {
    let parameters = names
        .iter()
        .map(|name| (format!("method.response.header.{name}"), json!("'its'")));
    let parameters: serde_json::Map<String, Value> = parameters.collect();
    json!({"200": {"responseParameters": parameters}})
}

#[tokio::test]
async fn what_api_gateway_sets_itself_a_mapped_answer_has_under_another_name() {
    let cloud = cloud();
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "x").await;
    let renamed = [
        "Authorization",
        "Connection",
        "Content-Length",
        "Content-MD5",
        "Date",
        "Expect",
        "Host",
        "Max-Forwards",
        "Proxy-Authenticate",
        "Server",
        "Trailer",
        "Upgrade",
        "User-Agent",
        "WWW-Authenticate",
    ];
    let kept = [
        "Accept",
        "Age",
        "Content-Encoding",
        "Referer",
        "TE",
        "Via",
        "x-oWn",
    ];
    let all: Vec<&str> = renamed.iter().chain(&kept).copied().collect();
    let mut responses = mapped(&all);
    responses["200"]["responseParameters"]["method.response.header.Transfer-Encoding"] =
        json!("'chunked'");
    let request = json!({
        "type": "MOCK",
        "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
    });
    method(&cloud, &format!("{methods}/GET"), &[], request, responses).await;
    deploy(&cloud, &api.0).await;
    let request = Request::builder().uri("/x");
    let response = send(&cloud, &api.0, request, "").await;
    assert_eq!(response.status(), 200);
    let written = names::written(response.headers(), response.extensions());
    let mut theirs: Vec<&str> = written
        .iter()
        .filter(|(_, value)| value == "its")
        .map(|(name, _)| name.as_str())
        .collect();
    let renamed = renamed.map(|name| format!("x-amzn-Remapped-{name}"));
    let mut expected: Vec<&str> = renamed.iter().map(String::as_str).chain(kept).collect();
    theirs.sort();
    expected.sort();
    assert_eq!(theirs, expected);
    assert_eq!(response.headers().get("transfer-encoding"), None);
    assert_eq!(response.headers()["connection"], "keep-alive");
    // A mock has nobody to trace.
    assert_eq!(response.headers().get("x-amzn-trace-id"), None);
}

#[tokio::test]
async fn what_a_mapping_may_not_set_fails_each_call() {
    let cloud = cloud();
    let (aws, http) = (["AWS", "AWS_PROXY"], ["HTTP", "HTTP_PROXY"]);
    let to_all = ["Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id"];
    let to_aws = [
        "authorization",
        "Connection",
        "Expect",
        "Proxy-Authenticate",
        "TE",
    ];
    let api = empty(&cloud, &[]).await;
    let mut paths = Vec::new();
    for kind in aws.iter().chain(&http) {
        let its = if aws.contains(kind) { &to_aws[..] } else { &[] };
        for name in to_all.iter().chain(its) {
            let path = format!("{kind}-{name}");
            let methods = resource(&cloud, &api, &path).await;
            let uri = if aws.contains(kind) {
                URI
            } else {
                "http://127.0.0.1:1/"
            };
            let to = format!("integration.request.header.{name}");
            let integration = json!({
                "type": kind,
                "httpMethod": "POST",
                "uri": uri,
                "requestParameters": {to: "'0'"},
            });
            method(
                &cloud,
                &format!("{methods}/GET"),
                &[],
                integration,
                json!({}),
            )
            .await;
            paths.push(path);
        }
    }
    deploy(&cloud, &api.0).await;
    let mut watched = cloud.requests();
    for path in paths {
        let answer = asked(&cloud, &api.0, "GET", &format!("/{path}")).await;
        let failed = (500, r#"{"message":"Internal server error"}"#.to_owned());
        assert_eq!(answer, failed, "{path}");
        let why = watched.recv().await.unwrap().why.unwrap().to_string();
        assert!(why.contains("may not be mapped"), "{path}: {why}");
    }
}

#[tokio::test]
async fn what_is_between_two_machines_a_function_does_not_see() {
    let cloud = cloud();
    function(
        &cloud,
        "exports.handler = async e => ({body: JSON.stringify(e.headers)})",
    )
    .await;
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "x").await;
    let proxy = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": URI});
    method(&cloud, &format!("{methods}/GET"), &[], proxy, json!({})).await;
    deploy(&cloud, &api.0).await;
    permit(&cloud, &api.0).await;
    let hidden = [
        "connection",
        "content-md5",
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "upgrade",
        "www-authenticate",
    ];
    let seen = [
        "accept",
        "content-encoding",
        "date",
        "pragma",
        "referer",
        "via",
    ];
    let mut request = Request::builder().uri("/x");
    for name in hidden.iter().chain(&seen) {
        request = request.header(*name, "1");
    }
    let response = send(&cloud, &api.0, request, "").await;
    let headers: Value = serde_json::from_slice(response.body()).unwrap();
    for name in hidden {
        assert_eq!(headers.get(name), None, "{name}");
    }
    for name in seen {
        assert_eq!(headers[name], "1", "{name}");
    }
}

#[tokio::test]
async fn the_answer_of_a_function_names_the_segment_that_called_it() {
    let cloud = cloud();
    let code = "exports.handler = async e => ({body: e.headers['X-Amzn-Trace-Id']})";
    function(&cloud, code).await;
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "x").await;
    let proxy = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": URI});
    method(&cloud, &format!("{methods}/GET"), &[], proxy, json!({})).await;
    deploy(&cloud, &api.0).await;
    permit(&cloud, &api.0).await;
    let root = "Root=1-3152b799-8954dae64eda91bc9a23a7e8";
    let whole = format!("{root};Parent=7fa8c0f79203be72;Sampled=1");
    for given in [root, &whole] {
        let request = Request::builder()
            .uri("/x")
            .header("x-amzn-trace-id", given);
        let response = send(&cloud, &api.0, request, "").await;
        assert_eq!(super::text(&response), given);
        let told = response.headers()["x-amzn-trace-id"].to_str().unwrap();
        let parts: Vec<&str> = told.split(';').collect();
        assert_eq!((parts.len(), parts[0]), (3, root), "{told}");
        assert!(parts[1].starts_with("Parent="), "{told}");
        assert_eq!(given == whole, told == whole, "{told}");
    }
}

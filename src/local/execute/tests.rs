//! Requests to deployed APIs.

use std::sync::Arc;

use ::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::local::Cloud;
use crate::local::testing::{URL, cloud, query, rest};

async fn call(cloud: &Arc<Cloud>, method: &str, path: &str, body: Value) -> Value {
    let path = format!("/restapis{path}");
    let (status, answer) = rest(cloud, "apigateway", method, &path, body).await;
    assert!(status < 300, "{method} {path}: {answer}");
    answer
}

/// A mock that answers `body` to a verb of a resource.
async fn mock(cloud: &Arc<Cloud>, resource: &str, verb: &str, body: &str) {
    let method = format!("{resource}/methods/{verb}");
    call(cloud, "PUT", &method, json!({"authorizationType": "NONE"})).await;
    let declared = json!({"responseParameters": {"method.response.header.X-A": false}});
    call(cloud, "PUT", &format!("{method}/responses/200"), declared).await;
    let request = json!({
        "type": "MOCK",
        "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
    });
    call(cloud, "PUT", &format!("{method}/integration"), request).await;
    let response = json!({
        "responseParameters": {"method.response.header.X-A": "'b'"},
        "responseTemplates": {"application/json": body},
    });
    call(
        cloud,
        "PUT",
        &format!("{method}/integration/responses/200"),
        response,
    )
    .await;
}

/// An API with `/test` (POST) and `/{proxy+}` (OPTIONS), deployed as `s`.
async fn api(cloud: &Arc<Cloud>) -> String {
    let made = call(cloud, "POST", "", json!({"name": "a"})).await;
    let (id, root) = (
        made["id"].as_str().unwrap(),
        made["rootResourceId"].as_str().unwrap(),
    );
    for (part, verb, body) in [
        ("test", "POST", "fixed"),
        (
            "{proxy+}",
            "OPTIONS",
            "$input.params('proxy') $context.stage",
        ),
    ] {
        let path = format!("/{id}/resources/{root}");
        let made = call(cloud, "POST", &path, json!({"pathPart": part})).await;
        let resource = format!("/{id}/resources/{}", made["id"].as_str().unwrap());
        mock(cloud, &resource, verb, body).await;
    }
    call(
        cloud,
        "POST",
        &format!("/{id}/deployments"),
        json!({"stageName": "s"}),
    )
    .await;
    id.to_owned()
}

async fn asked(cloud: &Arc<Cloud>, api: &str, verb: &str, path: &str) -> (u16, String) {
    let request = Request::builder()
        .method(verb)
        .uri(path)
        .body(Bytes::new())
        .unwrap();
    let response = cloud.execute(request, api, "s", path, URL).await;
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status().as_u16(), body)
}

#[tokio::test]
async fn a_verb_that_does_not_fit_reaches_the_greedy_sibling() {
    let cloud = cloud();
    let api = api(&cloud).await;
    assert_eq!(
        asked(&cloud, &api, "POST", "/test").await,
        (200, "fixed".into())
    );
    assert_eq!(
        asked(&cloud, &api, "OPTIONS", "/test").await,
        (200, "test s".into())
    );
    let deep = asked(&cloud, &api, "OPTIONS", "/a%20b/c").await;
    assert_eq!(deep, (200, "a b/c s".into()));
    let none = asked(&cloud, &api, "GET", "/test").await;
    assert_eq!(
        none,
        (403, r#"{"message":"Missing Authentication Token"}"#.into())
    );
}

#[tokio::test]
async fn headers_are_set_and_errors_have_types() {
    let cloud = cloud();
    let api = api(&cloud).await;
    let request = |verb: &str| {
        Request::builder()
            .method(verb)
            .uri("/")
            .body(Bytes::new())
            .unwrap()
    };
    let response = cloud
        .execute(request("POST"), &api, "s", "/test", URL)
        .await;
    assert_eq!(response.headers()["x-a"], "b");
    assert_eq!(response.headers()["content-type"], "application/json");
    let mut watched = cloud.requests();
    let response = cloud
        .execute(request("GET"), &api, "no", "/test", URL)
        .await;
    assert_eq!(response.headers()["x-amzn-errortype"], "ForbiddenException");
    let why = watched.recv().await.unwrap().why.unwrap();
    assert!(why.contains("there is no stage `no`"), "{why}");
}

#[tokio::test]
async fn what_is_deployed_is_served_until_the_next_deployment() {
    let cloud = cloud();
    let api = api(&cloud).await;
    let listed = call(&cloud, "GET", &format!("/{api}/resources"), Value::Null).await;
    for item in listed["item"].as_array().unwrap() {
        if item["path"] != "/" {
            let path = format!("/{api}/resources/{}", item["id"].as_str().unwrap());
            call(&cloud, "DELETE", &path, Value::Null).await;
        }
    }
    assert_eq!(asked(&cloud, &api, "POST", "/test").await.0, 200);
}

#[tokio::test]
async fn a_stage_that_throttles_refuses_the_next() {
    let cloud = cloud();
    let api = api(&cloud).await;
    let operations = json!({"patchOperations": [
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "0"},
        {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "1"},
    ]});
    call(&cloud, "PATCH", &format!("/{api}/stages/s"), operations).await;
    assert_eq!(asked(&cloud, &api, "POST", "/test").await.0, 200);
    let refused = asked(&cloud, &api, "POST", "/test").await;
    assert_eq!(refused, (429, r#"{"message":"Too Many Requests"}"#.into()));
}

/// A proxy to a new Node function, deployed as `s`; the API's id.
async fn proxied(cloud: &Arc<Cloud>, code: &str) -> String {
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }});
    let trust = trust.to_string();
    let role = [
        ("Action", "CreateRole"),
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", &trust),
    ];
    assert_eq!(query(cloud, "iam", &role).await.0, 200);
    let function = json!({
        "FunctionName": "f",
        "Role": "arn:aws:iam::000000000000:role/r",
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "Code": {"ZipFile": zipped("index.js", code)},
    });
    let functions = "/2015-03-31/functions";
    let (status, made) = rest(cloud, "lambda", "POST", functions, function).await;
    assert_eq!(status, 201, "{made}");
    cloud.settle();
    let api = call(cloud, "POST", "", json!({"name": "a"})).await;
    let (id, root) = (
        api["id"].as_str().unwrap(),
        api["rootResourceId"].as_str().unwrap(),
    );
    let method = format!("/{id}/resources/{root}/methods/ANY");
    call(cloud, "PUT", &method, json!({"authorizationType": "NONE"})).await;
    let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
               arn:aws:lambda:us-east-1:000000000000:function:f/invocations";
    let integration = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri});
    call(cloud, "PUT", &format!("{method}/integration"), integration).await;
    call(
        cloud,
        "POST",
        &format!("/{id}/deployments"),
        json!({"stageName": "s"}),
    )
    .await;
    id.to_owned()
}

fn zipped(name: &str, text: &str) -> String {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer
        .start_file(name, zip::write::SimpleFileOptions::default())
        .unwrap();
    std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
    STANDARD.encode(writer.finish().unwrap().into_inner())
}

#[tokio::test]
async fn a_function_answers_once_its_policy_lets_the_api() {
    let cloud = cloud();
    let code = "exports.handler = async e => ({statusCode: 201, body: e.httpMethod + e.path})";
    let api = proxied(&cloud, code).await;
    let refused = asked(&cloud, &api, "GET", "/").await;
    assert_eq!(
        refused,
        (500, r#"{"message":"Internal server error"}"#.into())
    );
    let permission = json!({
        "StatementId": "s",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": format!("arn:aws:execute-api:us-east-1:000000000000:{api}/*/*"),
    });
    let policy = "/2015-03-31/functions/f/policy";
    assert_eq!(
        rest(&cloud, "lambda", "POST", policy, permission).await.0,
        201
    );
    assert_eq!(asked(&cloud, &api, "GET", "/").await, (201, "GET/".into()));
}

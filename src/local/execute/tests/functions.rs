//! Functions as backends, as proxies and with mappings.

use std::sync::Arc;

use ::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{asked, deploy, empty, method, send, text};
use crate::local::Cloud;
use crate::local::testing::{cloud, query, rest};

pub const URI: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
                   arn:aws:lambda:us-east-1:000000000000:function:f/invocations";

/// A Node function `f`.
pub async fn function(cloud: &Arc<Cloud>, code: &str) {
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
}

/// Lets an API call `f`.
pub async fn permit(cloud: &Arc<Cloud>, api: &str) {
    let permission = json!({
        "StatementId": "s",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": format!("arn:aws:execute-api:us-east-1:000000000000:{api}/*/*"),
    });
    let policy = "/2015-03-31/functions/f/policy";
    assert_eq!(
        rest(cloud, "lambda", "POST", policy, permission).await.0,
        201
    );
}

/// An API whose root has the integration, deployed.
async fn api(cloud: &Arc<Cloud>, integration: Value, responses: Value) -> String {
    let (api, root) = empty(cloud, &[]).await;
    let path = format!("/{api}/resources/{root}/methods/ANY");
    method(cloud, &path, &[], integration, responses).await;
    deploy(cloud, &api).await;
    api
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
    function(&cloud, code).await;
    let proxy = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": URI});
    let api = api(&cloud, proxy, json!({})).await;
    let refused = asked(&cloud, &api, "GET", "/").await;
    assert_eq!(
        refused,
        (500, r#"{"message":"Internal server error"}"#.into())
    );
    permit(&cloud, &api).await;
    assert_eq!(asked(&cloud, &api, "GET", "/").await, (201, "GET/".into()));
}

#[tokio::test]
async fn templates_make_the_event_and_the_answer() {
    let cloud = cloud();
    let code = "exports.handler = async e => { \
                if (e.fail) throw new Error('No such pet: ' + e.fail); return {got: e}; }";
    function(&cloud, code).await;
    let template = r#"{"q": "$input.params('q')", "fail": $input.json('$.fail')}"#;
    let integration = json!({
        "type": "AWS",
        "httpMethod": "POST",
        "uri": URI,
        "requestTemplates": {"application/json": template},
    });
    let error = r#"{"no": "$input.path('$.errorMessage')"}"#;
    let responses = json!({
        "200": {
            "responseParameters": {
                "method.response.header.X-Q": "integration.response.body.got.q",
            },
            "responseTemplates": {"application/json": "$input.json('$.got')"},
        },
        "404": {"selectionPattern": "No such .*", "responseTemplates": {"application/json": error}},
        // It fits no whole message.
        "500": {"selectionPattern": "pet|fail"},
    });
    let api = api(&cloud, integration, responses).await;
    permit(&cloud, &api).await;
    let post = || Request::builder().method("POST").uri("/?q=1");
    let response = send(&cloud, &api, post(), "{}").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-q"], "1");
    assert_eq!(text(&response), r#"{"q":"1","fail":""}"#);
    let failed = send(&cloud, &api, post(), r#"{"fail": "Rex"}"#).await;
    assert_eq!(failed.status(), 404);
    assert_eq!(text(&failed), r#"{"no": "No such pet: Rex"}"#);
    let mut watched = cloud.requests();
    let broken = send(&cloud, &api, post(), "{").await;
    assert_eq!(broken.status(), 500);
    let why = watched.recv().await.unwrap().why.unwrap().to_string();
    assert!(why.contains("it is not JSON"), "{why}");
}

#[tokio::test]
async fn nobody_waits_for_an_event() {
    let cloud = cloud();
    function(
        &cloud,
        "exports.handler = async () => { throw new Error('late'); }",
    )
    .await;
    let integration = json!({
        "type": "AWS",
        "httpMethod": "POST",
        "uri": URI,
        "requestParameters": {"integration.request.header.X-Amz-Invocation-Type": "'Event'"},
    });
    let api = api(&cloud, integration, json!({"202": {}})).await;
    permit(&cloud, &api).await;
    assert_eq!(asked(&cloud, &api, "POST", "/").await, (202, String::new()));
}

#[tokio::test]
async fn a_service_that_is_not_emulated_is_named() {
    let cloud = cloud();
    let uri = "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem";
    let integration = json!({"type": "AWS", "httpMethod": "POST", "uri": uri});
    let api = api(&cloud, integration, json!({"200": {}})).await;
    let mut watched = cloud.requests();
    assert_eq!(asked(&cloud, &api, "POST", "/").await.0, 500);
    let why = watched.recv().await.unwrap().why.unwrap().to_string();
    assert!(why.contains("AWS integrations with `dynamodb`"), "{why}");
}

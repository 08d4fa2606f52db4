//! Access logs.

use serde_json::{Value, json};

use super::mocks::api;
use super::{asked, call};
use crate::local::testing::{cloud, send};

#[tokio::test]
async fn each_request_is_a_line_in_the_stage_s_format() {
    let cloud = cloud();
    let api = api(&cloud).await;
    let format = "$context.httpMethod $context.resourcePath $context.status \
                  $context.responseLength $context.integrationStatus $context.identity.sourceIp \
                  $context.error.message $context.authorizer.principalId $context.stage.";
    let group = "arn:aws:logs:us-east-1:000000000000:log-group:access";
    let operations = json!({"patchOperations": [
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": group},
        {"op": "replace", "path": "/accessLogSettings/format", "value": format},
    ]});
    call(&cloud, "PATCH", &format!("/{api}/stages/s"), operations).await;
    assert_eq!(asked(&cloud, &api, "POST", "/test").await.0, 200);
    assert_eq!(asked(&cloud, &api, "GET", "/test").await.0, 403);
    let request = ::http::Request::builder()
        .method("POST")
        .uri("/")
        .header("x-amz-target", "Logs_20140328.FilterLogEvents")
        .header("content-type", "application/x-amz-json-1.1");
    let found = send(&cloud, "logs", request, r#"{"logGroupName":"access"}"#).await;
    let found: Value = serde_json::from_slice(found.body()).unwrap();
    let lines = found["events"].as_array().unwrap().iter();
    let lines: Vec<&str> = lines
        .map(|event| event["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        lines,
        [
            "POST /test 200 5 200 127.0.0.1 - - s.",
            "GET - 403 42 - 127.0.0.1 Missing Authentication Token - s.",
        ]
    );
}

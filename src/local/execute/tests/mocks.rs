//! Routes that API Gateway answers by itself.

use std::sync::Arc;

use ::http::Request;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{asked, call, deploy, empty, method, resource, send, text};
use crate::local::Cloud;
use crate::local::testing::{URL, cloud};

/// A mock that answers `body` to a verb of a resource.
async fn mock(cloud: &Arc<Cloud>, methods: &str, verb: &str, body: &str) {
    let request = json!({
        "type": "MOCK",
        "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
    });
    let responses = json!({"200": {
        "responseParameters": {"method.response.header.X-A": "'b'"},
        "responseTemplates": {"application/json": body},
    }});
    method(cloud, &format!("{methods}/{verb}"), &[], request, responses).await;
}

/// An API with `/test` (POST) and `/{proxy+}` (OPTIONS), deployed as `s`.
pub async fn api(cloud: &Arc<Cloud>) -> String {
    let api = empty(cloud, &[]).await;
    for (part, verb, body) in [
        ("test", "POST", "fixed"),
        (
            "{proxy+}",
            "OPTIONS",
            "$input.params('proxy') $context.stage",
        ),
    ] {
        let methods = resource(cloud, &api, part).await;
        mock(cloud, &methods, verb, body).await;
    }
    deploy(cloud, &api.0).await;
    api.0
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
    assert_eq!(deep, (200, "a%20b/c s".into()));
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
    let why = watched.recv().await.unwrap().why.unwrap().to_string();
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

/// What slp makes of `cors` with the origins a, b and c.
const CHOOSE: &str = r##"#set($origin = $input.params().header.get("Origin"))
#if(!$origin || $origin == "")#set($origin = $input.params().header.get("origin"))#end
#if($origin == "https://b" || $origin == "https://c")
#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end"##;

#[tokio::test]
async fn of_several_origins_the_asking_one_is_answered() {
    let cloud = cloud();
    let api = empty(&cloud, &["*/*"]).await;
    let methods = resource(&cloud, &api, "x").await;
    let request = json!({
        "type": "MOCK",
        "contentHandling": "CONVERT_TO_TEXT",
        "requestTemplates": {"application/json": "{\"statusCode\": 204}"},
    });
    let responses = json!({"204": {
        "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'https://a'"},
        "responseTemplates": {"application/json": CHOOSE},
    }});
    method(
        &cloud,
        &format!("{methods}/OPTIONS"),
        &[],
        request,
        responses,
    )
    .await;
    deploy(&cloud, &api.0).await;
    for (origin, allowed) in [
        ("https://a", "https://a"),
        ("https://c", "https://c"),
        ("https://elsewhere", "https://a"),
    ] {
        let request = Request::builder().method("OPTIONS").uri("/x");
        let response = send(&cloud, &api.0, request.header("origin", origin), "").await;
        assert_eq!((response.status().as_u16(), &*text(&response)), (204, ""));
        let found = response.headers().get_all("access-control-allow-origin");
        assert_eq!(found.iter().collect::<Vec<_>>(), [allowed], "{origin}");
    }
}

#[tokio::test]
async fn what_a_request_overrides_its_answer_sees() {
    let cloud = cloud();
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "x").await;
    let template = "#set($context.requestOverride.path.body = $input.body)\
                    #set($context.responseOverride.status = 418)\
                    #set($context.responseOverride.header.X-Own = 'h')\
                    #set($context.responseOverride.own = {'a': [1]}){statusCode: 200}";
    let request = json!({"type": "MOCK", "requestTemplates": {"application/json": template}});
    let answer = "[$input.body,$context.requestOverride.path.body,\
                  $context.responseOverride.status,$context.responseOverride.own.a[0]]";
    let responses = json!({"200": {"responseTemplates": {"application/json": answer}}});
    method(&cloud, &format!("{methods}/POST"), &[], request, responses).await;
    deploy(&cloud, &api.0).await;
    let request = Request::builder().method("POST").uri("/x");
    let response = send(&cloud, &api.0, request, r#"{"a":1}"#).await;
    assert_eq!(
        (response.status().as_u16(), &*text(&response)),
        (418, r#"[{},{"a":1},418,1]"#)
    );
    assert_eq!(response.headers()["x-own"], "h");
}

#[tokio::test]
async fn a_template_that_cannot_be_done_is_a_failure_that_names_it() {
    let cloud = cloud();
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "x").await;
    mock(&cloud, &methods, "GET", "#macro(a)#end").await;
    deploy(&cloud, &api.0).await;
    let mut watched = cloud.requests();
    let refused = asked(&cloud, &api.0, "GET", "/x").await;
    assert_eq!(
        refused,
        (500, r#"{"message":"Internal server error"}"#.into())
    );
    let why = watched.recv().await.unwrap().why.unwrap().to_string();
    assert!(why.contains("does not know `#macro`"), "{why}");
}

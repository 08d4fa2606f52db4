//! The control plane as clients see it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::local::Cloud;
use crate::local::testing::{cloud, rest};

/// Calls with a path below `/restapis`.
pub async fn call(cloud: &Arc<Cloud>, method: &str, path: &str, body: Value) -> (u16, Value) {
    rest(
        cloud,
        "apigateway",
        method,
        &format!("/restapis{path}"),
        body,
    )
    .await
}

async fn refused(cloud: &Arc<Cloud>, method: &str, path: &str, body: Value) -> (u16, String) {
    let (status, body) = call(cloud, method, path, body).await;
    (
        status,
        body["message"].as_str().unwrap_or_default().to_owned(),
    )
}

fn patch(op: &str, path: &str, value: &str) -> Value {
    json!({"patchOperations": [{"op": op, "path": path, "value": value}]})
}

/// An API with one mock method at `/`: its id and its root's.
async fn api(cloud: &Arc<Cloud>) -> (String, String) {
    let (_, api) = call(cloud, "POST", "", json!({"name": "a"})).await;
    let id = api["id"].as_str().unwrap().to_owned();
    let root = api["rootResourceId"].as_str().unwrap().to_owned();
    (id, root)
}

async fn mock(cloud: &Arc<Cloud>, api: &str, resource: &str) {
    let method = format!("/{api}/resources/{resource}/methods/GET");
    let put = call(cloud, "PUT", &method, json!({"authorizationType": "NONE"})).await;
    assert_eq!(put.0, 201);
    let integration = json!({
        "type": "MOCK",
        "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
    });
    let put = call(cloud, "PUT", &format!("{method}/integration"), integration).await;
    assert_eq!(put.0, 201, "{}", put.1);
}

#[tokio::test]
async fn an_api_has_aws_defaults_and_shows_tags_after_an_update() {
    let cloud = cloud();
    let (status, api) = call(&cloud, "POST", "", json!({"name": "a"})).await;
    assert_eq!(status, 201);
    assert_eq!(
        api["endpointConfiguration"],
        json!({"types": ["EDGE"], "ipAddressType": "ipv4"})
    );
    assert_eq!(api["apiKeySource"], "HEADER");
    assert_eq!(api.get("tags"), None);
    let path = format!("/{}", api["id"].as_str().unwrap());
    let operations = json!({"patchOperations": [
        {"op": "add", "path": "/binaryMediaTypes/image~1png"},
        {"op": "replace", "path": "/description", "value": "d"},
        {"op": "replace", "path": "/policy", "value": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\",\"Resource\":\"execute-api:/*\"}]}"},
    ]});
    let (_, api) = call(&cloud, "PATCH", &path, operations).await;
    assert_eq!(api["binaryMediaTypes"], json!(["image/png"]));
    assert_eq!(
        api["policy"],
        r#"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\",\"Resource\":\"execute-api:\/*\"}]}"#
    );
    assert_eq!(api["tags"], json!({}));
    let (status, message) = refused(
        &cloud,
        "PATCH",
        &path,
        patch("add", "/binaryMediaTypes", "x"),
    )
    .await;
    assert_eq!(
        (status, &*message),
        (400, "Invalid patch path /binaryMediaTypes")
    );
    let (_, got) = call(&cloud, "GET", &path, Value::Null).await;
    assert_eq!(got["description"], "d");
    assert_eq!(call(&cloud, "DELETE", &path, Value::Null).await.0, 202);
    let (status, message) = refused(&cloud, "GET", &path, Value::Null).await;
    assert_eq!(status, 404);
    assert!(
        message.starts_with("Invalid API identifier specified 000000000000:"),
        "{message}"
    );
}

#[tokio::test]
async fn wrong_apis_are_refused_in_aws_words() {
    let cloud = cloud();
    for (body, expected) in [
        (
            json!({"name": "a", "description": ""}),
            "Description cannot be an empty string",
        ),
        (
            json!({"name": "a", "endpointConfiguration": {"types": ["x"], "ipAddressType": "y"}}),
            "2 validation errors detected: Value '[x]' at \
             'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: \
             Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, \
             REGIONAL]]; Value 'y' at 'createRestApiInput.endpointConfiguration.ipAddressType' \
             failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]",
        ),
        (
            json!({"name": "a", "minimumCompressionSize": -1}),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            json!({"name": true}),
            "class java.lang.Boolean can not be converted to an String",
        ),
    ] {
        let (status, message) = refused(&cloud, "POST", "", body).await;
        assert_eq!((status, &*message), (400, expected));
    }
}

#[tokio::test]
async fn the_tree_of_paths_is_as_strict_as_aws() {
    let cloud = cloud();
    let (api, root) = api(&cloud).await;
    let under = |parent: &str| format!("/{api}/resources/{parent}");
    let part = |part: &str| json!({"pathPart": part});
    let (status, pets) = call(&cloud, "POST", &under(&root), part("pets")).await;
    assert_eq!((status, &pets["path"]), (201, &json!("/pets")));
    let pets = pets["id"].as_str().unwrap().to_owned();
    let (_, greedy) = call(&cloud, "POST", &under(&pets), part("{rest+}")).await;
    let greedy = greedy["id"].as_str().unwrap().to_owned();
    for (parent, name, status, expected) in [
        (
            &root,
            "pets",
            409,
            "Another resource with the same parent already has this name: pets",
        ),
        (
            &pets,
            "{id}",
            400,
            "A sibling ({rest+}) of this resource already has a variable path part -- only one is \
             allowed",
        ),
        (
            &greedy,
            "x",
            400,
            "Cannot create a child of a resource with a greedy path variable: {rest+}",
        ),
    ] {
        let answer = refused(&cloud, "POST", &under(parent), part(name)).await;
        assert_eq!((answer.0, &*answer.1), (status, expected));
    }
    for sound in ["a:b,c", "$batch"] {
        let made = call(&cloud, "POST", &under(&pets), part(sound)).await;
        assert_eq!(made.0, 201, "{sound}");
    }
    for wrong in ["a b", "{a", "a}", "{}", "{+}", "", "a/b"] {
        let (status, message) = refused(&cloud, "POST", &under(&root), part(wrong)).await;
        assert_eq!(status, 400, "{wrong}");
        assert!(
            message.starts_with("Resource's path part only allow"),
            "{message}"
        );
    }
    let moved = patch("replace", "/pathPart", "dogs");
    assert_eq!(
        call(&cloud, "PATCH", &under(&pets), moved).await.1["path"],
        "/dogs"
    );
    let (_, below) = call(&cloud, "GET", &under(&greedy), Value::Null).await;
    assert_eq!(below["path"], "/dogs/{rest+}");
    assert_eq!(
        call(&cloud, "DELETE", &under(&pets), Value::Null).await.0,
        202
    );
    assert_eq!(
        call(&cloud, "GET", &under(&greedy), Value::Null).await.0,
        404
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let cloud = cloud();
    let (api, root) = api(&cloud).await;
    for part in ["a", "b", "c"] {
        let path = format!("/{api}/resources/{root}");
        call(&cloud, "POST", &path, json!({"pathPart": part})).await;
    }
    let mut paths = Vec::new();
    let mut query = "limit=3".to_owned();
    loop {
        let path = format!("/{api}/resources?{query}");
        let (_, page) = call(&cloud, "GET", &path, Value::Null).await;
        let items = page["item"].as_array().unwrap();
        paths.extend(
            items
                .iter()
                .map(|item| item["path"].as_str().unwrap().to_owned()),
        );
        let Some(position) = page["position"].as_str() else {
            break;
        };
        let encoded: String = form_urlencoded::byte_serialize(position.as_bytes()).collect();
        query = format!("limit=3&position={encoded}");
    }
    paths.sort();
    assert_eq!(paths, ["/", "/a", "/b", "/c"]);
    let (status, _) = call(
        &cloud,
        "GET",
        &format!("/{api}/resources?limit=501"),
        Value::Null,
    )
    .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_method_is_put_once_and_its_parts_follow() {
    let cloud = cloud();
    let (api, root) = api(&cloud).await;
    mock(&cloud, &api, &root).await;
    let method = format!("/{api}/resources/{root}/methods/GET");
    let again = refused(&cloud, "PUT", &method, json!({"authorizationType": "NONE"})).await;
    assert_eq!(
        (again.0, &*again.1),
        (409, "Method already exists for this resource")
    );
    let response = json!({"responseParameters": {"method.response.header.X": false}});
    let put = call(&cloud, "PUT", &format!("{method}/responses/200"), response).await;
    assert_eq!(put.0, 201);
    let answer = json!({"responseParameters": {"method.response.header.Y": "'1'"}});
    let path = format!("{method}/integration/responses/200");
    let (status, message) = refused(&cloud, "PUT", &path, answer).await;
    assert_eq!(status, 400);
    assert!(
        message.contains("parameter specified: method.response.header.Y"),
        "{message}"
    );
    let answer = json!({
        "responseParameters": {"method.response.header.X": "'1'"},
        "responseTemplates": {"application/json": ""},
    });
    let (status, put) = call(&cloud, "PUT", &path, answer).await;
    assert_eq!(
        (status, &put["responseTemplates"]),
        (201, &json!({"application/json": null}))
    );
    let (_, listed) = call(
        &cloud,
        "GET",
        &format!("/{api}/resources?embed=methods"),
        Value::Null,
    )
    .await;
    let got = &listed["item"][0]["resourceMethods"]["GET"];
    assert_eq!(got["methodIntegration"]["cacheNamespace"], json!(root));
    assert_eq!(
        got["methodIntegration"]["integrationResponses"]["200"]["responseParameters"],
        json!({"method.response.header.X": "'1'"})
    );
    let wrong = format!("{method}/responses/abc");
    let (_, message) = refused(&cloud, "GET", &wrong, Value::Null).await;
    assert!(message.contains("Value 'abc' at 'statusCode'"), "{message}");
}

#[tokio::test]
async fn deployments_are_copies_and_cannot_go_while_served() {
    let cloud = cloud();
    let (api, root) = api(&cloud).await;
    let deployments = format!("/{api}/deployments");
    let none = refused(&cloud, "POST", &deployments, json!({})).await;
    assert_eq!(
        (none.0, &*none.1),
        (400, "The REST API doesn't contain any methods")
    );
    mock(&cloud, &api, &root).await;
    let options = format!("/{api}/resources/{root}/methods/OPTIONS");
    call(
        &cloud,
        "PUT",
        &options,
        json!({"authorizationType": "NONE"}),
    )
    .await;
    let bare = refused(&cloud, "POST", &deployments, json!({})).await;
    assert_eq!(
        (bare.0, &*bare.1),
        (400, "No integration defined for method")
    );
    call(&cloud, "DELETE", &options, Value::Null).await;
    let (status, made) = call(&cloud, "POST", &deployments, json!({"stageName": "s"})).await;
    assert_eq!(status, 201, "{made}");
    let deployment = format!("{deployments}/{}", made["id"].as_str().unwrap());
    let used = refused(&cloud, "DELETE", &deployment, Value::Null).await;
    assert_eq!(
        (used.0, &*used.1),
        (
            400,
            "Active stages pointing to this deployment must be moved or deleted"
        )
    );
    call(
        &cloud,
        "DELETE",
        &format!("/{api}/resources/{root}/methods/GET"),
        Value::Null,
    )
    .await;
    let summary = format!("{deployment}?embed=apisummary");
    let (_, kept) = call(&cloud, "GET", &summary, Value::Null).await;
    assert_eq!(kept["apiSummary"]["/"]["GET"]["authorizationType"], "NONE");
    assert_eq!(
        call(&cloud, "DELETE", &format!("/{api}/stages/s"), Value::Null)
            .await
            .0,
        202
    );
    assert_eq!(
        call(&cloud, "DELETE", &deployment, Value::Null).await.0,
        202
    );
}

#[tokio::test]
async fn a_stage_takes_settings_by_patches() {
    let cloud = cloud();
    let (api, root) = api(&cloud).await;
    mock(&cloud, &api, &root).await;
    let (_, made) = call(&cloud, "POST", &format!("/{api}/deployments"), json!({})).await;
    let stages = format!("/{api}/stages");
    let wanted = json!({"stageName": "s", "deploymentId": made["id"], "variables": {"a": "1"}});
    let (status, stage) = call(&cloud, "POST", &stages, wanted.clone()).await;
    assert_eq!((status, &stage["variables"]), (201, &json!({"a": "1"})));
    let again = refused(&cloud, "POST", &stages, wanted).await;
    assert_eq!((again.0, &*again.1), (409, "Stage already exists"));
    let stage = format!("{stages}/s");
    let operations = json!({"patchOperations": [
        {"op": "replace", "path": "/variables/b", "value": "x:y"},
        {"op": "remove", "path": "/variables/a"},
        {"op": "replace", "path": "/~1pets/GET/throttling/burstLimit", "value": "7"},
        {"op": "replace", "path": "/*/*/metrics/enabled", "value": "true"},
    ]});
    let (_, changed) = call(&cloud, "PATCH", &stage, operations).await;
    assert_eq!(changed["variables"], json!({"b": "x:y"}));
    assert_eq!(
        changed["methodSettings"]["~1pets/GET"]["throttlingBurstLimit"],
        7
    );
    assert_eq!(
        changed["methodSettings"]["*/*"]["throttlingRateLimit"],
        10000.0
    );
    let gone = call(&cloud, "PATCH", &stage, patch("remove", "/*/*", "")).await;
    assert_eq!(gone.1["methodSettings"].as_object().unwrap().len(), 1);
    for (operation, expected) in [
        (
            patch("remove", "/*/*", ""),
            "Cannot remove method setting */* because there is no method setting for this method ",
        ),
        (
            patch("replace", "/*/*/logging/loglevel", "INFO"),
            "CloudWatch Logs role ARN must be set in account settings to enable logging",
        ),
        (
            patch("replace", "/deploymentId", "x"),
            "Deployment id does not exist",
        ),
        (
            patch("replace", "/accessLogSettings/format", ""),
            "Access Log value must not be empty",
        ),
    ] {
        let (status, message) = refused(&cloud, "PATCH", &stage, operation).await;
        assert_eq!((status, &*message), (400, expected));
    }
}

#[tokio::test]
async fn tags_are_found_by_arn() {
    let cloud = cloud();
    let (api, _) = api(&cloud).await;
    let path = format!("/tags/arn:aws:apigateway:us-east-1::%2Frestapis%2F{api}");
    let set = json!({"tags": {"a": "1", "b": "2"}});
    assert_eq!(rest(&cloud, "apigateway", "PUT", &path, set).await.0, 204);
    let gone = format!("{path}?tagKeys=a");
    assert_eq!(
        rest(&cloud, "apigateway", "DELETE", &gone, Value::Null)
            .await
            .0,
        204
    );
    let (_, tags) = rest(&cloud, "apigateway", "GET", &path, Value::Null).await;
    assert_eq!(tags, json!({"tags": {"b": "2"}}));
}

#[tokio::test]
async fn what_is_not_emulated_is_named() {
    let cloud = cloud();
    for (path, operation) in [
        ("/a1/authorizers", "CreateAuthorizer"),
        ("/a1/resources/b2/methods/GET", "TestInvokeMethod"),
    ] {
        let (status, message) = refused(&cloud, "POST", path, json!({})).await;
        assert_eq!(status, 501);
        let name = format!("apigateway:{operation}");
        assert!(message.ends_with(&name), "{message}");
    }
}

#[tokio::test]
async fn integrations_are_shown_as_recorded_from_aws() {
    let cloud = cloud();
    let (api, root) = api(&cloud).await;
    let method = format!("/{api}/resources/{root}/methods/ANY");
    let put = call(&cloud, "PUT", &method, json!({"authorizationType": "none"})).await;
    assert_eq!((put.0, &put.1["authorizationType"]), (201, &json!("NONE")));
    let replaced = patch("replace", "/authorizationType", "aws_iam");
    let patched = call(&cloud, "PATCH", &method, replaced).await;
    assert_eq!(patched.1["authorizationType"], "AWS_IAM");
    let lambda = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
                  arn:aws:lambda:us-east-1:000000000000:function:f/invocations";
    let http = "http://example.com";
    for (kind, uri, shown, connection) in [
        ("HTTP", http, json!(http), json!("INTERNET")),
        ("HTTP_PROXY", http, json!(http), json!("INTERNET")),
        ("AWS", lambda, json!(lambda), Value::Null),
        ("AWS_PROXY", lambda, json!(lambda), Value::Null),
        ("MOCK", http, Value::Null, Value::Null),
    ] {
        let wanted = json!({"type": kind, "uri": uri, "httpMethod": "POST"});
        let path = format!("{method}/integration");
        let (status, put) = call(&cloud, "PUT", &path, wanted).await;
        assert_eq!(status, 201, "{put}");
        let (_, got) = call(&cloud, "GET", &path, Value::Null).await;
        for answer in [put, got] {
            let told = (&answer["uri"], &answer["connectionType"]);
            assert_eq!(told, (&shown, &connection), "{kind}");
        }
    }
}

//! A stage's own settings.

use serde_json::json;

use super::mocks::api;
use super::{asked, call};
use crate::local::testing::cloud;

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

#[tokio::test]
async fn a_method_has_its_own_settings_under_either_form_of_its_key() {
    for key in ["~1test/POST", "test/POST"] {
        let cloud = cloud();
        let api = api(&cloud).await;
        let operations = json!({"patchOperations": [
            {"op": "replace", "path": format!("/{key}/throttling/rateLimit"), "value": "0"},
            {"op": "replace", "path": format!("/{key}/throttling/burstLimit"), "value": "1"},
        ]});
        call(&cloud, "PATCH", &format!("/{api}/stages/s"), operations).await;
        for (verb, path, status) in [
            ("POST", "/test", 200),
            ("POST", "/test", 429),
            ("OPTIONS", "/test", 200),
            ("OPTIONS", "/test", 200),
        ] {
            assert_eq!(
                asked(&cloud, &api, verb, path).await.0,
                status,
                "{key} {verb}"
            );
        }
    }
}

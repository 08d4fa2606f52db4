use serde_json::{Value, json};

use super::world::{World, allow, permission, role};

#[test]
fn a_gate_hears_of_what_is_grave_even_where_it_is_new() {
    let statement = |action: &str| json!({"slp": allow(action, "*")});
    let world = World::default()
        .becomes(
            "role.any",
            "create",
            role(&[], statement("sqs:SendMessage")),
        )
        .becomes("role.pass", "create", role(&[], statement("iam:*")))
        .becomes("function.f", "create", json!({}))
        .becomes("function.f.permission.all", "create", permission("*", None))
        .becomes("function.f.url", "create", json!({"auth": "NONE"}));
    assert_eq!(
        world.widening(),
        [
            "function.f lets everyone in: everyone may lambda:InvokeFunction",
            "function.f.url asks nobody who they are",
            "role.any is allowed something on every resource: sqs:SendMessage on *",
            "role.pass may pass any role to a service: iam:* on *",
        ]
    );
}

#[test]
fn a_gate_hears_of_routes_that_ask_nobody() {
    let routes = |routes: Value| json!({"endpoint": "regional", "policy": null, "routes": routes});
    let before = routes(json!({
        "GET /open": {"auth": "NONE"}, "GET /iam": {"auth": "AWS_IAM"},
        "GET /key": {"auth": "NONE", "api_key": true}, "GET /kept": {"auth": "CUSTOM"},
    }));
    let after = routes(json!({
        "GET /open": {"auth": "NONE"}, "GET /iam": {"auth": "NONE"},
        "GET /key": {"auth": "NONE", "api_key": false}, "GET /kept": {"auth": "CUSTOM"},
        "GET /new": {"auth": "NONE"}, "GET /safe": {"auth": "AWS_IAM"},
        "OPTIONS /new": {"auth": "NONE", "type": "MOCK"},
    }));
    let world = World::default()
        .stays("api.a", "a1", before)
        .becomes("api.a", "update", after);
    assert_eq!(
        world.widening(),
        [
            "api.a GET /new is public (no auth)",
            "api.a its route GET /iam no longer asks who calls (AWS_IAM)",
            "api.a its route GET /key no longer asks for an API key",
        ]
    );
}

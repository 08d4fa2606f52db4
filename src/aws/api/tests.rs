//! From a block to a spec, and from one spec to another, without AWS.

use std::collections::BTreeSet;

use serde_json::Value;

use super::decl::Decl;
use super::spec::{Facts, Spec};
use super::steps::{Step, steps};
use super::{Api, lower};
use crate::aws::patch::{Patch, PatchOp};
use crate::aws::resource::{Resource, Transition};
use crate::resolve::bench::Bench;
use crate::resolve::{Gathered, Strength};
use crate::text::Text;

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:604370441254:function:Hello";

fn bench() -> Bench {
    let mut bench = Bench::new(crate::aws::kinds());
    let known = [("arn", FUNCTION), ("name", "Hello")];
    bench.knows("function.HelloWorld", &known);
    bench.knows("function.HelloWorld.alias.live", &[]);
    bench.knows(
        "role.gate",
        &[("arn", "arn:aws:iam::604370441254:role/gate")],
    );
    bench
}

fn lowered(block: &str) -> (Spec, Gathered) {
    let (spec, gathered) = bench().lower("api.hello", block, |decl: &Decl, ctx| {
        lower::lower(decl, ctx)
    });
    (spec.unwrap(), gathered)
}

/// The spec of a block without problems.
fn spec(block: &str) -> Spec {
    let (spec, gathered) = lowered(block);
    assert_eq!(gathered.problems, []);
    spec
}

/// Path and message of every problem of a block.
fn problems(block: &str) -> Vec<String> {
    let (_, gathered) = lowered(block);
    let line = |problem: crate::problem::Problem| {
        format!("{}: {}", problem.path.join("."), problem.message)
    };
    gathered.problems.into_iter().map(line).collect()
}

fn transition(before: Option<Spec>, after: Option<Spec>, paths: &[&str]) -> Transition<Api> {
    Transition {
        before,
        after,
        facts: Facts {
            root_resource_id: "root".into(),
            resources: paths
                .iter()
                .map(|path| ((*path).into(), format!("id of {path}")))
                .collect(),
            foreign_stages: Vec::new(),
            created: None,
        },
        moved: false,
        renewed: BTreeSet::new(),
    }
}

fn change(before: &str, after: &str, paths: &[&str]) -> Vec<Step> {
    steps(&transition(Some(spec(before)), Some(spec(after)), paths))
}

#[test]
fn hello_world_is_four_calls() {
    let hello = spec(
        r#"
        name = "Hello World Api"
        [routes]
        "ANY /{hello+}" = { function = "HelloWorld", credentials = "gate" }
        "#,
    );
    let route = &hello.routes["ANY /{hello+}"];
    assert_eq!(route.target, Some(Text::from(FUNCTION)));
    assert_eq!(route.integration_method.as_deref(), Some("POST"));
    let calls: Vec<&str> = steps(&transition(None, Some(hello), &[]))
        .iter()
        .map(super::steps::call)
        .collect();
    assert_eq!(
        calls,
        [
            "CreateRestApi",
            "CreateResource",
            "PutMethod",
            "PutIntegration"
        ]
    );
}

#[test]
fn a_route_without_credentials_brings_one_permission_a_function_and_api() {
    let (_, gathered) = lowered(
        r#"
        [routes]
        "GET /" = { function = "HelloWorld" }
        "POST /" = { function = "HelloWorld" }
        "GET /live" = { function = "HelloWorld:live" }
        "GET /gate" = { function = "HelloWorld", credentials = "gate" }
        "GET /other" = { function = "arn:aws:lambda:eu-central-1:604370441254:function:Other" }
        "#,
    );
    assert_eq!(gathered.problems, []);
    let added: Vec<&str> = gathered
        .added
        .iter()
        .map(|added| added.addr.as_str())
        .collect();
    assert_eq!(
        added,
        [
            "function.HelloWorld.permission.api-hello",
            "function.HelloWorld.permission.api-hello-live"
        ]
    );
    let plain = &gathered.added[0];
    assert_eq!(plain.id.as_deref(), Some("Hello/slp-shop---hello"));
    let source = serde_json::from_value::<Text>(plain.spec["source_arn"].clone()).unwrap();
    assert_eq!(
        source.to_string(),
        "arn:aws:execute-api:eu-central-1:604370441254:<api.hello.id>/*/*"
    );
    assert!(
        plain
            .needs
            .values()
            .all(|strength| *strength == Strength::Hard)
    );
    let live = &gathered.added[1];
    assert_eq!(live.spec["alias"], Value::from("live"));
    assert_eq!(live.id.as_deref(), Some("Hello:live/slp-shop---hello-live"));
    assert_eq!(
        gathered.needs.get("function.HelloWorld"),
        Some(&Strength::Soft)
    );
    assert_eq!(gathered.needs.get("role.gate"), Some(&Strength::Hard));
}

#[test]
fn a_function_by_its_arn_gets_a_permission_when_asked() {
    let (_, gathered) = lowered(
        r#"
        [routes]
        "GET /" = { function = "arn:aws:lambda:eu-central-1:1:function:Other:live", permission = true }
        "#,
    );
    let added = &gathered.added[0];
    assert_eq!(
        added.addr.as_str(),
        "function.Other.permission.api-hello-live"
    );
    assert_eq!(
        added.spec["function"],
        Value::from("arn:aws:lambda:eu-central-1:1:function:Other")
    );
    assert_eq!(added.needs.len(), 1);
}

#[test]
fn every_mistake_is_found_at_its_place() {
    let found = problems(
        r#"
        openapi = "x.yaml"
        cors = true
        [routes]
        "get /" = { function = "HelloWorld" }
        "GET users" = { function = "HelloWorld" }
        "GET /a/" = { function = "HelloWorld" }
        "GET /{all+}/x" = { function = "HelloWorld" }
        "GET /b/{x}" = { function = "HelloWorld" }
        "GET /b/{y}/z" = { function = "HelloWorld" }
        "GET /none" = { }
        "GET /two" = { function = "HelloWorld", http = "https://x" }
        "OPTIONS /b/{x}" = { mock = { } }
        "GET /who" = { function = "Nobody" }
        "GET /role" = { function = "HelloWorld", credentials = "nobody" }
        "GET /auth" = { function = "HelloWorld", auth = "mine", scopes = ["a"] }
        "GET /slow" = { function = "HelloWorld", timeout_ms = 5 }
        "#,
    );
    let expected = [
        "openapi: `openapi` is not supported by this version of slp",
        "routes.GET /a/: the path `/a/` ends with `/`",
        "routes.GET /auth.scopes: `scopes` is not supported by this version of slp",
        "routes.GET /auth.auth: `auth = \"mine\"`: authorizers are not supported by this version of slp",
        "routes.GET /none: the route `GET /none` leads nowhere",
        "routes.GET /role.credentials: there is no [role.nobody]",
        "routes.GET /slow.timeout_ms: 5 ms is outside what AWS takes",
        "routes.GET /two: the route `GET /two` leads to two things at once",
        "routes.GET /who.function: there is no [function.Nobody]",
        "routes.GET /{all+}/x: `{all+}` takes all that is left of the path, so nothing can follow it",
        "routes.GET users: `GET users` is not a route",
        "routes.get /: `get` is not a method",
        "routes.GET /b/{y}/z: `/b/{x}` and `/b/{y}` are two variables at one place",
        "routes.OPTIONS /b/{x}: `OPTIONS /b/{x}` stands beside `cors`, which makes one on every path",
    ];
    assert_eq!(found, expected);
}

#[test]
fn more_resources_than_aws_takes_are_refused() {
    let routes: String = (0..150)
        .map(|n| format!("\"GET /p{n}/x\" = {{ mock = {{}} }}\n"))
        .collect();
    let found = problems(&format!("[routes]\n{routes}"));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("301 resources"), "{found:?}");
}

#[test]
fn variables_of_the_path_reach_the_url_behind() {
    let api = spec("[routes]\n\"GET /u/{id}\" = { http = \"https://x.example/users/{id}\" }");
    let route = &api.routes["GET /u/{id}"];
    assert!(route.parameters["method.request.path.id"]);
    assert_eq!(
        route.request_parameters["integration.request.path.id"],
        "method.request.path.id"
    );
}

#[test]
fn cors_answers_on_every_path_that_has_a_route() {
    let api = spec(
        "cors = { origins = [\"https://shop.example\"] }\n[routes]\n\"GET /a/b\" = { function = \"HelloWorld\" }",
    );
    let keys: Vec<&str> = api.routes.keys().map(String::as_str).collect();
    assert_eq!(keys, ["GET /a/b", "OPTIONS /a/b"]);
    let calls: Vec<&str> = steps(&transition(None, Some(api), &[]))
        .iter()
        .map(super::steps::call)
        .collect();
    let preflight = [
        "PutMethod",
        "PutIntegration",
        "PutMethodResponse",
        "PutIntegrationResponse",
    ];
    assert!(calls.ends_with(&preflight), "{calls:?}");
}

#[test]
fn what_did_not_change_takes_no_call() {
    let block = "[routes]\n\"GET /a\" = { function = \"HelloWorld\", api_key = true }";
    assert_eq!(change(block, block, &["/a"]), []);
}

#[test]
fn one_call_carries_every_change_of_the_api_itself() {
    let before =
        "name = \"a\"\nbinary_media_types = [\"image/png\"]\nminimum_compression_size = 10";
    let after =
        "name = \"b\"\nbinary_media_types = [\"*/*\"]\nendpoint = \"edge\"\ndescription = \"d\"";
    let expected = vec![
        Patch::replace("/name", "b"),
        Patch::new(PatchOp::Replace, "/description", None),
        Patch::new(PatchOp::Replace, "/minimumCompressionSize", None),
        Patch::replace("/endpointConfiguration/types/0", "EDGE"),
        Patch::remove("/binaryMediaTypes/image~1png"),
        Patch::new(PatchOp::Add, "/binaryMediaTypes/*~1*", None),
    ];
    assert_eq!(change(before, after, &[]), [Step::UpdateApi(expected)]);
}

#[test]
fn a_variable_is_replaced_by_another_only_after_it_is_gone() {
    let before = "[routes]\n\"GET /a/{x}\" = { function = \"HelloWorld\" }";
    let after = "[routes]\n\"GET /a/{y}\" = { function = \"HelloWorld\" }";
    let route = || "GET /a/{y}".to_owned();
    assert_eq!(
        change(before, after, &["/a", "/a/{x}"]),
        [
            Step::DeleteResource {
                path: "/a/{x}".into()
            },
            Step::CreateResource {
                path: "/a/{y}".into()
            },
            Step::PutMethod { route: route() },
            Step::PutIntegration { route: route() },
        ]
    );
}

#[test]
fn a_method_goes_alone_where_its_path_stays() {
    let before = "[routes]\n\"GET /a\" = { mock = {} }\n\"PUT /a\" = { mock = {} }\n\"GET /b/c\" = { mock = {} }";
    let after = "[routes]\n\"GET /a\" = { mock = {} }";
    assert_eq!(
        change(before, after, &["/a", "/b", "/b/c"]),
        [
            Step::DeleteMethod {
                route: "PUT /a".into()
            },
            Step::DeleteResource {
                path: "/b/c".into()
            },
            Step::DeleteResource { path: "/b".into() },
        ]
    );
}

#[test]
fn an_integration_is_put_over_the_old() {
    let before = "[routes]\n\"GET /a\" = { function = \"HelloWorld\" }";
    let after = "[routes]\n\"GET /a\" = { function = \"HelloWorld:live\", timeout_ms = 900 }";
    let route = "GET /a".into();
    assert_eq!(
        change(before, after, &["/a"]),
        [Step::PutIntegration { route }]
    );
}

#[test]
fn a_method_is_made_anew() {
    let before = "[routes]\n\"GET /a\" = { function = \"HelloWorld\" }";
    for field in [
        "api_key = true",
        "auth = \"iam\"",
        "parameters = { \"method.request.header.X\" = true }",
    ] {
        let after = format!("[routes]\n\"GET /a\" = {{ function = \"HelloWorld\", {field} }}");
        let steps = change(before, &after, &["/a"]);
        let calls: Vec<&str> = steps.iter().map(super::steps::call).collect();
        assert_eq!(calls, ["DeleteMethod", "PutMethod", "PutIntegration"]);
    }
}

#[test]
fn what_another_added_to_a_method_goes_with_it() {
    let after = spec("[routes]\n\"GET /a\" = { function = \"HelloWorld\" }");
    let mut before = after.clone();
    let route = before.routes.get_mut("GET /a").unwrap();
    route.extra.insert("authorizer".into(), "a1b2c3".into());
    let steps = steps(&transition(Some(before), Some(after), &["/a"]));
    assert_eq!(steps.len(), 3);
}

#[test]
fn a_mock_s_body_is_put_over_the_old_and_another_status_makes_the_method_anew() {
    let route = |body: &str| format!("[routes]\n\"GET /a\" = {{ mock = {body} }}");
    let body = change(
        &route("{ body = \"a\" }"),
        &route("{ body = \"b\" }"),
        &["/a"],
    );
    let put = Step::PutIntegrationResponse {
        route: "GET /a".into(),
        status: "200".into(),
    };
    assert_eq!(body, [put]);
    let status = change(
        &route("{ status = 200 }"),
        &route("{ status = 404 }"),
        &["/a"],
    );
    let calls: Vec<&str> = status.iter().map(super::steps::call).collect();
    assert_eq!(
        calls,
        [
            "DeleteMethod",
            "PutMethod",
            "PutIntegration",
            "PutMethodResponse",
            "PutIntegrationResponse"
        ]
    );
}

#[test]
fn what_an_interrupted_run_made_is_not_made_again() {
    let after = spec("[routes]\n\"GET /a/b\" = { function = \"HelloWorld\" }");
    let before = Spec {
        routes: Default::default(),
        ..after.clone()
    };
    let steps = steps(&transition(Some(before), Some(after), &["/a"]));
    assert_eq!(
        steps[0],
        Step::CreateResource {
            path: "/a/b".into()
        }
    );
    assert_eq!(steps.len(), 3);
}

#[test]
fn a_step_survives_the_plan_file() {
    let all = change(
        "name = \"a\"\n[routes]\n\"GET /a\" = { mock = {} }",
        "name = \"b\"\n[routes]\n\"GET /b\" = { mock = {} }",
        &["/a"],
    );
    for step in all {
        let value = serde_json::to_value(&step).unwrap();
        assert_eq!(serde_json::from_value::<Step>(value).unwrap(), step);
    }
}

#[test]
fn deleting_an_api_is_one_call() {
    let api = spec("[routes]\n\"GET /a/b\" = { mock = {} }");
    assert_eq!(
        steps(&transition(Some(api), None, &["/a", "/a/b"])),
        [Step::DeleteApi]
    );
}

#[test]
fn a_stage_made_by_hand_is_told_and_an_old_state_knows_of_none() {
    let old = serde_json::json!({ "root_resource_id": "r", "resources": {} });
    let mut facts: Facts = serde_json::from_value(old.clone()).unwrap();
    assert_eq!(serde_json::to_value(&facts).unwrap(), old);
    assert_eq!(Api::notice(&facts), None);
    facts.foreign_stages.push("beta".into());
    assert!(Api::notice(&facts).is_some_and(|text| text.contains("beta")));
}

//! From a block to a spec, and from one spec to another, without AWS.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::decl::{Decl, lower};
use super::steps::{Step, steps};
use super::{Facts, Spec, Stage, serves, url};
use crate::aws::patch::{Patch, PatchOp};
use crate::aws::resource::{Resource, Transition};
use crate::resolve::bench::Bench;
use crate::resolve::{Gathered, Strength};
use crate::scope::Scope;

fn lowered(block: &str, api: Value) -> (Spec, Gathered) {
    let mut bench = Bench::new(crate::aws::kinds());
    bench.knows("api.shop", &[]);
    bench.parent = Some(api);
    let (spec, gathered) = bench.lower("api.shop.stage.test", block, |decl: &Decl, ctx| {
        lower(decl, ctx)
    });
    (spec.unwrap(), gathered)
}

fn spec(block: &str) -> Spec {
    let (spec, gathered) = lowered(block, json!({ "routes": { "GET /": { "target": "x" } } }));
    assert_eq!(gathered.problems, []);
    assert_eq!(gathered.needs.get("api.shop"), Some(&Strength::Hard));
    spec
}

fn change(before: Option<Spec>, after: Option<Spec>) -> Vec<Step> {
    change_beside(&["d0"], before, after)
}

/// The same, with these deployments left of earlier runs.
fn change_beside(left: &[&str], before: Option<Spec>, after: Option<Spec>) -> Vec<Step> {
    steps(&Transition::<Stage> {
        before,
        after,
        facts: Facts {
            deployment_id: "d1".into(),
            serves: "old".into(),
            stale: left.iter().map(|id| (*id).to_owned()).collect(),
            created: None,
            modified: None,
        },
        moved: false,
        renewed: BTreeSet::new(),
    })
}

#[test]
fn a_new_stage_is_a_deployment_and_a_stage() {
    assert_eq!(
        change(None, Some(spec(""))),
        [Step::CreateDeployment, Step::CreateStage]
    );
}

#[test]
fn what_a_create_cannot_say_follows_it() {
    let steps = change(None, Some(spec("throttle = { rate = 10, burst = 5 }")));
    let patches = vec![
        Patch::replace("/*/*/throttling/rateLimit", "10"),
        Patch::replace("/*/*/throttling/burstLimit", "5"),
    ];
    assert_eq!(
        steps[2..],
        [Step::UpdateStage {
            deploy: false,
            patches
        }]
    );
}

#[test]
fn another_api_is_deployed_and_the_old_deployments_go() {
    let before = Spec {
        serves: "old".into(),
        ..spec("")
    };
    assert_eq!(
        change(Some(before), Some(spec(""))),
        [
            Step::CreateDeployment,
            Step::UpdateStage {
                deploy: true,
                patches: vec![]
            },
            Step::DeleteDeployment("d1".into()),
            Step::DeleteDeployment("d0".into()),
        ]
    );
}

#[test]
fn settings_alone_deploy_nothing() {
    let before = spec(
        "description = \"a\"\nvariables = { x = \"1\", y = \"2\" }\nthrottle = { rate = 1.5, burst = 1 }",
    );
    let after = spec("tracing = true\nvariables = { y = \"3\" }");
    let patches = vec![
        Patch::new(PatchOp::Replace, "/description", None),
        Patch::replace("/tracingEnabled", "true"),
        Patch::remove("/variables/x"),
        Patch::new(PatchOp::Replace, "/variables/y", None),
        Patch::replace("/*/*/throttling/rateLimit", "-1"),
        Patch::replace("/*/*/throttling/burstLimit", "-1"),
        Patch::remove("/*/*"),
    ];
    assert_eq!(
        change(Some(before), Some(after)),
        [
            Step::UpdateStage {
                deploy: false,
                patches
            },
            Step::DeleteDeployment("d0".into()),
        ]
    );
}

#[test]
fn what_others_set_is_taken_back() {
    let mut before = spec("");
    before
        .extra
        .insert("/*/*/logging/loglevel".into(), "INFO".into());
    before
        .extra
        .insert("/accessLogSettings".into(), "arn".into());
    let patches = vec![
        Patch::replace("/*/*/logging/loglevel", "OFF"),
        Patch::remove("/accessLogSettings"),
    ];
    let steps = change(Some(before), Some(spec("")));
    assert_eq!(
        steps[0],
        Step::UpdateStage {
            deploy: false,
            patches
        }
    );
}

#[test]
fn a_stage_that_is_as_wanted_takes_no_call() {
    assert_eq!(change_beside(&[], Some(spec("")), Some(spec(""))), []);
}

#[test]
fn a_stage_goes_before_its_deployments() {
    assert_eq!(
        change(Some(spec("")), None),
        [
            Step::DeleteStage,
            Step::DeleteDeployment("d1".into()),
            Step::DeleteDeployment("d0".into()),
        ]
    );
}

#[test]
fn every_mistake_is_found_at_its_place() {
    let (_, gathered) = lowered(
        "cache = true\nvariables = { \"a-b\" = \"1\", c = \"<x>\" }\nthrottle = { rate = -1, burst = 1 }",
        json!({ "routes": {} }),
    );
    let found: Vec<String> = gathered
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.path.join("."), problem.message))
        .collect();
    assert_eq!(
        found,
        [
            "cache: `cache` is not supported by this version of slp",
            ": the API has no routes, and AWS deploys no empty API",
            "throttle.rate: a rate is 0 or more requests a second",
            "variables.a-b: `a-b` cannot be a stage variable",
            "variables.c: `<` cannot stand in a stage variable",
        ]
    );
}

#[test]
fn the_url_is_where_the_cloud_is() {
    let aws = Scope {
        region: "eu-central-1".into(),
        partition: "aws".into(),
        ..Scope::default()
    };
    assert_eq!(
        url("a1", "test", &aws),
        "https://a1.execute-api.eu-central-1.amazonaws.com/test"
    );
    let china = Scope {
        partition: "aws-cn".into(),
        ..aws.clone()
    };
    assert!(url("a1", "test", &china).ends_with(".amazonaws.com.cn/test"));
    let local = Scope {
        endpoint: Some("http://127.0.0.1:4566/".into()),
        ..aws
    };
    assert_eq!(
        url("a1", "test", &local),
        "http://127.0.0.1:4566/_aws/execute-api/a1/test"
    );
}

#[test]
fn a_variable_may_hold_an_arn_of_which_the_account_is_not_known_yet() {
    let arn = "arn:aws:lambda:eu-central-1:<project.account>:function:X";
    let wanted = spec(&format!("variables = {{ target = \"{arn}\" }}"));
    assert_eq!(wanted.variables["target"].known(), Some(arn));
    let api = json!({ "routes": { "GET /": { "target": "x" } } });
    let (_, gathered) = lowered("variables = { target = \"a>b\" }", api);
    assert_eq!(gathered.problems.len(), 1);
}

#[test]
fn what_a_dead_run_left_goes_though_nothing_differs() {
    let left = change(Some(spec("")), Some(spec("")));
    assert_eq!(left, [Step::DeleteDeployment("d0".into())]);
    assert!(Stage::because(&left[0]).is_some());
}

#[test]
fn a_deployment_of_somebody_else_stays_theirs() {
    let before = Spec {
        serves: serves::FOREIGN.into(),
        ..spec("")
    };
    let theirs = Step::DeleteDeployment("d1".into());
    assert!(!change(Some(before.clone()), Some(spec(""))).contains(&theirs));
    assert!(!change(Some(before), None).contains(&theirs));
}

//! A rehearsal changes nothing, and says what the apply then finds.

use clap::Parser;
use serde_json::{Value, json};

use super::Stand;
use super::kill::EXAMPLES;
use crate::cli::args::{Cli, Command};
use crate::cli::embedded::Local;
use crate::cli::rehearse::ALLOWS_ALL;
use crate::cli::{open, plan, rehearse};
use crate::event::Listener;
use crate::local::testing::{URL, query, rest};
use crate::local::{AwsError, Fault, Moment, What};
use crate::plan::Rehearsal;

impl Stand {
    /// `slp plan --rehearse`; fails where it changes anything.
    async fn rehearse(&self, more: &[&str]) -> Rehearsal {
        self.rehearse_with([], more).await
    }

    /// The same, with what goes wrong once the plan is made.
    async fn rehearse_with(
        &self,
        faults: impl IntoIterator<Item = Fault>,
        more: &[&str],
    ) -> Rehearsal {
        let before = self.picture();
        let file = self.path("slp.toml").display().to_string();
        let line = ["slp", "plan", "--rehearse", "--local", "--file", &file];
        let cli = Cli::parse_from(line.iter().chain(more));
        let Command::Plan(args) = &cli.command else {
            panic!("not a plan");
        };
        let local = Local::here(self.cloud.clone(), URL, self.path(".slp/local/state"));
        let opened = open::online_at(&cli.global, Some(&local), 4).await;
        let (mut project, aws) = opened.expect("a sound project");
        if args.destroy {
            project.desired = plan::nothing(&project.desired);
        }
        let events = Listener::deaf();
        let snapshot = project.store.load().await.expect("the state");
        let state = plan::known(&project, snapshot, &aws, &events).await;
        let state = state.expect("the state");
        let made = plan::make(&project, &aws, state, &args.scope, args.destroy, &events).await;
        self.cloud.faults().plan(faults);
        let made = made.expect("a plan");
        let rehearsal = rehearse::run(&project, &aws, &made, args, &events).await;
        let calls = self.cloud.faults().calls();
        let changing: Vec<_> = calls.iter().filter(|call| call.changing).collect();
        assert!(changing.is_empty(), "{changing:?}");
        assert_eq!(self.picture(), before);
        rehearsal.expect("a rehearsal")
    }

    /// What is rehearsed is what then happens.
    async fn as_rehearsed(&self, what: &str, destroy: bool) {
        let more: &[&str] = if destroy { &["--destroy"] } else { &[] };
        let rehearsal = self.rehearse(more).await;
        let calls = self.run(destroy).await.expect("it works");
        self.was_rehearsed(what, &rehearsal, calls);
    }

    fn was_rehearsed(&self, what: &str, rehearsal: &Rehearsal, calls: usize) {
        assert_eq!(rehearsal.failures, [], "{what}");
        assert_eq!(rehearsal.not_rehearsed, [], "{what}");
        assert_eq!(rehearsal.calls, calls, "{what}");
    }
}

#[tokio::test]
async fn a_rehearsal_counts_the_calls_that_apply_makes() {
    for (example, change) in EXAMPLES {
        let stand = Stand::of(example);
        stand
            .as_rehearsed(&format!("create {example}"), false)
            .await;
        change(&stand);
        stand
            .as_rehearsed(&format!("change {example}"), false)
            .await;
        stand
            .as_rehearsed(&format!("destroy {example}"), true)
            .await;
    }
}

#[tokio::test]
async fn what_aws_counts_up_is_copied() {
    let worker = Stand::of("python-worker");
    worker.run(false).await.expect("it works");
    for (from, to) in [("256", "300"), ("300", "320"), ("320", "512")] {
        worker.change(
            "slp.toml",
            &format!("memory = {from}"),
            &format!("memory = {to}"),
        );
        worker.as_rehearsed("a version more", false).await;
    }
    worker.as_rehearsed("destroyed", true).await;
    let hello = Stand::of("hello-world");
    hello.run(false).await.expect("it works");
    let mut before = "lambda:InvokeFunction".to_owned();
    for version in 2..=7 {
        let after = format!("lambda:InvokeFunction{version}");
        hello.change("slp.toml", &before, &after);
        hello
            .as_rehearsed(&format!("policy version {version}"), false)
            .await;
        before = after;
    }
}

#[tokio::test]
async fn a_role_that_lambda_may_never_assume_fails_without_waiting() {
    let stand = Stand::of("hello-world");
    let lambdas = "[role.basic-lambda-logging]\ntrust = \"lambda.amazonaws.com\"";
    stand.change("slp.toml", lambdas, &lambdas.replace("lambda.a", "ec2.a"));
    let rehearsal = stand.rehearse(&[]).await;
    let [refused] = &rehearsal.failures[..] else {
        panic!("{rehearsal:?}");
    };
    assert_eq!(refused.addr.as_str(), "function.HelloWorld");
    assert_eq!(refused.operation, "CreateFunction");
    assert_eq!(
        refused.code.as_deref(),
        Some("InvalidParameterValueException")
    );
    assert!(!refused.error.contains("waited"), "{}", refused.error);
    assert!(
        refused.hint.contains("lambda.amazonaws.com"),
        "{}",
        refused.hint
    );
    let left: Vec<&str> = rehearsal
        .not_tried
        .iter()
        .map(|l| l.addr.as_str())
        .collect();
    let needing = [
        "api.hello-world",
        "api.hello-world.stage.test",
        "policy.hello-world-invoke-lambda-policy",
        "role.hello-world-api-gateway-role",
    ];
    assert_eq!(left, needing);
    assert_eq!(rehearsal.not_rehearsed, []);
    let part = ["--target", "role.hello-world-api-gateway-role"];
    let rehearsal = stand.rehearse(&part).await;
    assert_eq!(
        rehearsal.failures.len(),
        1,
        "what it needs is rehearsed too"
    );
    let part = ["--target", "role.basic-lambda-logging"];
    let rehearsal = stand.rehearse(&part).await;
    assert_eq!((rehearsal.failures.len(), rehearsal.calls), (0, 2));
}

#[tokio::test]
async fn a_quota_of_awss_is_met_before_apply_meets_it() {
    let stand = Stand::of("hello-world");
    let role = "[role.basic-lambda-logging]\n";
    stand.change("slp.toml", role, &format!("{role}exclusive = false\n"));
    stand.run(false).await.expect("it works");
    // Nine attached by hand, and the one of the manifest: AWS takes ten.
    for number in 0..9 {
        let (name, arn) = (format!("by-hand-{number}"), by_hand(number));
        let create = [
            ("Action", "CreatePolicy"),
            ("PolicyName", &name),
            ("PolicyDocument", ALLOWS_ALL),
        ];
        let attach = [
            ("Action", "AttachRolePolicy"),
            ("RoleName", "basic-lambda-logging"),
            ("PolicyArn", &arn),
        ];
        for asked in [create, attach] {
            assert_eq!(query(&stand.cloud, "iam", &asked).await.0, 200);
        }
    }
    let attach = "attach = [\"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole\"";
    let more = format!("{attach}, \"hello-world-invoke-lambda-policy\"");
    stand.change("slp.toml", attach, &more);
    let rehearsal = stand.rehearse(&[]).await;
    let [refused] = &rehearsal.failures[..] else {
        panic!("{rehearsal:?}");
    };
    assert_eq!(refused.addr.as_str(), "role.basic-lambda-logging");
    assert_eq!(refused.operation, "AttachRolePolicy");
    assert_eq!(refused.code.as_deref(), Some("LimitExceeded"));
    assert!(refused.hint.contains("quota"), "{}", refused.hint);
}

fn by_hand(number: usize) -> String {
    format!("arn:aws:iam::000000000000:policy/by-hand-{number}")
}

#[tokio::test]
async fn many_routes_are_held_up_by_awss_limits() {
    let stand = Stand::of("hello-world");
    let table = "[api.hello-world.routes]\n";
    let route = |number| format!("\"GET /r{number}\" = {{ mock = {{ status = 204 }} }}\n");
    let routes: String = (0..50).map(route).collect();
    stand.change("slp.toml", table, &format!("{table}{routes}"));
    let rehearsal = stand.rehearse(&[]).await;
    assert_eq!(rehearsal.failures, []);
    let held = rehearsal.bottleneck.expect("held up");
    assert_eq!(held.limit, "all calls of API Gateway: 10 a second");
    // A resource, a method, an integration and both responses a route.
    assert!(held.calls >= 250, "{}", held.calls);
    assert_eq!(rehearsal.least_seconds, (held.calls - 40) as f64 / 10.0);
}

#[tokio::test]
async fn what_others_have_is_there_too() {
    let stand = Stand::of("hello-world");
    let cloud = &stand.cloud;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}"#;
    let role = [
        ("Action", "CreateRole"),
        ("RoleName", "theirs"),
        ("Path", "/teams/"),
        ("AssumeRolePolicyDocument", trust),
    ];
    let policy = [
        ("Action", "CreatePolicy"),
        ("PolicyName", "also-theirs"),
        ("PolicyDocument", ALLOWS_ALL),
    ];
    for asked in [&role[..], &policy[..]] {
        assert_eq!(query(cloud, "iam", asked).await.0, 200);
    }
    stand.change(
        "slp.toml",
        "role = \"basic-lambda-logging\"",
        "role = \"arn:aws:iam::000000000000:role/teams/theirs\"",
    );
    let attached = "attach = [\"hello-world-invoke-lambda-policy\"";
    let more = format!("{attached}, \"arn:aws:iam::000000000000:policy/also-theirs\"");
    stand.change("slp.toml", attached, &more);
    stand
        .as_rehearsed("with a role and a policy of others", false)
        .await;
    stand.change("slp.toml", "policy/also-theirs", "policy/nobodys");
    let rehearsal = stand.rehearse(&[]).await;
    assert_eq!(rehearsal.failures[0].operation, "AttachRolePolicy");
    assert_eq!(rehearsal.failures[0].code.as_deref(), Some("NoSuchEntity"));
    assert_eq!(rehearsal.assumed, Vec::<String>::new());
}

/// As AWS answers a caller who may not read that.
fn forbidden(operation: &str) -> Fault {
    Fault {
        call: 1,
        operation: Some(operation.to_owned()),
        changing: false,
        moment: Moment::Before,
        what: What::Error(AwsError::new(403, "AccessDenied", "not authorized")),
    }
}

#[tokio::test]
async fn what_nobody_can_look_at_is_taken_on_trust() {
    let stand = Stand::of("hello-world");
    let manifest = r#"
        [project]
        name = "trusting"
        [role.run]
        trust = { Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com", AWS = "arn:aws:iam::000000000000:user/ann" } }] }
        attach = ["arn:aws:iam::000000000000:policy/theirs"]
        [function.Layered]
        runtime = "nodejs22.x"
        handler = "index.helloworld"
        role = "run"
        code = "src"
        layers = ["arn:aws:lambda:us-east-1:111122223333:layer:tools:3"]
        [function.FromS3]
        runtime = "nodejs22.x"
        handler = "index.handler"
        role = "arn:aws:iam::000000000000:role/teams/theirs"
        s3 = { bucket = "code-bucket", key = "a/b.zip" }
    "#;
    std::fs::write(stand.path("slp.toml"), manifest).expect("written");
    let unreadable = [forbidden("GetRole"), forbidden("GetPolicy")];
    let rehearsal = stand.rehearse_with(unreadable, &[]).await;
    assert_eq!(rehearsal.failures, []);
    assert_eq!(rehearsal.not_rehearsed, []);
    let trusted = [
        "arn:aws:iam::000000000000:policy/theirs",
        "arn:aws:iam::000000000000:role/teams/theirs",
        "arn:aws:iam::000000000000:user/ann",
        "arn:aws:lambda:us-east-1:111122223333:layer:tools:3",
        "s3://code-bucket/a/b.zip",
    ];
    assert_eq!(rehearsal.assumed, trusted);
    // Readable, and not there.
    let rehearsal = stand.rehearse(&[]).await;
    let failed = rehearsal.failures.iter().map(|failure| &*failure.operation);
    assert_eq!(
        failed.collect::<Vec<_>>(),
        ["CreateFunction", "AttachRolePolicy"]
    );
}

#[tokio::test]
async fn what_is_no_faithful_copy_is_named_and_not_judged() {
    let stand = Stand::of("hello-world");
    stand.run(false).await.expect("it works");
    let (_, apis) = rest(&stand.cloud, "apigateway", "GET", "/restapis", Value::Null).await;
    let api = apis["item"][0]["id"].as_str().expect("an API");
    let metrics = json!({"patchOperations": [
        {"op": "replace", "path": "/*/*/metrics/enabled", "value": "true"},
    ]});
    let path = format!("/restapis/{api}/stages/test");
    let (status, _) = rest(&stand.cloud, "apigateway", "PATCH", &path, metrics).await;
    assert_eq!(status, 200);
    let rehearsal = stand.rehearse(&[]).await;
    let [left] = &rehearsal.not_rehearsed[..] else {
        panic!("{rehearsal:?}");
    };
    assert_eq!(left.addr.as_str(), "api.hello-world.stage.test");
    assert!(left.why.contains("extra"), "{}", left.why);
    assert_eq!(rehearsal.failures, []);
}

#[tokio::test]
async fn every_kind_is_copied_as_it_is() {
    let stand = Stand::of_every_kind();
    let everything = include_str!("everything.toml");
    stand.as_rehearsed("create", false).await;
    assert_eq!(stand.run(false).await.expect("it works"), 0);
    for addr in [
        "role.run",
        "role.admin",
        "policy.own",
        "function.Front",
        "function.Front.alias.live",
        "function.Back.permission.bucket",
        "api.back",
        "api.back.stage.v1",
    ] {
        let rehearsal = stand.rehearse(&["--replace", addr]).await;
        assert_eq!(rehearsal.failures, [], "{addr}");
        assert_eq!(rehearsal.not_rehearsed, [], "{addr}");
    }
    by_hand_changed(&stand).await;
    let words = ["--take", "role.admin"];
    let rehearsal = stand.rehearse(&words).await;
    stand.cloud.faults().plan([]);
    let (code, said) = stand.with(false, &words).await;
    assert_eq!(code, 0, "{said}");
    let calls = stand.cloud.faults().calls().into_iter();
    let changing = calls.filter(|call| call.changing).count();
    stand.was_rehearsed("drift", &rehearsal, changing);
    let moved = "[[moved]]\nfrom = \"function.Back\"\nto = \"function.Rear\"\n";
    let rear = everything.replace("function.Back", "function.Rear");
    let rear = rear.replace("\"Back\"", "\"Rear\"") + moved;
    std::fs::write(stand.path("slp.toml"), rear).expect("written");
    stand.as_rehearsed("a move to another name", false).await;
    stand.as_rehearsed("destroy", true).await;
}

/// What somebody did outside slp.
async fn by_hand_changed(stand: &Stand) {
    let path = "/2015-03-31/functions/Front/configuration";
    let changed = json!({"Timeout": 60, "Environment": {"Variables": {"ADDED": "by hand"}}});
    let (status, answer) = rest(&stand.cloud, "lambda", "PUT", path, changed).await;
    assert_eq!(status, 200, "{answer}");
    let attach = [
        ("Action", "AttachRolePolicy"),
        ("RoleName", "run"),
        (
            "PolicyArn",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
        ),
    ];
    let untag = [
        ("Action", "UntagRole"),
        ("RoleName", "admin"),
        ("TagKeys.member.1", "slp:project"),
    ];
    for asked in [&attach[..], &untag[..]] {
        let (status, xml) = query(&stand.cloud, "iam", asked).await;
        assert_eq!(status, 200, "{xml}");
    }
    let path = "/2015-03-31/functions/Back/policy";
    let foreign = json!({
        "StatementId": "theirs", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com",
    });
    let (status, answer) = rest(&stand.cloud, "lambda", "POST", path, foreign).await;
    assert_eq!(status, 201, "{answer}");
}

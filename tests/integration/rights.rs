//! Who gains or loses what, where only AWS knows what a policy allows.

use serde_json::Value;

use crate::harness::{self, Aws, Counter, example, list};

const LOGGING: &str =
    r#"attach = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]"#;

/// A policy that no project manages; its ARN.
fn policy(aws: &Aws, name: &str) -> String {
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:::q"}}"#;
    let words = ["iam", "create-policy", "--policy-name", name];
    let made = aws.with(&[&words[..], &["--policy-document", document]].concat());
    made["Policy"]["Arn"].as_str().expect("an ARN").to_owned()
}

#[test]
fn a_policy_of_somebody_else_is_read_once_where_it_comes() {
    let moto = harness::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = example("hello-world", "rights-read").at(counter.endpoint());
    let arn = policy(&moto.aws(), "rights-read-theirs");
    sandbox.slp("apply --yes").ok();
    let attach = format!("{}, \"{arn}\"]", LOGGING.trim_end_matches(']'));
    sandbox.change(LOGGING, &attach);
    counter.reset();
    let plan = sandbox.slp("--json plan").ok().stdout;
    assert_eq!(counter.count("GetPolicyVersion"), 1);
    let plan: Value = serde_json::from_str(&plan).expect("JSON");
    let rights = list(&plan, "rights");
    assert_eq!(rights.len(), 1, "{plan}");
    assert_eq!(rights[0]["addr"], "role.basic-lambda-logging");
    assert_eq!(rights[0]["existed"], true);
    assert_eq!(
        rights[0]["gained"][0]["action"]["like"][0],
        "sqs:SendMessage"
    );
    sandbox
        .slp("plan")
        .ok()
        .says(&["Permissions:", "gains sqs:SendMessage on arn:aws:sqs:::q"])
        .never_says(&["loses", "not known"]);
    sandbox.slp("apply --yes").ok();
    counter.reset();
    sandbox.slp("plan").ok().never_says(&["Permissions:"]);
    assert_eq!(counter.count("GetPolicyVersion"), 0);
}

#[test]
fn what_cannot_be_read_is_told() {
    let moto = harness::moto();
    let sandbox = example("hello-world", "rights-unread").at(moto.endpoint());
    sandbox.slp("apply --yes").ok();
    let arn = "arn:aws:iam::123456789012:policy/rights-nowhere";
    let attach = format!("{}, \"{arn}\"]", LOGGING.trim_end_matches(']'));
    sandbox.change(LOGGING, &attach);
    let note = format!("not known: what {arn}");
    sandbox.slp("plan").ok().says(&[&note, "not be read"]);
}

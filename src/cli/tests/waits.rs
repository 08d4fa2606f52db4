//! What AWS may still be passing on is waited for; what never comes is not.

use std::time::Duration;

use tokio::time::Instant;

use super::{Stand, make_role};

const TRUST: &str = "[role.basic-lambda-logging]\ntrust = \"lambda.amazonaws.com\"";
const ROLE: &str = "arn:aws:iam::000000000000:role/somebody";

/// Hello-world whose functions' role trusts this; how an apply ends, what it says and how long it
/// took.
async fn trusting(stand: &Stand, trust: &str) -> (u8, String, Duration) {
    let to = TRUST.replace("\"lambda.amazonaws.com\"", trust);
    stand.change("slp.toml", TRUST, &to);
    applied(stand).await
}

async fn applied(stand: &Stand) -> (u8, String, Duration) {
    let since = Instant::now();
    let (ended, said) = stand.told(false).await;
    (ended.unwrap_or(u8::MAX), said, since.elapsed())
}

/// Refused, and nothing was waited for.
fn is_told_at_once((code, said, took): (u8, String, Duration), message: &str) {
    assert_eq!((code, took), (1, Duration::ZERO), "{said}");
    assert!(said.contains(message), "no {message:?} in {said}");
    assert!(!said.contains("waiting for"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_principal_that_nobody_made_is_not_waited_for() {
    let stand = Stand::of("hello-world");
    let trust = format!("[\"lambda.amazonaws.com\", \"{ROLE}\"]");
    is_told_at_once(trusting(&stand, &trust).await, "Invalid principal");
    make_role(&stand, "somebody").await;
    assert_eq!(applied(&stand).await.0, 0);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_lambda_may_not_assume_is_not_waited_for_also_if_it_is_new() {
    let stand = Stand::of("hello-world");
    let ended = trusting(&stand, "\"ec2.amazonaws.com\"").await;
    is_told_at_once(ended, "cannot be assumed by Lambda");
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_does_not_exist_is_not_waited_for() {
    let managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let stand = Stand::of("hello-world");
    let missing = "arn:aws:iam::000000000000:policy/missing";
    stand.change("slp.toml", managed, missing);
    is_told_at_once(applied(&stand).await, "missing");
}

/// What a role lacks, it will lack after any time.
#[tokio::test(start_paused = true)]
async fn the_embedded_cloud_is_not_waited_for() {
    let denied = r#"{ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] }"#;
    let stand = Stand::of("hello-world");
    is_told_at_once(trusting(&stand, denied).await, "cannot be assumed");
    let stand = Stand::of("hello-world");
    let role = "role = \"basic-lambda-logging\"\n";
    let queue = "dead_letter = \"arn:aws:sqs:us-east-1:000000000000:q\"\n";
    stand.change("slp.toml", role, &format!("{role}{queue}"));
    is_told_at_once(applied(&stand).await, "SendMessage");
}

#[tokio::test(start_paused = true)]
async fn a_new_principal_is_waited_for() {
    let stand = Stand::of("hello-world");
    let propagation = Duration::from_secs(20);
    stand.cloud.faults().propagate_in(propagation);
    let own = "${role.hello-world-api-gateway-role.arn}";
    let (code, said, took) =
        trusting(&stand, &format!("[\"lambda.amazonaws.com\", \"{own}\"]")).await;
    assert_eq!(code, 0, "{said}");
    assert!(took >= propagation, "{took:?}: {said}");
}

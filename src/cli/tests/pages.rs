//! Faults 14, 33 and 53 of `tests/faults.md`: a bucket that is written at once by two, a
//! statement that is there already, lists of more than one page; and what others made of ours.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::Stand;
use crate::local::testing::{rest, rows, send};
use crate::local::{AwsError, Fault, Moment, What};
use crate::manifest::{Backend, StatePlace};
use crate::state::remote::{Condition, Objects, Put};

/// The bucket `states`, made, as slp keeps its state there.
async fn states(stand: &Stand, owner: Option<&str>) -> impl Objects + use<> {
    let make = Request::builder().method("PUT").uri("/states");
    let made = send(&stand.cloud, "s3", make, Bytes::new()).await;
    assert_eq!(made.status(), 200);
    let (_, aws) = stand.open().await.expect("it opens");
    aws.bucket(&StatePlace {
        backend: Backend::S3,
        bucket: Some("states".into()),
        bucket_owner: owner.map(str::to_owned),
        ..StatePlace::default()
    })
}

#[tokio::test(start_paused = true)]
async fn a_bucket_of_another_account_is_not_taken() {
    let bucket = states(&Stand::of("hello-world"), Some("000000000000")).await;
    let put = bucket.put("x", b"1".to_vec(), Condition::Absent).await;
    assert!(matches!(put, Ok(Put::Done(_))), "{put:?}");

    let bucket = states(&Stand::of("hello-world"), Some("210987654321")).await;
    let refusals = [
        bucket.get("x").await.err(),
        bucket
            .put("x", b"1".to_vec(), Condition::Absent)
            .await
            .err(),
        bucket.delete("x", "\"1\"").await.err(),
        bucket.list("x").await.err(),
    ];
    for refusal in refusals {
        let refusal = refusal.expect("refused");
        assert!(refusal.help.contains("`bucket_owner`"), "{refusal:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_cannot_be_used_is_told_with_the_way_out() {
    let stand = Stand::of("hello-world");
    states(&stand, None).await;
    let (_, aws) = stand.open().await.expect("it opens");
    let help = async |name: &str, region: Option<&str>| {
        let bucket = aws.bucket(&StatePlace {
            backend: Backend::S3,
            bucket: Some(name.into()),
            region: region.map(str::to_owned),
            ..StatePlace::default()
        });
        let refused = bucket.put("x", b"1".to_vec(), Condition::Absent).await;
        refused.expect_err("refused").help
    };
    let elsewhere = help("states", Some("eu-west-1")).await;
    assert!(elsewhere.contains("write its `region`"), "{elsewhere}");
    let missing = help("stats", None).await;
    assert!(missing.contains("Make the bucket"), "{missing}");
    let fault = Fault {
        call: 1,
        operation: Some("PutObject".into()),
        changing: true,
        moment: Moment::Before,
        what: What::Error(AwsError::new(403, "AccessDenied", "Access Denied")),
    };
    stand.cloud.faults().plan([fault]);
    let denied = help("states", None).await;
    assert!(denied.contains("s3:PutObject"), "{denied}");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_meets_another_in_the_bucket_is_sent_again() {
    let stand = Stand::of("hello-world");
    let bucket = states(&stand, None).await;
    let busy = AwsError::new(
        409,
        "ConditionalRequestConflict",
        "A conflicting operation occurred.",
    );
    let fault = |call| Fault {
        call,
        operation: Some("PutObject".into()),
        changing: true,
        moment: Moment::Before,
        what: What::Error(busy.clone()),
    };
    stand.cloud.faults().plan((1..=3).map(fault));
    let put = bucket.put("x", b"1".to_vec(), Condition::Absent).await;
    assert!(matches!(put, Ok(Put::Done(_))), "{put:?}");
    // One that never ends is given up, and told.
    stand.cloud.faults().plan((1..=500).map(fault));
    let since = tokio::time::Instant::now();
    let error = bucket
        .put("y", b"1".to_vec(), Condition::Absent)
        .await
        .expect_err("given up");
    assert!(since.elapsed() < std::time::Duration::from_secs(40));
    assert!(error.what.contains("conflicting operation"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_statement_of_the_same_sid_is_made_as_the_manifest_says() {
    let stand = Stand::of("hello-world");
    stand.run(false).await.expect("it applies");
    let statement = |account: &str| {
        json!({ "StatementId": "files", "Action": "lambda:InvokeFunction",
                "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::files",
                "SourceAccount": account })
    };
    let path = "/2015-03-31/functions/HelloWorld/policy";
    let made = rest(
        &stand.cloud,
        "lambda",
        "POST",
        path,
        statement("444455556666"),
    )
    .await;
    assert_eq!(made.0, 201, "{made:?}");
    let mut manifest = std::fs::read_to_string(stand.path("slp.toml")).expect("the manifest");
    manifest.push_str(
        "\n[function.HelloWorld.permission.files]\nprincipal = \"s3.amazonaws.com\"\n\
         source_arn = \"arn:aws:s3:::files\"\nsource_account = \"604370441254\"\n",
    );
    std::fs::write(stand.path("slp.toml"), manifest).expect("written");
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(0)), "{said}");
    let rows = rows(&stand.cloud).join("\n");
    assert!(
        rows.contains("604370441254") && !rows.contains("444455556666"),
        "{said}"
    );
    assert_eq!(stand.run(false).await.expect("it applies"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_stands_on_the_second_page_is_found() {
    let stand = Stand::of("hello-world");
    let mut manifest = "[project]\nname = \"many\"\n[role.run]\ntrust = \"lambda.amazonaws.com\"\n\
                        [defaults.function]\n\
                        runtime = \"nodejs22.x\"\nhandler = \"index.helloworld\"\nrole = \"run\"\n\
                        code = \"src\"\n"
        .to_owned();
    // IAM gives 100 a page.
    for n in 0..10 {
        manifest.push_str(&format!("[function.f{n}]\n"));
    }
    for n in 0..110 {
        manifest.push_str(&format!("[role.r{n}]\ntrust = \"lambda.amazonaws.com\"\n"));
    }
    std::fs::write(stand.path("slp.toml"), manifest).expect("written");
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(0)), "{said}");
    let (ended, said) = stand.told(false).await;
    assert!(
        matches!(ended, Ok(0)) && said.contains("Nothing to do"),
        "{said}"
    );
    let calls = stand.cloud.faults().calls();
    let is_page = |op: &str| op.ends_with("GetAccountAuthorizationDetails");
    let pages = calls.iter().filter(|call| is_page(&call.operation));
    assert!(pages.count() > 1, "one page was enough");
    assert!(stand.run(true).await.expect("it goes") > 120);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_of_somebody_else_is_moved_away_from_and_left() {
    let stand = Stand::of("hello-world");
    stand.run(false).await.expect("it applies");
    let apis = rest(&stand.cloud, "apigateway", "GET", "/restapis", json!(null)).await;
    let id = apis.1["item"][0]["id"].as_str().expect("an API").to_owned();
    let path = format!("/restapis/{id}/deployments");
    let mine = json!({ "description": "mine" });
    let mine = rest(&stand.cloud, "apigateway", "POST", &path, mine).await;
    let mine = mine.1["id"].as_str().expect("a deployment").to_owned();
    let stage = format!("/restapis/{id}/stages/test");
    let patch = json!([{ "op": "replace", "path": "/deploymentId", "value": mine }]);
    let patch = json!({ "patchOperations": patch });
    let moved = rest(&stand.cloud, "apigateway", "PATCH", &stage, patch).await;
    assert_eq!(moved.0, 200, "{moved:?}");
    assert!(stand.run(false).await.expect("it applies") > 0);
    assert_eq!(stand.run(false).await.expect("it is settled"), 0);
    let left = rest(&stand.cloud, "apigateway", "GET", &path, json!(null)).await;
    let left = left.1["item"].as_array().expect("deployments").clone();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(
        left.iter().any(|one| one["id"] == mine.as_str()),
        "{left:?}"
    );
}

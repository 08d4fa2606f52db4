use serde_json::{Value, json};

use super::*;
use crate::local::Place;
use crate::local::lambda::may_invoke;

const SOURCE: &str = "arn:aws:execute-api:us-east-1:000000000000:api/*/GET/hello";

fn api(sid: &str) -> Value {
    json!({
        "StatementId": sid,
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": SOURCE,
    })
}

fn allowed(cloud: &Arc<Cloud>, qualifier: Option<&str>) -> bool {
    let place = Place {
        region: "us-east-1".into(),
        url: testing::URL.into(),
    };
    let source = "arn:aws:execute-api:us-east-1:000000000000:api/prod/GET/hello";
    let service = "apigateway.amazonaws.com";
    let asked = cloud.turn(place, |turn| {
        Ok(may_invoke(
            turn,
            "f",
            qualifier,
            service,
            source,
            "000000000000",
        ))
    });
    asked.unwrap()
}

#[tokio::test]
async fn a_permission_holds_for_its_qualifier_alone() {
    let cloud = with_function("f").await;
    done(
        &cloud,
        "POST",
        &format!("{FUNCTIONS}/f/versions"),
        json!({}),
    )
    .await;
    let path = format!("{FUNCTIONS}/f/policy");
    assert!(!allowed(&cloud, None));
    let added = done(&cloud, "POST", &path, api("s")).await;
    let statement: Value = serde_json::from_str(added["Statement"].as_str().unwrap()).unwrap();
    assert_eq!(statement["Condition"]["ArnLike"]["AWS:SourceArn"], SOURCE);
    assert!(allowed(&cloud, None) && allowed(&cloud, Some("$LATEST")));
    assert!(!allowed(&cloud, Some("1")));
    done(&cloud, "POST", &format!("{path}?Qualifier=1"), api("s")).await;
    assert!(allowed(&cloud, Some("1")));
    done(&cloud, "DELETE", &format!("{path}/s"), Value::Null).await;
    assert!(!allowed(&cloud, None) && allowed(&cloud, Some("1")));
    // The last statement took the policy with it.
    let (status, _, message) = refused(&cloud, "GET", &path, Value::Null).await;
    assert_eq!(status, 404);
    assert_eq!(message, "The resource you requested does not exist.");
}

#[tokio::test]
async fn statement_ids_are_unique() {
    let cloud = with_function("f").await;
    let path = format!("{FUNCTIONS}/f/policy");
    done(&cloud, "POST", &path, api("s")).await;
    let (status, code, message) = refused(&cloud, "POST", &path, api("s")).await;
    assert_eq!((status, code.as_str()), (409, "ResourceConflictException"));
    assert_eq!(
        message,
        "The statement id (s) provided already exists. Please provide a new statement id, or \
         remove the existing statement."
    );
    let policy = done(&cloud, "GET", &path, Value::Null).await;
    let document: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(document["Id"], "default");
    assert_eq!(document["Statement"].as_array().unwrap().len(), 1);
    let mut next = api("t");
    next["RevisionId"] = json!("old");
    assert_eq!(refused(&cloud, "POST", &path, next.clone()).await.0, 412);
    next["RevisionId"] = policy["RevisionId"].clone();
    done(&cloud, "POST", &path, next).await;
}

#[tokio::test]
async fn what_a_permission_may_not() {
    let cloud = with_function("f").await;
    let path = format!("{FUNCTIONS}/f/policy");
    let with = |key: &str, value: &str| {
        let mut permission = api("s");
        permission[key] = json!(value);
        permission
    };
    let cases = [
        ("", with("StatementId", "a.b"), "at 'statementId'"),
        ("", with("Action", "s3:GetObject"), "at 'action'"),
        (
            "",
            with("Principal", "nobody"),
            "The provided principal was invalid.",
        ),
        ("", with("SourceAccount", "1"), "at 'sourceAccount'"),
        (
            "?Qualifier=$LATEST",
            api("s"),
            "adding policies for $LATEST.",
        ),
        ("?Qualifier=live", api("s"), "Cannot find alias arn: arn:"),
        ("?Qualifier=9", api("s"), "Function not found: arn:"),
    ];
    for (query, permission, expected) in cases {
        let path = format!("{path}{query}");
        let (_, code, message) = refused(&cloud, "POST", &path, permission).await;
        assert!(message.contains(expected), "{code}: {message}");
    }
}

#[tokio::test]
async fn a_policy_has_at_most_twenty_kilobytes() {
    let cloud = with_function("f").await;
    let path = format!("{FUNCTIONS}/f/policy");
    let mut added = 0;
    let code = loop {
        let permission = api(&format!("{added:0>100}"));
        match call(&cloud, "POST", &path, permission.clone()).await.0 {
            201 => added += 1,
            _ => break refused(&cloud, "POST", &path, permission).await.1,
        }
    };
    assert_eq!(code, "PolicyLengthExceededException");
    assert!((30..80).contains(&added), "{added}");
}

//! Refusals, as their callers see them.

use serde_json::{Value, json};

use crate::local::testing::{cloud, query, rest};

fn policy(action: &str, resource: &str) -> String {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_in_the_words_of_aws() {
    let cloud = cloud();
    cloud
        .enforce(Some(&policy("lambda:ListFunctions", "*")))
        .unwrap();
    let get = [
        ("Action", "GetRole"),
        ("Version", "2010-05-08"),
        ("RoleName", "r"),
    ];
    let (status, xml) = query(&cloud, "iam", &get).await;
    assert_eq!(status, 403);
    assert!(xml.contains("<Code>AccessDenied</Code>"), "{xml}");
    let words = "is not authorized to perform: iam:GetRole on resource: role r because no \
                 identity-based policy allows the iam:GetRole action";
    assert!(xml.contains(words), "{xml}");
    let (status, body) = rest(&cloud, "apigateway", "GET", "/restapis", Value::Null).await;
    let message = body["message"].as_str().unwrap();
    let words = "apigateway:GET on resource: arn:aws:apigateway:us-east-1::/restapis because";
    assert!(status == 403 && message.contains(words), "{body}");
    let (status, _) = rest(
        &cloud,
        "lambda",
        "GET",
        "/2015-03-31/functions",
        Value::Null,
    )
    .await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_policy_holds_until_it_is_taken_away() {
    let cloud = cloud();
    cloud
        .enforce(Some(&policy("iam:*", "arn:aws:iam::000000000000:role/a*")))
        .unwrap();
    let get = |name: &'static str| {
        [
            ("Action", "GetRole"),
            ("Version", "2010-05-08"),
            ("RoleName", name),
        ]
    };
    assert_eq!(query(&cloud, "iam", &get("a1")).await.0, 404);
    assert_eq!(query(&cloud, "iam", &get("b1")).await.0, 403);
    cloud.enforce(None).unwrap();
    assert_eq!(query(&cloud, "iam", &get("b1")).await.0, 404);
    assert!(cloud.enforce(Some("no policy")).is_err());
}

use serde_json::{Value, json};

use super::*;

async fn publish(cloud: &Arc<Cloud>) -> Value {
    let path = format!("{FUNCTIONS}/f/versions");
    done(cloud, "POST", &path, json!({})).await
}

async fn describe(cloud: &Arc<Cloud>, text: &str) {
    let path = format!("{FUNCTIONS}/f/configuration");
    done(cloud, "PUT", &path, json!({ "Description": text })).await;
    settled(cloud, "f").await;
}

#[tokio::test]
async fn nothing_new_publishes_nothing_new() {
    let cloud = with_function("f").await;
    let first = publish(&cloud).await;
    assert_eq!(first["Version"], "1");
    assert_eq!(first["State"], "Active");
    assert_eq!(
        first["FunctionArn"],
        "arn:aws:lambda:us-east-1:000000000000:function:f:1"
    );
    let latest = settled(&cloud, "f").await;
    assert_eq!(publish(&cloud).await, first);
    // Publishing anew left `$LATEST` alone.
    assert_eq!(settled(&cloud, "f").await, latest);
    describe(&cloud, "changed").await;
    assert_eq!(publish(&cloud).await["Version"], "2");
}

#[tokio::test]
async fn numbers_are_given_once() {
    let cloud = with_function("f").await;
    publish(&cloud).await;
    done(
        &cloud,
        "DELETE",
        &format!("{FUNCTIONS}/f?Qualifier=1"),
        Value::Null,
    )
    .await;
    assert_eq!(publish(&cloud).await["Version"], "2");
    done(&cloud, "DELETE", &format!("{FUNCTIONS}/f"), Value::Null).await;
    done(&cloud, "POST", FUNCTIONS, minimal("f")).await;
    settled(&cloud, "f").await;
    assert_eq!(publish(&cloud).await["Version"], "3");
}

#[tokio::test]
async fn guards_of_publishing() {
    let cloud = with_function("f").await;
    let path = format!("{FUNCTIONS}/f/versions");
    let (_, code, message) = refused(&cloud, "POST", &path, json!({ "CodeSha256": "other" })).await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        message.starts_with("CodeSHA256 (other) is different"),
        "{message}"
    );
    let (status, _, _) = refused(&cloud, "POST", &path, json!({ "RevisionId": "old" })).await;
    assert_eq!(status, 412);
}

#[tokio::test]
async fn code_and_version_in_one_call() {
    let cloud = with_function("f").await;
    let code = json!({ "ZipFile": zip(&[("index.js", b"2")]), "Publish": true });
    let answer = done(&cloud, "PUT", &format!("{FUNCTIONS}/f/code"), code).await;
    assert_eq!(answer["Version"], "1");
    assert_eq!(answer["State"], "Pending");
    let latest = settled(&cloud, "f").await;
    assert_eq!(latest["Configuration"]["CodeSha256"], answer["CodeSha256"]);
    // The version was copied in full, and a new publish has nothing to add.
    assert_eq!(publish(&cloud).await["Version"], "1");
}

#[tokio::test]
async fn an_alias_points_and_holds_its_version() {
    let cloud = with_function("f").await;
    publish(&cloud).await;
    describe(&cloud, "second").await;
    publish(&cloud).await;
    let path = format!("{FUNCTIONS}/f/aliases");
    let routing = json!({ "AdditionalVersionWeights": { "2": 0.25 } });
    let create = json!({ "Name": "live", "FunctionVersion": "1", "RoutingConfig": routing });
    let made = done(&cloud, "POST", &path, create.clone()).await;
    assert_eq!(made["RoutingConfig"], routing);
    let (status, _, message) = refused(&cloud, "POST", &path, create).await;
    assert_eq!(status, 409);
    assert!(
        message.starts_with("Alias already exists: arn:"),
        "{message}"
    );
    for version in ["1", "2"] {
        let path = format!("{FUNCTIONS}/f?Qualifier={version}");
        let (status, code, _) = refused(&cloud, "DELETE", &path, Value::Null).await;
        assert_eq!((status, code.as_str()), (409, "ResourceConflictException"));
    }
    let alias = format!("{path}/live");
    let clear = json!({ "RoutingConfig": { "AdditionalVersionWeights": {} } });
    let updated = done(&cloud, "PUT", &alias, clear).await;
    assert_eq!(updated.get("RoutingConfig"), None);
    assert_ne!(updated["RevisionId"], made["RevisionId"]);
    done(
        &cloud,
        "DELETE",
        &format!("{FUNCTIONS}/f?Qualifier=2"),
        Value::Null,
    )
    .await;
    let found = done(
        &cloud,
        "GET",
        &format!("{FUNCTIONS}/f?Qualifier=live"),
        Value::Null,
    )
    .await;
    assert_eq!(found["Configuration"]["Version"], "1");
    let arn = found["Configuration"]["FunctionArn"].as_str().unwrap();
    assert!(arn.ends_with(":function:f:live"), "{arn}");
}

#[tokio::test]
async fn what_an_alias_may_not() {
    let cloud = with_function("f").await;
    publish(&cloud).await;
    let path = format!("{FUNCTIONS}/f/aliases");
    let cases = [
        (json!({ "Name": "7", "FunctionVersion": "1" }), "at 'name'"),
        (
            json!({ "Name": "a", "FunctionVersion": "9" }),
            "Function not found: arn:",
        ),
        (
            json!({ "Name": "a", "FunctionVersion": "1",
                    "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.5 } } }),
            "Invalid function version 1.",
        ),
        (
            json!({ "Name": "a", "FunctionVersion": "1",
                    "RoutingConfig": { "AdditionalVersionWeights": { "2": 2.0 } } }),
            "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights'",
        ),
        (
            json!({ "Name": "a", "FunctionVersion": "$LATEST",
                    "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.5 } } }),
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ),
    ];
    for (create, expected) in cases {
        let (_, code, message) = refused(&cloud, "POST", &path, create).await;
        assert!(message.contains(expected), "{code}: {message}");
    }
}

#[tokio::test]
async fn an_image_is_what_the_qualifier_means() {
    let cloud = with_function("f").await;
    publish(&cloud).await;
    describe(&cloud, "second").await;
    let alias = json!({ "Name": "live", "FunctionVersion": "1" });
    done(&cloud, "POST", &format!("{FUNCTIONS}/f/aliases"), alias).await;
    let place = crate::local::Place {
        region: "us-east-1".into(),
        url: testing::URL.into(),
    };
    let image = |name: &str, qualifier: Option<&str>| {
        cloud.turn(place.clone(), |turn| {
            crate::local::lambda::image(turn, name, qualifier)
        })
    };
    let live = image("f", Some("live")).unwrap();
    assert_eq!(
        (live.version.as_str(), live.handler.as_str()),
        ("1", "index.handler")
    );
    assert!(live.arn.ends_with(":function:f:live"));
    assert_eq!(image(&live.arn, None).unwrap(), live);
    assert_eq!(image("f", None).unwrap().version, "$LATEST");
    assert_eq!(image("f", Some("2")).unwrap_err().status, 404);
}

#[tokio::test]
async fn a_copy_goes_on_counting_where_aws_was() {
    let cloud = with_function("f").await;
    cloud.publish_as("us-east-1", "f", 7).unwrap();
    cloud.publish_as("us-east-1", "f", 5).unwrap();
    let latest = settled(&cloud, "f").await;
    let path = format!("{FUNCTIONS}/f?Qualifier=7");
    let seven = done(&cloud, "GET", &path, Value::Null).await;
    let sha256 = |answer: &Value| answer["Configuration"]["CodeSha256"].clone();
    assert_eq!(sha256(&seven), sha256(&latest));
    describe(&cloud, "changed").await;
    assert_eq!(publish(&cloud).await["Version"], "8");
    assert!(cloud.publish_as("us-east-1", "none", 1).is_err());
}

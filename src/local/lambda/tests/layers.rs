use serde_json::{Value, json};

use super::*;

const LAYERS: &str = "/2018-10-31/layers";
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:layer";

async fn publish(cloud: &Arc<Cloud>, name: &str, file: &[u8]) -> Value {
    let content = json!({ "ZipFile": zip(&[("nodejs/a.js", file)]) });
    let layer = json!({ "Content": content, "CompatibleRuntimes": ["nodejs22.x"] });
    done(cloud, "POST", &format!("{LAYERS}/{name}/versions"), layer).await
}

#[tokio::test]
async fn every_publish_is_a_new_number_for_ever() {
    let cloud = with_role().await;
    let first = publish(&cloud, "l", b"1").await;
    assert_eq!(first["LayerVersionArn"], format!("{ARN}:l:1"));
    assert_eq!(publish(&cloud, "l", b"1").await["Version"], 2);
    for version in [1, 2, 2] {
        let path = format!("{LAYERS}/l/versions/{version}");
        assert_eq!(call(&cloud, "DELETE", &path, Value::Null).await.0, 204);
    }
    let none = done(&cloud, "GET", &format!("{LAYERS}/l/versions"), Value::Null).await;
    assert_eq!(none["LayerVersions"], json!([]));
    assert_eq!(publish(&cloud, "l", b"1").await["Version"], 3);
    let list = done(&cloud, "GET", LAYERS, Value::Null).await;
    assert_eq!(list["Layers"][0]["LatestMatchingVersion"]["Version"], 3);
    let path = format!("{LAYERS}?find=LayerVersion&Arn={ARN}:l:3");
    let found = done(&cloud, "GET", &path, Value::Null).await;
    assert_eq!(
        found["Content"]["CodeSha256"],
        first["Content"]["CodeSha256"]
    );
}

#[tokio::test]
async fn functions_name_layers_and_keep_them() {
    let cloud = with_function("f").await;
    for (name, file) in [("a", b"1"), ("b", b"2")] {
        publish(&cloud, name, file).await;
    }
    let path = format!("{FUNCTIONS}/f/configuration");
    let layers = json!([format!("{ARN}:b:1"), format!("{ARN}:a:1")]);
    done(&cloud, "PUT", &path, json!({ "Layers": layers })).await;
    let config = &settled(&cloud, "f").await["Configuration"];
    let shown = config["Layers"].as_array().unwrap().iter();
    assert_eq!(
        json!(shown.map(|l| l["Arn"].clone()).collect::<Vec<_>>()),
        layers
    );
    done(
        &cloud,
        "DELETE",
        &format!("{LAYERS}/a/versions/1"),
        Value::Null,
    )
    .await;
    let place = crate::local::Place {
        region: "us-east-1".into(),
        url: testing::URL.into(),
    };
    let image = cloud.turn(place.clone(), |turn| {
        crate::local::lambda::image(turn, "f", None)
    });
    let digests = image.unwrap().layers;
    assert_eq!(digests.len(), 2);
    for digest in digests {
        let kept = cloud.turn(place.clone(), |turn| {
            crate::local::lambda::zip(turn, &digest)
        });
        assert!(kept.unwrap().is_some());
    }
    // But it cannot be configured with it again.
    let (_, _, message) = refused(&cloud, "PUT", &path, json!({ "Layers": layers })).await;
    assert_eq!(message, format!("Layer version {ARN}:a:1 does not exist."));
}

#[tokio::test]
async fn what_layers_may_not() {
    let cloud = with_function("f").await;
    publish(&cloud, "l", b"1").await;
    publish(&cloud, "l", b"2").await;
    let path = format!("{FUNCTIONS}/f/configuration");
    let six: Vec<String> = (1..7).map(|n| format!("{ARN}:l{n}:1")).collect();
    let cases = [
        (json!(six), "Cannot reference more than 5 layers."),
        (
            json!([format!("{ARN}:l:1"), format!("{ARN}:l:2")]),
            "Two different versions of the same layer are not allowed",
        ),
        (json!([format!("{ARN}:l:9")]), "l:9 does not exist."),
        (json!([format!("{ARN}:l")]), "at 'layers'"),
        (
            json!(["arn:aws:lambda:eu-west-1:000000000000:layer:l:1"]),
            "Layers are expected to be in region us-east-1.",
        ),
    ];
    for (layers, expected) in cases {
        let (_, code, message) = refused(&cloud, "PUT", &path, json!({ "Layers": layers })).await;
        assert!(message.contains(expected), "{code}: {message}");
    }
}

#[tokio::test]
async fn code_and_layers_must_fit_together() {
    let cloud = with_function("f").await;
    let content = json!({ "Content": { "ZipFile": claiming(131_072_000) } });
    for name in ["a", "b"] {
        let path = format!("{LAYERS}/{name}/versions");
        done(&cloud, "POST", &path, content.clone()).await;
    }
    let path = format!("{FUNCTIONS}/f/configuration");
    let layers = json!([format!("{ARN}:a:1"), format!("{ARN}:b:1")]);
    let (_, _, message) = refused(&cloud, "PUT", &path, json!({ "Layers": layers })).await;
    assert!(
        message.starts_with("Function code combined with layers exceeds the maximum"),
        "{message}"
    );
}

#[tokio::test]
async fn layers_of_other_accounts_and_what_a_copy_names_are_taken_as_they_are() {
    let cloud = with_function("f").await;
    let path = format!("{FUNCTIONS}/f/configuration");
    let theirs = "arn:aws:lambda:us-east-1:111122223333:layer:tools:7";
    let own = theirs.replace("111122223333", "000000000000");
    let layers = json!({ "Layers": [theirs, own] });
    let (status, ..) = refused(&cloud, "PUT", &path, layers.clone()).await;
    assert_eq!(status, 400);
    cloud.outside_layer("us-east-1", &own).unwrap();
    let answer = done(&cloud, "PUT", &path, layers).await;
    assert_eq!(answer["Layers"][0]["Arn"], theirs);
    assert_eq!(answer["Layers"][1]["Arn"], own);
}

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;

#[tokio::test]
async fn a_new_function_is_pending_then_active_with_awss_defaults() {
    let cloud = with_role().await;
    let made = done(&cloud, "POST", FUNCTIONS, minimal("f")).await;
    assert_eq!(made["State"], "Pending");
    assert_eq!(made["StateReasonCode"], "Creating");
    assert_eq!(made.get("LastUpdateStatus"), None);
    let found = settled(&cloud, "f").await;
    let config = &found["Configuration"];
    assert_eq!(config["State"], "Active");
    assert_ne!(config["RevisionId"], made["RevisionId"]);
    let expected = json!({
        "Architectures": ["x86_64"],
        "Description": "",
        "EphemeralStorage": { "Size": 512 },
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/aws/lambda/f" },
        "MemorySize": 128,
        "PackageType": "Zip",
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "Timeout": 3,
        "TracingConfig": { "Mode": "PassThrough" },
        "Version": "$LATEST",
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&config[key], value, "{key}");
    }
    for key in [
        "Environment",
        "Layers",
        "VpcConfig",
        "DeadLetterConfig",
        "KMSKeyArn",
    ] {
        assert_eq!(config.get(key), None, "{key}");
    }
}

#[tokio::test]
async fn the_code_is_kept_and_its_digest_is_that_of_the_zip() {
    let cloud = with_function("f").await;
    let found = settled(&cloud, "f").await;
    let text = minimal("f")["Code"]["ZipFile"].as_str().unwrap().to_owned();
    let bytes = STANDARD.decode(text).unwrap();
    let digest = STANDARD.encode(Sha256::digest(&bytes));
    assert_eq!(found["Configuration"]["CodeSha256"], json!(digest));
    assert_eq!(found["Configuration"]["CodeSize"], json!(bytes.len()));
    let location = found["Code"]["Location"].as_str().unwrap();
    let path = location.strip_prefix(testing::URL).unwrap();
    let digest = path.strip_prefix(crate::local::lambda::CODE_PATH).unwrap();
    let place = crate::local::Place {
        region: "eu-west-1".into(),
        url: testing::URL.into(),
    };
    let zip = |digest: &str| {
        let digest = digest.to_owned();
        cloud.turn(place.clone(), |turn| {
            crate::local::lambda::zip(turn, &digest)
        })
    };
    assert_eq!(zip(digest).unwrap().unwrap(), bytes);
    assert_eq!(zip("00").unwrap(), None);
}

#[tokio::test]
async fn functions_and_their_code_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = format!("{FUNCTIONS}/f/versions");
    let (before, version) = {
        let cloud = Arc::new(Cloud::open(folder.path()).unwrap());
        prepare(&cloud).await;
        done(&cloud, "POST", FUNCTIONS, minimal("f")).await;
        settled(&cloud, "f").await;
        let version = done(&cloud, "POST", &path, json!({})).await;
        // Only the version still has the first code.
        let code = json!({ "ZipFile": zip(&[("index.js", b"2")]) });
        done(&cloud, "PUT", &format!("{FUNCTIONS}/f/code"), code).await;
        (settled(&cloud, "f").await, version)
    };
    let cloud = Arc::new(Cloud::open(folder.path()).unwrap());
    assert_eq!(settled(&cloud, "f").await, before);
    let kept = done(&cloud, "GET", &path, Value::Null).await;
    assert_eq!(kept["Versions"][1]["CodeSha256"], version["CodeSha256"]);
    let place = crate::local::Place {
        region: "us-east-1".into(),
        url: testing::URL.into(),
    };
    for qualifier in [None, Some("1")] {
        let zip = cloud.turn(place.clone(), |turn| {
            let image = crate::local::lambda::image(turn, "f", qualifier)?;
            crate::local::lambda::zip(turn, &image.code)
        });
        assert!(zip.unwrap().is_some(), "{qualifier:?}");
    }
}

#[tokio::test]
async fn an_update_takes_its_time_and_allows_no_other() {
    let cloud = with_function("f").await;
    let path = format!("{FUNCTIONS}/f/configuration");
    let update = json!({ "MemorySize": 256, "Environment": { "Variables": { "AB": "1" } } });
    let updated = done(&cloud, "PUT", &path, update).await;
    assert_eq!(updated["State"], "Active");
    assert_eq!(updated["LastUpdateStatus"], "InProgress");
    let code = json!({ "ZipFile": zip(&[("index.js", b"2")]) });
    let path = format!("{FUNCTIONS}/f/code");
    let (status, code, message) = refused(&cloud, "PUT", &path, code).await;
    assert_eq!((status, code.as_str()), (409, "ResourceConflictException"));
    assert_eq!(
        message,
        "The operation cannot be performed at this time. An update is in progress for resource: \
         arn:aws:lambda:us-east-1:000000000000:function:f"
    );
    let found = settled(&cloud, "f").await;
    assert_eq!(found["Configuration"]["MemorySize"], 256);
    // What was not named stays.
    assert_eq!(found["Configuration"]["Timeout"], 3);
    assert_ne!(found["Configuration"]["RevisionId"], updated["RevisionId"]);
}

#[tokio::test]
async fn empty_values_clear() {
    let cloud = with_role().await;
    let mut create = minimal("f");
    create["Description"] = json!("d");
    create["Environment"] = json!({ "Variables": { "AB": "1" } });
    create["KMSKeyArn"] = json!("arn:aws:kms:us-east-1:000000000000:key/k");
    create["TracingConfig"] = json!({ "Mode": "Active" });
    done(&cloud, "POST", FUNCTIONS, create).await;
    let found = settled(&cloud, "f").await;
    assert_eq!(found["Configuration"]["TracingConfig"]["Mode"], "Active");
    let clear = json!({
        "Description": "",
        "Environment": { "Variables": {} },
        "KMSKeyArn": "",
        "DeadLetterConfig": { "TargetArn": "" },
    });
    done(
        &cloud,
        "PUT",
        &format!("{FUNCTIONS}/f/configuration"),
        clear,
    )
    .await;
    let config = &settled(&cloud, "f").await["Configuration"];
    assert_eq!(config["Description"], "");
    assert_eq!(config["Environment"], json!({ "Variables": {} }));
    assert_eq!(config.get("KMSKeyArn"), None);
    assert_eq!(config.get("DeadLetterConfig"), None);
}

#[tokio::test]
async fn an_old_revision_changes_nothing() {
    let cloud = with_function("f").await;
    let update = json!({ "Timeout": 9, "RevisionId": "old" });
    let path = format!("{FUNCTIONS}/f/configuration");
    let (status, code, _) = refused(&cloud, "PUT", &path, update).await;
    assert_eq!(
        (status, code.as_str()),
        (412, "PreconditionFailedException")
    );
    let revision = settled(&cloud, "f").await["Configuration"]["RevisionId"].clone();
    let update = json!({ "Timeout": 9, "RevisionId": revision });
    assert_eq!(done(&cloud, "PUT", &path, update).await["Timeout"], 9);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let cloud = with_role().await;
    for name in ["c", "a", "b"] {
        done(&cloud, "POST", FUNCTIONS, minimal(name)).await;
    }
    let names = |page: &Value| -> Vec<String> {
        let functions = page["Functions"].as_array().unwrap().iter();
        let names = functions.map(|f| f["FunctionName"].as_str().unwrap().to_owned());
        names.collect()
    };
    let path = format!("{FUNCTIONS}?MaxItems=2");
    let first = done(&cloud, "GET", &path, Value::Null).await;
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(first["Functions"][0].get("State"), None);
    let marker = first["NextMarker"].as_str().unwrap();
    let second = done(
        &cloud,
        "GET",
        &format!("{path}&Marker={marker}"),
        Value::Null,
    )
    .await;
    assert_eq!(names(&second), ["c"]);
    assert_eq!(second.get("NextMarker"), None);
}

#[tokio::test]
async fn a_deleted_function_is_gone_by_its_arn() {
    let cloud = with_function("f").await;
    let path = format!("{FUNCTIONS}/f");
    assert_eq!(call(&cloud, "DELETE", &path, Value::Null).await.0, 204);
    let (status, code, message) = refused(&cloud, "GET", &path, Value::Null).await;
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(
        message,
        "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f"
    );
}

#[tokio::test]
async fn tags_are_shown_and_change_the_revision() {
    let cloud = with_function("f").await;
    let before = settled(&cloud, "f").await;
    assert_eq!(before.get("Tags"), None);
    let path = "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af";
    done(
        &cloud,
        "POST",
        path,
        json!({ "Tags": { "a": "1", "b": "2" } }),
    )
    .await;
    done(
        &cloud,
        "DELETE",
        &format!("{path}?tagKeys=a&tagKeys=x"),
        Value::Null,
    )
    .await;
    let after = settled(&cloud, "f").await;
    assert_eq!(after["Tags"], json!({ "b": "2" }));
    assert_ne!(
        after["Configuration"]["RevisionId"],
        before["Configuration"]["RevisionId"]
    );
    let (_, code, message) = refused(
        &cloud,
        "POST",
        &format!("{path}%3A1"),
        json!({ "Tags": {} }),
    )
    .await;
    assert_eq!(code, "InvalidParameterValueException");
    assert!(message.starts_with("Tags on function aliases and versions"));
}

#[tokio::test]
async fn reserved_concurrency_leaves_a_hundred() {
    let cloud = with_function("f").await;
    let put = "/2017-10-31/functions/f/concurrency";
    done(
        &cloud,
        "PUT",
        put,
        json!({ "ReservedConcurrentExecutions": 900 }),
    )
    .await;
    let found = settled(&cloud, "f").await;
    assert_eq!(found["Concurrency"]["ReservedConcurrentExecutions"], 900);
    let more = json!({ "ReservedConcurrentExecutions": 901 });
    let (status, code, message) = refused(&cloud, "PUT", put, more).await;
    assert_eq!(
        (status, code.as_str()),
        (400, "InvalidParameterValueException")
    );
    assert!(
        message.contains("below its minimum value of [100]"),
        "{message}"
    );
    done(&cloud, "DELETE", put, Value::Null).await;
    let get = "/2019-09-30/functions/f/concurrency";
    assert_eq!(done(&cloud, "GET", get, Value::Null).await, json!({}));
}

#[tokio::test]
async fn an_image_is_kept_but_does_not_run() {
    let cloud = with_role().await;
    let create = json!({
        "FunctionName": "i",
        "Role": ROLE,
        "PackageType": "Image",
        "Code": { "ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/app:1" },
    });
    done(&cloud, "POST", FUNCTIONS, create).await;
    let found = settled(&cloud, "i").await;
    assert_eq!(found["Code"]["RepositoryType"], "ECR");
    assert_eq!(found["Configuration"].get("Runtime"), None);
    let path = format!("{FUNCTIONS}/i/invocations");
    let (status, code, message) = refused(&cloud, "POST", &path, json!({})).await;
    assert_eq!((status, code.as_str()), (501, "NotEmulated"));
    assert!(message.contains("package type Image"), "{message}");
}

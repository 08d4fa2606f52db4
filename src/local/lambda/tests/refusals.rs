use serde_json::{Value, json};

use super::*;

/// What `CreateFunction` answers when a member is this.
async fn with(cloud: &Arc<Cloud>, changes: Value) -> (u16, String, String) {
    let mut create = minimal("f");
    let Value::Object(changes) = changes else {
        panic!("an object")
    };
    for (key, value) in changes {
        create[key] = value;
    }
    refused(cloud, "POST", FUNCTIONS, create).await
}

#[tokio::test]
async fn the_front_door_tells_all_that_is_wrong() {
    let cloud = with_role().await;
    let changes =
        json!({ "Timeout": 1801, "MemorySize": 64, "Architectures": ["x86_64", "arm64"] });
    let (status, code, message) = with(&cloud, changes).await;
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert_eq!(
        message,
        "3 validation errors detected: Value '1801' at 'timeout' failed to satisfy constraint: \
         Member must have value less than or equal to 1800; Value '64' at 'memorySize' failed to \
         satisfy constraint: Member must have value greater than or equal to 128; Value \
         '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have \
         length less than or equal to 1"
    );
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let cloud = with_role().await;
    role(&cloud, "other", "ec2.amazonaws.com").await;
    let long = "x".repeat(4100);
    let cases = [
        (
            json!({ "Role": "r1" }),
            "at 'role' failed to satisfy constraint",
        ),
        (
            json!({ "Role": "arn:aws:iam::000000000000:role/missing" }),
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            json!({ "Role": "arn:aws:iam::000000000000:role/other" }),
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (json!({ "Runtime": "nodejs" }), "is no longer supported"),
        (
            json!({ "Runtime": "nodejs99" }),
            "Value nodejs99 at 'runtime'",
        ),
        (
            json!({ "Runtime": null }),
            "Runtime and Handler are mandatory parameters",
        ),
        (json!({ "Handler": "a b" }), "at 'handler'"),
        (
            json!({ "EphemeralStorage": { "Size": 100 } }),
            "at 'ephemeralStorage.size'",
        ),
        (
            json!({ "TracingConfig": { "Mode": "On" } }),
            "enum value set: [Active, PassThrough]",
        ),
        (
            json!({ "Environment": { "Variables": { "AWS_REGION": "x", "AB": "y" } } }),
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            json!({ "Environment": { "Variables": { "AB": long } } }),
            "exceeded the 4KB limit. String measured: {\"AB\":\"xxx",
        ),
        (
            json!({ "Environment": { "Variables": { "1": "x" } } }),
            "Map keys must satisfy",
        ),
        (
            json!({ "Code": { "ZipFile": "bm8=" } }),
            "Could not unzip uploaded file.",
        ),
        (
            json!({ "Code": { "ZipFile": "" } }),
            "Uploaded file must be a non-empty zip",
        ),
        (
            json!({ "Code": { "ZipFile": claiming(262_144_000) } }),
            "Unzipped size must be smaller than 262144000 bytes",
        ),
        (
            json!({ "Code": {} }),
            "Please provide a source for function code.",
        ),
        (
            json!({ "SnapStart": { "ApplyOn": "PublishedVersions" } }),
            "not supported for SnapStart",
        ),
        (
            json!({ "VpcConfig": { "SubnetIds": ["x"] } }),
            "subnet-[0-9a-z]*",
        ),
        (
            json!({ "VpcConfig": { "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"] } }),
            "does not have permissions to call CreateNetworkInterface on EC2",
        ),
        (
            json!({ "FileSystemConfigs": [{}] }),
            "does not emulate file systems",
        ),
        (
            json!({ "FunctionName": "a".repeat(65) }),
            "length less than or equal to 64",
        ),
        (json!({ "FunctionName": "a.b" }), "at 'functionName'"),
    ];
    for (changes, expected) in cases {
        let (_, code, message) = with(&cloud, changes.clone()).await;
        assert!(message.contains(expected), "{changes}: {code}: {message}");
    }
    // Nothing was made of all that.
    let list = done(&cloud, "GET", FUNCTIONS, Value::Null).await;
    assert_eq!(list["Functions"], json!([]));
}

#[tokio::test]
async fn a_function_is_made_once() {
    let cloud = with_function("f").await;
    let (status, code, message) = refused(&cloud, "POST", FUNCTIONS, minimal("f")).await;
    assert_eq!((status, code.as_str()), (409, "ResourceConflictException"));
    assert_eq!(message, "Function already exist: f");
}

#[tokio::test]
async fn errors_have_lambdas_forms() {
    let cloud = with_role().await;
    let path = format!("{FUNCTIONS}/missing");
    let (_, missing) = call(&cloud, "GET", &path, Value::Null).await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:missing";
    let message = format!("Function not found: {arn}");
    assert_eq!(missing, json!({ "Type": "User", "Message": message }));
    let (_, wrong) = call(&cloud, "GET", &format!("{FUNCTIONS}/*"), Value::Null).await;
    assert_eq!(wrong.get("Type"), None);
    assert!(wrong["message"].is_string());
    let body = json!({ "Runtime": "x", "Handler": "h" });
    let mut create = minimal("f");
    create["Runtime"] = body["Runtime"].clone();
    let (_, invalid) = call(&cloud, "POST", FUNCTIONS, create).await;
    assert_eq!(invalid["Type"], "User");
    assert!(invalid["message"].is_string());
}

#[tokio::test]
async fn another_region_is_not_reachable() {
    let cloud = with_role().await;
    let arn = "arn:aws:lambda:eu-west-1:000000000000:function:f";
    let path = format!("{FUNCTIONS}/{arn}");
    let (status, _, message) = refused(&cloud, "GET", &path, Value::Null).await;
    assert_eq!(status, 404);
    assert_eq!(
        message,
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
    );
}

#[tokio::test]
async fn invocations_are_checked_before_they_run() {
    let cloud = with_function("f").await;
    let path = format!("{FUNCTIONS}/f/invocations");
    let send = async |kind: &str, payload: Vec<u8>| {
        let request = Request::builder().method("POST").uri(&path);
        let request = request.header("x-amz-invocation-type", kind);
        let response = testing::send(&cloud, "lambda", request, payload).await;
        let code = response.headers().get("x-amzn-errortype").cloned();
        let code = code.map(|code| code.to_str().unwrap().to_owned());
        (response.status().as_u16(), code.unwrap_or_default())
    };
    assert_eq!(send("DryRun", b"{}".to_vec()).await, (204, String::new()));
    let invalid = "InvalidRequestContentException".to_owned();
    assert_eq!(send("RequestResponse", b"{".to_vec()).await, (400, invalid));
    let kind = "ValidationException".to_owned();
    assert_eq!(send("Later", b"{}".to_vec()).await, (400, kind));
    let large = [b"\"".to_vec(), vec![b'a'; 1 << 20], b"\"".to_vec()].concat();
    let too_large = "RequestTooLargeException".to_owned();
    assert_eq!(send("Event", large).await, (413, too_large));
    let large = vec![b'1'; (6 << 20) + 1];
    let too_large = "RequestEntityTooLargeException".to_owned();
    assert_eq!(send("RequestResponse", large).await, (413, too_large));
    let missing = format!("{FUNCTIONS}/missing/invocations");
    let (status, _, message) = refused(&cloud, "POST", &missing, json!({})).await;
    assert_eq!(status, 404);
    assert!(message.ends_with(":function:missing:$LATEST"), "{message}");
}

#[tokio::test]
async fn an_environment_is_repeated_in_the_order_in_which_it_was_given() {
    let cloud = with_role().await;
    let long = "x".repeat(4100);
    let given = format!(r#"{{"SMALL":"\"ok\"","LARGE":"{long}"}}"#);
    let minimal = minimal("f").to_string();
    let minimal = minimal.strip_prefix('{').unwrap();
    let body = format!(r#"{{"Environment":{{"Variables":{given}}},{minimal}"#);
    let request = Request::builder().method("POST").uri(FUNCTIONS);
    let response = testing::send(&cloud, "lambda", request, body).await;
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let message = answer["message"].as_str().unwrap();
    let measured = format!("exceeded the 4KB limit. String measured: {given}");
    assert!(message.ends_with(&measured), "{message}");
}

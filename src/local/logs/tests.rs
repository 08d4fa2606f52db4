//! CloudWatch Logs over the wire, as clients call it.

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};

use super::{Event, append};
use crate::local::testing::{self, cloud};
use crate::local::{Cloud, Place};

async fn call(cloud: &Arc<Cloud>, operation: &str, body: Value) -> (u16, Value) {
    let target = format!("Logs_20140328.{operation}");
    let request = Request::builder().method("POST").uri("/");
    let request = request.header("x-amz-target", target);
    let response = testing::send(cloud, "logs", request, body.to_string()).await;
    let answer = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    (response.status().as_u16(), answer)
}

async fn done(cloud: &Arc<Cloud>, operation: &str, body: Value) -> Value {
    let (status, answer) = call(cloud, operation, body).await;
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

async fn refused(cloud: &Arc<Cloud>, operation: &str, body: Value) -> (String, String) {
    let (status, answer) = call(cloud, operation, body).await;
    assert_eq!(status, 400, "{operation}: {answer}");
    let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    (text("__type"), text("message"))
}

fn place() -> Place {
    Place {
        region: "us-east-1".into(),
        url: testing::URL.into(),
    }
}

/// As the runtime keeps what a function prints.
fn print(cloud: &Cloud, stream: &str, lines: &[(i64, &str)]) {
    let events = lines.iter().map(|(timestamp, message)| Event {
        timestamp: *timestamp,
        message: (*message).to_owned(),
    });
    let kept = cloud.turn(place(), |turn| {
        append(turn, "/aws/lambda/f", stream, events.collect());
        Ok(())
    });
    kept.unwrap();
}

fn messages(answer: &Value) -> Vec<&str> {
    let events = answer["events"].as_array().unwrap().iter();
    events
        .map(|event| event["message"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn groups_are_made_once_and_described() {
    let cloud = cloud();
    let tags = json!({ "a": "1" });
    let group = json!({ "logGroupName": "/x/a", "tags": tags });
    done(&cloud, "CreateLogGroup", group.clone()).await;
    assert_eq!(
        refused(&cloud, "CreateLogGroup", group).await,
        (
            "ResourceAlreadyExistsException".into(),
            "The specified log group already exists".into()
        )
    );
    let days = json!({ "logGroupName": "/x/a", "retentionInDays": 14 });
    done(&cloud, "PutRetentionPolicy", days).await;
    let days = json!({ "logGroupName": "/x/a", "retentionInDays": 2 });
    let (code, message) = refused(&cloud, "PutRetentionPolicy", days).await;
    assert_eq!(code, "InvalidParameterException");
    assert!(
        message.contains("enum value set: [1, 3, 5, 7,"),
        "{message}"
    );
    let found = done(
        &cloud,
        "DescribeLogGroups",
        json!({ "logGroupNamePrefix": "/x" }),
    )
    .await;
    let found = &found["logGroups"][0];
    assert_eq!(found["retentionInDays"], 14);
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/x/a";
    assert_eq!(found["logGroupArn"], arn);
    assert_eq!(found["arn"], format!("{arn}:*"));
    let listed = done(&cloud, "ListTagsForResource", json!({ "resourceArn": arn })).await;
    assert_eq!(listed, json!({ "tags": tags }));
    let untag = json!({ "resourceArn": found["arn"], "tagKeys": ["a"] });
    done(&cloud, "UntagResource", untag).await;
    let listed = done(
        &cloud,
        "ListTagsLogGroup",
        json!({ "logGroupName": "/x/a" }),
    )
    .await;
    assert_eq!(listed, json!({ "tags": {} }));
    done(
        &cloud,
        "DeleteRetentionPolicy",
        json!({ "logGroupName": "/x/a" }),
    )
    .await;
    done(&cloud, "DeleteLogGroup", json!({ "logGroupName": "/x/a" })).await;
    assert_eq!(
        refused(&cloud, "DeleteLogGroup", json!({ "logGroupName": "/x/a" })).await,
        (
            "ResourceNotFoundException".into(),
            "The specified log group does not exist.".into()
        )
    );
}

#[tokio::test]
async fn groups_come_in_pages_and_by_pattern() {
    let cloud = cloud();
    for name in ["a-one", "b-one", "c-two"] {
        done(&cloud, "CreateLogGroup", json!({ "logGroupName": name })).await;
    }
    let first = done(&cloud, "DescribeLogGroups", json!({ "limit": 2 })).await;
    assert_eq!(first["logGroups"].as_array().unwrap().len(), 2);
    let next = json!({ "limit": 2, "nextToken": first["nextToken"] });
    let second = done(&cloud, "DescribeLogGroups", next).await;
    assert_eq!(second["logGroups"][0]["logGroupName"], "c-two");
    assert_eq!(second.get("nextToken"), None);
    let pattern = json!({ "logGroupNamePattern": "one" });
    let found = done(&cloud, "DescribeLogGroups", pattern).await;
    assert_eq!(found["logGroups"].as_array().unwrap().len(), 2);
    let (code, _) = refused(&cloud, "CreateLogGroup", json!({ "logGroupName": "a b" })).await;
    assert_eq!(code, "InvalidParameterException");
}

#[tokio::test]
async fn a_stream_is_read_from_both_ends() {
    let cloud = cloud();
    print(&cloud, "s", &[(1, "one"), (2, "two")]);
    print(&cloud, "s", &[(3, "three")]);
    print(&cloud, "other", &[(1, "else")]);
    let mut ask = json!({ "logGroupName": "/aws/lambda/f", "logStreamName": "s", "limit": 2 });
    let tail = done(&cloud, "GetLogEvents", ask.clone()).await;
    assert_eq!(messages(&tail), ["two", "three"]);
    ask["nextToken"] = tail["nextBackwardToken"].clone();
    assert_eq!(
        messages(&done(&cloud, "GetLogEvents", ask.clone()).await),
        ["one"]
    );
    ask["nextToken"] = tail["nextForwardToken"].clone();
    let end = done(&cloud, "GetLogEvents", ask.clone()).await;
    assert_eq!(end["nextForwardToken"], tail["nextForwardToken"]);
    assert_eq!(messages(&end), Vec::<&str>::new());
    print(&cloud, "s", &[(4, "four")]);
    assert_eq!(messages(&done(&cloud, "GetLogEvents", ask).await), ["four"]);
    let head = json!({ "logGroupName": "/aws/lambda/f", "logStreamName": "s",
                       "startFromHead": true, "startTime": 2, "endTime": 4 });
    let head = done(&cloud, "GetLogEvents", head).await;
    assert_eq!(messages(&head), ["two", "three"]);
    let streams = json!({ "logGroupName": "/aws/lambda/f", "orderBy": "LastEventTime",
                          "descending": true });
    let streams = done(&cloud, "DescribeLogStreams", streams).await;
    assert_eq!(streams["logStreams"][0]["logStreamName"], "s");
    assert_eq!(streams["logStreams"][0]["lastEventTimestamp"], 4);
}

#[tokio::test]
async fn events_are_filtered_over_all_streams_in_the_order_of_time() {
    let cloud = cloud();
    print(&cloud, "s", &[(1, "ERROR a"), (3, "ERROR b")]);
    print(&cloud, "t", &[(2, "ERROR c"), (4, "fine")]);
    let ask = json!({ "logGroupName": "/aws/lambda/f", "filterPattern": "ERROR", "limit": 2 });
    let first = done(&cloud, "FilterLogEvents", ask.clone()).await;
    assert_eq!(messages(&first), ["ERROR a", "ERROR c"]);
    let mut next = ask.clone();
    next["nextToken"] = first["nextToken"].clone();
    let second = done(&cloud, "FilterLogEvents", next).await;
    assert_eq!(messages(&second), ["ERROR b"]);
    assert_eq!(second.get("nextToken"), None);
    let between = json!({ "logGroupName": "/aws/lambda/f", "startTime": 2, "endTime": 3 });
    let between = done(&cloud, "FilterLogEvents", between).await;
    assert_eq!(messages(&between), ["ERROR c", "ERROR b"]);
    let of = json!({ "logGroupName": "/aws/lambda/f", "logStreamNames": ["t"] });
    let of = done(&cloud, "FilterLogEvents", of).await;
    assert_eq!(messages(&of), ["ERROR c", "fine"]);
}

#[tokio::test]
async fn events_are_put_in_order_and_not_out_of_time() {
    let cloud = cloud();
    done(&cloud, "CreateLogGroup", json!({ "logGroupName": "g" })).await;
    let stream = json!({ "logGroupName": "g", "logStreamName": "s" });
    let put = |events: Value| {
        let mut put = stream.clone();
        put["logEvents"] = events;
        put
    };
    let now = cloud
        .turn(place(), |turn| Ok(turn.now.as_millisecond()))
        .unwrap();
    let event = |time: i64| json!({ "timestamp": time, "message": "m" });
    let (code, message) = refused(&cloud, "PutLogEvents", put(json!([event(now)]))).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(message, "The specified log stream does not exist.");
    done(&cloud, "CreateLogStream", stream.clone()).await;
    let (code, _) = refused(&cloud, "CreateLogStream", stream.clone()).await;
    assert_eq!(code, "ResourceAlreadyExistsException");
    let (_, message) = refused(
        &cloud,
        "PutLogEvents",
        put(json!([event(now), event(now - 1)])),
    )
    .await;
    assert!(message.contains("chronological order"), "{message}");
    let hours = 60 * 60 * 1000;
    let answer = done(
        &cloud,
        "PutLogEvents",
        put(json!([event(now), event(now + 3 * hours)])),
    )
    .await;
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({ "tooNewLogEventStartIndex": 1 })
    );
    let got = done(&cloud, "GetLogEvents", stream.clone()).await;
    assert_eq!(messages(&got), ["m"]);
    done(&cloud, "DeleteLogStream", stream.clone()).await;
    let (code, _) = refused(&cloud, "GetLogEvents", stream).await;
    assert_eq!(code, "ResourceNotFoundException");
    let groups = done(&cloud, "DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["storedBytes"], 0);
}

#[tokio::test]
async fn a_group_keeps_only_its_newest_events() {
    let cloud = cloud();
    let line = "x".repeat(1 << 20);
    for time in 1..8 {
        print(&cloud, "s", &[(time, &line)]);
    }
    let ask = json!({ "logGroupName": "/aws/lambda/f" });
    let kept = done(&cloud, "FilterLogEvents", ask).await;
    let times = kept["events"].as_array().unwrap().iter();
    let times: Vec<i64> = times.map(|e| e["timestamp"].as_i64().unwrap()).collect();
    assert_eq!(times, [5, 6, 7]);
    let groups = done(&cloud, "DescribeLogGroups", json!({})).await;
    let bytes = groups["logGroups"][0]["storedBytes"].as_u64().unwrap();
    assert!(bytes <= super::keep::KEPT_BYTES);
}

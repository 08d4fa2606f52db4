//! Lambda over the wire, as clients call it.

mod functions;
mod layers;
mod permissions;
mod refusals;
mod versions;

use std::io::{Cursor, Write};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde_json::{Value, json};

use crate::local::Cloud;
use crate::local::testing::{self, cloud, rest};

pub const ROLE: &str = "arn:aws:iam::000000000000:role/lambda";
pub const FUNCTIONS: &str = "/2015-03-31/functions";

/// A cloud with a role that Lambda may assume.
pub async fn with_role() -> Arc<Cloud> {
    let cloud = cloud();
    prepare(&cloud).await;
    cloud
}

async fn prepare(cloud: &Arc<Cloud>) {
    cloud.faults().settle_in(Duration::from_secs(3600));
    role(cloud, "lambda", "lambda.amazonaws.com").await;
}

pub async fn role(cloud: &Arc<Cloud>, name: &str, service: &str) {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": { "Service": service },
            "Action": "sts:AssumeRole",
        },
    });
    let role = json!({
        "name": name, "account": "000000000000", "path": "/", "id": "AROA", "description": null,
        "created": "2026-01-01T00:00:00Z", "max_session_seconds": 3600,
        "trust": trust.to_string(), "trusted": {}, "boundary": null,
        "inline": {}, "attached": [], "tags": [],
    });
    let place = crate::local::Place {
        region: "us-east-1".into(),
        url: testing::URL.into(),
    };
    let made = cloud.turn(place, |turn| {
        let role = serde_json::from_value(role).unwrap();
        turn.world.global.iam.roles.insert(name, role);
        Ok(())
    });
    made.unwrap();
}

/// A zip in base64.
pub fn zip(files: &[(&str, &[u8])]) -> String {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    STANDARD.encode(writer.finish().unwrap().into_inner())
}

/// A zip in base64 whose directory says that its one file is so large.
pub fn claiming(size: u32) -> String {
    let mut bytes = STANDARD.decode(zip(&[("zeros", b"0")])).unwrap();
    let entry = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&size.to_le_bytes());
    STANDARD.encode(bytes)
}

/// What `CreateFunction` needs at least.
pub fn minimal(name: &str) -> Value {
    json!({
        "FunctionName": name,
        "Role": ROLE,
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "Code": { "ZipFile": zip(&[("index.js", b"exports.handler = async () => 1")]) },
    })
}

pub async fn call(cloud: &Arc<Cloud>, method: &str, path: &str, body: Value) -> (u16, Value) {
    rest(cloud, "lambda", method, path, body).await
}

/// A call that must succeed.
pub async fn done(cloud: &Arc<Cloud>, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = call(cloud, method, path, body).await;
    assert!((200..300).contains(&status), "{method} {path}: {answer}");
    answer
}

/// A call that must be refused: status, code, message.
pub async fn refused(
    cloud: &Arc<Cloud>,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, String, String) {
    let request = Request::builder().method(method).uri(path);
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let response = testing::send(cloud, "lambda", request, body).await;
    let code = response.headers()["x-amzn-errortype"].to_str().unwrap();
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let message = body.get("message").or_else(|| body.get("Message"));
    let message = message.and_then(Value::as_str).unwrap_or_default();
    let status = response.status().as_u16();
    (status, code.to_owned(), message.to_owned())
}

/// The function, when what was under way with it is over.
pub async fn settled(cloud: &Arc<Cloud>, name: &str) -> Value {
    cloud.settle();
    let answer = done(cloud, "GET", &format!("{FUNCTIONS}/{name}"), Value::Null).await;
    assert_eq!(answer["Configuration"]["LastUpdateStatus"], "Successful");
    answer
}

/// A function that is there and active.
pub async fn with_function(name: &str) -> Arc<Cloud> {
    let cloud = with_role().await;
    done(&cloud, "POST", FUNCTIONS, minimal(name)).await;
    settled(&cloud, name).await;
    cloud
}

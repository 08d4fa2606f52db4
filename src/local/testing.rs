//! For the tests of the services: requests as clients send them, without a socket.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use super::Cloud;
use super::wire::Answered;

pub const URL: &str = "http://127.0.0.1:4566";

pub fn cloud() -> Arc<Cloud> {
    Arc::new(Cloud::in_memory().expect("memory is always there"))
}

/// Everything that it keeps, a line each.
pub fn rows(cloud: &Cloud) -> Vec<String> {
    let mut rows = Vec::new();
    let read = cloud.store.each(|key, bytes| {
        let value = String::from_utf8_lossy(bytes);
        rows.push(format!("{} {} {} {value}", key.place, key.table, key.row));
        Ok(())
    });
    read.expect("memory is always there");
    rows
}

/// Another one that holds the same.
pub fn twin(cloud: &Cloud) -> Arc<Cloud> {
    let store = cloud.store.twin().expect("memory is always there");
    let runtime = super::Runtime::new(None);
    Arc::new(Cloud::over(store, runtime, &cloud.account).expect("it was sound"))
}

/// Sends a signed request to `service` in us-east-1.
pub async fn send(
    cloud: &Arc<Cloud>,
    service: &str,
    request: http::request::Builder,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let signature = format!(
        "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    let request = request.header("authorization", signature);
    let request: Request<Bytes> = request
        .body(body.into())
        .expect("the test's request is sound");
    match cloud.answer(request, URL).await {
        Answered::Response(response) => response,
        Answered::Reset => panic!("the connection was reset"),
    }
}

/// A call of a REST-JSON service: status and body, `Null` where there is none.
pub async fn rest(
    cloud: &Arc<Cloud>,
    service: &str,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path);
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let response = send(cloud, service, request, body).await;
    let value = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    (response.status().as_u16(), value)
}

/// A call of a query service: status and XML.
pub async fn query(
    cloud: &Arc<Cloud>,
    service: &str,
    parameters: &[(&str, &str)],
) -> (u16, String) {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let request = Request::builder().method("POST").uri("/");
    let response = send(cloud, service, request, form).await;
    let text = String::from_utf8(response.body().to_vec()).expect("XML is UTF-8");
    (response.status().as_u16(), text)
}

//! Other servers as backends: a real one on loopback.

use std::convert::Infallible;

use ::http::{Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{asked, deploy, empty, method, resource, send, text};
use crate::local::testing::cloud;

/// A server that answers; its URL.
async fn server(answer: fn(Request<Bytes>) -> Response<Bytes>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |request: Request<hyper::body::Incoming>| async move {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let response = answer(Request::from_parts(parts, body));
        Ok::<_, Infallible>(response.map(Full::new))
    };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let served = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer));
            tokio::spawn(served);
        }
    });
    url
}

/// Tells what was asked.
fn echo(request: Request<Bytes>) -> Response<Bytes> {
    let headers = request.headers().iter();
    let headers: Value = headers
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    let told = json!({
        "asked": format!("{} {}", request.method(), request.uri()),
        "headers": headers,
        "body": String::from_utf8_lossy(request.body()),
    });
    Response::builder()
        .status(201)
        .header("content-type", "text/x")
        .header("server", "echo")
        .header("x-b", "1")
        .header("x-b", "2")
        .body(told.to_string().into())
        .unwrap()
}

const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 0, 0xff];

/// Gives back what was sent, as what it was sent.
fn mirror(request: Request<Bytes>) -> Response<Bytes> {
    let kind = request.headers()["content-type"].clone();
    let response = Response::builder().header("content-type", kind);
    response.body(request.into_body()).unwrap()
}

#[tokio::test]
async fn a_proxy_passes_nearly_all_on() {
    let cloud = cloud();
    let url = server(echo).await;
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "{rest+}").await;
    let integration = json!({
        "type": "HTTP_PROXY",
        "httpMethod": "ANY",
        "uri": format!("{url}/base/{{rest}}?fixed=1"),
        "requestParameters": {
            "integration.request.path.rest": "method.request.path.rest",
            "integration.request.header.X-Color": "stageVariables.color",
            "integration.request.header.X-Stage": "context.stage",
            "integration.request.header.X-Q": "method.request.querystring.q",
            "integration.request.querystring.mine": "'a b'",
        },
    });
    let parameters = ["method.request.path.rest", "method.request.querystring.q"];
    method(
        &cloud,
        &format!("{methods}/ANY"),
        &parameters,
        integration,
        json!({}),
    )
    .await;
    deploy(&cloud, &api.0).await;
    let request = Request::builder()
        .method("PUT")
        .uri("/a%20b/c?q=1&q=%26")
        .header("host", "api.example")
        .header("x-own", "2")
        .header("via", "somebody");
    let response = send(&cloud, &api.0, request, "sent").await;
    assert_eq!(response.status(), 201);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/x");
    assert_eq!(headers["x-amzn-remapped-server"], "echo");
    assert_eq!(
        headers.get_all("x-b").iter().collect::<Vec<_>>(),
        ["1", "2"]
    );
    let told: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(
        told["asked"],
        "PUT /base/a%20b/c?fixed=1&q=1&q=%26&mine=a%20b"
    );
    assert_eq!(told["body"], "sent");
    let got = &told["headers"];
    assert_eq!(got["host"], url.strip_prefix("http://").unwrap());
    assert_eq!(
        (&got["x-own"], &got["x-color"]),
        (&json!("2"), &json!("blue"))
    );
    assert_eq!((&got["x-stage"], &got["x-q"]), (&json!("s"), &json!("&")));
    assert_eq!(got["x-amzn-apigateway-api-id"], json!(api.0));
    assert_eq!(
        got["user-agent"],
        json!(format!("AmazonAPIGateway_{}", api.0))
    );
    assert_eq!(
        (&got["via"], &got["x-forwarded-for"]),
        (&Value::Null, &json!("127.0.0.1"))
    );
}

#[tokio::test]
async fn bytes_stay_bytes_where_the_api_says_so() {
    let cloud = cloud();
    let url = server(mirror).await;
    for (types, accept, expected) in [
        (&["image/png"][..], "image/png", PNG.to_vec()),
        (
            &["image/png"],
            "text/html",
            STANDARD.encode(PNG).into_bytes(),
        ),
        // As on AWS, bytes that are taken for text are spoilt.
        (
            &[],
            "image/png",
            String::from_utf8_lossy(PNG).into_owned().into_bytes(),
        ),
    ] {
        let api = empty(&cloud, types).await;
        let methods = resource(&cloud, &api, "x").await;
        let integration = json!({"type": "HTTP_PROXY", "httpMethod": "POST", "uri": url});
        method(
            &cloud,
            &format!("{methods}/POST"),
            &[],
            integration,
            json!({}),
        )
        .await;
        deploy(&cloud, &api.0).await;
        let request = Request::builder().method("POST").uri("/x");
        let request = request
            .header("content-type", "image/png")
            .header("accept", accept);
        let response = send(&cloud, &api.0, request, PNG).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), &expected, "{types:?} {accept}");
    }
}

#[tokio::test]
async fn only_what_is_mapped_passes() {
    let cloud = cloud();
    let url = server(echo).await;
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "x").await;
    let integration = json!({
        "type": "HTTP",
        "httpMethod": "PATCH",
        "uri": format!("{url}/y"),
        "requestParameters": {
            "integration.request.header.X-Id": "method.request.body.pet.id",
            "integration.request.querystring.all": "method.request.multivaluequerystring.q",
        },
        "requestTemplates": {"application/json": "<$input.json('$.pet')>"},
    });
    let template = "$input.path('$.asked')|$input.path('$.body')|$input.path('$.headers.x-id')|\
                    $!input.path('$.headers.x-own')";
    let responses = json!({
        "200": {"selectionPattern": "20"},
        "202": {
            "selectionPattern": "2\\d{2}",
            "responseParameters": {
                "method.response.header.X-Last": "integration.response.header.X-B",
                "method.response.header.X-All": "integration.response.multivalueheader.x-b",
                "method.response.header.X-Own": "integration.response.body.headers['x-id']",
            },
            "responseTemplates": {"text/plain": template},
        },
        "500": {},
    });
    method(
        &cloud,
        &format!("{methods}/POST"),
        &[],
        integration,
        responses,
    )
    .await;
    deploy(&cloud, &api.0).await;
    let post = || {
        Request::builder()
            .method("POST")
            .uri("/x?q=1&q=2")
            .header("x-own", "2")
    };
    let response = send(&cloud, &api.0, post(), r#"{"pet": {"id": 7}}"#).await;
    assert_eq!(response.status(), 202);
    assert_eq!(text(&response), "PATCH /y?all=1&all=2|<{\"id\":7}>|7|");
    let headers = response.headers();
    assert_eq!(
        (&headers["x-last"], &headers["x-own"]),
        (&"2".parse().unwrap(), &"7".parse().unwrap())
    );
    assert_eq!(
        headers.get_all("x-all").iter().collect::<Vec<_>>(),
        ["1", "2"]
    );
    assert_eq!(headers["content-type"], "text/plain");
    assert_eq!(headers.get("x-b"), None);
    let broken = send(&cloud, &api.0, post(), "{").await;
    assert_eq!(broken.status(), 500);
}

#[tokio::test]
async fn a_body_that_is_mapped_must_be_json() {
    let cloud = cloud();
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "x").await;
    let integration = json!({
        "type": "HTTP_PROXY",
        "httpMethod": "GET",
        "uri": "http://127.0.0.1:1/",
        "requestParameters": {"integration.request.header.X-Id": "method.request.body.id"},
    });
    method(
        &cloud,
        &format!("{methods}/POST"),
        &[],
        integration,
        json!({}),
    )
    .await;
    deploy(&cloud, &api.0).await;
    let request = Request::builder().method("POST").uri("/x");
    let response = send(&cloud, &api.0, request, "no").await;
    let message = r#"{"message":"Invalid JSON in request body"}"#;
    assert_eq!(
        (response.status().as_u16(), &*text(&response)),
        (400, message)
    );
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_apart() {
    let cloud = cloud();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    let plain = server(mirror).await;
    let api = empty(&cloud, &[]).await;
    let network = r#"{"message":"Network error communicating with endpoint"}"#;
    let internal = r#"{"message":"Internal server error"}"#;
    let cases = [
        ("closed", closed, (504, network)),
        // A name that long is never looked for.
        (
            "unknown",
            format!("http://{}/", "x".repeat(64)),
            (500, internal),
        ),
        // It speaks no TLS.
        ("tls", plain.replace("http:", "https:"), (500, internal)),
        ("hole", format!("{plain}/{{x}}"), (500, internal)),
    ];
    for (part, uri, _) in &cases {
        let methods = resource(&cloud, &api, part).await;
        let integration = json!({"type": "HTTP_PROXY", "httpMethod": "GET", "uri": uri});
        method(
            &cloud,
            &format!("{methods}/GET"),
            &[],
            integration,
            json!({}),
        )
        .await;
    }
    deploy(&cloud, &api.0).await;
    for (part, uri, (status, message)) in cases {
        let answer = asked(&cloud, &api.0, "GET", &format!("/{part}")).await;
        assert_eq!(answer, (status, message.to_owned()), "{uri}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_never_answers_is_a_timeout() {
    let cloud = cloud();
    // Nobody accepts.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = empty(&cloud, &[]).await;
    let methods = resource(&cloud, &api, "x").await;
    let uri = format!("http://{}/", silent.local_addr().unwrap());
    let integration = json!({"type": "HTTP_PROXY", "httpMethod": "GET", "uri": uri});
    method(
        &cloud,
        &format!("{methods}/GET"),
        &[],
        integration,
        json!({}),
    )
    .await;
    deploy(&cloud, &api.0).await;
    let message = r#"{"message":"Endpoint request timed out"}"#;
    assert_eq!(
        asked(&cloud, &api.0, "GET", "/x").await,
        (504, message.to_owned())
    );
}

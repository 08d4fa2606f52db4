//! S3 through its wire protocol.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use crate::local::testing::{cloud, send};
use crate::local::{Cloud, Place};

async fn call(
    cloud: &Arc<Cloud>,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    send(cloud, "s3", request, body).await
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).expect("text")
}

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> &'r str {
    response.headers()[name].to_str().expect("text")
}

async fn with_bucket() -> Arc<Cloud> {
    let cloud = cloud();
    assert_eq!(call(&cloud, "PUT", "/state", &[], "").await.status(), 200);
    cloud
}

async fn status(cloud: &Arc<Cloud>, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
    call(cloud, method, path, headers, "y")
        .await
        .status()
        .as_u16()
}

#[tokio::test]
async fn an_object_is_put_read_and_deleted() {
    let cloud = with_bucket().await;
    let headers = [("content-type", "text/plain"), ("x-amz-meta-a", "b")];
    let put = call(&cloud, "PUT", "/state/a/b%20c", &headers, "hello").await;
    assert_eq!(header(&put, "etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    let got = call(&cloud, "GET", "/state/a/b%20c", &[], "").await;
    assert_eq!(
        (text(&got), header(&got, "content-type")),
        ("hello", "text/plain")
    );
    assert_eq!(header(&got, "x-amz-meta-a"), "b");
    let head = call(&cloud, "HEAD", "/state/a/b%20c", &[], "").await;
    assert_eq!((text(&head), header(&head, "content-length")), ("", "5"));
    let part = call(
        &cloud,
        "GET",
        "/state/a/b%20c",
        &[("range", "bytes=1-2")],
        "",
    )
    .await;
    assert_eq!((part.status().as_u16(), text(&part)), (206, "el"));
    assert_eq!(header(&part, "content-range"), "bytes 1-2/5");
    assert_eq!(status(&cloud, "DELETE", "/state", &[]).await, 409);
    assert_eq!(status(&cloud, "DELETE", "/state/a/b%20c", &[]).await, 204);
    assert_eq!(status(&cloud, "DELETE", "/state/a/b%20c", &[]).await, 204);
    let gone = call(&cloud, "GET", "/state/a/b%20c", &[], "").await;
    assert!(
        text(&gone).contains("<Code>NoSuchKey</Code>"),
        "{}",
        text(&gone)
    );
    assert!(text(&gone).contains("<Key>a/b c</Key>"), "{}", text(&gone));
    assert_eq!(status(&cloud, "DELETE", "/state", &[]).await, 204);
    let none = call(&cloud, "GET", "/state/x", &[], "").await;
    assert!(
        text(&none).contains("<BucketName>state</BucketName>"),
        "{}",
        text(&none)
    );
}

#[tokio::test]
async fn writes_may_depend_on_what_is_there() {
    let cloud = with_bucket().await;
    let create = [("if-none-match", "*")];
    assert_eq!(status(&cloud, "PUT", "/state/s", &create).await, 200);
    let again = call(&cloud, "PUT", "/state/s", &create, "z").await;
    assert_eq!(again.status(), 412);
    assert!(text(&again).contains("<Condition>If-None-Match</Condition>"));
    let head = call(&cloud, "HEAD", "/state/s", &[], "").await;
    let etag = header(&head, "etag").to_owned();
    let wrong = [("if-match", "\"0\"")];
    assert_eq!(status(&cloud, "PUT", "/state/s", &wrong).await, 412);
    assert_eq!(
        status(&cloud, "PUT", "/state/s", &[("if-match", &etag)]).await,
        200
    );
    assert_eq!(status(&cloud, "PUT", "/state/t", &wrong).await, 404);
    assert_eq!(
        status(&cloud, "PUT", "/state/t", &[("if-none-match", "\"0\"")]).await,
        501
    );
    assert_eq!(
        status(&cloud, "GET", "/state/s", &[("if-none-match", &etag)]).await,
        304
    );
    assert_eq!(status(&cloud, "GET", "/state/s", &wrong).await, 412);
    assert_eq!(status(&cloud, "DELETE", "/state/s", &wrong).await, 412);
    assert_eq!(
        status(&cloud, "DELETE", "/state/s", &[("if-match", "*")]).await,
        204
    );
    assert_eq!(
        status(&cloud, "DELETE", "/state/s", &[("if-match", "*")]).await,
        404
    );
}

#[tokio::test]
async fn versions_stay_behind_markers() {
    let cloud = with_bucket().await;
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(
        call(&cloud, "PUT", "/state?versioning", &[], on)
            .await
            .status(),
        200
    );
    let got = call(&cloud, "GET", "/state?versioning", &[], "").await;
    assert!(
        text(&got).contains("<Status>Enabled</Status>"),
        "{}",
        text(&got)
    );
    let first = call(&cloud, "PUT", "/state/s", &[], "1").await;
    let second = call(&cloud, "PUT", "/state/s", &[], "2").await;
    let (first, second) = (
        header(&first, "x-amz-version-id"),
        header(&second, "x-amz-version-id"),
    );
    assert_ne!(first, second);
    let old = call(
        &cloud,
        "GET",
        &format!("/state/s?versionId={first}"),
        &[],
        "",
    )
    .await;
    assert_eq!(text(&old), "1");
    let marker = call(&cloud, "DELETE", "/state/s", &[], "").await;
    assert_eq!(header(&marker, "x-amz-delete-marker"), "true");
    assert_eq!(status(&cloud, "GET", "/state/s", &[]).await, 404);
    assert_eq!(status(&cloud, "DELETE", "/state", &[]).await, 409);
    let create = [("if-none-match", "*")];
    let path = format!("/state/s?versionId={}", header(&marker, "x-amz-version-id"));
    assert_eq!(status(&cloud, "DELETE", &path, &[]).await, 204);
    assert_eq!(text(&call(&cloud, "GET", "/state/s", &[], "").await), "2");
    assert_eq!(status(&cloud, "PUT", "/state/s", &create).await, 412);
    let none = call(&cloud, "GET", "/state/s?versionId=x", &[], "").await;
    assert!(
        text(&none).contains("<Code>NoSuchVersion</Code>"),
        "{}",
        text(&none)
    );
}

#[tokio::test]
async fn bodies_in_chunks_carry_their_checksum() {
    let cloud = with_bucket().await;
    let headers = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = "5\r\nhello\r\n4\r\n1234\r\n0\r\nx-amz-checksum-crc32:nAVH8w==\r\n\r\n";
    let put = call(&cloud, "PUT", "/state/s", &headers, body).await;
    let told = text(&put).to_owned();
    assert_eq!(put.status(), 400, "{told}");
    assert!(told.contains("<Code>BadDigest</Code>"), "{told}");
    let body = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    let put = call(&cloud, "PUT", "/state/s", &headers, body).await;
    assert_eq!(put.status(), 200, "{}", text(&put));
    assert_eq!(header(&put, "x-amz-checksum-crc32"), "y/Q5Jg==");
    let got = call(
        &cloud,
        "GET",
        "/state/s",
        &[("x-amz-checksum-mode", "ENABLED")],
        "",
    )
    .await;
    assert_eq!(
        (text(&got), header(&got, "x-amz-checksum-crc32")),
        ("123456789", "y/Q5Jg==")
    );
    assert!(!got.headers().contains_key("content-encoding"));
    let cut = call(&cloud, "PUT", "/state/s", &headers, "9\r\n1234").await;
    assert!(text(&cut).contains("<Code>IncompleteBody</Code>"));
}

#[tokio::test]
async fn lists_have_pages_and_folders() {
    let cloud = with_bucket().await;
    for key in ["a", "f/1", "f/2", "g"] {
        assert_eq!(
            status(&cloud, "PUT", &format!("/state/{key}"), &[]).await,
            200
        );
    }
    let page = call(
        &cloud,
        "GET",
        "/state?list-type=2&delimiter=/&max-keys=2",
        &[],
        "",
    )
    .await;
    let xml = text(&page);
    assert!(
        xml.contains("<Key>a</Key>") && xml.contains("<Prefix>f/</Prefix>"),
        "{xml}"
    );
    assert!(xml.contains("<IsTruncated>true</IsTruncated>"), "{xml}");
    let (_, token) = xml.split_once("<NextContinuationToken>").expect("a token");
    let token = token
        .split('<')
        .next()
        .expect("text")
        .replace('+', "%2B")
        .replace('=', "%3D");
    let next = format!("/state?list-type=2&delimiter=/&continuation-token={token}");
    let page = call(&cloud, "GET", &next, &[], "").await;
    let xml = text(&page);
    assert!(
        xml.contains("<KeyCount>1</KeyCount>") && xml.contains("<Key>g</Key>"),
        "{xml}"
    );
    let page = call(&cloud, "GET", "/state?list-type=2&prefix=f/", &[], "").await;
    assert!(
        text(&page).contains("<KeyCount>2</KeyCount>"),
        "{}",
        text(&page)
    );
}

#[tokio::test]
async fn objects_are_copied_with_what_they_carry() {
    let cloud = with_bucket().await;
    call(&cloud, "PUT", "/state/s", &[("x-amz-meta-a", "b")], "hello").await;
    let copied = call(
        &cloud,
        "PUT",
        "/state/t",
        &[("x-amz-copy-source", "state/s")],
        "",
    )
    .await;
    assert!(
        text(&copied).contains("5d41402abc4b2a76b9719d911017c592"),
        "{}",
        text(&copied)
    );
    let got = call(&cloud, "GET", "/state/t", &[], "").await;
    assert_eq!((text(&got), header(&got, "x-amz-meta-a")), ("hello", "b"));
    let itself = [("x-amz-copy-source", "/state/s")];
    assert_eq!(status(&cloud, "PUT", "/state/s", &itself).await, 400);
}

#[tokio::test]
async fn buckets_are_in_one_region() {
    let cloud = with_bucket().await;
    let place = |region: &str| Place {
        region: region.into(),
        url: String::new(),
    };
    let read = |region: &str| {
        cloud.turn(place(region), |turn| {
            super::object(turn, "state", "k", None)
        })
    };
    assert_eq!(read("us-east-1").unwrap_err().code, "NoSuchKey");
    assert_eq!(read("eu-west-1").unwrap_err().code, "PermanentRedirect");
    for bad in ["/Ab", "/a_b", "/1.2.3.4", "/ab"] {
        assert_eq!(status(&cloud, "PUT", bad, &[]).await, 400, "{bad}");
    }
}

#[tokio::test]
async fn parts_of_objects_are_refused_by_name() {
    let cloud = with_bucket().await;
    let acl = call(&cloud, "PUT", "/state/s?acl", &[], "").await;
    assert_eq!(acl.status(), 501);
    assert!(text(&acl).contains("s3:PutObjectAcl"), "{}", text(&acl));
    let parts = call(&cloud, "POST", "/state/s?uploads", &[], "").await;
    assert_eq!(parts.status(), 501);
}

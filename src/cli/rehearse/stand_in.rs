//! Things in the copy of which only the presence matters, made by plain requests as any client
//! sends them.

use std::io::{Cursor, Write};
use std::sync::Arc;

use bytes::Bytes;
use http::Request;

use super::URL;
use crate::local::{Answered, Cloud};

/// The bucket and key of the code of functions whose own code is not at hand.
pub const BUCKET: &str = "slp-rehearsal";
pub const KEY: &str = "code.zip";

/// Puts code that says nothing into a bucket.
pub async fn object(cloud: &Arc<Cloud>, region: &str, bucket: &str, key: &str) {
    self::bucket(cloud, region, bucket).await;
    let path = format!("/{bucket}/{key}");
    send(cloud, region, "s3", "PUT", &path, zip()).await;
}

pub async fn bucket(cloud: &Arc<Cloud>, region: &str, bucket: &str) {
    let place = match region {
        "us-east-1" => Bytes::new(),
        region => format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint>\
             </CreateBucketConfiguration>"
        )
        .into(),
    };
    send(cloud, region, "s3", "PUT", &format!("/{bucket}"), place).await;
}

/// A call of IAM's.
pub async fn iam(cloud: &Arc<Cloud>, parameters: &[(&str, &str)]) {
    let version = ("Version", "2010-05-08");
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters.iter().chain([&version]))
        .finish();
    send(cloud, "us-east-1", "iam", "POST", "/", form.into()).await;
}

/// A role of which nothing is known: Lambda and API Gateway may assume it.
pub async fn role(cloud: &Arc<Cloud>, arn: &str, allows: &str) {
    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["lambda.amazonaws.com","apigateway.amazonaws.com"]}}]}"#;
    let rest = arn.split_once(":role").map_or("", |(_, rest)| rest);
    let (path, name) = rest.rsplit_once('/').unwrap_or_default();
    let path = format!("{path}/");
    let create = [
        ("Action", "CreateRole"),
        ("RoleName", name),
        ("Path", &path),
        ("AssumeRolePolicyDocument", TRUST),
    ];
    iam(cloud, &create).await;
    let put = [
        ("Action", "PutRolePolicy"),
        ("RoleName", name),
        ("PolicyName", "all"),
        ("PolicyDocument", allows),
    ];
    iam(cloud, &put).await;
}

/// A statement on a function of which only the name is known.
pub async fn permission(cloud: &Arc<Cloud>, region: &str, function: &str, sid: &str) {
    let path = format!("/2015-03-31/functions/{function}/policy");
    let statement = serde_json::json!({
        "StatementId": sid,
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
    });
    let body = statement.to_string().into();
    send(cloud, region, "lambda", "POST", &path, body).await;
}

/// Whether it is taken shows when the copy is compared.
async fn send(
    cloud: &Arc<Cloud>,
    region: &str,
    service: &str,
    method: &str,
    path: &str,
    body: Bytes,
) -> Option<Answered> {
    let signed = format!(
        "AWS4-HMAC-SHA256 Credential=rehearsal/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", signed)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    Some(cloud.answer(request.ok()?, URL).await)
}

fn zip() -> Bytes {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let written = zip
        .start_file("code", options)
        .and_then(|()| Ok(zip.write_all(b"not at hand")?));
    match written.and_then(|()| zip.finish()) {
        Ok(bytes) => bytes.into_inner().into(),
        Err(_) => Bytes::new(),
    }
}

//! S3's refusals, dates and XML.

use jiff::Timestamp;

use super::model::Bucket;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Input, Reply, escaped};

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document with one root; `inner` is XML already.
pub fn document(root: &str, inner: &str) -> Reply {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">{inner}</{root}>"
    );
    Reply::bytes(xml.into()).header("content-type", "application/xml")
}

/// `<name>text</name>`
pub fn element(name: &str, text: impl ToString) -> String {
    format!("<{name}>{}</{name}>", escaped(&text.to_string()))
}

/// `2026-11-24T01:02:03.000Z`
pub fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// `Tue, 24 Nov 2026 01:02:03 GMT`
pub fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub fn no_key(key: &str) -> AwsError {
    AwsError::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
}

pub fn no_version(key: &str, version: &str) -> AwsError {
    AwsError::new(
        404,
        "NoSuchVersion",
        "The specified version does not exist.",
    )
    .with("Key", key)
    .with("VersionId", version)
}

pub fn malformed_xml() -> AwsError {
    AwsError::new(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// The bucket of a name, if it is of the account that the caller expects and in its region.
pub fn bucket<'t>(turn: &'t Turn<'_>, input: &Input, name: &str) -> Result<&'t Bucket, AwsError> {
    let expected = input.headers.get("x-amz-expected-bucket-owner");
    let found = here(turn, name);
    if found.is_ok() && expected.is_some_and(|owner| owner != turn.account()) {
        return Err(AwsError::new(403, "AccessDenied", "Access Denied"));
    }
    found
}

/// The bucket of a name, if it is in the caller's region.
pub fn here<'t>(turn: &'t Turn<'_>, name: &str) -> Result<&'t Bucket, AwsError> {
    let found = turn.world.global.s3.buckets.get(name);
    let found = found.ok_or_else(|| {
        AwsError::new(404, "NoSuchBucket", "The specified bucket does not exist")
            .with("BucketName", name)
    })?;
    if found.region == turn.place.region {
        return Ok(found);
    }
    Err(AwsError::new(
        301,
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. \
         Please send all future requests to this endpoint.",
    )
    .with("Bucket", name)
    .with(
        "Endpoint",
        format!("{name}.s3.{}.amazonaws.com", found.region),
    )
    .header("x-amz-bucket-region", &found.region))
}

/// A part of a bucket or object that this cloud does not have, such as `?acl`.
pub fn whole(input: &Input, operation: &str) -> Result<(), AwsError> {
    const PARTS: [&str; 34] = [
        "accelerate",
        "acl",
        "analytics",
        "attributes",
        "cors",
        "delete",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "partNumber",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "session",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versions",
        "website",
        "append",
        "renameObject",
    ];
    let part = input
        .query
        .iter()
        .find(|(key, _)| PARTS.contains(&key.as_str()));
    match part {
        None => Ok(()),
        Some((part, _)) => Err(AwsError::not_emulated(&format!("s3:{operation}?{part}"))),
    }
}

/// The text of an element of a body, such as `Status`.
pub fn text_of(body: &[u8], name: &str) -> Result<Option<String>, AwsError> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_reader(body);
    let mut inside = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => inside = start.local_name().as_ref() == name,
            Ok(Event::Text(text)) if inside => {
                return Ok(Some(text.trim().to_owned()));
            }
            Ok(Event::End(_)) => inside = false,
            Ok(Event::Eof) => return Ok(None),
            Ok(_) => {}
            Err(_) => return Err(malformed_xml()),
        }
    }
}

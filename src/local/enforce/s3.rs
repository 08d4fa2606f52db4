//! S3: objects by their ARN, lists and settings by the bucket's.

use http::header::IF_MATCH;

use super::ask::{Ask, By};

pub fn asks(by: &By<'_>) -> Vec<Ask> {
    let bucket = format!("arn:aws:s3:::{}", by.input.path("Bucket"));
    let object = format!("{bucket}/{}", by.input.path("Key"));
    let mut asks = vec![match by.operation {
        "ListObjectsV2" => {
            let prefix = by.input.query("prefix").unwrap_or_default();
            list(by).with("s3:prefix", prefix)
        }
        "HeadObject" => Ask::new("s3:GetObject", &object),
        "GetObject" | "PutObject" | "DeleteObject" => {
            Ask::new(format!("s3:{}", by.operation), &object)
        }
        "HeadBucket" => list(by),
        "ListBuckets" => Ask::new("s3:ListAllMyBuckets", "*"),
        name => Ask::new(format!("s3:{name}"), bucket),
    }];
    // Who asks whether an object is still the same reads of it.
    if by.input.headers.contains_key(IF_MATCH) {
        asks.push(Ask::new("s3:GetObject", object));
    }
    asks
}

/// The right to know what a bucket holds.
pub fn list(by: &By<'_>) -> Ask {
    Ask::new(
        "s3:ListBucket",
        format!("arn:aws:s3:::{}", by.input.path("Bucket")),
    )
}

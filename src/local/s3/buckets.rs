//! Buckets: made, listed, removed, versioned.

use super::answer::{bucket, document, element, malformed_xml, text_of, whole};
use super::model::{Bucket, Versioning};
use super::{answer, model};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// Where a bucket is made unless its body says so, and where making one again is no error.
const FIRST_REGION: &str = "us-east-1";

pub fn create(turn: &mut Turn<'_>, input: &Input) -> Answer {
    whole(input, "CreateBucket")?;
    let name = input.path("Bucket");
    if !is_name(name) {
        return Err(AwsError::new(
            400,
            "InvalidBucketName",
            "The specified bucket is not valid.",
        )
        .with("BucketName", name));
    }
    let region = turn.place.region.clone();
    let asked = text_of(&input.raw, "LocationConstraint")?;
    placed(asked.as_deref(), &region)?;
    let (now, buckets) = (turn.now, &mut turn.world.global.s3.buckets);
    let again = || Reply::empty().header("location", format!("/{name}"));
    if let Some(there) = buckets.get(name) {
        if there.region == FIRST_REGION && region == FIRST_REGION {
            return Ok(again());
        }
        return Err(AwsError::new(
            409,
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        )
        .with("BucketName", name));
    }
    let bucket = Bucket {
        name: name.to_owned(),
        region,
        created: now,
        versioning: None,
    };
    buckets.insert(name, bucket);
    Ok(again())
}

/// A bucket is made in the region that is spoken to.
fn placed(asked: Option<&str>, region: &str) -> Result<(), AwsError> {
    let (code, message) = match asked {
        None if region == FIRST_REGION => return Ok(()),
        Some(asked) if asked == region && region != FIRST_REGION => return Ok(()),
        Some(FIRST_REGION) => (
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid".to_owned(),
        ),
        asked => (
            "IllegalLocationConstraintException",
            format!(
                "The {} location constraint is incompatible for the region specific endpoint this \
                 request was sent to.",
                asked.unwrap_or("unspecified")
            ),
        ),
    };
    Err(AwsError::new(400, code, message))
}

/// 3 to 63 of `a-z0-9.-`, a letter or digit at both ends, no IP address.
fn is_name(name: &str) -> bool {
    let edge =
        |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = name.as_bytes();
    let inner = |byte: &u8| edge(Some(byte)) || matches!(byte, b'-' | b'.');
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(inner)
        && edge(bytes.first())
        && edge(bytes.last())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

pub fn head(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let region = bucket(turn, input, input.path("Bucket"))?.region.clone();
    Ok(Reply::empty().header("x-amz-bucket-region", region))
}

pub fn list(turn: &mut Turn<'_>, _: &Input) -> Answer {
    let buckets = turn.world.global.s3.buckets.values().map(|bucket| {
        let inner = element("Name", &bucket.name)
            + &element("CreationDate", answer::date(bucket.created))
            + &element("BucketRegion", &bucket.region);
        format!("<Bucket>{inner}</Bucket>")
    });
    let owner = format!("<Owner>{}</Owner>", element("ID", turn.account()));
    let buckets: String = buckets.collect();
    Ok(document(
        "ListAllMyBucketsResult",
        &format!("{owner}<Buckets>{buckets}</Buckets>"),
    ))
}

pub fn delete(turn: &mut Turn<'_>, input: &Input) -> Answer {
    whole(input, "DeleteBucket")?;
    let name = bucket(turn, input, input.path("Bucket"))?.name.clone();
    let s3 = &mut turn.world.global.s3;
    let inside = model::row(&name, "");
    if s3.objects.iter().any(|(row, _)| row.starts_with(&inside)) {
        return Err(AwsError::new(
            409,
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty",
        )
        .with("BucketName", name));
    }
    s3.buckets.remove(&name);
    Ok(Reply::empty())
}

pub fn location(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let region = &bucket(turn, input, input.path("Bucket"))?.region;
    let shown = if region == FIRST_REGION { "" } else { region };
    Ok(document("LocationConstraint", shown))
}

pub fn versioning(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let status = bucket(turn, input, input.path("Bucket"))?.versioning;
    let inner = match status {
        None => String::new(),
        Some(Versioning::Enabled) => element("Status", "Enabled"),
        Some(Versioning::Suspended) => element("Status", "Suspended"),
    };
    Ok(document("VersioningConfiguration", &inner))
}

pub fn set_versioning(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = bucket(turn, input, input.path("Bucket"))?.name.clone();
    if text_of(&input.raw, "MfaDelete")?.is_some_and(|value| value == "Enabled") {
        return Err(AwsError::not_emulated("the deletion with MFA of s3"));
    }
    let status = match text_of(&input.raw, "Status")?.as_deref() {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        _ => return Err(malformed_xml()),
    };
    if let Some(bucket) = turn.world.global.s3.buckets.get_mut(&name) {
        bucket.versioning = Some(status);
    }
    Ok(Reply::empty())
}

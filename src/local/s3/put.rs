//! Objects put and copied.

use std::collections::BTreeMap;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::answer::{bucket, date, document, element, whole};
use super::model::{Version, Versioning, row};
use super::{checksum, chunked, objects, precondition};
use crate::local::error::AwsError;
use crate::local::turn::{LOWER, Turn, random};
use crate::local::wire::{Answer, Input, Reply};

/// Larger objects go up in parts on AWS too, which this cloud does not do.
const LARGEST: usize = 64 << 20;
/// What an object keeps of its request's headers.
const KEPT: [&str; 6] = [
    "content-type",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
    "x-amz-website-redirect-location",
];

pub fn put(turn: &mut Turn<'_>, input: &Input) -> Answer {
    whole(input, "PutObject")?;
    let (name, key) = (
        input.path("Bucket").to_owned(),
        input.path("Key").to_owned(),
    );
    bucket(turn, input, &name)?;
    if key.len() > 1024 {
        return Err(AwsError::new(
            400,
            "KeyTooLongError",
            "Your key is too long",
        ));
    }
    encrypted(input)?;
    precondition::write(input, &key, objects::current(turn, &name, &key))?;
    match header(input, "x-amz-copy-source") {
        Some(source) => copy(turn, input, &name, &key, &source),
        None => {
            let body = chunked::decoded(&input.headers, &input.raw)?;
            let checksum = checksum::checked(input, &body)?;
            let version = version(turn, kept(input), body.bytes, checksum)?;
            let reply = stored(turn, &name, &key, version);
            Ok(reply)
        }
    }
}

/// AWS encrypts by itself; other keys than its own are not here.
fn encrypted(input: &Input) -> Result<(), AwsError> {
    let wanted = header(input, "x-amz-server-side-encryption");
    let own = header(input, "x-amz-server-side-encryption-customer-algorithm");
    match wanted.as_deref() {
        None | Some("AES256") if own.is_none() => Ok(()),
        _ => Err(AwsError::not_emulated("encryption of s3 with own keys")),
    }
}

fn header(input: &Input, name: &str) -> Option<String> {
    let value = input.headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

fn kept(input: &Input) -> BTreeMap<String, String> {
    let all = input.headers.iter().filter_map(|(name, value)| {
        let name = name.as_str();
        let kept = KEPT.contains(&name) || name.starts_with("x-amz-meta-");
        kept.then(|| Some((name.to_owned(), value.to_str().ok()?.to_owned())))?
    });
    let mut kept: BTreeMap<String, String> = all.collect();
    // The coding of the transport is not the object's.
    let coding = header(input, "content-encoding").unwrap_or_default();
    let own: Vec<&str> = coding
        .split(',')
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && *coding != "aws-chunked")
        .collect();
    if !own.is_empty() {
        kept.insert("content-encoding".into(), own.join(","));
    }
    kept
}

fn version(
    turn: &mut Turn<'_>,
    headers: BTreeMap<String, String>,
    bytes: Bytes,
    checksum: Option<(String, String)>,
) -> Result<Version, AwsError> {
    if bytes.len() > LARGEST {
        let message = "Your proposed upload exceeds the maximum allowed size";
        return Err(AwsError::new(400, "EntityTooLarge", message)
            .with("ProposedSize", bytes.len())
            .with("MaxSizeAllowed", LARGEST));
    }
    Ok(Version {
        id: String::new(),
        etag: checksum::etag(&bytes),
        bytes: bytes.len() as u64,
        modified: turn.now,
        headers,
        checksum,
        digest: Some(turn.keep(bytes)),
    })
}

/// Lays a version on top, or takes the place of the one without an id.
pub fn stored(turn: &mut Turn<'_>, name: &str, key: &str, mut version: Version) -> Reply {
    let s3 = &mut turn.world.global.s3;
    let versioning = s3.buckets.get(name).and_then(|bucket| bucket.versioning);
    let mut object = s3.objects.remove(&row(name, key)).unwrap_or_default();
    version.id = match versioning {
        Some(Versioning::Enabled) => random(LOWER, 32),
        _ => "null".to_owned(),
    };
    object.versions.retain(|other| other.id != version.id);
    let mut reply = Reply::empty();
    if versioning.is_some() {
        reply = reply.header("x-amz-version-id", &version.id);
    }
    if version.digest.is_some() {
        reply = reply
            .header("etag", format!("\"{}\"", version.etag))
            .header("x-amz-server-side-encryption", "AES256");
        if let Some((name, value)) = &version.checksum {
            reply = objects::checksum_header(reply, name, value);
        }
    }
    object.versions.insert(0, version);
    s3.objects.insert(row(name, key), object);
    reply
}

/// `/bucket/key?versionId=x`, percent-encoded.
fn copy(turn: &mut Turn<'_>, input: &Input, name: &str, key: &str, source: &str) -> Answer {
    let invalid = || {
        AwsError::new(
            400,
            "InvalidArgument",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        )
    };
    let (path, version_id) = match source.split_once("?versionId=") {
        Some((path, id)) => (path, Some(id.to_owned())),
        None => (source, None),
    };
    let path = percent_decode_str(path.trim_start_matches('/'));
    let path = path.decode_utf8().map_err(|_| invalid())?;
    let (from, from_key) = path.split_once('/').ok_or_else(invalid)?;
    let found = objects::find(turn, from, from_key, version_id.as_deref())?.clone();
    let bytes = objects::bytes(turn, &found)?;
    let replaces = header(input, "x-amz-metadata-directive").is_some_and(|way| way == "REPLACE");
    if !replaces && from == name && from_key == key {
        return Err(AwsError::new(
            400,
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without \
             changing the object's metadata, storage class, website redirect location or \
             encryption attributes.",
        ));
    }
    let headers = if replaces { kept(input) } else { found.headers };
    let copy = version(turn, headers, bytes, found.checksum)?;
    let inner = element("LastModified", date(copy.modified))
        + &element("ETag", format!("\"{}\"", copy.etag));
    let reply = document("CopyObjectResult", &inner);
    let head = stored(turn, name, key, copy);
    let id = head
        .headers
        .into_iter()
        .find(|(name, _)| name == "x-amz-version-id");
    Ok(id
        .into_iter()
        .fold(reply, |reply, (name, value)| reply.header(name, value)))
}

/// What hides an object without taking it away.
pub fn marker(turn: &Turn<'_>) -> Version {
    Version {
        id: String::new(),
        digest: None,
        etag: String::new(),
        bytes: 0,
        modified: turn.now,
        headers: BTreeMap::new(),
        checksum: None,
    }
}

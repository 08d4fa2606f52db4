//! Objects read and deleted.

use bytes::Bytes;

use super::answer::{bucket, here, http_date, no_key, no_version, whole};
use super::model::{Version, row};
use super::{precondition, put};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// What is there under a key; a delete marker is nothing.
pub fn current<'t>(turn: &'t Turn<'_>, bucket: &str, key: &str) -> Option<&'t Version> {
    let object = turn.world.global.s3.objects.get(&row(bucket, key))?;
    object
        .versions
        .first()
        .filter(|version| version.digest.is_some())
}

/// A version to be read: the current one unless one is named.
pub fn find<'t>(
    turn: &'t Turn<'_>,
    name: &str,
    key: &str,
    version: Option<&str>,
) -> Result<&'t Version, AwsError> {
    here(turn, name)?;
    let Some(id) = version else {
        let found = turn.world.global.s3.objects.get(&row(name, key));
        let newest = found.and_then(|object| object.versions.first());
        return match newest {
            Some(version) if version.digest.is_some() => Ok(version),
            Some(marker) => Err(no_key(key)
                .header("x-amz-delete-marker", "true")
                .header("x-amz-version-id", &marker.id)),
            None => Err(no_key(key)),
        };
    };
    let found = turn.world.global.s3.objects.get(&row(name, key));
    let mut versions = found.into_iter().flat_map(|object| &object.versions);
    match versions.find(|version| version.id == id) {
        Some(version) if version.digest.is_some() => Ok(version),
        Some(_) => Err(AwsError::new(
            405,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        )
        .with("Method", "GET")
        .with("ResourceType", "DeleteMarker")
        .header("x-amz-delete-marker", "true")),
        None => Err(no_version(key, id)),
    }
}

/// The bytes of a version.
pub fn bytes(turn: &Turn<'_>, version: &Version) -> Result<Bytes, AwsError> {
    let digest = version.digest.as_deref().unwrap_or_default();
    let lost = || AwsError::new(500, "InternalError", "the bytes of the object are gone");
    turn.blob(digest)?.ok_or_else(lost)
}

pub fn get(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (found, versioned) = asked(turn, input, "GetObject")?;
    let bytes = bytes(turn, &found)?;
    let reply = described(Reply::empty(), input, &found, versioned);
    let (status, range, part) = ranged(input, bytes)?;
    let mut reply = Reply {
        body: crate::local::wire::Body::Bytes(part),
        ..reply
    };
    if let Some(range) = range {
        reply = reply.status(status).header("content-range", range);
    }
    Ok(reply)
}

pub fn head(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (found, versioned) = asked(turn, input, "HeadObject")?;
    let reply = Reply::empty().header("content-length", found.bytes);
    Ok(described(reply, input, &found, versioned))
}

fn asked(turn: &Turn<'_>, input: &Input, name: &str) -> Result<(Version, bool), AwsError> {
    whole(input, name)?;
    let (bucket_name, key) = (input.path("Bucket"), input.path("Key"));
    let versioned = bucket(turn, input, bucket_name)?.versioning.is_some();
    let found = find(turn, bucket_name, key, input.query("versionId"))?;
    precondition::read(input, found)?;
    Ok((found.clone(), versioned))
}

fn described(reply: Reply, input: &Input, version: &Version, versioned: bool) -> Reply {
    let mut reply = reply
        .header("etag", format!("\"{}\"", version.etag))
        .header("last-modified", http_date(version.modified))
        .header("accept-ranges", "bytes")
        .header("x-amz-server-side-encryption", "AES256");
    if !version.headers.contains_key("content-type") {
        reply = reply.header("content-type", "binary/octet-stream");
    }
    for (name, value) in &version.headers {
        reply = reply.header(name.clone(), value);
    }
    if versioned {
        reply = reply.header("x-amz-version-id", &version.id);
    }
    let wanted = input.headers.get("x-amz-checksum-mode");
    let wanted = wanted.is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"enabled"));
    match &version.checksum {
        Some((name, value)) if wanted && !input.headers.contains_key("range") => {
            checksum_header(reply, name, value)
        }
        _ => reply,
    }
}

pub fn checksum_header(reply: Reply, name: &str, value: &str) -> Reply {
    let reply = reply.header(name.to_owned(), value);
    reply.header("x-amz-checksum-type", "FULL_OBJECT")
}

/// `bytes=0-9`, `bytes=5-`, `bytes=-5`; status, `Content-Range` and the part.
fn ranged(input: &Input, bytes: Bytes) -> Result<(u16, Option<String>, Bytes), AwsError> {
    let range = input
        .headers
        .get("range")
        .and_then(|range| range.to_str().ok());
    let Some((from, to)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
    else {
        return Ok((200, None, bytes));
    };
    let size = bytes.len();
    let (start, end) = match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(start), Ok(end)) => (start, end.saturating_add(1).min(size)),
        (Ok(start), Err(_)) => (start, size),
        (Err(_), Ok(last)) => (size.saturating_sub(last), size),
        (Err(_), Err(_)) => return Ok((200, None, bytes)),
    };
    if start >= end {
        let message = "The requested range is not satisfiable";
        return Err(AwsError::new(416, "InvalidRange", message).with("ActualObjectSize", size));
    }
    let shown = format!("bytes {start}-{}/{size}", end - 1);
    Ok((206, Some(shown), bytes.slice(start..end)))
}

/// Without a version a versioned bucket hides the object behind a marker.
pub fn delete(turn: &mut Turn<'_>, input: &Input) -> Answer {
    whole(input, "DeleteObject")?;
    let (name, key) = (input.path("Bucket"), input.path("Key"));
    let versioning = bucket(turn, input, name)?.versioning;
    precondition::delete(input, key, current(turn, name, key))?;
    match (input.query("versionId"), versioning) {
        (Some(id), _) => Ok(removed(turn, name, key, id)),
        (None, None) => {
            removed(turn, name, key, "null");
            Ok(Reply::empty())
        }
        (None, Some(_)) => {
            let marker = put::marker(turn);
            let reply = put::stored(turn, name, key, marker);
            Ok(reply.header("x-amz-delete-marker", "true"))
        }
    }
}

/// Takes a version away; one that is not there is no error.
fn removed(turn: &mut Turn<'_>, name: &str, key: &str, id: &str) -> Reply {
    let objects = &mut turn.world.global.s3.objects;
    let reply = Reply::empty().header("x-amz-version-id", id);
    let Some(object) = objects.get_mut(&row(name, key)) else {
        return reply;
    };
    let was_marker = object
        .versions
        .iter()
        .any(|version| version.id == id && version.digest.is_none());
    object.versions.retain(|version| version.id != id);
    if object.versions.is_empty() {
        objects.remove(&row(name, key));
    }
    match was_marker {
        true => reply.header("x-amz-delete-marker", "true"),
        false => reply,
    }
}

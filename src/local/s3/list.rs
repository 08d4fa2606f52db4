//! The objects of a bucket, in pages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::{bucket, date, document, element, whole};
use super::model::{Version, row};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

const MOST: usize = 1000;
/// What `encoding-type=url` leaves as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*')
    .remove(b'/');

/// A key, or what several keys share up to the delimiter.
enum Entry<'t> {
    Object(&'t str, &'t Version),
    Common(String),
}

impl Entry<'_> {
    /// Where a page that ends here goes on: behind everything that the entry stands for.
    fn place(&self) -> String {
        match self {
            Entry::Object(key, _) => (*key).to_owned(),
            Entry::Common(prefix) => format!("{prefix}\u{10ffff}"),
        }
    }
}

pub fn objects(turn: &mut Turn<'_>, input: &Input) -> Answer {
    whole(input, "ListObjectsV2")?;
    let name = bucket(turn, input, input.path("Bucket"))?.name.clone();
    let most = match input.query("max-keys").map(str::parse::<usize>) {
        None => MOST,
        Some(Ok(most)) => most.min(MOST),
        Some(Err(_)) => {
            let message = "Provided max-keys not an integer or within integer range";
            return Err(
                AwsError::new(400, "InvalidArgument", message).with("ArgumentName", "max-keys")
            );
        }
    };
    let after = after(input)?;
    let mut entries = entries(turn, input, &name, &after);
    let truncated = entries.len() > most && most > 0;
    entries.truncate(most);
    let next = entries.last().filter(|_| truncated).map(Entry::place);
    Ok(document(
        "ListBucketResult",
        &shown(input, &name, most, &entries, next),
    ))
}

fn after(input: &Input) -> Result<String, AwsError> {
    let Some(token) = input.query("continuation-token") else {
        return Ok(input.query("start-after").unwrap_or_default().to_owned());
    };
    let decoded = STANDARD.decode(token).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| {
        let message = "The continuation token provided is incorrect";
        AwsError::new(400, "InvalidArgument", message).with("ArgumentName", "continuation-token")
    })
}

fn entries<'t>(turn: &'t Turn<'_>, input: &Input, name: &str, after: &str) -> Vec<Entry<'t>> {
    let (prefix, delimiter) = (
        input.query("prefix").unwrap_or_default(),
        input.query("delimiter").unwrap_or_default(),
    );
    let start = row(name, "");
    let mut entries: Vec<Entry<'t>> = Vec::new();
    for (row, object) in turn.world.global.s3.objects.iter() {
        let Some(key) = row
            .strip_prefix(&start)
            .filter(|key| key.starts_with(prefix))
        else {
            continue;
        };
        let Some(version) = object.versions.first().filter(|v| v.digest.is_some()) else {
            continue;
        };
        if key <= after {
            continue;
        }
        let rest = &key[prefix.len()..];
        let shared = rest.find(delimiter).filter(|_| !delimiter.is_empty());
        match shared {
            None => entries.push(Entry::Object(key, version)),
            Some(at) => {
                let common = key[..prefix.len() + at + delimiter.len()].to_owned();
                let known = entries
                    .last()
                    .is_some_and(|last| matches!(last, Entry::Common(last) if *last == common));
                if !known {
                    entries.push(Entry::Common(common));
                }
            }
        }
    }
    entries
}

fn shown(
    input: &Input,
    name: &str,
    most: usize,
    entries: &[Entry<'_>],
    next: Option<String>,
) -> String {
    let url = input.query("encoding-type") == Some("url");
    let text = |text: &str| match url {
        true => utf8_percent_encode(text, ENCODED).to_string(),
        false => text.to_owned(),
    };
    let mut out = element("Name", name)
        + &element("Prefix", text(input.query("prefix").unwrap_or_default()))
        + &element("KeyCount", entries.len())
        + &element("MaxKeys", most)
        + &element("IsTruncated", next.is_some());
    for (member, query) in [("Delimiter", "delimiter"), ("StartAfter", "start-after")] {
        if let Some(value) = input.query(query) {
            out += &element(member, text(value));
        }
    }
    if url {
        out += &element("EncodingType", "url");
    }
    if let Some(token) = input.query("continuation-token") {
        out += &element("ContinuationToken", token);
    }
    if let Some(next) = next {
        out += &element("NextContinuationToken", STANDARD.encode(next));
    }
    for entry in entries {
        out += &match entry {
            Entry::Object(key, version) => {
                let inner = element("Key", text(key))
                    + &element("LastModified", date(version.modified))
                    + &element("ETag", format!("\"{}\"", version.etag))
                    + &element("Size", version.bytes)
                    + &element("StorageClass", "STANDARD");
                format!("<Contents>{inner}</Contents>")
            }
            Entry::Common(prefix) => {
                let inner = element("Prefix", text(prefix));
                format!("<CommonPrefixes>{inner}</CommonPrefixes>")
            }
        };
    }
    out
}

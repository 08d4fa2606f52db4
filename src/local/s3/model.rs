//! What S3 holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bucket {
    pub name: String,
    pub region: String,
    pub created: Timestamp,
    /// `None` until it was set once.
    pub versioning: Option<Versioning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    Enabled,
    Suspended,
}

/// All that has been put under a key, the newest first; never empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Object {
    pub versions: Vec<Version>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// `null` for what was put while the bucket had no versions.
    pub id: String,
    /// Of the blob; a delete marker has none.
    pub digest: Option<String>,
    /// MD5 in hex.
    pub etag: String,
    pub bytes: u64,
    pub modified: Timestamp,
    /// `content-type`, `x-amz-meta-…` and the like, as they were put.
    pub headers: BTreeMap<String, String>,
    /// The header of the checksum that came with it, and its value.
    pub checksum: Option<(String, String)>,
}

/// The row of an object. No bucket's name holds a `/`.
pub fn row(bucket: &str, key: &str) -> String {
    format!("{bucket}/{key}")
}

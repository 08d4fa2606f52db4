//! S3: buckets and objects with versions and conditional writes, as state and code need them.
//!
//! Left out on purpose: uploads in parts, ACLs, policies, encryption with own keys, lifecycles,
//! and the lists of versions; each is refused by name.

mod answer;
mod buckets;
mod checksum;
mod chunked;
mod list;
mod model;
mod objects;
mod precondition;
mod put;
mod refused;
#[cfg(test)]
mod tests;

use bytes::Bytes;

use super::error::AwsError;
use super::store::{Part, Rows, Table};
use super::turn::Turn;
use super::wire::Operation;
use model::{Bucket, Object};

pub use refused::REFUSED;

pub const OPERATIONS: &[Operation] = &[
    Operation::rest("ListBuckets", "GET", "/", 200, buckets::list),
    Operation::rest("CreateBucket", "PUT", "/{Bucket}", 200, buckets::create),
    Operation::rest("HeadBucket", "HEAD", "/{Bucket}", 200, buckets::head),
    Operation::rest("DeleteBucket", "DELETE", "/{Bucket}", 204, buckets::delete),
    Operation::rest(
        "GetBucketLocation",
        "GET",
        "/{Bucket}?location",
        200,
        buckets::location,
    ),
    Operation::rest(
        "GetBucketVersioning",
        "GET",
        "/{Bucket}?versioning",
        200,
        buckets::versioning,
    ),
    Operation::rest(
        "PutBucketVersioning",
        "PUT",
        "/{Bucket}?versioning",
        200,
        buckets::set_versioning,
    ),
    Operation::rest(
        "ListObjectsV2",
        "GET",
        "/{Bucket}?list-type",
        200,
        list::objects,
    ),
    Operation::rest("PutObject", "PUT", "/{Bucket}/{Key+}", 200, put::put),
    Operation::rest("GetObject", "GET", "/{Bucket}/{Key+}", 200, objects::get),
    Operation::rest("HeadObject", "HEAD", "/{Bucket}/{Key+}", 200, objects::head),
    Operation::rest(
        "DeleteObject",
        "DELETE",
        "/{Bucket}/{Key+}",
        204,
        objects::delete,
    ),
];

/// Buckets by name; objects by bucket and key.
#[derive(Default)]
pub struct S3 {
    buckets: Table<Bucket>,
    objects: Table<Object>,
}

impl Part for S3 {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![
            ("s3.buckets", &mut self.buckets),
            ("s3.objects", &mut self.objects),
        ]
    }

    fn blobs(&self) -> Vec<String> {
        let versions = self.objects.values().flat_map(|object| &object.versions);
        versions
            .filter_map(|version| version.digest.clone())
            .collect()
    }
}

/// The bytes of an object, for another service: the current version unless one is named. The
/// error is S3's own, such as `NoSuchKey`.
pub fn object(
    turn: &mut Turn<'_>,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<Bytes, AwsError> {
    let found = objects::find(turn, bucket, key, version)?.clone();
    objects::bytes(turn, &found)
}

//! Where a project's state is kept, as its manifest says.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::failure::Failure;
use super::sealing;
use crate::aws::Aws;
use crate::manifest::{Backend, Draft, StatePlace};
use crate::scope::Scope;
use crate::state::remote::RemoteStore;
use crate::state::seal::Seal;
use crate::state::{LocalStore, Store};

/// How long a lock in a bucket holds without a sign of life, where the manifest does not say.
const LEASE: Duration = Duration::from_secs(300);

/// The store of `[state]`, reached as everything else in AWS.
pub fn store(draft: &Draft, scope: &Scope, aws: &Aws) -> Result<Arc<dyn Store>, Failure> {
    let seal = sealing::seal(draft.place(), &scope.root, Some(aws))?;
    Ok(sealed(draft, scope, aws, seal))
}

/// The same, which also takes a state that is not encrypted yet.
pub fn lenient(draft: &Draft, scope: &Scope, aws: &Aws) -> Result<Arc<dyn Store>, Failure> {
    let seal = sealing::seal(draft.place(), &scope.root, Some(aws))?;
    Ok(sealed(draft, scope, aws, seal.lenient()))
}

fn sealed(draft: &Draft, scope: &Scope, aws: &Aws, seal: Seal) -> Arc<dyn Store> {
    let place = draft.place();
    match place.backend {
        Backend::Local => Arc::new(LocalStore::beside_manifest(scope).sealed(seal)),
        Backend::S3 => {
            let key = place.key(draft.project(), scope.env.as_deref());
            Arc::new(remote(place, key, &scope.root, aws).sealed(seal))
        }
    }
}

pub fn remote(place: &StatePlace, key: String, root: &Path, aws: &Aws) -> RemoteStore {
    let bucket = Arc::new(aws.bucket(place));
    RemoteStore::new(bucket, key, lease(place).unwrap_or(LEASE), root.to_owned())
}

/// The lease that changing calls must keep to; absent where the lock cannot be lost.
pub fn lease(place: &StatePlace) -> Option<Duration> {
    let seconds = place.lease_seconds.map(|s| Duration::from_secs(s.into()));
    (place.backend == Backend::S3).then(|| seconds.unwrap_or(LEASE))
}

/// A place on the command line: `local`, or `s3://bucket/key`.
pub fn named(
    text: &str,
    draft: &Draft,
    scope: &Scope,
    aws: &Aws,
) -> Result<Arc<dyn Store>, Failure> {
    let seal = sealing::seal(draft.place(), &scope.root, Some(aws))?.lenient();
    if text == "local" {
        return Ok(Arc::new(LocalStore::beside_manifest(scope).sealed(seal)));
    }
    let found = text
        .strip_prefix("s3://")
        .and_then(|rest| rest.split_once('/'))
        .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
    let Some((bucket, key)) = found else {
        return Err(Failure::usage(format!(
            "`{text}` is no place of a state: write `local` or s3://bucket/key"
        )));
    };
    let place = StatePlace {
        backend: Backend::S3,
        bucket: Some(bucket.to_owned()),
        ..draft.place().clone()
    };
    let store = remote(&place, key.to_owned(), &scope.root, aws);
    Ok(Arc::new(store.sealed(seal)))
}

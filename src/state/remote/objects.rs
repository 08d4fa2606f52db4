//! What a place for objects must do for a state to be safe in it.

use crate::provider::Boxed;

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub bytes: Vec<u8>,
    /// Changes with each write of other bytes; compared as it is.
    pub etag: String,
    /// Seconds since the Unix epoch, by the store's clock.
    pub modified: i64,
}

/// What must hold for a write to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is no such object.
    Absent,
    /// It is still the one with this etag.
    Is(String),
}

/// How a conditional write ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// Written; the new etag.
    Done(String),
    /// The condition did not hold, so nothing was written.
    Refused,
}

/// The store could not be asked, or refused for another reason than a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectError {
    pub what: String,
    /// What a person can do.
    pub help: String,
}

/// A bucket. Writes may be repeated by the implementation, for each is conditional.
pub trait Objects: Send + Sync {
    /// `s3://bucket`, for people.
    fn place(&self) -> String;
    /// `None` where there is no such object.
    fn get<'a>(&'a self, key: &'a str) -> Boxed<'a, Result<Option<Object>, ObjectError>>;
    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: Vec<u8>,
        condition: Condition,
    ) -> Boxed<'a, Result<Put, ObjectError>>;
    /// Removes it if it still has this etag; one that is gone counts as removed.
    fn delete<'a>(&'a self, key: &'a str, etag: &'a str) -> Boxed<'a, Result<Put, ObjectError>>;
    /// The keys that begin so, in order.
    fn list<'a>(&'a self, prefix: &'a str) -> Boxed<'a, Result<Vec<String>, ObjectError>>;
    /// What is unwise about the bucket, such as versioning that is off; for people.
    fn warnings(&self) -> Boxed<'_, Vec<String>>;
}

/// Writes, and knows its own earlier write where its answer was lost and the repeated one is
/// refused.
pub(super) async fn put(
    objects: &dyn Objects,
    key: &str,
    bytes: &[u8],
    condition: Condition,
) -> Result<Put, ObjectError> {
    let put = objects.put(key, bytes.to_vec(), condition).await?;
    if put != Put::Refused {
        return Ok(put);
    }
    Ok(match objects.get(key).await? {
        Some(object) if object.bytes == bytes => Put::Done(object.etag),
        _ => Put::Refused,
    })
}

//! A bucket in which everything but the lock is sealed.

use std::sync::Arc;

use super::objects::{Condition, Object, ObjectError, Objects, Put};
use crate::provider::Boxed;
use crate::state::seal::{Seal, SealError};

/// Objects that are sealed on their way in and opened on their way out.
pub(super) struct Sealed {
    objects: Arc<dyn Objects>,
    seal: Seal,
}

impl Sealed {
    pub fn over(objects: Arc<dyn Objects>, seal: Seal) -> Sealed {
        Sealed { objects, seal }
    }

    async fn opened(&self, object: Object) -> Result<Object, SealError> {
        self.seal.prepare(&[&object.bytes]).await?;
        let bytes = self.seal.open(object.bytes)?;
        Ok(Object { bytes, ..object })
    }

    async fn closed(&self, bytes: Vec<u8>) -> Result<Vec<u8>, SealError> {
        self.seal.prepare(&[]).await?;
        self.seal.close(&bytes)
    }
}

/// The lock says who holds it, to those too who have no key.
fn is_open(key: &str) -> bool {
    key.ends_with(".lock")
}

fn explained(key: &str, error: &SealError) -> ObjectError {
    let told = error.to_string();
    let (what, help) = told.split_once('\n').unwrap_or((&told, "Check the key"));
    ObjectError {
        what: format!("{key}: {what}"),
        help: help.to_owned(),
    }
}

impl Objects for Sealed {
    fn place(&self) -> String {
        self.objects.place()
    }

    fn get<'a>(&'a self, key: &'a str) -> Boxed<'a, Result<Option<Object>, ObjectError>> {
        Box::pin(async move {
            match self.objects.get(key).await? {
                Some(object) if !is_open(key) => {
                    let opened = self.opened(object).await;
                    opened.map(Some).map_err(|error| explained(key, &error))
                }
                found => Ok(found),
            }
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: Vec<u8>,
        condition: Condition,
    ) -> Boxed<'a, Result<Put, ObjectError>> {
        Box::pin(async move {
            let bytes = match is_open(key) {
                true => bytes,
                false => {
                    let closed = self.closed(bytes).await;
                    closed.map_err(|error| explained(key, &error))?
                }
            };
            self.objects.put(key, bytes, condition).await
        })
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a str) -> Boxed<'a, Result<Put, ObjectError>> {
        self.objects.delete(key, etag)
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Boxed<'a, Result<Vec<String>, ObjectError>> {
        self.objects.list(prefix)
    }

    fn warnings(&self) -> Boxed<'_, Vec<String>> {
        self.objects.warnings()
    }
}

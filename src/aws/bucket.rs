//! A bucket of S3 that holds a state: conditional reads and writes of whole objects.
//!
//! Sources: the S3 user guide on conditional writes (412 where a condition does not hold, 409
//! where another write was under way, 404 for `If-Match` on what is gone).

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, ServerSideEncryption};

use super::calls::Who;
use super::cloud::Cloud;
use super::error::CREDENTIALS;
use super::retry::Nature;
use crate::provider::{Boxed, ProviderError};
use crate::state::remote::{Condition, Object, ObjectError, Objects, Put};

/// A bucket, and what holds for every object in it.
pub struct Bucket {
    cloud: Arc<Cloud>,
    name: String,
    kms_key: Option<String>,
    /// The account that it must belong to.
    owner: Option<String>,
}

impl Bucket {
    pub(super) fn new(
        cloud: Cloud,
        name: String,
        kms_key: Option<String>,
        owner: Option<String>,
    ) -> Bucket {
        Bucket {
            cloud: Arc::new(cloud),
            name,
            kms_key,
            owner,
        }
    }

    fn explained(&self, error: ProviderError) -> ObjectError {
        explained(&self.name, error)
    }

    async fn read(&self, key: &str) -> Result<Option<Object>, ProviderError> {
        let get = || async {
            let answer = self
                .cloud
                .s3()
                .get_object()
                .bucket(&self.name)
                .key(key)
                .set_expected_bucket_owner(self.owner.clone())
                .send()
                .await?;
            Ok((
                answer.e_tag,
                answer.last_modified,
                answer.body.collect().await,
            ))
        };
        let answer = self
            .cloud
            .call("GetObject", Nature::Read, Who::NOBODY, get)
            .await;
        let (etag, modified, body) = match answer {
            Ok(answer) => answer,
            Err(error) if error.is("NoSuchKey") => return Ok(None),
            Err(error) => return Err(error),
        };
        let body = body.map_err(|error| {
            ProviderError::new("GetObject", format!("its body broke off: {error}"))
        })?;
        Ok(Some(Object {
            bytes: body.to_vec(),
            etag: etag.unwrap_or_default(),
            modified: modified.map_or(0, |time| time.secs()),
        }))
    }

    async fn write(
        &self,
        key: &str,
        bytes: Vec<u8>,
        condition: Condition,
    ) -> Result<Put, ProviderError> {
        let put = || {
            let put = self
                .cloud
                .s3()
                .put_object()
                .bucket(&self.name)
                .key(key)
                .content_type("application/json")
                .set_expected_bucket_owner(self.owner.clone())
                .body(ByteStream::from(bytes.clone()));
            let put = match &self.kms_key {
                Some(id) => put
                    .server_side_encryption(ServerSideEncryption::AwsKms)
                    .ssekms_key_id(id),
                None => put,
            };
            match &condition {
                Condition::Absent => put.if_none_match("*"),
                Condition::Is(etag) => put.if_match(etag),
            }
            .send()
        };
        let answer = self
            .cloud
            .call("PutObject", Nature::Put, Who::NOBODY, put)
            .await;
        match answer {
            Ok(answer) => Ok(Put::Done(answer.e_tag.unwrap_or_default())),
            Err(error) if is_refusal(&error) => Ok(Put::Refused),
            Err(error) => Err(error),
        }
    }

    async fn remove(&self, key: &str, etag: &str) -> Result<Put, ProviderError> {
        let delete = || {
            self.cloud
                .s3()
                .delete_object()
                .bucket(&self.name)
                .key(key)
                .if_match(etag)
                .set_expected_bucket_owner(self.owner.clone())
                .send()
        };
        let answer = self
            .cloud
            .call("DeleteObject", Nature::Put, Who::NOBODY, delete)
            .await;
        match answer {
            Ok(_) => Ok(Put::Done(String::new())),
            Err(error) if error.is("NoSuchKey") => Ok(Put::Done(String::new())),
            Err(error) if is_refusal(&error) => Ok(Put::Refused),
            Err(error) => Err(error),
        }
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, ProviderError> {
        let mut keys = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let list = || {
                self.cloud
                    .s3()
                    .list_objects_v2()
                    .bucket(&self.name)
                    .prefix(prefix)
                    .set_continuation_token(next.clone())
                    .set_expected_bucket_owner(self.owner.clone())
                    .send()
            };
            let page = self
                .cloud
                .call("ListObjectsV2", Nature::Read, Who::NOBODY, list)
                .await?;
            keys.extend(
                page.contents
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|object| object.key),
            );
            match page.next_continuation_token {
                Some(token) => next = Some(token),
                None => return Ok(keys),
            }
        }
    }

    async fn is_versioned(&self) -> Result<bool, ProviderError> {
        let ask = || {
            self.cloud
                .s3()
                .get_bucket_versioning()
                .bucket(&self.name)
                .set_expected_bucket_owner(self.owner.clone())
                .send()
        };
        let answer = self
            .cloud
            .call("GetBucketVersioning", Nature::Read, Who::NOBODY, ask)
            .await?;
        Ok(answer.status == Some(BucketVersioningStatus::Enabled))
    }
}

/// What a person can do about it.
fn explained(name: &str, error: ProviderError) -> ObjectError {
    let code = error.code.as_deref().unwrap_or_default();
    // A 403 may be of credentials that are no good any more, and rights are not what is missing.
    let help = match (code, error.status) {
        _ if CREDENTIALS.contains(&code) => error.hint.clone().unwrap_or_default(),
        ("NoSuchBucket" | "NotFound", _) => {
            format!(
                "Make the bucket (`aws s3api create-bucket --bucket {name} …`), or name another in [state]"
            )
        }
        (
            "PermanentRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException",
            _,
        )
        | (_, Some(301 | 307)) => {
            "The bucket is in another region: write its `region` in [state]".to_owned()
        }
        ("AccessDenied" | "AllAccessDisabled" | "Forbidden", _) | (_, Some(403)) => format!(
            "Whoever runs this needs s3:GetObject, s3:PutObject and s3:DeleteObject on arn:aws:s3:::{name}/*, and s3:ListBucket on the bucket; `bucket_owner` must be its account"
        ),
        _ => match &error.hint {
            Some(hint) => hint.clone(),
            None => "Check the network and the credentials, then run it again".to_owned(),
        },
    };
    ObjectError {
        what: error.to_string(),
        help,
    }
}

/// Did a condition not hold?
fn is_refusal(error: &ProviderError) -> bool {
    error.is("PreconditionFailed") || error.is("NoSuchKey") || error.status == Some(412)
}

impl Objects for Bucket {
    fn place(&self) -> String {
        format!("s3://{}", self.name)
    }

    fn get<'a>(&'a self, key: &'a str) -> Boxed<'a, Result<Option<Object>, ObjectError>> {
        Box::pin(async move { self.read(key).await.map_err(|error| self.explained(error)) })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: Vec<u8>,
        condition: Condition,
    ) -> Boxed<'a, Result<Put, ObjectError>> {
        Box::pin(async move {
            let written = self.write(key, bytes, condition).await;
            written.map_err(|error| self.explained(error))
        })
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a str) -> Boxed<'a, Result<Put, ObjectError>> {
        Box::pin(async move {
            let removed = self.remove(key, etag).await;
            removed.map_err(|error| self.explained(error))
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Boxed<'a, Result<Vec<String>, ObjectError>> {
        Box::pin(async move {
            let keys = self.keys(prefix).await;
            keys.map_err(|error| self.explained(error))
        })
    }

    fn warnings(&self) -> Boxed<'_, Vec<String>> {
        Box::pin(async {
            match self.is_versioned().await {
                Ok(false) => vec![
                    "versioning is off; with it, even a state that was deleted by hand comes back"
                        .into(),
                ],
                // Whoever may not ask is not told.
                Ok(true) | Err(_) => Vec::new(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::error::hinted;

    fn help(code: &str, status: u16) -> String {
        let error = ProviderError {
            code: Some(code.to_owned()),
            status: Some(status),
            ..ProviderError::new("GetObject", "no")
        };
        explained("states", hinted(error)).help
    }

    #[test]
    fn credentials_that_are_no_good_are_not_missing_rights() {
        for code in CREDENTIALS {
            for status in [400, 403] {
                let help = help(code, status);
                assert!(!help.is_empty() && !help.contains("s3:"), "{code}: {help}");
            }
        }
        assert!(help("ExpiredToken", 403).contains("have expired"));
        assert!(help("AccessDenied", 403).contains("s3:GetObject"));
    }
}

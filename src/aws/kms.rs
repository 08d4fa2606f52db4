//! A key of KMS's that wraps the key of an encrypted state.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;

use super::calls::Who;
use super::cloud::Cloud;
use super::retry::Nature;
use crate::provider::{Boxed, ProviderError};
use crate::state::seal::{Keeper, Wrapped};

/// One key of KMS's.
pub struct KmsKey {
    cloud: Cloud,
    id: String,
}

impl KmsKey {
    pub(super) fn new(cloud: Cloud, id: String) -> KmsKey {
        KmsKey { cloud, id }
    }

    fn told(&self, error: &ProviderError) -> String {
        let needs = "whoever runs this needs kms:GenerateDataKey and kms:Decrypt on it";
        format!("{}: {error}; {needs}", self.id)
    }

    async fn made(&self) -> Result<Wrapped, ProviderError> {
        let make = || {
            let make = self.cloud.kms().generate_data_key().key_id(&self.id);
            make.key_spec(DataKeySpec::Aes256).send()
        };
        let call = self
            .cloud
            .call("GenerateDataKey", Nature::Read, Who::NOBODY, make);
        let answer = call.await?;
        Ok(Wrapped {
            key: bytes(answer.plaintext),
            wrapped: bytes(answer.ciphertext_blob),
        })
    }

    async fn unwrapped(&self, wrapped: &[u8]) -> Result<Vec<u8>, ProviderError> {
        let ask = || {
            let ask = self.cloud.kms().decrypt().key_id(&self.id);
            ask.ciphertext_blob(Blob::new(wrapped)).send()
        };
        let call = self.cloud.call("Decrypt", Nature::Read, Who::NOBODY, ask);
        Ok(bytes(call.await?.plaintext))
    }
}

fn bytes(blob: Option<Blob>) -> Vec<u8> {
    blob.map(Blob::into_inner).unwrap_or_default()
}

impl Keeper for KmsKey {
    fn generate(&self) -> Boxed<'_, Result<Wrapped, String>> {
        Box::pin(async { self.made().await.map_err(|error| self.told(&error)) })
    }

    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> Boxed<'a, Result<Vec<u8>, String>> {
        Box::pin(async move {
            let key = self.unwrapped(wrapped).await;
            key.map_err(|error| self.told(&error))
        })
    }
}

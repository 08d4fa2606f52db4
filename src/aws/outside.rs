//! What is asked about things that are not the project's.

use super::policy;
use super::provider::Aws;
use crate::provider::ProviderError;

impl Aws {
    /// The document that counts of a managed policy, whoever has it; `None` where there is none.
    pub async fn policy_document(&self, arn: &str) -> Result<Option<String>, ProviderError> {
        policy::document_of(self.cloud(), arn).await
    }
}

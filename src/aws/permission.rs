//! stub
use super::calls::Who;
use super::cloud::Cloud;
use crate::provider::ProviderError;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
pub async fn policy_of(
    _: &Cloud,
    _: &str,
    _: Option<&str>,
) -> Result<Arc<BTreeMap<String, Value>>, ProviderError> {
    Ok(Default::default())
}
pub async fn remove(
    _: &Cloud,
    _: &str,
    _: Option<&str>,
    _: &str,
    _: Who<'_>,
) -> Result<(), ProviderError> {
    Ok(())
}

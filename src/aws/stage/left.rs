//! Deployments that a run which died left behind: nobody noted their ids.

use std::collections::BTreeSet;

use aws_sdk_apigateway::types::Stage;

use super::read::NOT_FOUND;
use super::serves;
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::retry::Nature;
use crate::provider::ProviderError;

/// The API's deployments that slp made and no stage serves, by their ids. Deployments of
/// others are their business.
pub async fn behind(cloud: &Cloud, api: &str) -> Result<Vec<String>, ProviderError> {
    let served = served(cloud, api).await?;
    let client = cloud.apigateway();
    let mut left = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let page = || {
            let ask = client.get_deployments().rest_api_id(api).limit(500);
            ask.set_position(position.clone()).send()
        };
        let answer = cloud
            .call("GetDeployments", Nature::Read, Who::NOBODY, page)
            .await;
        let Some(page) = found(answer, NOT_FOUND)? else {
            return Ok(left);
        };
        let ours = page.items.unwrap_or_default().into_iter().filter(|one| {
            serves::of_marker(one.description.as_deref().unwrap_or_default()).is_some()
        });
        left.extend(
            ours.filter_map(|one| one.id)
                .filter(|id| !served.contains(id)),
        );
        if page.position.is_none() {
            return Ok(left);
        }
        position = page.position;
    }
}

/// What the API's stages point to, canaries included.
async fn served(cloud: &Cloud, api: &str) -> Result<BTreeSet<String>, ProviderError> {
    let client = cloud.apigateway();
    let send = || client.get_stages().rest_api_id(api).send();
    let answer = cloud
        .call("GetStages", Nature::Read, Who::NOBODY, send)
        .await;
    let stages = found(answer, NOT_FOUND)?.and_then(|answer| answer.item);
    let stages = stages.unwrap_or_default();
    Ok(stages.iter().flat_map(served_by).collect())
}

/// The deployments that a stage serves: its own, and its canary's.
pub fn served_by(stage: &Stage) -> impl Iterator<Item = String> {
    let canary = stage.canary_settings.as_ref();
    let canary = canary.and_then(|canary| canary.deployment_id.clone());
    stage.deployment_id.clone().into_iter().chain(canary)
}

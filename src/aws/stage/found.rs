//! Whether what somebody else deployed is the API as it is now: AWS tells of a deployment its
//! methods, and how each is authorized. What it does not tell (integrations) is taken to be as
//! it is: whoever takes a stage over wants what it serves to stay.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_apigateway::types::MethodSnapshot;

use super::read::NOT_FOUND;
use crate::aws::api;
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::retry::Nature;
use crate::provider::ProviderError;

/// `GET /x` → how it is authorized, and whether it needs a key.
type Methods = BTreeMap<String, (String, bool)>;

/// Does the deployment hold the methods that the API has? Where nothing is told of it (AWS
/// tells; emulators do not), it is taken for that.
pub async fn holds_the_api(cloud: &Cloud, api: &str, id: &str) -> Result<bool, ProviderError> {
    let client = cloud.apigateway();
    let send = || {
        let get = client.get_deployment().rest_api_id(api).deployment_id(id);
        get.embed("apisummary").send()
    };
    let answer = cloud
        .call("GetDeployment", Nature::Read, Who::NOBODY, send)
        .await;
    let summary = found(answer, NOT_FOUND)?.and_then(|deployment| deployment.api_summary);
    match summary.filter(|summary| !summary.is_empty()) {
        Some(summary) => Ok(deployed(summary) == methods(cloud, api).await?),
        None => Ok(true),
    }
}

fn deployed(summary: HashMap<String, HashMap<String, MethodSnapshot>>) -> Methods {
    let paths = summary.into_iter().flat_map(|(path, methods)| {
        methods.into_iter().map(move |(method, snapshot)| {
            let auth = snapshot.authorization_type.unwrap_or_else(|| "NONE".into());
            (
                format!("{method} {path}"),
                (auth, snapshot.api_key_required),
            )
        })
    });
    paths.collect()
}

async fn methods(cloud: &Cloud, api: &str) -> Result<Methods, ProviderError> {
    let routes = api::routes(cloud, api).await?.into_iter();
    let told = routes.map(|(key, route)| (key, (route.auth, route.api_key)));
    Ok(told.collect())
}

//! Makes the calls that change an API.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_apigateway::types::{
    ApiKeySourceType, ApiStatus, EndpointConfiguration, EndpointType, PatchOperation, RestApi,
};
use tokio::time::Instant;

use super::spec::{Endpoint, Spec};
use super::steps::{DESCRIPTION, POLICY, Step};
use super::{Api, arn, live, methods, paths, read};
use crate::aws::calls::gone;
use crate::aws::cloud::Cloud;
use crate::aws::late;
use crate::aws::patch::Patch;
use crate::aws::rates::EDGE_API;
use crate::aws::resource::{Resource, Work};
use crate::aws::retry::Nature;
use crate::aws::tags;
use crate::cancel::Cancelled;
use crate::provider::ProviderError;
use crate::scope::Owner;
use crate::text::Text;

/// How long AWS may take to carry out a change of an API.
const SETTLES: Duration = Duration::from_secs(600);
const LOOK_AGAIN: Duration = Duration::from_secs(2);

pub async fn run(cloud: &Cloud, step: Step, work: &mut Work<'_, Api>) -> Result<(), ProviderError> {
    match step {
        Step::CreateApi => create_api(cloud, work).await,
        Step::UpdateApi(patches) => update_api(cloud, &patches, work).await,
        Step::Untag(keys) => untag(cloud, keys, work).await,
        Step::Tag { own } => tag(cloud, own, work).await,
        Step::DeleteResource { path } => delete_resource(cloud, &path, work).await,
        Step::CreateResource { path } => create_resource(cloud, &path, work).await,
        Step::DeleteMethod { route } => methods::delete_method(cloud, &route, work).await,
        Step::PutMethod { route } => methods::put_method(cloud, &route, work).await,
        Step::PutIntegration { route } => methods::put_integration(cloud, &route, work).await,
        Step::PutMethodResponse { route, status } => {
            methods::put_method_response(cloud, &route, &status, work).await
        }
        Step::PutIntegrationResponse { route, status } => {
            methods::put_integration_response(cloud, &route, &status, work).await
        }
        Step::DeleteApi => delete_api(cloud, work).await,
    }
}

async fn create_api(cloud: &Cloud, work: &mut Work<'_, Api>) -> Result<(), ProviderError> {
    let made = match send_create(cloud, work).await {
        // Repeating it at once could make a second.
        Err(error) if error.unsure && cloud.scope().tagged => {
            match lost(cloud, work, error).await? {
                Some(api) => api,
                None => send_create(cloud, work).await?,
            }
        }
        answer => answer?,
    };
    let created = read::created(cloud.scope(), &made);
    let (Some(id), root) = (made.id, made.root_resource_id) else {
        let message = "AWS answered without the API's id";
        return Err(ProviderError::new("CreateRestApi", message).unsure());
    };
    work.id = id;
    match root {
        Some(root) => work.facts.root_resource_id = root,
        None => work.facts = live::facts(&read::parts(cloud, &work.id, work.who()).await?),
    }
    work.facts.created = created;
    settle(cloud, work).await
}

async fn send_create(cloud: &Cloud, work: &Work<'_, Api>) -> Result<RestApi, ProviderError> {
    let spec = work.wanted()?;
    let client = cloud.apigateway();
    let all_tags = tags::at_create(&spec.tags, cloud.scope(), work.addr.as_str(), work.op);
    let all_tags: HashMap<String, String> = all_tags.into_iter().collect();
    let send = || {
        client
            .create_rest_api()
            .name(&spec.name)
            // AWS refuses an empty one.
            .set_description(filled(&spec.description))
            .set_binary_media_types(some(spec.binary_media_types.iter().cloned().collect()))
            .set_minimum_compression_size(spec.minimum_compression_size)
            .api_key_source(ApiKeySourceType::from(spec.api_key_source.as_str()))
            .endpoint_configuration(endpoint(spec))
            .set_policy(spec.policy.as_ref().map(|policy| policy.to_aws()))
            .disable_execute_api_endpoint(spec.disable_execute_api_endpoint)
            .set_tags(Some(all_tags.clone()).filter(|tags| !tags.is_empty()))
            .send()
    };
    // AWS takes edge-optimised ones at a pace of their own.
    let operation = match spec.endpoint {
        Endpoint::Edge => EDGE_API,
        Endpoint::Regional | Endpoint::Private => "CreateRestApi",
    };
    let answer = cloud.call(operation, Nature::CreateOnce, work.who(), send);
    let answer = answer.await.map_err(|error| ProviderError {
        operation: "CreateRestApi".into(),
        ..error
    });
    answer.map(|api| {
        RestApi::builder()
            .set_id(api.id)
            .set_root_resource_id(api.root_resource_id)
            .set_created_date(api.created_date)
            .build()
    })
}

/// After an answer that says nothing of what happened: the API that this very operation
/// made, if it made one.
async fn lost(
    cloud: &Cloud,
    work: &Work<'_, Api>,
    unanswered: ProviderError,
) -> Result<Option<RestApi>, ProviderError> {
    let mine = Owner::Ours {
        addr: work.addr.to_string(),
        op: work.op.to_owned(),
    };
    let made = |api: &RestApi| cloud.scope().owner(&read::tags_of(api)) == mine;
    let find = async || {
        let apis = read::list(cloud, work.who()).await?;
        Ok(apis.into_values().find(made))
    };
    let what = "an API whose making was not answered";
    late::look(work.who(), what, unanswered, find).await
}

fn endpoint(spec: &Spec) -> EndpointConfiguration {
    EndpointConfiguration::builder()
        .types(EndpointType::from(spec.endpoint.aws()))
        .set_vpc_endpoint_ids(some(spec.vpc_endpoints.iter().cloned().collect()))
        .build()
}

async fn update_api(
    cloud: &Cloud,
    patches: &[Patch],
    work: &Work<'_, Api>,
) -> Result<(), ProviderError> {
    let spec = work.wanted()?;
    let valued = |patch: &Patch| match patch.path.as_str() {
        DESCRIPTION => Some(spec.description.to_string()),
        POLICY => Some(spec.policy.as_ref().map(|p| p.to_aws()).unwrap_or_default()),
        _ => patch.value.clone(),
    };
    let operations: Vec<PatchOperation> = patches
        .iter()
        .map(|patch| patch.operation(valued(patch)))
        .collect();
    let client = cloud.apigateway();
    let send = || {
        let call = client.update_rest_api().rest_api_id(&work.id);
        call.set_patch_operations(Some(operations.clone())).send()
    };
    cloud
        .call("UpdateRestApi", Nature::Put, work.who(), send)
        .await?;
    settle(cloud, work).await
}

/// A change of the endpoint takes AWS a while; nothing else may be changed before.
async fn settle(cloud: &Cloud, work: &Work<'_, Api>) -> Result<(), ProviderError> {
    // Only where the type of the endpoint changes does AWS take its time.
    let before = work.before.as_ref().map(|spec| spec.endpoint);
    if before.is_none() || before == work.after.as_ref().map(|spec| spec.endpoint) {
        return Ok(());
    }
    let since = Instant::now();
    loop {
        let api = read::by_id(cloud, &work.id, work.who()).await?;
        let status = api.as_ref().and_then(|api| api.api_status.clone());
        match status {
            Some(ApiStatus::Failed) => {
                let message = api
                    .and_then(|api| api.api_status_message)
                    .unwrap_or_default();
                return Err(ProviderError::new(
                    "UpdateRestApi",
                    format!("AWS gave up: {message}"),
                ));
            }
            Some(ApiStatus::Updating | ApiStatus::Pending) if since.elapsed() < SETTLES => {
                let why = "API Gateway to carry out the change of the endpoint";
                let paused = work.who().pause(why, since, LOOK_AGAIN).await;
                paused.map_err(|Cancelled| {
                    ProviderError::new("UpdateRestApi", "not finished").stopped(why)
                })?;
            }
            _ => return Ok(()),
        }
    }
}

async fn untag(
    cloud: &Cloud,
    keys: Vec<String>,
    work: &Work<'_, Api>,
) -> Result<(), ProviderError> {
    let arn = arn(&work.id, cloud.scope());
    tags::untag_in_gateway(cloud, &arn, keys, work.who()).await
}

async fn tag(cloud: &Cloud, own: bool, work: &Work<'_, Api>) -> Result<(), ProviderError> {
    let arn = arn(&work.id, cloud.scope());
    let set = tags::to_write(own, work, |spec| &spec.tags, cloud.scope())?;
    tags::tag_in_gateway(cloud, &arn, set, work.who()).await
}

async fn create_resource(
    cloud: &Cloud,
    path: &str,
    work: &mut Work<'_, Api>,
) -> Result<(), ProviderError> {
    let parent = resource_id(paths::parent(path).unwrap_or("/"), work)?;
    let client = cloud.apigateway();
    let send = || {
        let call = client
            .create_resource()
            .rest_api_id(&work.id)
            .parent_id(&parent);
        call.path_part(paths::part(path)).send()
    };
    let answer = cloud
        .call("CreateResource", Nature::Create, work.who(), send)
        .await;
    let id = match answer {
        Ok(resource) => resource.id,
        // Our own, of a call whose answer was lost: the API has one writer.
        Err(error) if error.is("ConflictException") && error.says("already has this name") => {
            let parts = read::parts(cloud, &work.id, work.who()).await?;
            let there = live::facts(&parts).resources.remove(path);
            Some(there.ok_or(error)?)
        }
        Err(error) => return Err(error),
    };
    work.facts
        .resources
        .insert(path.into(), id.unwrap_or_default());
    Ok(())
}

async fn delete_resource(
    cloud: &Cloud,
    path: &str,
    work: &mut Work<'_, Api>,
) -> Result<(), ProviderError> {
    let resource = resource_id(path, work)?;
    let client = cloud.apigateway();
    let send = || {
        client
            .delete_resource()
            .rest_api_id(&work.id)
            .resource_id(&resource)
            .send()
    };
    gone(
        cloud
            .call("DeleteResource", Nature::Put, work.who(), send)
            .await,
        read::NOT_FOUND,
    )?;
    work.facts.resources.remove(path);
    Ok(())
}

/// AWS removes everything under it.
async fn delete_api(cloud: &Cloud, work: &Work<'_, Api>) -> Result<(), ProviderError> {
    let client = cloud.apigateway();
    let send = || client.delete_rest_api().rest_api_id(&work.id).send();
    gone(
        cloud
            .call("DeleteRestApi", Nature::Put, work.who(), send)
            .await,
        read::NOT_FOUND,
    )
}

pub fn resource_id(path: &str, work: &Work<'_, Api>) -> Result<String, ProviderError> {
    let id = match path {
        "/" => Some(&work.facts.root_resource_id).filter(|id| !id.is_empty()),
        path => work.facts.resources.get(path),
    };
    id.cloned().ok_or_else(|| {
        let message = format!("the id of the path `{path}` is not known");
        ProviderError::new(Api::KIND, message).hint("plan again: that reads the API anew")
    })
}

fn some(list: Vec<String>) -> Option<Vec<String>> {
    Some(list).filter(|list| !list.is_empty())
}

fn filled(text: &Text) -> Option<String> {
    Some(text.to_string()).filter(|text| !text.is_empty())
}

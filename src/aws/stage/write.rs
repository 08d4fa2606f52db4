//! Makes the calls that change a stage.

use std::collections::HashMap;

use aws_sdk_apigateway::types::{Deployment, PatchOperation};

use super::read::NOT_FOUND;
use super::steps::{DESCRIPTION, Step, VARIABLE};
use super::{Spec, Stage, arn, left, serves};
use crate::aws::calls::gone;
use crate::aws::cloud::Cloud;
use crate::aws::late;
use crate::aws::patch::{Patch, PatchOp};
use crate::aws::resource::{Resource, Work};
use crate::aws::retry::Nature;
use crate::aws::tags;
use crate::provider::ProviderError;
use crate::text::Text;

pub async fn run(
    cloud: &Cloud,
    step: Step,
    work: &mut Work<'_, Stage>,
) -> Result<(), ProviderError> {
    match step {
        Step::FindDeployments => find_deployments(cloud, work).await,
        Step::CreateDeployment => create_deployment(cloud, work).await,
        Step::CreateStage => create_stage(cloud, work).await,
        Step::UpdateStage { deploy, patches } => update_stage(cloud, deploy, &patches, work).await,
        Step::Untag(keys) => untag(cloud, keys, work).await,
        Step::Tag { own } => tag(cloud, own, work).await,
        Step::DeleteStage => delete_stage(cloud, work).await,
        Step::DeleteDeployment(id) => delete_deployment(cloud, &id, work).await,
        Step::DeleteFound => delete_found(cloud, work).await,
    }
}

/// What is found goes once the stage is there.
async fn find_deployments(cloud: &Cloud, work: &mut Work<'_, Stage>) -> Result<(), ProviderError> {
    let api = api_of(work)?;
    work.facts.stale = left::behind(cloud, &api).await?;
    Ok(())
}

async fn create_deployment(cloud: &Cloud, work: &mut Work<'_, Stage>) -> Result<(), ProviderError> {
    let api = api_of(work)?;
    let marker = serves::marker(&work.wanted()?.serves, work.op);
    let client = cloud.apigateway();
    // Never with a stage's name: AWS would then make or move the stage by itself.
    let send = || {
        client
            .create_deployment()
            .rest_api_id(&api)
            .description(&marker)
            .send()
    };
    let create = async || {
        let answer = cloud.call("CreateDeployment", Nature::CreateOnce, work.who(), send);
        answer.await.map(|deployment| deployment.id)
    };
    let id = match create().await {
        Err(error) if error.unsure => match lost(cloud, &api, work, error).await? {
            Some(deployment) => deployment.id,
            None => create().await?,
        },
        answer => answer?,
    };
    let id = id.ok_or_else(|| {
        let message = "AWS answered without the deployment's id";
        ProviderError::new("CreateDeployment", message).unsure()
    })?;
    // Somebody else's deployment is theirs, also where the stage is moved away from it.
    let theirs = work.facts.serves == serves::FOREIGN;
    work.facts.serves = work.wanted()?.serves.clone();
    let old = std::mem::replace(&mut work.facts.deployment_id, id);
    if !old.is_empty() && !theirs && !work.facts.stale.contains(&old) {
        work.facts.stale.push(old);
    }
    Ok(())
}

/// After an answer that says nothing of what happened: the deployment that this very
/// operation made, if it made one.
async fn lost(
    cloud: &Cloud,
    api: &str,
    work: &Work<'_, Stage>,
    unanswered: ProviderError,
) -> Result<Option<Deployment>, ProviderError> {
    let what = "a deployment whose making was not answered";
    late::look(work.who(), what, unanswered, || marked(cloud, api, work)).await
}

async fn marked(
    cloud: &Cloud,
    api: &str,
    work: &Work<'_, Stage>,
) -> Result<Option<Deployment>, ProviderError> {
    let mine = |deployment: &Deployment| {
        let description = deployment.description.as_deref().unwrap_or_default();
        serves::made_by(description, work.op)
    };
    let client = cloud.apigateway();
    let mut position: Option<String> = None;
    loop {
        let page = || {
            let ask = client.get_deployments().rest_api_id(api).limit(500);
            ask.set_position(position.clone()).send()
        };
        let page = cloud
            .call("GetDeployments", Nature::Read, work.who(), page)
            .await?;
        let found = page.items.unwrap_or_default().into_iter().find(mine);
        if found.is_some() || page.position.is_none() {
            return Ok(found);
        }
        position = page.position;
    }
}

async fn create_stage(cloud: &Cloud, work: &mut Work<'_, Stage>) -> Result<(), ProviderError> {
    let api = api_of(work)?;
    let spec = work.wanted()?;
    let variables: HashMap<String, String> = spec
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    let all_tags = tags::at_create(&spec.tags, cloud.scope(), work.addr.as_str(), work.op);
    let all_tags: HashMap<String, String> = all_tags.into_iter().collect();
    let client = cloud.apigateway();
    let send = || {
        client
            .create_stage()
            .rest_api_id(&api)
            .stage_name(&spec.name)
            .deployment_id(&work.facts.deployment_id)
            .set_description(Some(spec.description.to_string()).filter(|text| !text.is_empty()))
            .set_variables(Some(variables.clone()).filter(|map| !map.is_empty()))
            .tracing_enabled(spec.tracing)
            .set_tags(Some(all_tags.clone()).filter(|map| !map.is_empty()))
            .send()
    };
    let answer = cloud
        .call("CreateStage", Nature::Create, work.who(), send)
        .await;
    match answer {
        Err(error) if error.says("already exists") => match is_ours(cloud, &api, work).await {
            Ok(true) => {}
            Ok(false) => return Err(error),
            // Nobody can say whose it is: that is for whoever looks next.
            Err(_) => return Err(error.unsure()),
        },
        answer => {
            let made = answer?.created_date.map(|at| at.secs());
            work.facts.created = made.filter(|_| !cloud.scope().tagged);
        }
    }
    work.id = format!("{api}/{}", work.wanted()?.name);
    Ok(())
}

/// Did an attempt whose answer was lost make the stage that AWS says exists?
async fn is_ours(cloud: &Cloud, api: &str, work: &Work<'_, Stage>) -> Result<bool, ProviderError> {
    let name = &work.wanted()?.name;
    let client = cloud.apigateway();
    let send = || client.get_stage().rest_api_id(api).stage_name(name).send();
    let stage = cloud
        .call("GetStage", Nature::Read, work.who(), send)
        .await?;
    Ok(stage.deployment_id.as_ref() == Some(&work.facts.deployment_id))
}

async fn update_stage(
    cloud: &Cloud,
    deploy: bool,
    patches: &[Patch],
    work: &mut Work<'_, Stage>,
) -> Result<(), ProviderError> {
    let (api, name) = place(work)?;
    let spec = work.wanted()?;
    let moves = deploy.then(|| Patch::replace("/deploymentId", &work.facts.deployment_id));
    let operations: Vec<PatchOperation> = moves
        .iter()
        .chain(patches)
        .map(|patch| patch.operation(value(patch, spec)))
        .collect();
    let client = cloud.apigateway();
    let send = || {
        let call = client.update_stage().rest_api_id(&api).stage_name(&name);
        call.set_patch_operations(Some(operations.clone())).send()
    };
    cloud
        .call("UpdateStage", Nature::Put, work.who(), send)
        .await?;
    Ok(())
}

fn value(patch: &Patch, spec: &Spec) -> Option<String> {
    match (patch.op, patch.path.strip_prefix(VARIABLE)) {
        (PatchOp::Replace, Some(name)) => spec.variables.get(name).map(Text::to_string),
        _ if patch.path == DESCRIPTION => Some(spec.description.to_string()),
        _ => patch.value.clone(),
    }
}

async fn untag(
    cloud: &Cloud,
    keys: Vec<String>,
    work: &Work<'_, Stage>,
) -> Result<(), ProviderError> {
    let arn = arn(&work.id, cloud.scope());
    tags::untag_in_gateway(cloud, &arn, keys, work.who()).await
}

async fn tag(cloud: &Cloud, own: bool, work: &Work<'_, Stage>) -> Result<(), ProviderError> {
    let arn = arn(&work.id, cloud.scope());
    let set = tags::to_write(own, work, |spec| &spec.tags, cloud.scope())?;
    tags::tag_in_gateway(cloud, &arn, set, work.who()).await
}

async fn delete_stage(cloud: &Cloud, work: &mut Work<'_, Stage>) -> Result<(), ProviderError> {
    let (api, name) = place(work)?;
    let client = cloud.apigateway();
    let send = || {
        client
            .delete_stage()
            .rest_api_id(&api)
            .stage_name(&name)
            .send()
    };
    gone(
        cloud
            .call("DeleteStage", Nature::Put, work.who(), send)
            .await,
        NOT_FOUND,
    )
}

async fn delete_deployment(
    cloud: &Cloud,
    id: &str,
    work: &mut Work<'_, Stage>,
) -> Result<(), ProviderError> {
    let (api, _) = place(work)?;
    let client = cloud.apigateway();
    let send = || {
        client
            .delete_deployment()
            .rest_api_id(&api)
            .deployment_id(id)
            .send()
    };
    let answer = cloud
        .call("DeleteDeployment", Nature::Put, work.who(), send)
        .await;
    match answer {
        // Another stage, or a canary, serves it: then it is not ours to take.
        Err(error) if error.says("Active stages pointing") => {}
        answer => gone(answer, NOT_FOUND)?,
    }
    work.facts.stale.retain(|stale| stale != id);
    if work.after.is_none() && work.facts.deployment_id == id {
        work.facts.deployment_id.clear();
    }
    Ok(())
}

async fn delete_found(cloud: &Cloud, work: &mut Work<'_, Stage>) -> Result<(), ProviderError> {
    for id in work.facts.stale.clone() {
        delete_deployment(cloud, &id, work).await?;
    }
    Ok(())
}

/// The API's id, filled in by now.
fn api_of(work: &Work<'_, Stage>) -> Result<String, ProviderError> {
    let known = work.wanted()?.api.known();
    known
        .map(str::to_owned)
        .ok_or_else(|| ProviderError::new(Stage::KIND, "the id of its API is not known yet"))
}

/// API and name of a stage that exists.
fn place(work: &Work<'_, Stage>) -> Result<(String, String), ProviderError> {
    let (api, name) = work.id.split_once('/').ok_or_else(|| {
        ProviderError::new(Stage::KIND, format!("`{}` is not a stage's id", work.id))
    })?;
    Ok((api.to_owned(), name.to_owned()))
}

//! Reads APIs: one list for all of them, one GetResources an API.

use std::collections::BTreeMap;

use aws_sdk_apigateway::operation::get_rest_api::GetRestApiOutput;
use aws_sdk_apigateway::types::{Resource as Part, RestApi};

use super::spec::Route;
use super::{Api, Facts, live};
use crate::addr::Addr;
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::resource::{self, Asked, Child, Found, Resource};
use crate::aws::retry::Nature;
use crate::aws::stage::{self, Stage};
use crate::provider::{Depth, ProviderError};
use crate::scope::{Owner, Scope};
use futures_util::future::join_all;

/// AWS's name of the call that lists them.
pub const LIST: &str = "GetRestApis";
/// AWS's largest page.
const PAGE: i32 = 500;
pub const NOT_FOUND: &[&str] = &["NotFoundException"];

/// What AWS has, by id.
pub type Listed = BTreeMap<String, RestApi>;

pub async fn read(cloud: &Cloud, asked: Vec<Asked<Api>>) -> Vec<resource::Answer<Api>> {
    // One by its id is cheaper than a list of strangers.
    let by_id = asked.len() == 1 && asked.iter().all(|one| one.id.is_some());
    let listed = match by_id {
        true => Ok(None),
        false => listed(cloud).await.map(Some),
    };
    let one = |asked: Asked<Api>| {
        let listed = listed.clone();
        async move {
            let listed = listed?;
            read_one(cloud, &asked, listed.as_deref()).await
        }
    };
    join_all(asked.into_iter().map(one)).await
}

/// Every API of the account and region, once a refresh.
pub async fn listed(cloud: &Cloud) -> Result<std::sync::Arc<Listed>, ProviderError> {
    cloud.once(LIST, "", || list(cloud, Who::NOBODY)).await
}

/// Every API of the account and region, asked anew.
pub async fn list(cloud: &Cloud, who: Who<'_>) -> Result<Listed, ProviderError> {
    let client = cloud.apigateway();
    let mut apis = Listed::new();
    let mut position = None;
    loop {
        let page = || {
            client
                .get_rest_apis()
                .limit(PAGE)
                .set_position(position.clone())
                .send()
        };
        let page = cloud.call(LIST, Nature::Read, who, page).await?;
        let items = page.items.unwrap_or_default().into_iter();
        apis.extend(items.filter_map(|api| Some((api.id.clone()?, api))));
        position = match page.position {
            Some(next) => Some(next),
            None => return Ok(apis),
        };
    }
}

async fn read_one(
    cloud: &Cloud,
    asked: &Asked<Api>,
    listed: Option<&Listed>,
) -> resource::Answer<Api> {
    let Some(api) = find(cloud, asked, listed).await? else {
        return Ok(None);
    };
    let id = api.id.clone().unwrap_or_default();
    let all_tags = tags_of(&api);
    let owner = cloud.scope().owner(&all_tags);
    let mut spec = live::head(&api, &all_tags, cloud.scope());
    let prior = asked.spec.as_ref().zip(asked.facts.as_ref());
    let facts = match prior.filter(|_| asked.depth == Depth::Fast) {
        Some((prior, facts)) => {
            spec.routes = prior.routes.clone();
            Facts {
                created: created(cloud.scope(), &api),
                ..facts.clone()
            }
        }
        None => {
            let Some(parts) = found(parts(cloud, &id, Who::NOBODY).await, NOT_FOUND)? else {
                return Ok(None);
            };
            let (routes, facts) = live::routes(parts);
            spec.routes = routes;
            Facts {
                foreign_stages: foreign_stages(cloud, &id, &asked.children).await?,
                created: created(cloud.scope(), &api),
                ..facts
            }
        }
    };
    Ok(Some(Found {
        id,
        spec,
        facts,
        owner,
    }))
}

/// In seconds, only where no tags say whose it is.
pub fn created(scope: &Scope, api: &RestApi) -> Option<i64> {
    let created = api.created_date.as_ref().map(|at| at.secs());
    created.filter(|_| !scope.tagged)
}

/// Stages that are neither wanted nor known. The list is the one that the stages are read from.
async fn foreign_stages(
    cloud: &Cloud,
    api: &str,
    children: &[Addr],
) -> Result<Vec<String>, ProviderError> {
    let ours = |name: &str| {
        let mut stages = children.iter().filter(|child| child.kind() == Stage::KIND);
        stages.any(|stage| stage.name() == name)
    };
    let mut foreign = stage::names(cloud, api).await?;
    foreign.retain(|name| !ours(name));
    Ok(foreign)
}

/// What an API's methods are now.
pub async fn routes(cloud: &Cloud, id: &str) -> Result<BTreeMap<String, Route>, ProviderError> {
    Ok(live::routes(parts(cloud, id, Who::NOBODY).await?).0)
}

/// Its stages.
pub async fn children(cloud: &Cloud, id: &str) -> Result<Vec<Child>, ProviderError> {
    let named = |name: String| Child {
        word: "stage",
        id: format!("{id}/{name}"),
        name,
    };
    Ok(stage::names(cloud, id)
        .await?
        .into_iter()
        .map(named)
        .collect())
}

/// A list proves presence, never absence: what it lacks is asked for by its id.
async fn find(
    cloud: &Cloud,
    asked: &Asked<Api>,
    listed: Option<&Listed>,
) -> Result<Option<RestApi>, ProviderError> {
    let Some(id) = &asked.id else {
        return by_tags(cloud.scope(), asked.addr.as_str(), listed);
    };
    match listed.and_then(|listed| listed.get(id)) {
        Some(api) => Ok(Some(api.clone())),
        None => by_id(cloud, id, Who::NOBODY).await,
    }
}

/// One API by its id.
pub async fn by_id(
    cloud: &Cloud,
    id: &str,
    who: Who<'_>,
) -> Result<Option<RestApi>, ProviderError> {
    let client = cloud.apigateway();
    let send = || client.get_rest_api().rest_api_id(id).send();
    let answer = cloud.call("GetRestApi", Nature::Read, who, send).await;
    Ok(found(answer, NOT_FOUND)?.map(as_listed))
}

fn by_tags(
    scope: &Scope,
    addr: &str,
    listed: Option<&Listed>,
) -> Result<Option<RestApi>, ProviderError> {
    let ours = |api: &&RestApi| match scope.owner(&tags_of(api)) {
        Owner::Ours { addr: tagged, .. } => tagged == addr,
        _ => false,
    };
    let mut mine = listed.into_iter().flat_map(BTreeMap::values).filter(ours);
    let first = mine.next().cloned();
    let others: Vec<&str> = mine.filter_map(|api| api.id.as_deref()).collect();
    match (&first, &others[..]) {
        (Some(api), [_, ..]) => {
            let all = [api.id.as_deref().unwrap_or_default()]
                .into_iter()
                .chain(others);
            let all: Vec<&str> = all.collect();
            let message = format!("several APIs carry the tags of {addr}: {}", all.join(", "));
            Err(ProviderError::new("GetRestApis", message)
                .hint("find out which one is in use, and delete the others or their `slp:` tags"))
        }
        _ => Ok(first),
    }
}

fn as_listed(api: GetRestApiOutput) -> RestApi {
    RestApi::builder()
        .set_id(api.id)
        .set_name(api.name)
        .set_description(api.description)
        .set_binary_media_types(api.binary_media_types)
        .set_minimum_compression_size(api.minimum_compression_size)
        .set_api_key_source(api.api_key_source)
        .set_endpoint_configuration(api.endpoint_configuration)
        .set_policy(api.policy)
        .set_tags(api.tags)
        .disable_execute_api_endpoint(api.disable_execute_api_endpoint)
        .set_root_resource_id(api.root_resource_id)
        .set_api_status(api.api_status)
        .set_api_status_message(api.api_status_message)
        .set_created_date(api.created_date)
        .build()
}

/// All tags, ownership tags included.
pub fn tags_of(api: &RestApi) -> BTreeMap<String, String> {
    live::sorted(api.tags.clone())
}

/// Every resource of an API, with its methods.
pub async fn parts(cloud: &Cloud, id: &str, who: Who<'_>) -> Result<Vec<Part>, ProviderError> {
    let client = cloud.apigateway();
    let mut parts = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let page = || {
            let ask = client.get_resources().rest_api_id(id).embed("methods");
            ask.limit(PAGE).set_position(position.clone()).send()
        };
        let page = cloud.call("GetResources", Nature::Read, who, page).await?;
        parts.extend(page.items.unwrap_or_default());
        position = match page.position {
            Some(next) => Some(next),
            None => return Ok(parts),
        };
    }
}

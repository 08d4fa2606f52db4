//! Reads APIs: one list for all of them, one GetResources an API.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_apigateway::operation::get_rest_api::GetRestApiOutput;
use aws_sdk_apigateway::types::{
    Integration, IntegrationResponse, Method, MethodResponse, Resource as Part, RestApi,
};

use super::Api;
use super::spec::{Answer, Endpoint, Facts, HEADER, Response, Route, Spec, TIMEOUT};
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::document::Document;
use crate::aws::resource::{self, Asked, Found};
use crate::aws::retry::Nature;
use crate::aws::tags;
use crate::provider::{Depth, ProviderError};
use crate::scope::{Owner, Scope};
use crate::text::Text;
use futures_util::future::join_all;

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
async fn listed(cloud: &Cloud) -> Result<std::sync::Arc<Listed>, ProviderError> {
    cloud
        .once("GetRestApis", "", || list(cloud, Who::NOBODY))
        .await
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
        let page = cloud.call("GetRestApis", Nature::Read, who, page).await?;
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
    let mut spec = head(&api, &all_tags, cloud.scope());
    let prior = asked.spec.as_ref().zip(asked.facts.as_ref());
    let facts = match prior.filter(|_| asked.depth == Depth::Fast) {
        Some((prior, facts)) => {
            spec.routes = prior.routes.clone();
            facts.clone()
        }
        None => {
            let Some(parts) = found(parts(cloud, &id, Who::NOBODY).await, NOT_FOUND)? else {
                return Ok(None);
            };
            let (routes, facts) = routes(parts);
            spec.routes = routes;
            facts
        }
    };
    Ok(Some(Found {
        id,
        spec,
        facts,
        owner,
    }))
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
        .build()
}

/// All tags, ownership tags included.
pub fn tags_of(api: &RestApi) -> BTreeMap<String, String> {
    sorted(api.tags.clone())
}

/// Everything but the routes.
fn head(api: &RestApi, all_tags: &BTreeMap<String, String>, scope: &Scope) -> Spec {
    let endpoint = api.endpoint_configuration.clone();
    let types = endpoint
        .as_ref()
        .and_then(|e| e.types.as_ref()?.first().cloned());
    let full = |text: &String| !text.is_empty();
    Spec {
        name: api.name.clone().unwrap_or_default(),
        description: api.description.clone().unwrap_or_default().into(),
        endpoint: Endpoint::from_aws(types.as_ref().map_or("EDGE", |word| word.as_str())),
        vpc_endpoints: endpoint
            .and_then(|e| e.vpc_endpoint_ids)
            .unwrap_or_default()
            .into_iter()
            .collect(),
        binary_media_types: api
            .binary_media_types
            .iter()
            .flatten()
            .filter(|media| full(media))
            .cloned()
            .collect(),
        minimum_compression_size: api.minimum_compression_size,
        api_key_source: match &api.api_key_source {
            Some(source) => source.as_str().to_owned(),
            None => "HEADER".into(),
        },
        policy: api
            .policy
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| policy(text, api.id.as_deref().unwrap_or_default(), scope)),
        disable_execute_api_endpoint: api.disable_execute_api_endpoint,
        routes: BTreeMap::new(),
        tags: tags::seen(all_tags, scope),
    }
}

/// AWS answers a policy as the inside of a JSON string, and spells the API's own ARN out
/// where `execute-api:/…` was written.
fn policy(text: &str, id: &str, scope: &Scope) -> Document {
    let quoted = || serde_json::from_str::<String>(&format!("\"{text}\"")).ok();
    let plain = match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => text.to_owned(),
        Err(_) => quoted().unwrap_or_else(|| text.to_owned()),
    };
    let own = format!("{}/", scope.arn("execute-api", id));
    Document::from_aws(&plain.replace(&own, "execute-api:/"))
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

/// The ids of an API's paths.
pub fn facts(parts: &[Part]) -> Facts {
    let mut facts = Facts::default();
    for part in parts {
        let (Some(path), Some(id)) = (&part.path, &part.id) else {
            continue;
        };
        match path == "/" {
            true => facts.root_resource_id = id.clone(),
            false => {
                facts.resources.insert(path.clone(), id.clone());
            }
        }
    }
    facts
}

fn routes(parts: Vec<Part>) -> (BTreeMap<String, Route>, Facts) {
    let parts = reachable(parts);
    let facts = facts(&parts);
    let mut routes = BTreeMap::new();
    for part in parts {
        let path = part.path.unwrap_or_default();
        for (verb, method) in part.resource_methods.unwrap_or_default() {
            routes.insert(format!("{verb} {path}"), route(method));
        }
    }
    (routes, facts)
}

/// An emulator keeps what stood under a deleted resource; nothing leads there any more.
fn reachable(parts: Vec<Part>) -> Vec<Part> {
    let parents: HashMap<String, Option<String>> = parts
        .iter()
        .filter_map(|part| Some((part.id.clone()?, part.parent_id.clone())))
        .collect();
    let leads_up = |part: &Part| {
        let mut parent = part.parent_id.as_ref();
        // No path is longer than there are parts.
        for _ in 0..=parents.len() {
            match parent.map(|id| parents.get(id)) {
                None => return true,
                Some(None) => return false,
                Some(Some(above)) => parent = above.as_ref(),
            }
        }
        false
    };
    parts.into_iter().filter(leads_up).collect()
}

fn route(method: Method) -> Route {
    let integration = method.method_integration.clone().unwrap_or_else(nothing);
    let extra = extra(&method, &integration);
    let kind = integration.r#type.as_ref().map_or("", |word| word.as_str());
    let mut route = Route {
        auth: method.authorization_type.unwrap_or_else(|| "NONE".into()),
        api_key: method.api_key_required.unwrap_or_default(),
        parameters: sorted(method.request_parameters),
        credentials: text(integration.credentials),
        timeout_ms: match integration.timeout_in_millis {
            0 => TIMEOUT,
            told => told,
        },
        request_parameters: sorted(integration.request_parameters),
        request_templates: templates(integration.request_templates),
        content_handling: integration
            .content_handling
            .map(|word| word.as_str().to_owned()),
        extra,
        ..Route::of_type(kind)
    };
    if let Some(word) = integration
        .passthrough_behavior
        .filter(|word| !word.is_empty())
    {
        route.passthrough = word;
    }
    if kind != "MOCK" {
        route.target = integration
            .uri
            .filter(|uri| !uri.is_empty())
            .map(|uri| super::spec::target(&uri).into());
        route.integration_method = integration.http_method.filter(|word| !word.is_empty());
    }
    if !route.is_proxy() {
        route.responses = responses(method.method_responses, integration.integration_responses);
    }
    route
}

fn nothing() -> Integration {
    Integration::builder().build()
}

fn responses(
    declared: Option<HashMap<String, MethodResponse>>,
    answers: Option<HashMap<String, IntegrationResponse>>,
) -> BTreeMap<String, Response> {
    let mut responses: BTreeMap<String, Response> = BTreeMap::new();
    for (status, declared) in declared.unwrap_or_default() {
        let headers = declared.response_parameters.unwrap_or_default();
        let response = responses.entry(status).or_default();
        response.headers = headers.into_keys().map(|name| header(&name)).collect();
        response.models = sorted(declared.response_models);
    }
    for (status, answer) in answers.unwrap_or_default() {
        let headers = answer.response_parameters.unwrap_or_default().into_iter();
        responses.entry(status).or_default().answer = Some(Answer {
            headers: headers
                .map(|(name, value)| (header(&name), value.into()))
                .collect(),
            templates: templates(answer.response_templates),
            pattern: answer.selection_pattern.unwrap_or_default(),
            content_handling: answer.content_handling.map(|word| word.as_str().to_owned()),
        });
    }
    responses
}

fn header(name: &str) -> String {
    name.strip_prefix(HEADER).unwrap_or(name).to_owned()
}

/// What slp cannot write yet, where it is not AWS's default.
fn extra(method: &Method, integration: &Integration) -> BTreeMap<String, String> {
    let mut extra = BTreeMap::new();
    let mut note = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            extra.insert(name.to_owned(), value);
        }
    };
    let models = sorted(method.request_models.clone());
    let models: Vec<String> = models
        .iter()
        .map(|(media, model)| format!("{media}: {model}"))
        .collect();
    note("authorizer", method.authorizer_id.clone());
    note(
        "scopes",
        method
            .authorization_scopes
            .as_ref()
            .map(|scopes| scopes.join(", ")),
    );
    note("operation_name", method.operation_name.clone());
    note("validator", method.request_validator_id.clone());
    note("models", Some(models.join(", ")));
    note("vpc_link", integration.connection_id.clone());
    note(
        "cache_keys",
        integration
            .cache_key_parameters
            .as_ref()
            .map(|keys| keys.join(", ")),
    );
    let streams = integration
        .response_transfer_mode
        .as_ref()
        .map(|mode| mode.as_str());
    note(
        "response_streaming",
        streams.filter(|mode| *mode == "STREAM").map(str::to_owned),
    );
    note("integration_target", integration.integration_target.clone());
    let insecure = integration
        .tls_config
        .as_ref()
        .is_some_and(|tls| tls.insecure_skip_verification);
    note("insecure_tls", insecure.then(|| "true".into()));
    extra
}

/// An empty template is none.
fn templates(templates: Option<HashMap<String, String>>) -> BTreeMap<String, Text> {
    let templates = templates.unwrap_or_default().into_iter();
    templates
        .filter(|(_, template)| !template.is_empty())
        .map(|(media, template)| (media, template.into()))
        .collect()
}

fn text(text: Option<String>) -> Option<Text> {
    text.filter(|text| !text.is_empty()).map(Text::from)
}

fn sorted<V>(map: Option<HashMap<String, V>>) -> BTreeMap<String, V> {
    map.unwrap_or_default().into_iter().collect()
}

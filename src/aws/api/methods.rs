//! Makes the calls that change a method, its integration and their responses.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_apigateway::types::{ContentHandlingStrategy, IntegrationType};

use super::spec::{HEADER, Route, method_and_path};
use super::write::resource_id;
use super::{Api, read};
use crate::aws::calls::gone;
use crate::aws::cloud::Cloud;
use crate::aws::passing::Need;
use crate::aws::resource::{Resource, Work};
use crate::aws::retry::Nature;
use crate::provider::ProviderError;
use crate::text::Text;

pub async fn delete_method(
    cloud: &Cloud,
    key: &str,
    work: &Work<'_, Api>,
) -> Result<(), ProviderError> {
    let Place { resource, method } = place(key, work)?;
    let client = cloud.apigateway();
    let send = || {
        let call = client.delete_method().rest_api_id(&work.id);
        call.resource_id(&resource).http_method(&method).send()
    };
    gone(
        cloud
            .call("DeleteMethod", Nature::Put, work.who(), send)
            .await,
        read::NOT_FOUND,
    )
}

pub async fn put_method(
    cloud: &Cloud,
    key: &str,
    work: &Work<'_, Api>,
) -> Result<(), ProviderError> {
    let Place { resource, method } = place(key, work)?;
    let route = route(key, work)?;
    let parameters: HashMap<String, bool> = route.parameters.clone().into_iter().collect();
    let client = cloud.apigateway();
    let send = || {
        client
            .put_method()
            .rest_api_id(&work.id)
            .resource_id(&resource)
            .http_method(&method)
            .authorization_type(&route.auth)
            .api_key_required(route.api_key)
            .set_request_parameters(Some(parameters.clone()).filter(|map| !map.is_empty()))
            .send()
    };
    let answer = cloud
        .call("PutMethod", Nature::Create, work.who(), send)
        .await;
    match answer {
        // Our own, of a call whose answer was lost: it was absent, and the API has one writer.
        Err(error) if error.is("ConflictException") && error.says("already exists") => Ok(()),
        answer => answer.map(|_| ()),
    }
}

pub async fn put_integration(
    cloud: &Cloud,
    key: &str,
    work: &Work<'_, Api>,
) -> Result<(), ProviderError> {
    let Place { resource, method } = place(key, work)?;
    let route = route(key, work)?;
    let client = cloud.apigateway();
    let send = || {
        client
            .put_integration()
            .rest_api_id(&work.id)
            .resource_id(&resource)
            .http_method(&method)
            .r#type(IntegrationType::from(route.integration.as_str()))
            .set_integration_http_method(route.integration_method.clone())
            .set_uri(
                route
                    .target
                    .as_ref()
                    .map(|target| super::spec::uri(&target.to_string(), cloud.scope())),
            )
            .set_credentials(route.credentials.as_ref().map(Text::to_string))
            .set_request_parameters(some_map(route.request_parameters.clone()))
            .set_request_templates(some_map(texts(&route.request_templates)))
            .passthrough_behavior(&route.passthrough)
            .set_content_handling(handling(&route.content_handling))
            .timeout_in_millis(route.timeout_ms)
            .send()
    };
    let credentials = route.credentials.as_ref().map(Text::to_string);
    let role = credentials.as_ref().map(|arn| Need::Role {
        arn,
        service: "apigateway.amazonaws.com",
    });
    let who = work.who().needing(role.as_slice());
    cloud.call("PutIntegration", Nature::Put, who, send).await?;
    Ok(())
}

pub async fn put_method_response(
    cloud: &Cloud,
    key: &str,
    status: &str,
    work: &Work<'_, Api>,
) -> Result<(), ProviderError> {
    let Place { resource, method } = place(key, work)?;
    let response = route(key, work)?
        .responses
        .get(status)
        .cloned()
        .unwrap_or_default();
    let headers = response
        .headers
        .iter()
        .map(|name| (format!("{HEADER}{name}"), false));
    let headers: HashMap<String, bool> = headers.collect();
    let client = cloud.apigateway();
    let send = || {
        client
            .put_method_response()
            .rest_api_id(&work.id)
            .resource_id(&resource)
            .http_method(&method)
            .status_code(status)
            .set_response_parameters(Some(headers.clone()).filter(|map| !map.is_empty()))
            .set_response_models(some_map(response.models.clone()))
            .send()
    };
    let answer = cloud
        .call("PutMethodResponse", Nature::Create, work.who(), send)
        .await;
    match answer {
        Err(error) if error.is("ConflictException") && error.says("already exists") => Ok(()),
        answer => answer.map(|_| ()),
    }
}

pub async fn put_integration_response(
    cloud: &Cloud,
    key: &str,
    status: &str,
    work: &Work<'_, Api>,
) -> Result<(), ProviderError> {
    let Place { resource, method } = place(key, work)?;
    let response = route(key, work)?.responses.get(status);
    let answer = response
        .and_then(|response| response.answer.clone())
        .unwrap_or_default();
    let headers = answer
        .headers
        .iter()
        .map(|(name, value)| (format!("{HEADER}{name}"), value.to_string()));
    let headers: HashMap<String, String> = headers.collect();
    let client = cloud.apigateway();
    let send = || {
        client
            .put_integration_response()
            .rest_api_id(&work.id)
            .resource_id(&resource)
            .http_method(&method)
            .status_code(status)
            .set_selection_pattern(Some(answer.pattern.clone()).filter(|text| !text.is_empty()))
            .set_response_parameters(Some(headers.clone()).filter(|map| !map.is_empty()))
            .set_response_templates(some_map(texts(&answer.templates)))
            .set_content_handling(handling(&answer.content_handling))
            .send()
    };
    cloud
        .call("PutIntegrationResponse", Nature::Put, work.who(), send)
        .await?;
    Ok(())
}

/// A method's place in the API.
struct Place {
    resource: String,
    method: String,
}

fn place(key: &str, work: &Work<'_, Api>) -> Result<Place, ProviderError> {
    let (method, path) = method_and_path(key);
    Ok(Place {
        resource: resource_id(path, work)?,
        method: method.into(),
    })
}

fn route<'w>(key: &str, work: &'w Work<'_, Api>) -> Result<&'w Route, ProviderError> {
    work.wanted()?.routes.get(key).ok_or_else(|| {
        ProviderError::new(Api::KIND, format!("the wanted API has no route `{key}`"))
    })
}

fn texts(map: &BTreeMap<String, Text>) -> BTreeMap<String, String> {
    map.iter()
        .map(|(key, text)| (key.clone(), text.to_string()))
        .collect()
}

fn some_map(map: BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    (!map.is_empty()).then(|| map.into_iter().collect())
}

fn handling(word: &Option<String>) -> Option<ContentHandlingStrategy> {
    word.as_deref().map(ContentHandlingStrategy::from)
}

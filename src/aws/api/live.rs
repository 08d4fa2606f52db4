//! From what AWS answers to what it can hold.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_apigateway::types::{
    Integration, IntegrationResponse, Method, MethodResponse, Resource as Part, RestApi,
};

use super::spec::{Answer, Endpoint, Facts, HEADER, Response, Route, Spec, TIMEOUT};
use crate::aws::document::Document;
use crate::aws::tags;
use crate::scope::Scope;
use crate::text::Text;

/// Everything but the routes.
pub fn head(api: &RestApi, all_tags: &BTreeMap<String, String>, scope: &Scope) -> Spec {
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

/// The routes that AWS has, and the ids of their paths.
pub fn routes(parts: Vec<Part>) -> (BTreeMap<String, Route>, Facts) {
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

pub fn sorted<V>(map: Option<HashMap<String, V>>) -> BTreeMap<String, V> {
    map.unwrap_or_default().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: &str, parent: Option<&str>, path: &str) -> Part {
        let part = Part::builder().id(id).path(path);
        part.set_parent_id(parent.map(str::to_owned)).build()
    }

    #[test]
    fn a_policy_is_unescaped_and_names_its_own_api_shortly() {
        let scope = Scope {
            account: "1".into(),
            region: "eu-central-1".into(),
            partition: "aws".into(),
            ..Scope::default()
        };
        let written = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}"#;
        let spelled = written.replace("execute-api:/", "arn:aws:execute-api:eu-central-1:1:a1/");
        let answered = spelled.replace('"', "\\\"").replace('/', "\\/");
        let wanted = Document::from_aws(written);
        assert_eq!(policy(&answered, "a1", &scope), wanted);
        assert_eq!(policy(&spelled, "a1", &scope), wanted);
        assert_ne!(policy(&answered, "b2", &scope), wanted);
    }

    #[test]
    fn what_nothing_leads_to_is_not_there() {
        let parts = vec![
            part("r", None, "/"),
            part("a", Some("r"), "/a"),
            part("c", Some("gone"), "/b/c"),
            part("d", Some("c"), "/b/c/d"),
        ];
        let (_, facts) = routes(parts);
        assert_eq!(facts.root_resource_id, "r");
        assert_eq!(facts.resources, BTreeMap::from([("/a".into(), "a".into())]));
    }

    #[test]
    fn what_aws_leaves_out_is_its_default() {
        let bare = Integration::builder().r#type("MOCK".into()).build();
        let method = Method::builder().method_integration(bare).build();
        assert_eq!(route(method), Route::of_type("MOCK"));
    }

    #[test]
    fn what_slp_cannot_write_is_seen() {
        let method = Method::builder()
            .authorization_type("CUSTOM")
            .authorizer_id("a1")
            .build();
        let route = route(method);
        assert_eq!(route.auth, "CUSTOM");
        assert_eq!(
            route.extra,
            BTreeMap::from([("authorizer".into(), "a1".into())])
        );
    }

    #[test]
    fn responses_of_a_proxy_do_not_count() {
        let proxy = Integration::builder().r#type("AWS_PROXY".into()).build();
        let response = MethodResponse::builder().status_code("200").build();
        let method = Method::builder().method_integration(proxy);
        let method = method.method_responses("200", response).build();
        assert_eq!(route(method).responses, BTreeMap::new());
    }
}

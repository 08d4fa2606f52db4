//! The APIs themselves.

use serde_json::{Value, json};

use super::error::{Violations, bad_request, limit};
use super::find::{self, API, gateway};
use super::model::{Api, Endpoint, Resource};
use super::snapshot::key;
use super::{api_patch, members, models, page, patch, tags};
use crate::local::error::AwsError;
use crate::local::iam;
use crate::local::turn::{LOWER, Turn, random};
use crate::local::wire::{Answer, Input, Reply};

pub const ENDPOINTS: [&str; 3] = ["PRIVATE", "EDGE", "REGIONAL"];
pub const KEY_SOURCES: [&str; 2] = ["AUTHORIZER", "HEADER"];
pub const ADDRESSES: [&str; 2] = ["ipv4", "dualstack"];
const DUALSTACK_ONLY: &str = "Only dualstack ipAddressType is supported for Private APIs.";
/// Bytes.
const LARGEST_COMPRESSION: i64 = 10_485_760;

pub fn create_rest_api(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let body = &input.body;
    if body.get("cloneFrom").is_some_and(|from| !from.is_null()) {
        return Err(AwsError::not_emulated(
            "apigateway:CreateRestApi with cloneFrom",
        ));
    }
    violations(body)?;
    let name = members::text(body, "name")?.unwrap_or_default();
    if name.trim().is_empty() {
        return Err(bad_request("API name cannot be empty"));
    }
    let description = members::text(body, "description")?;
    if description.as_deref() == Some("") {
        return Err(bad_request("Description cannot be an empty string"));
    }
    let minimum_compression_size = members::number(body, "minimumCompressionSize")?;
    let given = gateway(turn).next.take();
    let api = Api {
        id: given.unwrap_or_else(|| random(LOWER, 10)),
        name,
        description,
        version: members::text(body, "version")?,
        created: turn.now,
        api_key_source: members::text(body, "apiKeySource")?.unwrap_or_else(|| "HEADER".into()),
        binary_media_types: members::list(body, "binaryMediaTypes")?.unwrap_or_default(),
        minimum_compression_size: minimum_compression_size.map(compression).transpose()?,
        endpoint: endpoint(&body["endpointConfiguration"])?,
        policy: policy(members::text(body, "policy")?.unwrap_or_default())?,
        disable_execute_api_endpoint: members::flag(body, "disableExecuteApiEndpoint")?
            .unwrap_or_default(),
        tags: tags::checked(members::map(body, "tags")?.unwrap_or_default())?,
        root: random(LOWER, 10),
    };
    counted(turn, &api)?;
    let answer = view(&api, false);
    added(turn, api);
    Ok(answer.into())
}

fn violations(body: &Value) -> Result<(), AwsError> {
    let endpoint = &body["endpointConfiguration"];
    let mut wrong = Violations::default();
    let types = members::list(endpoint, "types")?.unwrap_or_default();
    if types.iter().any(|kind| !ENDPOINTS.contains(&kind.as_str())) {
        wrong.add(
            &format!("[{}]", types.join(", ")),
            "createRestApiInput.endpointConfiguration.types",
            "constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]",
        );
    }
    let address = members::text(endpoint, "ipAddressType")?.filter(|text| !text.is_empty());
    let at = "createRestApiInput.endpointConfiguration.ipAddressType";
    wrong.one_of(address.as_deref(), at, &ADDRESSES);
    let source = members::text(body, "apiKeySource")?;
    wrong.one_of(
        source.as_deref(),
        "createRestApiInput.apiKeySource",
        &KEY_SOURCES,
    );
    wrong.finish()
}

fn endpoint(given: &Value) -> Result<Endpoint, AwsError> {
    let kind = match members::list(given, "types")?.as_deref() {
        None => "EDGE".to_owned(),
        Some([kind]) => kind.clone(),
        Some([]) => {
            return Err(bad_request(
                "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
            ));
        }
        Some(_) => {
            return Err(bad_request(
                "Cannot create an api with multiple Endpoint Types.",
            ));
        }
    };
    let given_address = members::text(given, "ipAddressType")?.filter(|text| !text.is_empty());
    let endpoint = Endpoint {
        ip_address_type: given_address.unwrap_or_else(|| default_address(&kind).into()),
        kind,
        vpc_endpoint_ids: members::list(given, "vpcEndpointIds")?.unwrap_or_default(),
    };
    endpoint.check()?;
    Ok(endpoint)
}

pub fn default_address(kind: &str) -> &'static str {
    match kind {
        "PRIVATE" => "dualstack",
        _ => "ipv4",
    }
}

impl Endpoint {
    pub fn check(&self) -> Result<(), AwsError> {
        match self.kind == "PRIVATE" && self.ip_address_type == "ipv4" {
            true => Err(bad_request(DUALSTACK_ONLY)),
            false => Ok(()),
        }
    }
}

pub fn compression(size: i64) -> Result<u32, AwsError> {
    let size = u32::try_from(size).ok();
    size.filter(|size| i64::from(*size) <= LARGEST_COMPRESSION)
        .ok_or_else(|| {
            bad_request("Invalid minimum compression size, must be between 0 and 10485760")
        })
}

/// A resource policy; an empty one is none.
pub fn policy(text: String) -> Result<Option<String>, AwsError> {
    if text.is_empty() {
        return Ok(None);
    }
    match iam::stands_on_a_thing(&text) {
        true => Ok(Some(text)),
        false => Err(bad_request(
            "Invalid policy document. Please check the policy syntax and ensure that Principals \
             are valid.",
        )),
    }
}

/// AWS: 600 regional, 600 private, 120 edge-optimised APIs a region.
fn counted(turn: &mut Turn<'_>, api: &Api) -> Result<(), AwsError> {
    let kind = &api.endpoint.kind;
    let most = if kind == "EDGE" { 120 } else { 600 };
    let apis = gateway(turn).apis.values();
    match apis.filter(|other| other.endpoint.kind == *kind).count() < most {
        true => Ok(()),
        false => Err(limit(format!(
            "Maximum number of {kind} APIs for this account has been reached: {most}"
        ))),
    }
}

fn added(turn: &mut Turn<'_>, api: Api) {
    let root = Resource {
        id: api.root.clone(),
        parent: None,
        part: String::new(),
        path: "/".into(),
        methods: Default::default(),
    };
    let gateway = gateway(turn);
    gateway.resources.insert(key(&api.id, &root.id), root);
    for model in models::defaults() {
        gateway.models.insert(key(&api.id, &model.name), model);
    }
    gateway.apis.insert(api.id.clone(), api);
}

pub fn get_rest_api(turn: &mut Turn<'_>, input: &Input) -> Answer {
    Ok(view(find::api(turn, input)?, false).into())
}

pub fn get_rest_apis(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let apis = gateway(turn).apis.iter();
    page::page(input, apis, |api| view(api, false))
}

pub fn update_rest_api(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::plain(input, "updateRestApiInput")?;
    let api = find::api_mut(turn, input)?;
    for patch in &patches {
        api_patch::apply(api, patch)?;
    }
    api.endpoint.check()?;
    Ok(view(api, true).into())
}

pub fn delete_rest_api(turn: &mut Turn<'_>, input: &Input) -> Answer {
    find::api(turn, input)?;
    let id = input.path(API);
    let gateway = gateway(turn);
    gateway.apis.remove(id);
    let own = key(id, "");
    gateway.resources.remove_under(&own);
    gateway.models.remove_under(&own);
    gateway.deployments.remove_under(&own);
    gateway.stages.remove_under(&own);
    Ok(Reply::empty())
}

/// An update shows empty tags too.
fn view(api: &Api, empty_tags: bool) -> Value {
    let mut endpoint = json!({
        "types": [api.endpoint.kind],
        "ipAddressType": api.endpoint.ip_address_type,
    });
    if !api.endpoint.vpc_endpoint_ids.is_empty() {
        endpoint["vpcEndpointIds"] = json!(api.endpoint.vpc_endpoint_ids);
    }
    let mut view = json!({
        "id": api.id,
        "name": api.name,
        "createdDate": api.created.as_second(),
        "apiKeySource": api.api_key_source,
        "endpointConfiguration": endpoint,
        "disableExecuteApiEndpoint": api.disable_execute_api_endpoint,
        "rootResourceId": api.root,
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            view[name] = value;
        }
    };
    put("description", api.description.clone().map(Value::from));
    put("version", api.version.clone().map(Value::from));
    put(
        "minimumCompressionSize",
        api.minimum_compression_size.map(Value::from),
    );
    put(
        "policy",
        api.policy.as_deref().map(escaped).map(Value::from),
    );
    let types = &api.binary_media_types;
    put(
        "binaryMediaTypes",
        (!types.is_empty()).then(|| json!(types)),
    );
    put(
        "tags",
        (empty_tags || !api.tags.is_empty()).then(|| json!(api.tags)),
    );
    view
}

/// AWS gives a policy back with its quotes and slashes escaped.
fn escaped(policy: &str) -> String {
    let text = Value::from(policy).to_string();
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(&text).replace('/', "\\/")
}

//! What UpdateRestApi can change, and how.

use super::apis::{ADDRESSES, ENDPOINTS, KEY_SOURCES, compression, default_address, policy};
use super::error::bad_request;
use super::model::Api;
use super::patch::{Op, Patch};
use crate::local::error::AwsError;

/// Applies one operation.
pub fn apply(api: &mut Api, patch: &Patch) -> Result<(), AwsError> {
    match patch.parts()[..] {
        ["name"] => {
            patch.only_replace()?;
            api.name = patch
                .filled()
                .ok_or_else(|| bad_request("API name cannot be empty"))?;
        }
        ["description"] => {
            patch.add_remove_replace()?;
            api.description = patch.filled();
        }
        ["apiKeySource"] => {
            patch.only_replace()?;
            api.api_key_source = word(patch, "ApiKeySource", &KEY_SOURCES)?;
        }
        ["disableExecuteApiEndpoint"] => {
            patch.only_replace()?;
            api.disable_execute_api_endpoint = patch.flag();
        }
        ["minimumCompressionSize"] => {
            patch.only_replace()?;
            api.minimum_compression_size = match patch.filled() {
                None => None,
                Some(text) => Some(compression(text.parse().unwrap_or(-1))?),
            };
        }
        ["policy"] => {
            patch.add_remove_replace()?;
            api.policy = policy(patch.filled().unwrap_or_default())?;
        }
        ["binaryMediaTypes", kind] => media_type(api, patch, kind)?,
        ["endpointConfiguration", ..] => endpoint(api, patch)?,
        ["securityPolicy" | "endpointAccessMode"] => {
            let what = format!("UpdateRestApi of {}", patch.path);
            return Err(AwsError::not_emulated(&what));
        }
        _ => return Err(patch.unknown()),
    }
    Ok(())
}

/// A list that is changed like a map.
fn media_type(api: &mut Api, patch: &Patch, kind: &str) -> Result<(), AwsError> {
    patch.add_remove_replace()?;
    let types = &mut api.binary_media_types;
    let added = match patch.op {
        Op::Remove => None,
        Op::Replace => Some(patch.text()),
        _ => Some(kind),
    };
    if patch.op != Op::Add {
        types.retain(|other| other != kind);
    }
    if let Some(added) = added
        && !types.iter().any(|other| other == added)
    {
        types.push(added.to_owned());
    }
    Ok(())
}

fn endpoint(api: &mut Api, patch: &Patch) -> Result<(), AwsError> {
    let endpoint = &mut api.endpoint;
    match patch.parts()[1..] {
        ["types", _] => {
            patch.add_remove_replace()?;
            let kind = patch.text();
            if !ENDPOINTS.contains(&kind) {
                return Err(bad_request(
                    "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
                ));
            }
            if patch.op != Op::Replace {
                return Err(bad_request(
                    "Cannot update endpoint types to multiple values.",
                ));
            }
            endpoint.kind = kind.to_owned();
            if kind == "PRIVATE" {
                endpoint.ip_address_type = default_address(kind).to_owned();
            }
        }
        ["ipAddressType"] => {
            patch.only_replace()?;
            if !ADDRESSES.contains(&patch.text()) {
                return Err(bad_request(
                    "ipAddressType must be either ipv4 or dualstack.",
                ));
            }
            endpoint.ip_address_type = patch.text().to_owned();
            endpoint.check()?;
        }
        ["vpcEndpointIds"] => vpc_endpoint(endpoint, patch, patch.text()),
        ["vpcEndpointIds", id] => vpc_endpoint(endpoint, patch, id),
        _ => return Err(patch.unknown()),
    }
    Ok(())
}

fn vpc_endpoint(endpoint: &mut super::model::Endpoint, patch: &Patch, id: &str) {
    endpoint.vpc_endpoint_ids.retain(|other| other != id);
    if patch.op != Op::Remove {
        endpoint.vpc_endpoint_ids.push(id.to_owned());
    }
}

fn word(patch: &Patch, what: &str, allowed: &[&str]) -> Result<String, AwsError> {
    match allowed.contains(&patch.text()) {
        true => Ok(patch.text().to_owned()),
        false => Err(bad_request(format!(
            "Invalid {what} specified. Valid options are {}",
            allowed.join(",")
        ))),
    }
}

//! Methods: which verbs a resource answers.

use serde_json::json;

use super::error::{bad_request, conflict, missing, not_found};
use super::find::{self, API, METHOD};
use super::model::Method;
use super::patch::{Op, Patch};
use super::{mapping, members, patch};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// In the order of AWS's message.
pub const VERBS: [&str; 8] = [
    "GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY",
];
const AUTHORIZERS: [&str; 2] = ["CUSTOM", "COGNITO_USER_POOLS"];
const UNAUTHORIZED: [&str; 2] = ["NONE", "AWS_IAM"];

pub fn put_method(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let body = &input.body;
    let verb = input.path(METHOD);
    find::resource(turn, input)?;
    if !VERBS.contains(&verb) {
        return Err(bad_request(format!(
            "Invalid HttpMethod specified. Valid options are {}",
            VERBS.join(",")
        )));
    }
    let method = Method {
        http_method: verb.to_owned(),
        // In whatever case it is given.
        authorization_type: members::text(body, "authorizationType")?
            .unwrap_or_default()
            .to_ascii_uppercase(),
        api_key_required: members::flag(body, "apiKeyRequired")?.unwrap_or_default(),
        operation_name: members::text(body, "operationName")?,
        request_parameters: members::flags(body, "requestParameters")?.unwrap_or_default(),
        request_models: members::map(body, "requestModels")?.unwrap_or_default(),
        ..Method::default()
    };
    no_validator(members::text(body, "requestValidatorId")?)?;
    check(turn, input, &method)?;
    let resource = find::resource_mut(turn, input)?;
    if resource.methods.contains_key(verb) {
        return Err(conflict("Method already exists for this resource"));
    }
    let answer = json!(method);
    resource.methods.insert(verb.to_owned(), method);
    Ok(answer.into())
}

fn check(turn: &mut Turn<'_>, input: &Input, method: &Method) -> Result<(), AwsError> {
    let authorization = method.authorization_type.as_str();
    if AUTHORIZERS.contains(&authorization) {
        return Err(bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or \
             COGNITO_USER_POOLS requires a valid authorizer.",
        ));
    }
    if !UNAUTHORIZED.contains(&authorization) {
        return Err(bad_request(
            "Invalid authorization type specified. Valid options are \
             NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS",
        ));
    }
    mapping::method_request(&method.request_parameters)?;
    for model in method.request_models.values() {
        find::model(turn, input.path(API), model)?;
    }
    Ok(())
}

// There are no validators here.
fn no_validator(id: Option<String>) -> Result<(), AwsError> {
    match id.filter(|id| !id.is_empty()) {
        None => Ok(()),
        Some(_) => Err(bad_request(
            "Invalid Request Validator identifier specified",
        )),
    }
}

pub fn get_method(turn: &mut Turn<'_>, input: &Input) -> Answer {
    Ok(json!(find::method(turn, input)?).into())
}

pub fn delete_method(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let resource = find::resource_mut(turn, input)?;
    match resource.methods.remove(input.path(METHOD)) {
        Some(_) => Ok(Reply::empty()),
        None => Err(not_found("Method")),
    }
}

pub fn update_method(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::plain(input, "updateMethodInput")?;
    let mut method = find::method(turn, input)?.clone();
    for patch in &patches {
        apply(&mut method, patch)?;
    }
    check(turn, input, &method)?;
    let answer = json!(method);
    *find::method_mut(turn, input)? = method;
    Ok(answer.into())
}

fn apply(method: &mut Method, patch: &Patch) -> Result<(), AwsError> {
    match patch.parts()[..] {
        ["authorizationType"] => {
            patch.only_replace()?;
            method.authorization_type = patch.text().to_ascii_uppercase();
        }
        // Without an authorizer's type AWS forgets it.
        ["authorizerId"] => patch.only_replace()?,
        ["apiKeyRequired"] => {
            patch.only_replace()?;
            method.api_key_required = patch.flag();
        }
        ["operationName"] => {
            patch.only_replace()?;
            method.operation_name = patch.filled();
        }
        ["requestValidatorId"] => {
            patch.only_replace()?;
            no_validator(patch.value.clone())?;
        }
        ["requestParameters", name] => {
            entry(
                &mut method.request_parameters,
                patch,
                name,
                PARAMETER,
                patch.flag(),
            )?;
        }
        ["requestModels", kind] => {
            let model = patch.text().to_owned();
            entry(&mut method.request_models, patch, kind, CONTENT_TYPE, model)?;
        }
        _ => return Err(patch.unknown()),
    }
    Ok(())
}

pub const PARAMETER: &str = "Invalid parameter name specified";
pub const CONTENT_TYPE: &str = "Content-Type specified was not found";

/// Adds, replaces or removes an entry of a map; `absent` is said where there is none to change.
pub fn entry<T>(
    map: &mut std::collections::BTreeMap<String, T>,
    patch: &Patch,
    key: &str,
    absent: &str,
    value: T,
) -> Result<(), AwsError> {
    patch.add_remove_replace()?;
    if patch.op != Op::Add && !map.contains_key(key) {
        return Err(missing(absent));
    }
    match patch.op {
        Op::Remove => map.remove(key),
        _ => map.insert(key.to_owned(), value),
    };
    Ok(())
}

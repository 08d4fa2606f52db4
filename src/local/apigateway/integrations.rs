//! Integrations: what answers a method.

use serde_json::{Value, json};

use super::error::{Violations, bad_request, not_found};
use super::find::{self, RESOURCE};
use super::methods::{CONTENT_TYPE, PARAMETER, VERBS, entry};
use super::model::{Integration, Method, TlsConfig};
use super::patch::{Op, Patch};
use super::{mapping, members, patch, uri};
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// In the order of AWS's messages.
const KINDS: [&str; 5] = ["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"];
const CONNECTIONS: [&str; 2] = ["INTERNET", "VPC_LINK"];
const HANDLINGS: [&str; 2] = ["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"];
const PASSTHROUGHS: [&str; 3] = ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"];
/// Milliseconds.
const LONGEST: u32 = 29_000;

pub fn put_integration(turn: &mut Turn<'_>, input: &Input) -> Answer {
    violations(&input.body)?;
    let integration = read(input)?;
    let method = find::method_mut(turn, input)?;
    check(&integration, method)?;
    let answer = json!(integration);
    method.method_integration = Some(integration);
    Ok(answer.into())
}

fn violations(body: &Value) -> Result<(), AwsError> {
    let mut wrong = Violations::default();
    let mut one_of = |name: &str, allowed: &[&str]| {
        let given = members::text(body, name)?;
        wrong.one_of(
            given.as_deref(),
            &format!("putIntegrationInput.{name}"),
            allowed,
        );
        Ok::<_, AwsError>(())
    };
    one_of("type", &KINDS)?;
    one_of("connectionType", &CONNECTIONS)?;
    one_of("contentHandling", &HANDLINGS)?;
    wrong.finish()?;
    match body.get("responseTransferMode").and_then(Value::as_str) {
        None | Some("BUFFERED") => Ok(()),
        Some(_) => Err(AwsError::not_emulated(
            "apigateway:PutIntegration that streams",
        )),
    }
}

fn read(input: &Input) -> Result<Integration, AwsError> {
    let body = &input.body;
    let namespace = members::text(body, "cacheNamespace")?;
    let timeout = members::number(body, "timeoutInMillis")?;
    let kind = members::text(body, "type")?.unwrap_or_default();
    let connection = members::text(body, "connectionType")?;
    // So recorded from AWS.
    let default = kind.starts_with("HTTP").then(|| "INTERNET".to_owned());
    let uri = members::text(body, "uri")?.filter(|_| kind != "MOCK");
    Ok(Integration {
        kind,
        // The body calls `httpMethod` what the SDKs call `integrationHttpMethod`.
        http_method: members::text(body, "httpMethod")?.filter(|verb| !verb.is_empty()),
        uri,
        connection_type: connection.or(default),
        connection_id: members::text(body, "connectionId")?,
        credentials: members::text(body, "credentials")?.filter(|arn| !arn.is_empty()),
        request_parameters: members::map(body, "requestParameters")?.unwrap_or_default(),
        request_templates: members::templates(body, "requestTemplates")?,
        passthrough_behavior: members::text(body, "passthroughBehavior")?
            .unwrap_or_else(|| "WHEN_NO_MATCH".into()),
        content_handling: members::text(body, "contentHandling")?,
        timeout_in_millis: timeout.map_or(Ok(LONGEST), milliseconds)?,
        cache_namespace: namespace.unwrap_or_else(|| input.path(RESOURCE).to_owned()),
        cache_key_parameters: members::list(body, "cacheKeyParameters")?.unwrap_or_default(),
        tls_config: match &body["tlsConfig"] {
            Value::Null => None,
            config => Some(TlsConfig {
                insecure_skip_verification: members::flag(config, "insecureSkipVerification")?
                    .unwrap_or_default(),
            }),
        },
        integration_responses: Default::default(),
    })
}

fn check(integration: &Integration, method: &Method) -> Result<(), AwsError> {
    let verb = integration.http_method.as_deref();
    if integration.kind != "MOCK" && verb.is_none() {
        return Err(bad_request(
            "Enumeration value for HttpMethod must be non-empty",
        ));
    }
    if verb.is_some_and(|verb| !VERBS.contains(&verb)) {
        return Err(bad_request(format!(
            "Invalid HttpMethod specified. Valid options are {}",
            VERBS.join(",")
        )));
    }
    uri::check(integration)?;
    if !PASSTHROUGHS.contains(&integration.passthrough_behavior.as_str()) {
        return Err(bad_request(format!(
            "Invalid passthrough behavior specified. Valid options are {}",
            PASSTHROUGHS.join(",")
        )));
    }
    if !(50..=LONGEST).contains(&integration.timeout_in_millis) {
        return Err(bad_request("Timeout should be between 50 ms and 29000 ms"));
    }
    mapping::integration_request(&integration.request_parameters, method)?;
    mapping::content_types(&integration.request_templates)
}

fn milliseconds(time: i64) -> Result<u32, AwsError> {
    u32::try_from(time).map_err(|_| bad_request("Timeout should be between 50 ms and 29000 ms"))
}

pub fn get_integration(turn: &mut Turn<'_>, input: &Input) -> Answer {
    Ok(json!(find::integration(turn, input)?).into())
}

pub fn delete_integration(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let removed = find::method_mut(turn, input)?.method_integration.take();
    removed
        .map(|_| Reply::empty())
        .ok_or_else(|| not_found("Integration"))
}

pub fn update_integration(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::plain(input, "updateIntegrationInput")?;
    let mut integration = find::integration(turn, input)?.clone();
    for patch in &patches {
        apply(&mut integration, patch)?;
    }
    check(&integration, find::method(turn, input)?)?;
    let answer = json!(integration);
    *find::integration_mut(turn, input)? = integration;
    Ok(answer.into())
}

fn apply(integration: &mut Integration, patch: &Patch) -> Result<(), AwsError> {
    match patch.parts()[..] {
        ["requestParameters", name] => {
            let from = patch.text().to_owned();
            return entry(
                &mut integration.request_parameters,
                patch,
                name,
                PARAMETER,
                from,
            );
        }
        ["requestTemplates", kind] => {
            let template = patch.filled();
            return entry(
                &mut integration.request_templates,
                patch,
                kind,
                CONTENT_TYPE,
                template,
            );
        }
        ["cacheKeyParameters", name] => {
            integration
                .cache_key_parameters
                .retain(|other| other != name);
            if patch.op != Op::Remove {
                integration.cache_key_parameters.push(name.to_owned());
            }
            return Ok(());
        }
        _ => {}
    }
    let field = match patch.parts()[..] {
        ["uri"] => &mut integration.uri,
        ["httpMethod"] => &mut integration.http_method,
        ["credentials"] => &mut integration.credentials,
        ["connectionType"] => &mut integration.connection_type,
        ["connectionId"] => &mut integration.connection_id,
        ["contentHandling"] => &mut integration.content_handling,
        _ => return apply_setting(integration, patch),
    };
    patch.only_replace()?;
    *field = patch.filled();
    Ok(())
}

fn apply_setting(integration: &mut Integration, patch: &Patch) -> Result<(), AwsError> {
    match patch.parts()[..] {
        ["timeoutInMillis"] => {
            integration.timeout_in_millis = milliseconds(patch.text().parse().unwrap_or(-1))?;
        }
        ["passthroughBehavior"] => integration.passthrough_behavior = patch.text().to_owned(),
        ["cacheNamespace"] => integration.cache_namespace = patch.text().to_owned(),
        ["tlsConfig", "insecureSkipVerification"] => {
            integration.tls_config = Some(TlsConfig {
                insecure_skip_verification: patch.flag(),
            });
        }
        _ => return Err(patch.unknown()),
    }
    patch.only_replace()
}

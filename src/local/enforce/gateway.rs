//! API Gateway: the action is the HTTP method, the resource the path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::ask::{Ask, By, filled};
use crate::local::wire::Operation;

/// An ARN in a path is encoded but for what URLs leave alone.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

pub fn asks(operation: &Operation, by: &By<'_>) -> Vec<Ask> {
    let Some((method, template)) = operation.route else {
        return vec![Ask::new(format!("apigateway:{}", by.operation), "*")];
    };
    let mut asks = vec![does(by, method, &path(template, by))];
    match by.operation {
        "CreateRestApi" | "CreateStage" if filled(by.input, "tags") => {
            // The id is not known yet.
            asks.push(does(
                by,
                "PUT",
                &tagged(&by.turn.arn("apigateway", "/restapis/*")),
            ));
        }
        "TagResource" => {
            let arn = by.input.path("resource_arn");
            asks.push(Ask::new("apigateway:PATCH", arn));
        }
        "PutIntegration" => {
            let role = by.input.text("credentials");
            let role = role.filter(|arn| arn.contains(":role/"));
            asks.extend(role.map(|role| Ask::passes(role, "apigateway.amazonaws.com")));
        }
        _ => {}
    }
    if sets_policy(by) {
        let resource = by.turn.arn("apigateway", &path(template, by));
        asks.push(Ask::new("apigateway:UpdateRestApiPolicy", resource));
    }
    asks
}

fn does(by: &By<'_>, method: &str, path: &str) -> Ask {
    Ask::new(
        format!("apigateway:{method}"),
        by.turn.arn("apigateway", path),
    )
}

/// The path as it was asked for.
fn path(template: &str, by: &By<'_>) -> String {
    if by.input.path.contains_key("resource_arn") {
        return tagged(by.input.path("resource_arn"));
    }
    let parts = template.split('/').map(|part| {
        let variable = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        variable.map_or(part, |name| by.input.path(name))
    });
    parts.collect::<Vec<_>>().join("/")
}

fn tagged(arn: &str) -> String {
    let encoded = utf8_percent_encode(arn, IN_PATH).to_string();
    format!("/tags/{}", encoded.replace("%2A", "*"))
}

/// The policy on an API has a right of its own.
fn sets_policy(by: &By<'_>) -> bool {
    let patches = by
        .input
        .body
        .get("patchOperations")
        .and_then(Value::as_array);
    let mut patches = patches.into_iter().flatten();
    match by.operation {
        "CreateRestApi" => filled(by.input, "policy"),
        "UpdateRestApi" => patches.any(|patch| patch["path"] == "/policy"),
        _ => false,
    }
}

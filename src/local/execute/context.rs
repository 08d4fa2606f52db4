//! `$context`: what API Gateway itself says of a request, to functions, mappings and access logs.

use serde_json::{Value, json};

use super::call::Call;

/// All of it, as a proxy function gets it.
pub fn context(call: &Call) -> Value {
    json!({
        "resourceId": call.resource_id,
        "resourcePath": call.resource,
        "httpMethod": call.verb,
        "extendedRequestId": call.extended_id,
        "requestTime": call.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "path": format!("/{}{}", call.stage.name, call.raw_path),
        "accountId": call.account,
        "protocol": "HTTP/1.1",
        "stage": call.stage.name,
        "domainPrefix": call.domain.split('.').next(),
        "requestTimeEpoch": call.time.as_millisecond(),
        "requestId": call.id,
        "identity": {
            "cognitoIdentityPoolId": null,
            "accountId": null,
            "cognitoIdentityId": null,
            "caller": null,
            "sourceIp": "127.0.0.1",
            "principalOrgId": null,
            "accessKey": null,
            "cognitoAuthenticationType": null,
            "cognitoAuthenticationProvider": null,
            "userArn": null,
            "userAgent": call.header("user-agent"),
            "user": null,
        },
        "domainName": call.domain,
        "deploymentId": call.stage.deployment,
        "apiId": call.api,
    })
}

/// A variable by its dotted name, `identity.sourceIp`; none where it is not set.
pub fn variable(context: &Value, name: &str) -> Option<String> {
    let mut names = name.split('.');
    match names.try_fold(context, |at, name| at.get(name))? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

//! Where an integration sends its requests: which URIs AWS takes, and what they name.

use super::error::bad_request;
use super::model::Integration;
use crate::local::error::AwsError;

const FUNCTIONS: &str = "path/2015-03-31/functions/";

/// Refuses a URI or credentials that the kind of integration cannot use.
pub fn check(integration: &Integration) -> Result<(), AwsError> {
    let uri = integration.uri.as_deref().unwrap_or_default();
    match integration.kind.as_str() {
        "AWS" | "AWS_PROXY" => check_arn(&integration.kind, uri)?,
        "HTTP" | "HTTP_PROXY" if !is_http(uri) => {
            return Err(bad_request("Invalid HTTP endpoint specified for URI"));
        }
        _ => {}
    }
    match integration.credentials.as_deref() {
        Some(arn) if !arn.starts_with("arn:aws:iam::") => {
            Err(bad_request("Invalid ARN specified in the request"))
        }
        _ => Ok(()),
    }
}

/// In the order and the words of AWS's recorded refusals.
fn check_arn(kind: &str, uri: &str) -> Result<(), AwsError> {
    let parts: Vec<&str> = uri.splitn(6, ':').collect();
    let ["arn", "aws", owner, region, service, rest] = parts[..] else {
        return Err(bad_request("Invalid ARN specified in the request"));
    };
    if !rest.starts_with("path/") && !rest.starts_with("action/") {
        return Err(bad_request(
            "AWS ARN for integration must contain path or action",
        ));
    }
    if owner != "apigateway" || region.is_empty() || service.is_empty() {
        return Err(bad_request("Invalid ARN specified in the request"));
    }
    if kind == "AWS_PROXY" && !(service == "lambda" && rest.starts_with(FUNCTIONS)) {
        return Err(bad_request(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and \
             Firehose stream invocations.",
        ));
    }
    match service == "lambda" && function(rest).is_none() {
        true => Err(bad_request("Invalid lambda function")),
        false => Ok(()),
    }
}

fn is_http(uri: &str) -> bool {
    let host = uri
        .strip_prefix("http://")
        .or_else(|| uri.strip_prefix("https://"));
    // A stage's variable may stand for the scheme as well.
    host.is_some_and(|host| !host.is_empty()) || uri.starts_with("${")
}

/// The ARN of the function that a Lambda integration's URI names; it may hold stage variables.
pub fn lambda(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once(":lambda:")?;
    uri.starts_with("arn:aws:apigateway:")
        .then(|| function(rest))?
}

fn function(rest: &str) -> Option<&str> {
    let arn = rest.strip_prefix(FUNCTIONS)?;
    let arn = arn.strip_suffix("/invocations")?;
    let formed = arn.starts_with("${") || (arn.starts_with("arn:") && arn.contains(":function:"));
    formed.then_some(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA_ONLY: &str = "Integrations of type 'AWS_PROXY' currently only supports Lambda \
                               function and Firehose stream invocations.";

    fn refusal(kind: &str, uri: &str) -> Option<String> {
        let integration = Integration {
            kind: kind.into(),
            uri: Some(uri.into()),
            ..Integration::default()
        };
        check(&integration).err().map(|error| error.message)
    }

    #[test]
    fn a_lambda_uri_names_its_function() {
        let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
                   arn:aws:lambda:us-east-1:000000000000:function:f:${stageVariables.a}/invocations";
        assert_eq!(
            lambda(uri),
            Some("arn:aws:lambda:us-east-1:000000000000:function:f:${stageVariables.a}")
        );
        assert_eq!(refusal("AWS_PROXY", uri), None);
    }

    #[test]
    fn wrong_uris_are_refused_in_aws_words() {
        for (kind, uri, message) in [
            ("AWS_PROXY", "f", "Invalid ARN specified in the request"),
            (
                "AWS",
                "arn:aws:apigateway:us-east-1:lambda:f",
                "AWS ARN for integration must contain path or action",
            ),
            (
                "AWS_PROXY",
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations",
                "Invalid lambda function",
            ),
            (
                "AWS_PROXY",
                "arn:aws:lambda:us-east-1:000000000000:function:f",
                "AWS ARN for integration must contain path or action",
            ),
            (
                "AWS_PROXY",
                "arn:aws:apigateway:us-east-1:lambda:test/2015-03-31/functions/x/invocations",
                "AWS ARN for integration must contain path or action",
            ),
            (
                "AWS_PROXY",
                "bad-arn:lambda:path/2015-03-31/functions/x/invocations",
                "Invalid ARN specified in the request",
            ),
            (
                "AWS_PROXY",
                "arn:aws:apigateway:us-east-1:firehose:path/2015-03-31/functions/x/invocations",
                LAMBDA_ONLY,
            ),
            (
                "AWS_PROXY",
                "arn:aws:apigateway:us-east-1:lambda:path/random/value/x/invocations",
                LAMBDA_ONLY,
            ),
            (
                "AWS",
                "arn:aws:iam::0000000000:role/service-role/r",
                "AWS ARN for integration must contain path or action",
            ),
            ("HTTP", "ftp://x", "Invalid HTTP endpoint specified for URI"),
        ] {
            assert_eq!(refusal(kind, uri).as_deref(), Some(message), "{kind} {uri}");
        }
    }
}

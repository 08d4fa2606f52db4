//! From the SDK's errors to a `ProviderError`, with secrets and terminal escapes taken out.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::cloud;
use crate::provider::ProviderError;
use crate::text::is_obeyed;

/// How an attempt failed, for `retry` to judge.
#[derive(Clone, Debug)]
pub struct Failure {
    pub error: ProviderError,
    /// Whether AWS may have done it all the same.
    pub may_have_happened: bool,
    /// What AWS asked us to wait, in seconds.
    pub retry_after: Option<f64>,
}

/// Our own code where AWS was never asked: nobody knows who we are.
pub const NO_CREDENTIALS: &str = "NoCredentials";
/// The same where the request could not be made of what it was to say.
pub const NOT_BUILT: &str = "RequestNotBuilt";

/// AWS's codes (IAM's, and S3's of the same meaning) for credentials that are no good, which no
/// right that is given heals. Each has its hint below.
pub const CREDENTIALS: [&str; 11] = [
    NO_CREDENTIALS,
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Reads what the SDK gave.
pub fn failure<E>(operation: &str, error: SdkError<E, HttpResponse>) -> Failure
where
    E: std::error::Error + Send + Sync + ProvideErrorMetadata + 'static,
{
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let header = |name: &str| {
        let response = error.raw_response()?;
        response.headers().get(name).map(str::to_owned)
    };
    let retry_after = header("retry-after").and_then(|text| text.parse().ok());
    let request_id = header("x-amzn-requestid").or_else(|| header("x-amzn-request-id"));
    let request_id = request_id.as_deref().map(one_line);
    let may_have_happened = match &error {
        SdkError::ConstructionFailure(_) => false,
        SdkError::DispatchFailure(dispatch) => {
            !dispatch.as_connector_error().is_some_and(|e| e.is_user())
        }
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        // An error that is no refusal: somebody on the way answered in AWS's place, and may have
        // passed the call on.
        _ => status.is_none_or(|status| !(400..500).contains(&status)),
    };
    let code = own_code(&error).or(error.code()).map(one_line);
    let message = match error.message() {
        Some(message) => message.to_owned(),
        None => describe(&error, status),
    };
    let error = ProviderError {
        operation: operation.into(),
        code,
        message: redact(&clean(&message)),
        status,
        request_id: request_id.map(String::into_boxed_str),
        hint: None,
        unsure: false,
        stopped: None,
    };
    Failure {
        error: hinted(error),
        may_have_happened,
        retry_after,
    }
}

/// Of what never went out.
fn own_code<E>(error: &SdkError<E, HttpResponse>) -> Option<&'static str> {
    match error {
        SdkError::ConstructionFailure(_) => Some(NOT_BUILT),
        SdkError::DispatchFailure(failure) => {
            let cause = failure.as_connector_error();
            cause.is_some_and(is_credentials).then_some(NO_CREDENTIALS)
        }
        _ => None,
    }
}

fn describe<E>(error: &SdkError<E, HttpResponse>, status: Option<u16>) -> String
where
    E: std::error::Error + Send + Sync + 'static,
{
    match (error, status) {
        (SdkError::TimeoutError(_), _) => "no answer in time".into(),
        (SdkError::ServiceError(_) | SdkError::ResponseError(_), Some(status)) => {
            format!("what answered (status {status}) is not this service of AWS's")
        }
        (SdkError::DispatchFailure(failure), _) => match failure.as_connector_error() {
            Some(cause) if is_credentials(cause) => "no AWS credentials were found".into(),
            Some(cause) => format!(
                "{} could not be reached: {}",
                cloud::name(),
                innermost(cause)
            ),
            None => format!("{} could not be reached", cloud::name()),
        },
        _ => format!("the call could not be made: {}", innermost(error)),
    }
}

/// What is at the bottom of an error, which is what a person can do something about.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn is_credentials(error: &ConnectorError) -> bool {
    let text = DisplayErrorContext(error).to_string();
    text.contains("credential") || text.contains("identity")
}

/// Takes out what a terminal would obey.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !is_obeyed(*c) || *c == '\n')
        .collect()
}

/// A code or an id has no line breaks either.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !is_obeyed(*c)).collect()
}

/// AWS's error for an environment over 4 KB echoes every value.
fn redact(message: &str) -> String {
    match message.find("String measured:") {
        Some(at) => format!("{}(values left out)", &message[..at]),
        None => message.to_owned(),
    }
}

/// Most often the profile is misspelt, or nobody is signed in to it: name it.
fn no_credentials() -> String {
    let profile = std::env::var("AWS_PROFILE")
        .ok()
        .filter(|name| !name.is_empty());
    let set = match profile {
        Some(name) => format!("AWS_PROFILE is `{name}`: check that ~/.aws/config has it"),
        None => "set AWS_PROFILE (or `profile` in [project])".to_owned(),
    };
    format!("{set}, sign in (`aws sso login`), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
}

pub(super) fn hinted(error: ProviderError) -> ProviderError {
    let code = error.code.clone().unwrap_or_default();
    match code.as_str() {
        NO_CREDENTIALS => error.hint(no_credentials()),
        "" if error.status.is_none() => {
            error.hint("check the network, the region, and --endpoint-url (AWS_ENDPOINT_URL)")
        }
        // Only somebody else answers without a code, but for a server that is down.
        "" if error.status.is_some_and(|status| status < 500) => {
            let hint = format!(
                "--endpoint-url (AWS_ENDPOINT_URL) may name an emulator that does not have {}, or no AWS at all",
                error.operation
            );
            error.hint(hint)
        }
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => {
            error.hint("the credentials have expired: sign in again, then run the same command")
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "InvalidToken" => {
            error.hint("AWS does not know these credentials: check AWS_PROFILE, or sign in again")
        }
        "RequestTimeTooSkewed" | "SignatureDoesNotMatch" => error.hint(
            "the clock of this machine may be wrong: compare it with the time on the network",
        ),
        "AccessDenied" | "AccessDeniedException" => {
            let hint = format!("the caller needs the permission for {}", error.operation);
            error.hint(hint)
        }
        _ => match remedy(&code, &error.message) {
            Some(hint) => error.hint(hint),
            None => error,
        },
    }
}

/// What a person can do about a refusal that time does not heal.
fn remedy(code: &str, message: &str) -> Option<&'static str> {
    const REMEDIES: &[(&str, &str, &str)] = &[
        (
            "InvalidParameterValueException",
            "cannot be assumed by Lambda",
            "the role must exist, and its `trust` must name lambda.amazonaws.com",
        ),
        (
            "InvalidParameterValueException",
            "execution role does not have permissions",
            "allow the role what the message names",
        ),
        (
            "MalformedPolicyDocument",
            "Invalid principal",
            "check that what the policy names as a principal exists, and how it is spelt",
        ),
        ("LimitExceeded", "", QUOTA),
        ("LimitExceededException", "", QUOTA),
    ];
    const QUOTA: &str = "a quota of AWS's: have less of it, or ask for more in Service Quotas";
    let fits = |row: &&(&str, &str, &str)| row.0 == code && message.contains(row.1);
    REMEDIES.iter().find(fits).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::operation::create_policy::CreatePolicyError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// A page that stands in the place of AWS's answer.
    fn page(status: u16) -> Failure {
        let status = StatusCode::try_from(status).unwrap();
        let response = HttpResponse::new(status, SdkBody::from("<html>"));
        let error = CreatePolicyError::unhandled("no answer of AWS's");
        failure("CreatePolicy", SdkError::service_error(error, response))
    }

    #[test]
    fn only_a_refusal_says_that_nothing_happened() {
        for (status, open) in [
            (200, true),
            (302, true),
            (404, false),
            (429, false),
            (502, true),
        ] {
            assert_eq!(page(status).may_have_happened, open, "{status}");
        }
    }
}

//! Lambda's refusals, in AWS's words.

use crate::local::error::AwsError;

pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidParameterValueException", message)
}

pub fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new(404, "ResourceNotFoundException", message)
}

pub fn no_function(arn: &str) -> AwsError {
    not_found(format!("Function not found: {arn}"))
}

pub fn no_alias(arn: &str) -> AwsError {
    not_found(format!("Cannot find alias arn: {arn}"))
}

pub fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "ResourceConflictException", message)
}

/// The caller's revision id is old; `call` tells where the new one is.
pub fn stale(call: &str) -> AwsError {
    let message = format!(
        "The Revision Id provided does not match the latest Revision Id. Call the {call} API to \
         retrieve the latest Revision Id"
    );
    AwsError::new(412, "PreconditionFailedException", message)
}

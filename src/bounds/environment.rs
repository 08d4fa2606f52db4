//! Environment variables of a function.
//!
//! Source: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, and the message of
//! CreateFunction, which shows what was measured.

use std::collections::BTreeMap;

/// The bytes of all variables.
pub const LARGEST: usize = 4096;

/// Keys that Lambda sets itself and refuses.
pub const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// `[a-zA-Z]([a-zA-Z0-9_])+`
pub fn is_key(key: &str) -> bool {
    key.len() > 1
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What AWS measures: the JSON of all variables, with its quotes, commas and escapes.
pub fn measured(variables: &BTreeMap<&str, &str>) -> String {
    // Texts always have a JSON form.
    serde_json::to_string(variables).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_count() {
        let measured = measured(&BTreeMap::from([("KEY", "a\"b\n"), ("OTHER", "")]));
        assert_eq!(measured, r#"{"KEY":"a\"b\n","OTHER":""}"#);
    }

    #[test]
    fn keys_have_two_letters_and_more() {
        assert!(["AB", "a1", "A_"].iter().all(|key| is_key(key)));
        assert!(
            !["A", "1A", "_A", "A-B", "Ä1", ""]
                .iter()
                .any(|key| is_key(key))
        );
    }
}

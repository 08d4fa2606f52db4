//! A refusal in AWS's terms: code, message, status. Each protocol writes it in its own form.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::store::StoreError;

/// What AWS answers instead of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct AwsError {
    pub status: u16,
    pub code: Cow<'static, str>,
    pub message: String,
    /// Such as `Retry-After`.
    pub headers: Vec<(&'static str, String)>,
    /// Members beside code and message, where AWS's model of the error has them.
    pub extra: Map<String, Value>,
}

impl AwsError {
    pub fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> AwsError {
        AwsError {
            status,
            code: code.into(),
            message: message.into(),
            headers: Vec::new(),
            extra: Map::new(),
        }
    }

    pub fn header(mut self, name: &'static str, value: impl ToString) -> AwsError {
        self.headers.push((name, value.to_string()));
        self
    }

    pub fn with(mut self, member: &str, value: impl Into<Value>) -> AwsError {
        self.extra.insert(member.to_owned(), value.into());
        self
    }

    /// What AWS has and this cloud has not. The name tells the user what to look for.
    pub fn not_emulated(what: &str) -> AwsError {
        AwsError::new(
            501,
            "NotEmulated",
            format!("the embedded cloud of slp does not emulate {what}"),
        )
    }
}

impl From<StoreError> for AwsError {
    fn from(error: StoreError) -> AwsError {
        AwsError::new(500, "InternalFailure", error.to_string())
    }
}

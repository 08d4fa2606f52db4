//! Patch operations, in which API Gateway's updates are said.

use aws_sdk_apigateway::types::{Op, PatchOperation};
use serde::{Deserialize, Serialize};

/// One operation. Without a value either the path says everything, or the call looks the
/// value up in the wanted spec, since a text may hold a reference when the plan is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    pub op: PatchOp,
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What a patch does at its path; each path accepts only some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatchOp {
    Add,
    Remove,
    Replace,
}

impl Patch {
    pub fn new(op: PatchOp, path: impl Into<String>, value: Option<String>) -> Patch {
        Patch {
            op,
            path: path.into(),
            value,
        }
    }

    pub fn replace(path: impl Into<String>, value: impl Into<String>) -> Patch {
        Patch::new(PatchOp::Replace, path, Some(value.into()))
    }

    pub fn remove(path: impl Into<String>) -> Patch {
        Patch::new(PatchOp::Remove, path, None)
    }

    /// The SDK's form, with the value that was looked up.
    pub fn operation(&self, value: Option<String>) -> PatchOperation {
        let op = match self.op {
            PatchOp::Add => Op::Add,
            PatchOp::Remove => Op::Remove,
            PatchOp::Replace => Op::Replace,
        };
        PatchOperation::builder()
            .op(op)
            .path(&self.path)
            .set_value(value)
            .build()
    }
}

/// Escapes a key that stands in a patch's path (RFC 6901).
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_escaped_once() {
        assert_eq!(escape("image/png"), "image~1png");
        assert_eq!(escape("a~1/b"), "a~01~1b");
    }
}

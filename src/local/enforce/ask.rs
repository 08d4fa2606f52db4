//! One question to IAM, and AWS's words where the answer is no.

use serde_json::Value;

use crate::local::error::AwsError;
use crate::local::iam::Context;
use crate::local::turn::Turn;
use crate::local::wire::Input;

/// A request, and the world that it meets.
pub struct By<'a> {
    pub operation: &'static str,
    pub input: &'a Input,
    pub turn: &'a Turn<'a>,
}

/// An action on a resource.
pub struct Ask {
    pub action: String,
    pub resource: String,
    pub context: Context,
}

impl Ask {
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Ask {
        Ask {
            action: action.into(),
            resource: resource.into(),
            context: Context::new(),
        }
    }

    /// A role that is handed to a service.
    pub fn passes(role: &str, service: &str) -> Ask {
        Ask::new("iam:PassRole", role).with("iam:PassedToService", service)
    }

    pub fn with(mut self, key: &str, value: &str) -> Ask {
        self.context = self.context.with(key, value);
        self
    }

    /// The refusal. IAM and S3 have a code of their own, and the JSON protocols a status.
    pub fn denied(&self, service: &str, account: &str) -> AwsError {
        let (status, code) = match service {
            "iam" | "s3" | "sts" => (403, "AccessDenied"),
            "logs" => (400, "AccessDeniedException"),
            _ => (403, "AccessDeniedException"),
        };
        let Ask {
            action, resource, ..
        } = self;
        let message = format!(
            "User: arn:aws:sts::{account}:assumed-role/deployer/slp is not authorized to perform: \
             {action} on resource: {} because no identity-based policy allows the {action} action",
            shown(action, resource),
        );
        AwsError::new(status, code, message)
    }
}

/// IAM names its own by kind and name, S3 quotes.
fn shown(action: &str, resource: &str) -> String {
    let name = |kind: &str| {
        resource
            .split_once(&format!(":{kind}/"))
            .map(|(_, name)| name)
    };
    match (action.split_once(':'), name("role")) {
        (Some(("iam", verb)), Some(role)) if verb != "PassRole" => {
            format!("role {}", role.rsplit('/').next().unwrap_or(role))
        }
        (Some(("iam", "CreatePolicy" | "TagPolicy")), _) => {
            let policy = resource.rsplit('/').next().unwrap_or(resource);
            format!("policy {policy}")
        }
        (Some(("iam", "PassRole")), _) => resource.to_owned(),
        (Some(("iam", _)), _) => format!("policy {resource}"),
        (Some(("s3", _)), _) => format!("\"{resource}\""),
        _ => resource.to_owned(),
    }
}

/// Is a member of the body there, and not empty?
pub fn filled(input: &Input, member: &str) -> bool {
    match input.body.get(member) {
        None | Some(Value::Null) => false,
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

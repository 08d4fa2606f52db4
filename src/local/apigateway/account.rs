//! The account's settings for API Gateway, one set a region.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::bad_request;
use super::find::gateway;
use super::patch;
use crate::local::error::AwsError;
use crate::local::iam::{self, Context};
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

/// What the role must allow.
const WRITES: [&str; 3] = [
    "logs:CreateLogStream",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
];
const ROW: &str = "settings";

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The role with which API Gateway writes to CloudWatch Logs.
    pub log_role: Option<String>,
}

pub fn get_account(turn: &mut Turn<'_>, _: &Input) -> Answer {
    Ok(view(log_role(turn)).into())
}

/// The role for logs, without which no stage may log.
pub fn log_role(turn: &mut Turn<'_>) -> Option<String> {
    gateway(turn).account.get(ROW)?.log_role.clone()
}

pub fn update_account(turn: &mut Turn<'_>, input: &Input) -> Answer {
    for patch in patch::plain(input, "updateAccountInput")? {
        match (patch.op, &patch.parts()[..]) {
            (patch::Op::Replace | patch::Op::Remove, ["cloudwatchRoleArn"]) => {
                let role = patch.filled();
                if let Some(role) = &role {
                    check(turn, role)?;
                }
                gateway(turn)
                    .account
                    .insert(ROW, Account { log_role: role });
            }
            _ => return Err(patch.unknown_of(&["/cloudwatchRoleArn"])),
        }
    }
    Ok(view(log_role(turn)).into())
}

fn check(turn: &mut Turn<'_>, role: &str) -> Result<(), AwsError> {
    let formed = role
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(":role/"))
        .is_some_and(|(account, name)| account.len() == 12 && !name.is_empty());
    if !formed {
        return Err(bad_request("The role ARN is not well formed"));
    }
    let context = Context::new();
    let trusted = iam::assumable(turn, role, "apigateway.amazonaws.com", &context).is_ok();
    let groups = turn.arn("logs", "log-group:*");
    let may = |action: &&str| iam::allowed(turn, role, action, &groups, &context);
    match trusted && WRITES.iter().all(may) {
        true => Ok(()),
        false => Err(bad_request(
            "The role ARN does not have required permissions configured. Please grant trust \
             permission for API Gateway and add the required role policy.",
        )),
    }
}

fn view(role: Option<String>) -> Value {
    let mut view = json!({
        "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
    });
    if let Some(role) = role {
        view["cloudwatchRoleArn"] = role.into();
    }
    view
}

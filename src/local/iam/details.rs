//! Everything of the account in one list.

use serde_json::{Value, json};

use super::asked::texts;
use super::page::page;
use super::{aws, policies, roles};
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Body, Input};

/// Roles, the account's policies, and those of AWS that something uses.
pub fn get(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let iam = &turn.world.global.iam;
    let filter = texts(input, "Filter");
    let wanted = |kind: &str| filter.is_empty() || filter.contains(&kind);
    let used = aws::all().filter(|policy| {
        let arn = policy.arn();
        let uses = |role: &super::Role| {
            role.attached.contains(&arn) || role.boundary.as_ref() == Some(&arn)
        };
        iam.roles.values().any(uses)
    });
    let local = iam
        .policies
        .values()
        .filter(|_| wanted("LocalManagedPolicy"));
    let used = used.filter(|_| wanted("AWSManagedPolicy"));
    // The places begin with an account, `aws` or `role`, in this order.
    let local = local.map(|policy| policies::detailed(iam, policy));
    let used = used.map(|policy| policies::detailed(iam, policy));
    let all = local
        .chain(used)
        .chain(roles::detailed(iam).filter(|_| wanted("Role")));
    let mut reply = page(input, "All", all)?;
    if let Body::Json(answer) = &mut reply.body {
        sort(answer);
    }
    Ok(reply)
}

/// A page may hold both kinds, each in its own list.
fn sort(answer: &mut Value) {
    let all = answer
        .as_object_mut()
        .and_then(|answer| answer.remove("All"));
    let Some(Value::Array(all)) = all else {
        return;
    };
    let (roles, policies): (Vec<Value>, Vec<Value>) = all
        .into_iter()
        .partition(|item| item.get("RoleName").is_some());
    answer["RoleDetailList"] = roles.into();
    answer["Policies"] = policies.into();
    answer["UserDetailList"] = json!([]);
    answer["GroupDetailList"] = json!([]);
}

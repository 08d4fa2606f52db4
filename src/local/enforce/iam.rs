//! IAM: the action is the operation, the resource what it names.

use super::ask::{Ask, By, filled};

pub fn asks(by: &By<'_>) -> Vec<Ask> {
    let resource = resource(by);
    let mut asks = vec![Ask::new(format!("iam:{}", by.operation), &resource)];
    // Tags at the making take the right to tag.
    let tags = match by.operation {
        "CreateRole" => Some("iam:TagRole"),
        "CreatePolicy" => Some("iam:TagPolicy"),
        _ => None,
    };
    if let Some(action) = tags.filter(|_| filled(by.input, "Tags")) {
        asks.push(Ask::new(action, resource));
    }
    asks
}

/// Of an operation on both, such as AttachRolePolicy, the role.
fn resource(by: &By<'_>) -> String {
    let text = |member: &str| by.input.text(member);
    let path = text("Path").unwrap_or("/");
    if let Some(name) = text("RoleName") {
        return match by.turn.world.global.iam.role_arn(name) {
            Some(arn) if by.operation != "CreateRole" => arn,
            _ => by.turn.arn("iam", &format!("role{path}{name}")),
        };
    }
    match (text("PolicyArn"), text("PolicyName")) {
        (Some(arn), _) => arn.to_owned(),
        (None, Some(name)) => by.turn.arn("iam", &format!("policy{path}{name}")),
        (None, None) => "*".to_owned(),
    }
}

//! CloudWatch Logs: tags are asked of a group's ARN, everything else of what is in the group.

use super::ask::{Ask, By, filled};

pub fn asks(by: &By<'_>) -> Vec<Ask> {
    let action = format!("logs:{}", by.operation);
    if let Some(arn) = by.input.text("resourceArn") {
        return vec![Ask::new(action, arn)];
    }
    // A list by a prefix is a list: no group is named.
    let name = by.input.text("logGroupName").unwrap_or_default();
    let group = by.turn.arn("logs", &format!("log-group:{name}"));
    let mut asks = vec![Ask::new(action, format!("{group}:log-stream:"))];
    if by.operation == "CreateLogGroup" && filled(by.input, "tags") {
        asks.push(Ask::new("logs:TagResource", group));
    }
    asks
}

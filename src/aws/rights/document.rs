//! Rights as a policy document: few statements, always in the same order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Only, Rights};
use crate::aws::document::VERSION;

/// AWS's limit for a managed policy; white space does not count.
pub const MOST: usize = 6144;

type Actions = BTreeSet<&'static str>;

/// The policy. Actions on the same resources, under the same condition, share a statement.
pub fn document(rights: &Rights) -> Value {
    let mut by_action: BTreeMap<(&str, &Only), BTreeSet<&str>> = BTreeMap::new();
    for right in rights {
        let resources = by_action.entry((right.action, &right.only)).or_default();
        resources.insert(&right.resource);
    }
    let mut grouped: BTreeMap<(BTreeSet<&str>, &Only), Actions> = BTreeMap::new();
    for ((action, only), resources) in by_action {
        grouped.entry((resources, only)).or_default().insert(action);
    }
    let mut statements: Vec<(Actions, BTreeSet<&str>, &Only)> = grouped
        .into_iter()
        .map(|((resources, only), actions)| (actions, resources, only))
        .collect();
    statements.sort();
    let statements: Vec<Value> = statements
        .iter()
        .map(|(actions, resources, only)| statement(actions, resources, only))
        .collect();
    json!({ "Version": VERSION, "Statement": statements })
}

fn statement(actions: &Actions, resources: &BTreeSet<&str>, only: &Only) -> Value {
    let mut statement = Map::new();
    statement.insert("Effect".into(), "Allow".into());
    statement.insert("Action".into(), json!(actions));
    statement.insert("Resource".into(), json!(resources));
    let condition = match only {
        Only::Always => None,
        Only::PassedTo(service) => {
            Some(json!({ "StringEquals": { "iam:PassedToService": service } }))
        }
        Only::Alias(alias) => {
            Some(json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } }))
        }
    };
    if let Some(condition) = condition {
        statement.insert("Condition".into(), condition);
    }
    Value::Object(statement)
}

/// How many characters AWS counts.
pub fn characters(document: &Value) -> usize {
    document
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace())
        .count()
}

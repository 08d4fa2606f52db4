//! Rights as a policy document: few statements, always in the same order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Only, Rights};
use crate::aws::document::VERSION;

/// AWS's limit for a managed policy; white space does not count.
pub const MOST: usize = 6144;

/// A policy as AWS takes it, and as people are used to read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    pub effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Value>,
    pub action: BTreeSet<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Value>,
}

type Actions = BTreeSet<&'static str>;

impl Statement {
    pub fn allowing(actions: impl IntoIterator<Item = &'static str>) -> Statement {
        Statement {
            effect: "Allow",
            principal: None,
            action: actions.into_iter().collect(),
            resource: None,
            condition: None,
        }
    }
}

impl Policy {
    pub(super) fn of(statement: Vec<Statement>) -> Policy {
        Policy {
            version: VERSION,
            statement,
        }
    }

    /// How many characters AWS counts.
    pub fn characters(&self) -> usize {
        let text = self.to_string();
        text.chars().filter(|c| !c.is_whitespace()).count()
    }
}

/// As JSON, for people.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

/// The policy. Actions on the same resources, under the same condition, share a statement.
pub fn document(rights: &Rights) -> Policy {
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
    let statements = statements.into_iter();
    let statements = statements.map(|(actions, resources, only)| Statement {
        resource: Some(resources.into_iter().map(str::to_owned).collect()),
        condition: condition(only),
        ..Statement::allowing(actions)
    });
    Policy::of(statements.collect())
}

fn condition(only: &Only) -> Option<Value> {
    match only {
        Only::Always => None,
        Only::PassedTo(service) => {
            Some(json!({ "StringEquals": { "iam:PassedToService": service } }))
        }
        Only::Alias(alias) => {
            Some(json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } }))
        }
    }
}

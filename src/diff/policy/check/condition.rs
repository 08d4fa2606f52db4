//! A statement's condition: operators, keys, values.
//!
//! Operators: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.

use serde_json::Value;

use super::leaves;
use crate::iam::evaluate::known_operator;
use crate::problem::{Problem, nearest};
use crate::text;

const OPERATORS: [&str; 28] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BoolIfExists",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// Operator → key → a value or a list of values.
pub fn check(condition: &Value, problems: &mut Vec<Problem>) {
    let shape = "a condition is { Operator = { \"key\" = \"value\" } }";
    let Some(operators) = condition.as_object() else {
        return problems.push(Problem::at(&["Condition"], "not a condition").help(shape));
    };
    for (operator, tests) in operators {
        let at = ["Condition", operator.as_str()];
        if !is_operator(operator) {
            let message = format!("`{operator}` is not a condition operator");
            let help = match nearest(operator, OPERATORS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "such as `StringEquals`, `ArnLike` or `Bool`".to_owned(),
            };
            problems.push(Problem::at(&at, message).help(help));
        }
        match tests.as_object() {
            None => problems.push(Problem::at(&at, "not a condition").help(shape)),
            Some(tests) => tests
                .iter()
                .for_each(|(key, value)| test(operator, key, value, problems)),
        }
    }
}

fn is_operator(text: &str) -> bool {
    known_operator(text)
}

fn test(operator: &str, key: &str, value: &Value, problems: &mut Vec<Problem>) {
    let at = ["Condition", operator, key];
    let values = leaves(value);
    if values.is_empty() {
        problems.push(Problem::at(
            &at,
            format!("`{key}` is compared with nothing"),
        ));
    }
    let scalar = |v: &Value| v.is_boolean() || v.is_number() || text::from_value(v).is_some();
    for wrong in values.into_iter().filter(|value| !scalar(value)) {
        problems.push(Problem::at(
            &at,
            format!("{wrong} is not a value to compare with"),
        ));
    }
}

//! A statement's condition: operators, keys, values.
//!
//! Operators: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.

use serde_json::Value;

use super::leaves;
use crate::iam::evaluate::{known_operator, misfit};
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
    for value in &values {
        problems.extend(incomparable(operator, value).map(|problem| problem.under(&at)));
    }
    let scalar = |v: &Value| v.is_boolean() || v.is_number() || text::from_value(v).is_some();
    for wrong in values.into_iter().filter(|value| !scalar(value)) {
        problems.push(Problem::at(
            &at,
            format!("{wrong} is not a value to compare with"),
        ));
    }
}

/// A value that the operator cannot compare: the test then says nothing, and a denial by it denies
/// nothing.
fn incomparable(operator: &str, value: &Value) -> Option<Problem> {
    let text = match value {
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => text::from_value(value)?.known()?.to_owned(),
    };
    // `${aws:…}` is filled by AWS when somebody asks.
    let wanted = misfit(operator, &text).filter(|_| !text.contains("${"))?;
    let message = format!("`{operator}` compares with {wanted}, and {text:?} is none");
    let help = "AWS finds nothing equal to it, so the statement does not do what it says";
    Some(Problem::at(&[], message).help(help).warning())
}

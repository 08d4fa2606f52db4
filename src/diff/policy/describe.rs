//! A statement as a sentence.

use serde_json::Value;

use super::{leaves, shown};

/// `allow s3:GetObject on arn:… when StringEquals aws:x = y`; with a principal,
/// `lambda.amazonaws.com may sts:AssumeRole`. Holes print by name.
pub fn describe(statement: &Value) -> String {
    let denies = statement
        .get("Effect")
        .and_then(Value::as_str)
        .is_some_and(|effect| effect.eq_ignore_ascii_case("deny"));
    let mut sentence = match (who(statement), denies) {
        (Some(who), false) => format!("{who} may"),
        (Some(who), true) => format!("{who} may not"),
        (None, false) => "allow".to_owned(),
        (None, true) => "deny".to_owned(),
    };
    let parts = [
        clause(statement, "Action", " "),
        clause(statement, "NotAction", " everything but "),
        clause(statement, "Resource", " on "),
        clause(statement, "NotResource", " on everything but "),
        conditions(statement),
        statement
            .get("Sid")
            .and_then(Value::as_str)
            .filter(|sid| !sid.is_empty())
            .map(|sid| format!(" (Sid {sid})")),
    ];
    sentence.extend(parts.into_iter().flatten());
    sentence
}

fn clause(statement: &Value, key: &str, lead: &str) -> Option<String> {
    let items = joined(statement.get(key)?, ", ");
    (!items.is_empty()).then(|| format!("{lead}{items}"))
}

fn joined(value: &Value, by: &str) -> String {
    let items: Vec<String> = leaves(value).into_iter().map(shown).collect();
    items.join(by)
}

fn who(statement: &Value) -> Option<String> {
    let not = statement.get("NotPrincipal").map(principals);
    match statement.get("Principal").map(principals) {
        Some(who) => Some(who),
        None => not.map(|who| format!("everyone but {who}")),
    }
}

fn principals(value: &Value) -> String {
    match value.as_object() {
        Some(map) if crate::text::from_value(value).is_none() => {
            let groups: Vec<String> = map.values().map(|list| joined(list, ", ")).collect();
            groups.join(", ")
        }
        _ => match shown(value) {
            all if all == "*" => "everyone".to_owned(),
            other => other,
        },
    }
}

fn conditions(statement: &Value) -> Option<String> {
    let operators = statement.get("Condition")?.as_object()?;
    let tests: Vec<String> = operators
        .iter()
        .filter_map(|(operator, tests)| Some((operator, tests.as_object()?)))
        .flat_map(|(operator, tests)| {
            tests
                .iter()
                .map(move |(key, value)| format!("{operator} {key} = {}", joined(value, " or ")))
        })
        .collect();
    (!tests.is_empty()).then(|| format!(" when {}", tests.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn statements_read_as_sentences() {
        let table = [
            (
                json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::a/*",
                       "Condition": {"StringEquals": {"aws:x": ["y", "z"]}, "Bool": {"aws:SecureTransport": true}}}),
                "allow s3:GetObject, s3:PutObject on arn:aws:s3:::a/* when Bool aws:SecureTransport = true and StringEquals aws:x = y or z",
            ),
            (
                json!({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}),
                "lambda.amazonaws.com may sts:AssumeRole",
            ),
            (
                json!({"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}),
                "everyone may not execute-api:Invoke on *",
            ),
            (
                json!({"Sid": "Most", "Effect": "Deny", "NotAction": "iam:*", "NotResource": ["a", "b"]}),
                "deny everything but iam:* on everything but a, b (Sid Most)",
            ),
            (
                json!({"Effect": "Allow", "Action": "lambda:InvokeFunction",
                       "Resource": {"$template": ["arn:", {"ref": "api.shop", "output": "id"}]}}),
                "allow lambda:InvokeFunction on arn:<api.shop.id>",
            ),
        ];
        for (statement, sentence) in table {
            assert_eq!(describe(&statement), sentence);
        }
    }
}

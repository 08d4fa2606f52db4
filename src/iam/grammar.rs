//! Policy documents, read once: `check` refuses what AWS refuses, `evaluate` decides by them.
//!
//! Grammar: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.

use serde_json::{Map, Value};

/// A document as AWS reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub version: Option<String>,
    pub statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub sid: Option<String>,
    /// As it was written; AWS takes only `Allow` and `Deny` in the end.
    pub effect: String,
    pub actions: Option<Patterns>,
    pub resources: Option<Patterns>,
    pub principals: Option<Principals>,
    pub tests: Vec<Test>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq)]
pub struct Patterns {
    pub listed: Vec<String>,
    pub negated: bool,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq)]
pub struct Principals {
    /// (`AWS`, `Service`, `Federated`, `CanonicalUser`; name); `*` alone is (`AWS`, `*`).
    pub listed: Vec<(String, String)>,
    pub negated: bool,
}

/// One key of a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// `StringEquals`, with its prefix and suffix.
    pub operator: String,
    pub key: String,
    pub values: Vec<String>,
}

/// Why a text is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    NotJson,
    Syntax,
}

/// Reads a document. What it means is not looked at.
pub fn read(text: &str) -> Result<Document, Fault> {
    let value: Value = serde_json::from_str(text).map_err(|_| Fault::NotJson)?;
    let map = value.as_object().ok_or(Fault::NotJson)?;
    known(map, &["Version", "Id", "Statement"])?;
    optional_text(map, "Id")?;
    let statements = match map.get("Statement").ok_or(Fault::Syntax)? {
        Value::Array(items) => items.iter().map(statement).collect::<Result<_, _>>()?,
        one => vec![statement(one)?],
    };
    Ok(Document {
        version: optional_text(map, "Version")?,
        statements,
    })
}

fn statement(value: &Value) -> Result<Statement, Fault> {
    let map = value.as_object().ok_or(Fault::Syntax)?;
    known(
        map,
        &[
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Principal",
            "NotPrincipal",
            "Condition",
        ],
    )?;
    Ok(Statement {
        sid: optional_text(map, "Sid")?,
        effect: optional_text(map, "Effect")?.ok_or(Fault::Syntax)?,
        actions: patterns(map, "Action", "NotAction")?,
        resources: patterns(map, "Resource", "NotResource")?,
        principals: principals(map)?,
        tests: tests(map.get("Condition"))?,
    })
}

fn known(map: &Map<String, Value>, keys: &[&str]) -> Result<(), Fault> {
    let stranger = map.keys().any(|key| !keys.contains(&key.as_str()));
    if stranger { Err(Fault::Syntax) } else { Ok(()) }
}

fn optional_text(map: &Map<String, Value>, key: &str) -> Result<Option<String>, Fault> {
    match map.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Fault::Syntax),
    }
}

fn patterns(map: &Map<String, Value>, yes: &str, no: &str) -> Result<Option<Patterns>, Fault> {
    let (value, negated) = match (map.get(yes), map.get(no)) {
        (None, None) => return Ok(None),
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (Some(_), Some(_)) => return Err(Fault::Syntax),
    };
    let listed = texts(value)?;
    Ok(Some(Patterns { listed, negated }))
}

fn texts(value: &Value) -> Result<Vec<String>, Fault> {
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or(Fault::Syntax);
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

fn principals(map: &Map<String, Value>) -> Result<Option<Principals>, Fault> {
    let (value, negated) = match (map.get("Principal"), map.get("NotPrincipal")) {
        (None, None) => return Ok(None),
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (Some(_), Some(_)) => return Err(Fault::Syntax),
    };
    let listed = match value {
        Value::String(text) if text == "*" => vec![("AWS".to_owned(), text.clone())],
        Value::Object(kinds) => {
            let mut listed = Vec::new();
            for (kind, names) in kinds {
                listed.extend(texts(names)?.into_iter().map(|name| (kind.clone(), name)));
            }
            listed
        }
        _ => return Err(Fault::Syntax),
    };
    Ok(Some(Principals { listed, negated }))
}

fn tests(condition: Option<&Value>) -> Result<Vec<Test>, Fault> {
    let Some(condition) = condition else {
        return Ok(Vec::new());
    };
    let mut tests = Vec::new();
    for (operator, keys) in condition.as_object().ok_or(Fault::Syntax)? {
        for (key, value) in keys.as_object().ok_or(Fault::Syntax)? {
            tests.push(Test {
                operator: operator.clone(),
                key: key.clone(),
                values: scalars(value)?,
            });
        }
    }
    Ok(tests)
}

/// A condition's numbers and booleans mean their texts.
fn scalars(value: &Value) -> Result<Vec<String>, Fault> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(Fault::Syntax),
    };
    match value {
        Value::Array(items) => items.iter().map(scalar).collect(),
        one => Ok(vec![scalar(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_are_read_alike() {
        let one = r#"{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}"#;
        let many = r#"{"Statement":[{"Effect":"Allow","Action":["a:B"],"Resource":["*"]}]}"#;
        assert_eq!(read(one), read(many));
    }

    #[test]
    fn what_is_no_document_is_told() {
        for (text, fault) in [
            ("", Fault::NotJson),
            ("{", Fault::NotJson),
            ("[]", Fault::NotJson),
            ("{}", Fault::Syntax),
            (r#"{"Statement":[],"X":1}"#, Fault::Syntax),
            (r#"{"Statement":[{"Action":"a:B"}]}"#, Fault::Syntax),
            (
                r#"{"Statement":[{"Effect":"Allow","Action":1}]}"#,
                Fault::Syntax,
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Action":"a:B","NotAction":"a:C"}]}"#,
                Fault::Syntax,
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Principal":"me"}]}"#,
                Fault::Syntax,
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Condition":{"Bool":true}}]}"#,
                Fault::Syntax,
            ),
        ] {
            assert_eq!(read(text), Err(fault), "{text}");
        }
    }
}

//! The types of variables, and values read as one of them.

use serde::Deserialize;
use toml::de::DeValue;

use super::tree;

/// What a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    String,
    Integer,
    Number,
    Boolean,
    List,
    Table,
}

/// A value as it came from outside the manifest.
pub enum Raw {
    Text(String),
    Typed(DeValue<'static>),
}

/// A date is none of them.
pub fn type_of(value: &DeValue<'_>) -> Option<Type> {
    match value {
        DeValue::String(_) => Some(Type::String),
        DeValue::Integer(_) => Some(Type::Integer),
        DeValue::Float(_) => Some(Type::Number),
        DeValue::Boolean(_) => Some(Type::Boolean),
        DeValue::Array(_) => Some(Type::List),
        DeValue::Table(_) => Some(Type::Table),
        DeValue::Datetime(_) => None,
    }
}

pub fn article(kind: Type) -> &'static str {
    match kind {
        Type::String => "a text",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Boolean => "`true` or `false`",
        Type::List => "a list, such as [\"a\", \"b\"]",
        Type::Table => "a table, such as { a = 1 }",
    }
}

pub fn parsed(raw: Raw, kind: Type) -> Option<DeValue<'static>> {
    let value = match raw {
        Raw::Text(text) if kind == Type::String => return Some(DeValue::String(text.into())),
        Raw::Text(text) => {
            let (value, errors) = DeValue::parse_recoverable(text.trim());
            if !errors.is_empty() {
                return None;
            }
            tree::owned(value).into_inner()
        }
        Raw::Typed(value) => value,
    };
    let own = type_of(&value)?;
    let fits = own == kind || (own == Type::Integer && kind == Type::Number);
    fits.then_some(value)
}

/// A value as it stands inside a longer text; lists and tables cannot.
pub fn in_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    }
}

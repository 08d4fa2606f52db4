//! TOML that is not nested without an end. The parser bounds brackets and keys for themselves,
//! but keys within brackets multiply: thousands of levels, which end whoever goes through them.

use std::mem;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use crate::problem::Problem;

/// No manifest needs a fourth of it.
const DEEPEST: usize = 64;

/// What was read.
pub struct Parsed<'t> {
    /// Without what is nested too deeply.
    pub table: Spanned<DeTable<'t>>,
    pub errors: Vec<Error>,
    /// Something was.
    pub deep: Option<Problem>,
}

/// Reads a text of TOML, as much of it as can be read.
pub fn parse(text: &str) -> Parsed<'_> {
    let (mut table, errors) = DeTable::parse_recoverable(text);
    let deep = cut(table.get_mut());
    Parsed {
        table,
        errors,
        deep,
    }
}

fn cut(table: &mut DeTable<'_>) -> Option<Problem> {
    let mut deep = None;
    let mut pending: Vec<_> = table.iter_mut().map(|(_, value)| (value, 1)).collect();
    while let Some((value, depth)) = pending.pop() {
        let span = value.span();
        match value.get_mut() {
            value @ (DeValue::Table(_) | DeValue::Array(_)) if depth == DEEPEST => {
                deep.get_or_insert_with(|| {
                    let message = format!("tables and lists more than {DEEPEST} levels deep");
                    Problem::spanned(span, message).help("no field of a manifest is so deep")
                });
                drop_flat(mem::replace(value, DeValue::Boolean(false)));
            }
            DeValue::Table(table) => {
                pending.extend(table.iter_mut().map(|(_, value)| (value, depth + 1)));
            }
            DeValue::Array(items) => {
                pending.extend(items.iter_mut().map(|value| (value, depth + 1)));
            }
            _ => {}
        }
    }
    deep
}

fn drop_flat(value: DeValue<'_>) {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            DeValue::Table(table) => {
                pending.extend(table.into_iter().map(|(_, value)| value.into_inner()));
            }
            DeValue::Array(items) => pending.extend(items.into_iter().map(Spanned::into_inner)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_within_brackets_are_not_multiplied() {
        let keys = ["a"; 70].join(".");
        let nested = format!("{}1{}", format!("{{{keys} = ").repeat(70), "}".repeat(70));
        let text = format!("[{keys}]\n{keys} = {nested}\n");
        let parsed = parse(&text);
        assert!(parsed.errors.is_empty());
        let deep = parsed.deep.unwrap();
        assert_eq!(deep.message, "tables and lists more than 64 levels deep");
        let lists = format!("x = {}{}", "[".repeat(70), "]".repeat(70));
        assert!(parse(&lists).deep.is_some());
        let fits = format!("x = {}{}", "[".repeat(63), "]".repeat(63));
        assert!(parse(&fits).deep.is_none());
    }
}

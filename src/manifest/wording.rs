//! From serde's words to what a tired person understands, with the nearest right thing.

use toml::de::DeValue;

use super::tree::{Step, type_name};
use crate::problem::{Problem, nearest};

/// What is said of a date, in serde's words.
pub const DATE: &str = "invalid type: date, expected a string";

/// The key in serde's "missing field `x`".
pub fn missing_key(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// The names in serde's "expected `a` or `b`", "expected one of `a`, `b`".
pub fn candidates(message: &str) -> Vec<String> {
    let list = message
        .split_once(", expected ")
        .map_or("", |(_, list)| list);
    list.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// What went wrong with the value that was cut out at `path`.
pub fn explain(
    message: &str,
    value: Option<&DeValue<'static>>,
    path: &[Step],
    root_keys: &[String],
) -> Problem {
    if let Some(key) = named(message, "unknown field `") {
        return unknown_key(key, &candidates(message), path, root_keys);
    }
    if let Some(variant) = named(message, "unknown variant `") {
        return unknown_variant(variant, &candidates(message));
    }
    let typed = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "));
    match typed.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((found, expected)) => wrong_type(found, expected, value),
        None => Problem::at(&[], message),
    }
}

fn named<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(start)?;
    // A key may hold backquotes itself: the list of candidates starts after the last "`, ".
    let end = rest
        .find("`, expected ")
        .or_else(|| rest.find("`, there are no "))?;
    Some(&rest[..end])
}

fn unknown_key(key: &str, known: &[String], path: &[Step], root_keys: &[String]) -> Problem {
    let problem = Problem::at(&[], format!("unknown key `{key}`"));
    let meant = nearest(key, known.iter().map(String::as_str));
    let list = path.iter().rev().nth(2);
    let in_list = path.len() > 2 && matches!(path.iter().nth_back(1), Some(Step::Index(_)));
    if meant.is_none() && in_list && root_keys.iter().any(|root| root == key) {
        let list = list.map(Step::text).unwrap_or_default();
        return problem.help(format!(
            "TOML counts every line after a [[…{list}]] header as part of that entry: move `{key}` above the first [[…{list}]]"
        ));
    }
    match (meant, known.is_empty()) {
        (Some(meant), _) => problem.help(format!("did you mean `{meant}`?")),
        (None, true) => problem.help("no keys belong here"),
        (None, false) => problem.help(format!("known here: `{}`", known.join("`, `"))),
    }
}

fn unknown_variant(variant: &str, known: &[String]) -> Problem {
    let list = known.join("`, `");
    let problem = Problem::at(&[], format!("`{variant}` is not one of `{list}`"));
    match nearest(variant, known.iter().map(String::as_str)) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem,
    }
}

fn wrong_type(found: &str, expected: &str, value: Option<&DeValue<'static>>) -> Problem {
    let found_name = match value {
        Some(value) => type_name(value).to_owned(),
        None => found.to_owned(),
    };
    let wanted = plain_name(expected);
    if let (true, Some(DeValue::Integer(number))) = (wanted == "a whole number", value) {
        return Problem::at(&[], format!("{number} is out of range"))
            .help(format!("this key takes {}", range_of(expected)));
    }
    let problem = Problem::at(&[], format!("expected {wanted}, found {found_name}"));
    match value.and_then(|value| hint(wanted, value)) {
        Some(hint) => problem.help(hint),
        None => problem,
    }
}

fn plain_name(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "str" | "string" => "a text",
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other if other.contains("enum ") => "a text",
        other => other,
    }
}

fn range_of(expected: &str) -> String {
    match expected {
        "u8" => "a whole number from 0 to 255".into(),
        "u16" => "a whole number from 0 to 65535".into(),
        "u32" | "u64" | "usize" => "a whole number, 0 or more".into(),
        _ => "a smaller whole number".into(),
    }
}

fn hint(wanted: &str, value: &DeValue<'static>) -> Option<String> {
    let takes_text = wanted.contains("text") || wanted.contains("string");
    match value {
        DeValue::Datetime(date) if takes_text => Some(format!(
            "put quotes around it: \"{date}\" (unquoted, TOML reads a date)"
        )),
        DeValue::Float(number) if takes_text => Some(format!("put quotes around it: \"{number}\"")),
        DeValue::Integer(number) if takes_text => {
            Some(format!("put quotes around it: \"{number}\""))
        }
        DeValue::Boolean(truth) if takes_text => Some(format!("put quotes around it: \"{truth}\"")),
        DeValue::String(text) if text.contains("${var.") => Some(
            "a secret variable can stand in texts only, since its value is known to apply alone"
                .into(),
        ),
        DeValue::String(text) if text.contains("${") => {
            Some("references to resources can stand in texts only".into())
        }
        DeValue::String(text) if wanted == "a list" => Some(format!("write [\"{text}\"]")),
        DeValue::String(text)
            if wanted == "a whole number" && text.trim().parse::<i64>().is_ok() =>
        {
            Some(format!("write it without quotes: {}", text.trim()))
        }
        DeValue::String(text) if matches!(&**text, "true" | "false") => {
            Some(format!("write it without quotes: {text}"))
        }
        DeValue::String(_) if wanted == "`true` or `false`" => {
            Some("write true or false, without quotes".into())
        }
        _ => None,
    }
}

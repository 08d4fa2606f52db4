//! From serde's words to what a tired person understands, with the nearest right thing.

use toml::de::DeValue;

use super::guide::Guide;
use super::tree::{Step, type_name};
use crate::elsewhere::{self, Here, references};
use crate::problem::{Problem, bare, nearest};

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
    guide: &Guide<'_>,
) -> Problem {
    if let Some(key) = named(message, "unknown field `") {
        return unknown_key(key, &candidates(message), path, guide);
    }
    if let Some(variant) = named(message, "unknown variant `") {
        return unknown_variant(variant, &candidates(message));
    }
    let typed = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "));
    match typed.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some(_) if is_around_variables(path, value) => Problem::at(
            &[],
            "the variables stand one level too deep",
        )
        .help(
            "names and values stand right under `environment`: environment = { NAME = \"value\" }",
        ),
        Some((found, expected)) => wrong_type(found, expected, value),
        None => Problem::at(&[], message),
    }
}

/// `environment.variables`, as CloudFormation and Terraform have it.
fn is_around_variables(path: &[Step], value: Option<&DeValue<'static>>) -> bool {
    let names: Vec<String> = path.iter().map(Step::text).collect();
    let is_table = value.is_some_and(|value| value.is_table());
    let around = names.last().is_some_and(|name| bare(name) == "variables");
    is_table && around && names.len() == 2 && names[0] == "environment"
}

fn named<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(start)?;
    // A key may hold backquotes itself: the list of candidates starts after the last "`, ".
    let end = rest
        .find("`, expected ")
        .or_else(|| rest.find("`, there are no "))?;
    Some(&rest[..end])
}

fn unknown_key(key: &str, listed: &[String], path: &[Step], guide: &Guide<'_>) -> Problem {
    let problem = Problem::at(&[], format!("unknown key `{key}`"));
    let known = guide.known(listed, path.len() <= 1);
    let names = || known.iter().map(String::as_str);
    if let Some(same) = names().find(|name| bare(name) == bare(key)) {
        return problem.help(format!("did you mean `{same}`?"));
    }
    match elsewhere::find(guide.words, key, &known) {
        Some(Here::Key(meant)) => return problem.help(format!("did you mean `{meant}`?")),
        Some(Here::Way(way) | Here::Around(way)) => return problem.help(way),
        None => {}
    }
    if let Some(meant) = nearest(key, names()) {
        return problem.help(format!("did you mean `{meant}`?"));
    }
    if let Some(help) = in_a_list(key, path, guide) {
        return problem.help(help);
    }
    match known.is_empty() {
        true => problem.help("no keys belong here"),
        false => problem.help(format!("known here: `{}`", known.join("`, `"))),
    }
}

/// A key of the block that stands after the header of a list's entry.
fn in_a_list(key: &str, path: &[Step], guide: &Guide<'_>) -> Option<String> {
    let in_list = path.len() > 2 && matches!(path.iter().nth_back(1), Some(Step::Index(_)));
    let list = path.iter().rev().nth(2).map(Step::text).unwrap_or_default();
    let is_of_block = in_list && guide.is_of_block(key);
    is_of_block.then(|| {
        format!(
            "TOML counts every line after a [[…{list}]] header as part of that entry: move `{key}` above the first [[…{list}]]"
        )
    })
}

fn unknown_variant(variant: &str, known: &[String]) -> Problem {
    let list = known.join("`, `");
    let problem = Problem::at(&[], format!("`{variant}` is not one of `{list}`"));
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let meant = elsewhere::value(variant, &names).or_else(|| nearest(variant, names));
    match meant {
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
        DeValue::Table(table) if takes_text => of_table(table),
        DeValue::Array(items) if wanted == "a table" && is_of_pairs(items) => {
            Some("write a table of names and values: { NAME = \"value\" }".into())
        }
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

/// A table where a text belongs: CloudFormation's functions, and what is one level too deep.
fn of_table(table: &super::tree::Table) -> Option<String> {
    let (key, value) = table.iter().next()?;
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Array(items) => {
            let parts = items.iter().filter_map(|item| item.get_ref().as_str());
            parts.collect::<Vec<_>>().join(".")
        }
        _ => String::new(),
    };
    match &**key.get_ref() {
        "Ref" | "Fn::GetAtt" | "Fn::Sub" => Some(references::intrinsic(&text)),
        name if name.starts_with("Fn::") => {
            Some("there are no functions: write the value out, or declare it in [variables]".into())
        }
        _ => None,
    }
}

/// `[{ Key = "a", Value = "b" }]`, as CloudFormation writes tags.
fn is_of_pairs(items: &[toml::Spanned<DeValue<'static>>]) -> bool {
    let has = |item: &DeValue<'static>, key: &str| {
        item.as_table().is_some_and(|table| table.contains_key(key))
    };
    let pair = |item: &toml::Spanned<DeValue<'static>>| {
        [["Key", "Value"], ["Name", "Value"]]
            .iter()
            .any(|names| names.iter().all(|name| has(item.get_ref(), name)))
    };
    !items.is_empty() && items.iter().all(pair)
}

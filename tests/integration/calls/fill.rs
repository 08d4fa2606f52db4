//! From the input as a script writes it to the input that is sent.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

/// What the placeholders stand for: `<role-name:1>` → `a`.
pub type Bindings = BTreeMap<String, String>;

/// Puts values for the placeholders, and makes what the `$` forms ask for:
/// `{"$json": …}` is JSON text, `{"$zip": {"index.py": "…"}}` is a zip in base64,
/// `{"$base64": "…"}` is text in base64, `{"$repeat": ["a", 65]}` is a text many times over,
/// `{"$join": […]}` puts texts together.
pub fn fill(value: &Value, bound: &Bindings) -> Result<Value, String> {
    match value {
        Value::String(text) => Ok(Value::String(filled(text, bound))),
        Value::Array(items) => items.iter().map(|item| fill(item, bound)).collect(),
        Value::Object(map) => {
            if let Some((form, argument)) = map.iter().next()
                && map.len() == 1
                && form.starts_with('$')
                && form[1..].starts_with(|c: char| c.is_ascii_lowercase())
            {
                return made(form, &fill(argument, bound)?);
            }
            let members = map.iter().map(|(name, item)| {
                let name = filled(name, bound);
                fill(item, bound).map(|item| (name, item))
            });
            members.collect::<Result<_, _>>().map(Value::Object)
        }
        plain => Ok(plain.clone()),
    }
}

fn filled(text: &str, bound: &Bindings) -> String {
    let puts = |text: String, (hole, value): (&String, &String)| text.replace(hole, value);
    bound.iter().fold(text.to_owned(), puts)
}

fn made(form: &str, argument: &Value) -> Result<Value, String> {
    let made = match (form, argument) {
        ("$json", value) => value.to_string(),
        ("$base64", Value::String(text)) => BASE64_STANDARD.encode(text),
        ("$zip", Value::Object(files)) => {
            let files = files.iter().map(|(name, text)| {
                let text = text.as_str().ok_or(format!("{name} is not text"))?;
                Ok((name.as_str(), text))
            });
            let files: Vec<(&str, &str)> = files.collect::<Result<_, String>>()?;
            BASE64_STANDARD.encode(zip(&files).map_err(|error| error.to_string())?)
        }
        ("$repeat", Value::Array(pair)) => match &pair[..] {
            [Value::String(text), Value::Number(times)] => {
                text.repeat(times.as_u64().unwrap_or_default() as usize)
            }
            _ => return Err(format!("$repeat wants a text and a number: {argument}")),
        },
        ("$join", Value::Array(texts)) => {
            texts.iter().filter_map(Value::as_str).collect::<String>()
        }
        _ => return Err(format!("no such form: {}", json!({form: argument}))),
    };
    Ok(Value::String(made))
}

fn zip(files: &[(&str, &str)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let mode = SimpleFileOptions::default().unix_permissions(0o755);
        zip.start_file(*name, mode)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

#[test]
fn forms_and_placeholders() {
    let bound = Bindings::from([("<role-name:1>".into(), "r".into())]);
    let input = json!({
        "A": "x/<role-name:1>/<other>",
        "B": {"$json": {"k": "<role-name:1>"}},
        "C": {"$join": [{"$repeat": ["a", 3]}, {"$base64": "b"}]},
    });
    let expected = json!({"A": "x/r/<other>", "B": "{\"k\":\"r\"}", "C": "aaaYg=="});
    assert_eq!(fill(&input, &bound), Ok(expected));
    assert!(fill(&json!({"$unknown": 1}), &bound).is_err());
}

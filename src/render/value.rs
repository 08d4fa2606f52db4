//! One value as text: quoted, holes by name, secrets never, and no longer than asked.

use serde_json::Value;

use super::style::columns;
use crate::text::{self, Piece, Text};

/// Takes away what a terminal would act upon, or what would show text in another order
/// than it stands: control and bidirectional characters.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match text::is_obeyed(c) {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}

/// `1 file`, `3 files`.
pub fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// Does a value hold a secret, itself or anywhere inside?
pub fn is_secret(value: &Value) -> bool {
    let mut found = false;
    text::map_texts(value, &mut |text| {
        found |= text.holds_secret() || matches!(text, Text::Masked(_));
        text
    });
    found
}

/// A value as it stands in a row: texts quoted, holes named.
pub fn quoted(value: &Value) -> String {
    match (text::from_value(value), value) {
        (Some(Text::Template(pieces)), _) if matches!(pieces.as_slice(), [Piece::Ref { .. }]) => {
            printable(&Text::Template(pieces).to_string())
        }
        (Some(Text::Masked(_)), _) => "(secret)".to_owned(),
        (Some(text), _) if text.holds_secret() => "(secret)".to_owned(),
        (Some(text), _) => printable(&Value::String(text.to_string()).to_string()),
        (None, Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(quoted).collect();
            format!("[{}]", items.join(", "))
        }
        (None, Value::Object(map)) => {
            let pairs: Vec<String> = map
                .iter()
                .filter(|(_, value)| !is_empty(value))
                .map(|(key, value)| format!("{} = {}", printable(key), quoted(value)))
                .collect();
            match pairs.is_empty() {
                true => "{}".to_owned(),
                false => format!("{{ {} }}", pairs.join(", ")),
            }
        }
        (None, Value::Null) => "(none)".to_owned(),
        (None, other) => other.to_string(),
    }
}

/// A value where quotes would only be in the way: a member of a list, a name.
pub fn bare(value: &Value) -> String {
    match text::from_value(value) {
        Some(Text::Known(text)) if text.is_empty() || text.contains(char::is_whitespace) => {
            quoted(value)
        }
        Some(text) if !is_secret(value) => printable(&text.to_string()),
        _ => quoted(value),
    }
}

/// The fields that stand for an entry, as `function.Status` or `mock`; the first that is there.
/// A path's fields are looked for in turn; a table or `true` gives the field's own name.
pub fn summarised(entry: &Value, fields: &[String]) -> Option<String> {
    fields.iter().find_map(|field| {
        let pointer = format!("/{}", field.replace('.', "/"));
        let value = entry.pointer(&pointer).filter(|value| !is_empty(value))?;
        let plain = text::from_value(value).is_some() || value.is_number() || value.is_array();
        Some(match plain {
            true => short_arn(&bare(value)).to_owned(),
            false => field.rsplit('.').next().unwrap_or(field).to_owned(),
        })
    })
}

/// An ARN from its resource on, `function:X`; of an ARN in the path of another one, as in
/// an integration's URI, the inner one's.
fn short_arn(text: &str) -> &str {
    if !text.starts_with("arn:") {
        return text;
    }
    let arn = match text.find("/arn:").and_then(|at| text.get(at + 1..)) {
        Some(inner) => inner.rsplit_once('/').map_or(inner, |(arn, _)| arn),
        None => text,
    };
    arn.splitn(6, ':').nth(5).unwrap_or(text)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Cuts a text to so many columns, keeping the stretch around character `focus` in sight.
pub fn elided(text: &str, columns_left: usize, focus: usize) -> String {
    const LEAST: usize = 16;
    let limit = columns_left.max(LEAST);
    if columns(text) <= limit {
        return text.to_owned();
    }
    let total = columns(text);
    let room = limit - 2;
    // What follows the difference tells more than the start of the text.
    let start = match focus < room * 2 / 3 {
        true => 0,
        false => (focus - room / 3).min(total - room),
    };
    let middle: String = text.chars().skip(start).take(room).collect();
    let lead = if start > 0 { "…" } else { "" };
    let tail = if start + room < total { "…" } else { "" };
    format!("{lead}{middle}{tail}")
}

/// The first character in which two texts differ.
pub fn first_difference(left: &str, right: &str) -> usize {
    let same = |(l, r): &(char, char)| l == r;
    left.chars().zip(right.chars()).take_while(same).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_as_written() {
        let table = [
            (json!("a\"b\u{1b}[31m"), r#""a\"b\u001b[31m""#),
            (json!("\u{9b}x\u{202e}"), r#""\u{9b}x\u{202e}""#),
            (
                json!({"$template": ["x/", {"ref": "api.a", "output": "id"}]}),
                "\"x/<api.a.id>\"",
            ),
            (
                json!({"$template": [{"ref": "api.a", "output": "id"}]}),
                "<api.a.id>",
            ),
            (json!({"$template": ["pre", {"var": "token"}]}), "(secret)"),
            (json!({"$secret": "d1"}), "(secret)"),
            (json!(["a", 1, true]), "[\"a\", 1, true]"),
            (json!({"b": 1, "a": null, "c": {}}), "{ b = 1 }"),
        ];
        for (value, expected) in table {
            assert_eq!(quoted(&value), expected);
        }
        assert_eq!(bare(&json!("arn:aws:x")), "arn:aws:x");
        assert_eq!(bare(&json!("a b")), "\"a b\"");
    }

    #[test]
    fn secrets_are_found_inside() {
        assert!(is_secret(&json!({"a": [{"$secret": "d"}]})));
        assert!(!is_secret(&json!({"a": ["d"]})));
    }

    #[test]
    fn entries_are_told_by_their_first_field() {
        let fields = ["function", "http.url", "mock"].map(str::to_owned);
        let told = |entry: Value| summarised(&entry, &fields);
        assert_eq!(
            told(json!({"function": "f", "mock": null})),
            Some("f".into())
        );
        assert_eq!(
            told(json!({"http": {"url": "https://x"}})),
            Some("https://x".into())
        );
        assert_eq!(told(json!({"mock": {"status": 200}})), Some("mock".into()));
        assert_eq!(told(json!({})), None);
        let lambda = "arn:aws:lambda:eu-central-1:604370441254:function:X:live";
        assert_eq!(
            told(json!({ "function": lambda })),
            Some("function:X:live".into())
        );
        let uri = format!(
            "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{lambda}/invocations"
        );
        assert_eq!(
            told(json!({ "function": uri })),
            Some("function:X:live".into())
        );
    }

    #[test]
    fn what_is_cut_keeps_the_difference_in_sight() {
        let long = format!("{}X{}", "a".repeat(50), "b".repeat(50));
        assert_eq!(elided(&long, 20, 0), format!("{}…", "a".repeat(18)));
        let cut = elided(&long, 20, 50);
        assert!(cut.contains('X') && columns(&cut) == 20, "{cut}");
        assert_eq!(elided("short", 20, 0), "short");
        let alias = format!("{}:live", "a".repeat(16));
        assert!(elided(&alias, 20, 16).ends_with(":live"));
    }
}

//! Values as AWS's XML.

use quick_xml::escape::escape;
use serde_json::{Map, Value};

/// Writes `<name>…</name>`. Lists become `<name><member>…`; what is null is left out.
pub fn element(out: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    out.push_str(&format!("<{name}>"));
    content(out, value);
    out.push_str(&format!("</{name}>"));
}

/// The elements of an object's members.
pub fn members(map: &Map<String, Value>) -> String {
    let mut out = String::new();
    map.iter()
        .for_each(|(name, item)| element(&mut out, name, item));
    out
}

/// Writes what stands inside an element.
pub fn content(out: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => out.push_str(&flag.to_string()),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => out.push_str(&escaped(text)),
        Value::Array(items) => items.iter().for_each(|item| element(out, "member", item)),
        Value::Object(map) => map.iter().for_each(|(name, item)| element(out, name, item)),
    }
}

/// Text for an element; control characters that XML cannot hold become `\u{fffd}`.
pub fn escaped(text: &str) -> String {
    let allowed = |c: char| c >= ' ' || matches!(c, '\t' | '\n' | '\r');
    let clean: String = text
        .chars()
        .map(|c| if allowed(c) { c } else { '\u{fffd}' })
        .collect();
    // A raw carriage return would reach the reader as a line feed.
    escape(clean.as_str()).replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_have_members_and_null_is_nothing() {
        let mut out = String::new();
        element(
            &mut out,
            "R",
            &json!({"A": "<&>", "B": [1, {"C": true}], "D": null}),
        );
        assert_eq!(
            out,
            "<R><A>&lt;&amp;&gt;</A><B><member>1</member><member><C>true</C></member></B></R>"
        );
    }
}

//! The manifest's outputs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::style::{Style, columns, padded};
use super::value::{is_secret, quoted};
use crate::plan::Output;
use crate::text;

/// A line for each, `url = "https://…"`, names lined up; secrets as `(secret)`.
pub fn outputs(outputs: &BTreeMap<String, Output>, _style: &Style) -> String {
    let width = outputs.keys().map(|name| columns(name)).max().unwrap_or(0);
    outputs
        .iter()
        .map(|(name, output)| format!("{} = {}\n", padded(name, width), shown(output)))
        .collect()
}

/// The value as it is shown to people.
pub(super) fn shown(output: &Output) -> String {
    match output.secret {
        true => "(secret)".to_owned(),
        false => quoted(&text::to_value(&output.value)),
    }
}

/// All of them as one JSON object of texts; `null` for a secret, and for what is not known yet.
pub fn outputs_json(outputs: &BTreeMap<String, Output>) -> String {
    let value = |output: &Output| match raw(output) {
        Some(text) => Value::String(text),
        None => Value::Null,
    };
    let object: Map<String, Value> = outputs
        .iter()
        .map(|(name, output)| (name.clone(), value(output)))
        .collect();
    format!("{:#}\n", Value::Object(object))
}

/// One output's value as it stands, without quotes or a line break; `None` for a secret,
/// and for what is not known yet.
pub fn raw(output: &Output) -> Option<String> {
    let value = text::to_value(&output.value);
    match output.secret || is_secret(&value) {
        true => None,
        false => output.value.known().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Piece, Text};

    fn some() -> BTreeMap<String, Output> {
        let output = |value: Text, secret: bool| Output { value, secret };
        let hole = Text::Template(vec![
            Piece::Lit("https://".into()),
            Piece::Ref {
                addr: crate::addr::Addr::root_of("api", "a"),
                output: "id".into(),
            },
        ]);
        BTreeMap::from([
            ("key".to_owned(), output("hush".into(), true)),
            ("masked".to_owned(), output(Text::Masked("d".into()), false)),
            ("stage_url".to_owned(), output(hole, false)),
            ("url".to_owned(), output("https://x".into(), false)),
        ])
    }

    #[test]
    fn outputs_line_up_and_keep_secrets() {
        let expected = "\
key       = (secret)
masked    = (secret)
stage_url = \"https://<api.a.id>\"
url       = \"https://x\"
";
        assert_eq!(outputs(&some(), &Style::default()), expected);
    }

    #[test]
    fn json_and_raw_give_what_is_known() {
        let value: Value = serde_json::from_str(&outputs_json(&some())).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"key": null, "masked": null, "stage_url": null, "url": "https://x"})
        );
        assert_eq!(raw(&some()["url"]), Some("https://x".into()));
        assert_eq!(raw(&some()["key"]), None);
    }
}

//! Tables as TOML, in the form that `slp fmt` leaves alone.

use serde_json::Value;
use toml_edit::Key;

use super::{Entry, Fields};
use crate::addr::Addr;

/// A longer list stands on several lines.
const WIDE: usize = 100;

/// A resource's table, with those below it; it ends in a line break.
pub fn text(addr: &Addr, fields: &Fields) -> String {
    let mut out = String::new();
    table(addr.as_str(), fields, &mut out);
    out
}

/// The entries that take over what the tables describe.
pub fn imports(entries: &[(Addr, String)]) -> String {
    let one = |(to, id): &(Addr, String)| {
        let (to, id) = (scalar(&to.as_str().into()), scalar(&id.as_str().into()));
        format!("[[import]]\nto = {to}\nid = {id}\n")
    };
    let entries: Vec<String> = entries.iter().map(one).collect();
    entries.join("\n")
}

fn table(header: &str, fields: &Fields, out: &mut String) {
    out.push_str(&format!("[{header}]\n"));
    below(header, fields, out);
}

/// Plain keys first: what follows a sub-table belongs to that.
fn below(header: &str, fields: &Fields, out: &mut String) {
    for (name, entry) in fields.iter() {
        let line = match entry {
            Entry::Value(Value::Null) => continue,
            Entry::Value(value) => value_of(name, value),
            Entry::Inline(inner) => format!("{} = {}", key(name), inline(inner)),
            Entry::Block(_) | Entry::List(_) => continue,
        };
        out.push_str(&line);
        out.push('\n');
    }
    for (name, entry) in fields.iter() {
        let header = format!("{header}.{}", key(name));
        match entry {
            Entry::Block(inner) => {
                gap(out);
                table(&header, inner, out);
            }
            Entry::List(tables) => {
                for inner in tables {
                    gap(out);
                    out.push_str(&format!("[[{header}]]\n"));
                    below(&header, inner, out);
                }
            }
            Entry::Value(_) | Entry::Inline(_) => {}
        }
    }
}

/// A blank line, unless a header stands right above.
fn gap(out: &mut String) {
    let last = out.lines().last().unwrap_or_default();
    if !last.starts_with('[') {
        out.push('\n');
    }
}

fn key(name: &str) -> String {
    Key::new(name).display_repr().into_owned()
}

fn value_of(name: &str, value: &Value) -> String {
    let line = format!("{} = {}", key(name), scalar(value));
    match value {
        Value::Array(items) if line.chars().count() > WIDE => {
            let items: String = items
                .iter()
                .map(|item| format!("    {},\n", scalar(item)))
                .collect();
            format!("{} = [\n{items}]", key(name))
        }
        _ => line,
    }
}

fn inline(fields: &Fields) -> String {
    let one = |(name, entry): (&str, &Entry)| match entry {
        Entry::Value(value) => format!("{} = {}", key(name), scalar(value)),
        Entry::Inline(inner) | Entry::Block(inner) => format!("{} = {}", key(name), inline(inner)),
        Entry::List(tables) => {
            let tables: Vec<String> = tables.iter().map(inline).collect();
            format!("{} = [{}]", key(name), tables.join(", "))
        }
    };
    let entries: Vec<String> = fields.iter().map(one).collect();
    format!("{{ {} }}", entries.join(", "))
}

/// A value in one line, but for a text of several lines.
fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => toml_edit::Value::from(text.as_str()).to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(scalar).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entry =
                |(name, value): (&String, &Value)| format!("{} = {}", key(name), scalar(value));
            let entries: Vec<String> = map.iter().map(entry).collect();
            match entries.is_empty() {
                true => "{}".to_owned(),
                false => format!("{{ {} }}", entries.join(", ")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest;

    fn sample() -> Fields {
        let mut statement = Fields::default();
        statement.set("actions", vec!["s3:GetObject"]);
        statement.set("resources", vec!["arn:aws:s3:::bucket/a".repeat(3); 3]);
        let mut when = Fields::default();
        when.set("aws:Region", "eu-central-1");
        statement.block("when", when);
        let mut fields = Fields::default();
        fields.set("description", "a \"quoted\" text\nof two lines");
        fields.differing("memory", 128, 128);
        fields.set("share", json!(0.25));
        fields.tables("allow", vec![statement.clone(), statement]);
        let mut routes = Fields::default();
        let mut route = Fields::default();
        route.set("function", "X");
        routes.inline("ANY /{a+}", route);
        fields.block("routes", routes);
        fields.block("none", Fields::default());
        fields
    }

    #[test]
    fn tables_are_written_as_a_person_would() {
        let written = text(&Addr::root_of("policy", "x"), &sample());
        insta::assert_snapshot!(written, @r#"
        [policy.x]
        description = """
        a "quoted" text
        of two lines"""
        share = 0.25

        [[policy.x.allow]]
        actions = ["s3:GetObject"]
        resources = [
            "arn:aws:s3:::bucket/aarn:aws:s3:::bucket/aarn:aws:s3:::bucket/a",
            "arn:aws:s3:::bucket/aarn:aws:s3:::bucket/aarn:aws:s3:::bucket/a",
            "arn:aws:s3:::bucket/aarn:aws:s3:::bucket/aarn:aws:s3:::bucket/a",
        ]

        [policy.x.allow.when]
        "aws:Region" = "eu-central-1"

        [[policy.x.allow]]
        actions = ["s3:GetObject"]
        resources = [
            "arn:aws:s3:::bucket/aarn:aws:s3:::bucket/aarn:aws:s3:::bucket/a",
            "arn:aws:s3:::bucket/aarn:aws:s3:::bucket/aarn:aws:s3:::bucket/a",
            "arn:aws:s3:::bucket/aarn:aws:s3:::bucket/aarn:aws:s3:::bucket/a",
        ]

        [policy.x.allow.when]
        "aws:Region" = "eu-central-1"

        [policy.x.routes]
        "ANY /{a+}" = { function = "X" }
        "#);
    }

    #[test]
    fn what_is_written_is_canonical() {
        let addr = Addr::root_of("policy", "x");
        let mut written = text(&addr, &sample());
        written.push('\n');
        written.push_str(&imports(&[(addr, "arn:x".into())]));
        assert_eq!(manifest::format(&written).unwrap(), written);
    }
}

//! What state holds: the list of resources, and one in full.

use serde_json::Value;

use super::style::{Paint, Style, columns, padded};
use super::value::{is_secret, printable, quoted};
use crate::addr::Addr;
use crate::diff::policy::describe;
use crate::kind::Outputs;

/// A line for each resource: its address, and AWS's id.
pub fn listing<'a>(resources: impl Iterator<Item = (&'a Addr, &'a str)>) -> String {
    let rows: Vec<(&str, &str)> = resources.map(|(addr, id)| (addr.as_str(), id)).collect();
    let width = rows
        .iter()
        .map(|(addr, _)| columns(addr))
        .max()
        .unwrap_or(0);
    rows.iter()
        .map(|(addr, id)| format!("{}  {}", padded(addr, width), printable(id)))
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// One resource: its kind, id, fields and outputs; what is empty is left out.
pub fn resource(
    addr: &Addr,
    kind: &str,
    id: &str,
    spec: Option<&Value>,
    outputs: &Outputs,
    style: &Style,
) -> String {
    let mut rows = vec![("kind".to_owned(), kind.to_owned())];
    rows.extend((!id.is_empty()).then(|| ("id".to_owned(), printable(id))));
    match spec {
        Some(spec) => flat(spec, &mut Vec::new(), &mut rows),
        None => rows.push(("state".into(), "unknown; the next plan reads it".into())),
    }
    let mut out = format!("{}\n", style.paint(Paint::Address, addr.as_str()));
    out.push_str(&table(&rows));
    if !outputs.is_empty() {
        let value = |text: &String| quoted(&Value::String(text.clone()));
        let rows: Vec<(String, String)> = outputs
            .iter()
            .map(|(name, text)| (format!("{addr}.{name}"), value(text)))
            .collect();
        out.push_str("outputs\n");
        out.push_str(&table(&rows));
    }
    out
}

fn table(rows: &[(String, String)]) -> String {
    const WIDEST: usize = 40;
    let names = rows.iter().map(|(name, _)| columns(name));
    let width = names.filter(|n| *n <= WIDEST).max().unwrap_or(0);
    rows.iter()
        .map(|(name, value)| format!("  {}  {value}\n", padded(name, width)))
        .collect()
}

/// Tables become dotted names; lists and texts are values; policies are told by statement.
fn flat(value: &Value, path: &mut Vec<String>, rows: &mut Vec<(String, String)>) {
    let inner = value
        .as_object()
        .filter(|_| crate::text::from_value(value).is_none());
    let statements = inner.and_then(|map| map.get("Statement")?.as_array());
    if let Some(statements) = statements {
        let name = printable(&path.join("."));
        let told = |statement| (name.clone(), printable(&describe(statement)));
        return rows.extend(statements.iter().map(told));
    }
    if let Some(map) = inner {
        for (key, value) in map {
            path.push(key.clone());
            flat(value, path, rows);
            path.pop();
        }
        return;
    }
    let empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if !empty {
        let shown = match is_secret(value) {
            true => "(secret)".to_owned(),
            false => quoted(value),
        };
        rows.push((printable(&path.join(".")), shown));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_resource_shows_what_is_said_of_it() {
        let addr = Addr::root_of("function", "X");
        let spec = json!({"memory": 128, "description": "", "vpc": null, "layers": [],
            "environment": {"A": "1", "TOKEN": {"$secret": "d"}},
            "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}]}});
        let outputs = Outputs::from([("arn".to_owned(), "arn:x".to_owned())]);
        let expected = "\
function.X
  kind               function
  id                 shop-X
  environment.A      \"1\"
  environment.TOKEN  (secret)
  memory             128
  policy             allow s3:* on *
outputs
  function.X.arn  \"arn:x\"
";
        let style = Style::default();
        let text = resource(&addr, "function", "shop-X", Some(&spec), &outputs, &style);
        assert_eq!(text, expected);
        let unknown = resource(&addr, "function", "", None, &Outputs::new(), &style);
        assert!(
            unknown.contains("unknown; the next plan reads it"),
            "{unknown}"
        );
    }

    #[test]
    fn the_list_lines_up() {
        let (a, b) = (Addr::root_of("role", "x"), Addr::root_of("function", "y"));
        let list = listing([(&a, "x-id"), (&b, "")].into_iter());
        assert_eq!(list, "role.x      x-id\nfunction.y\n");
    }
}

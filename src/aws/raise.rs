//! Policy documents back in the form that people write.

use serde_json::Value;

use super::document::{Document, VERSION};
use crate::import::{Fields, Raising};

/// A document as `allow` and `deny`; `false`, and nothing written, where those cannot say it.
pub fn statements(document: &Document, r: &Raising, fields: &mut Fields) -> bool {
    let plain = |map: &serde_json::Map<String, Value>| {
        map.len() == 2 && map.get("Version").and_then(Value::as_str) == Some(VERSION)
    };
    let list = document
        .value()
        .as_object()
        .filter(|map| plain(map))
        .and_then(|map| map.get("Statement")?.as_array());
    let Some(list) = list.filter(|list| !list.is_empty()) else {
        return false;
    };
    let read: Option<Vec<(bool, Fields)>> = list.iter().map(|one| statement(one, r)).collect();
    let Some(read) = read else {
        return false;
    };
    let (allow, deny): (Vec<_>, Vec<_>) = read.into_iter().partition(|(allows, _)| *allows);
    for (key, statements) in [("allow", allow), ("deny", deny)] {
        fields.tables(
            key,
            statements.into_iter().map(|(_, fields)| fields).collect(),
        );
    }
    true
}

/// A document in AWS's own grammar.
pub fn whole(document: &Document, r: &Raising) -> Fields {
    Fields::of_json(&r.json(document.value()))
}

/// Whether it allows, and what.
fn statement(statement: &Value, r: &Raising) -> Option<(bool, Fields)> {
    const KNOWN: [&str; 5] = ["Effect", "Action", "Resource", "Condition", "Sid"];
    let map = statement.as_object()?;
    if !map.keys().all(|key| KNOWN.contains(&key.as_str())) {
        return None;
    }
    let allows = match map.get("Effect")?.as_str()? {
        "Allow" => true,
        "Deny" => false,
        _ => return None,
    };
    let mut fields = Fields::default();
    fields.optional("sid", map.get("Sid").and_then(Value::as_str));
    fields.set("actions", texts(map.get("Action")?, r)?);
    fields.set("resources", texts(map.get("Resource")?, r)?);
    if let Some(when) = map.get("Condition") {
        fields.inline("when", conditions(when, r)?);
    }
    Some((allows, fields))
}

fn texts(list: &Value, r: &Raising) -> Option<Vec<String>> {
    let texts = list.as_array()?.iter();
    texts.map(|text| Some(r.plain(text.as_str()?))).collect()
}

/// Operator → key → a text, or several.
fn conditions(when: &Value, r: &Raising) -> Option<Fields> {
    let mut operators = Fields::default();
    for (operator, keys) in when.as_object()? {
        let mut tests = Fields::default();
        for (key, values) in keys.as_object()? {
            match texts(values, r)?.as_slice() {
                [one] => tests.set(key, one.as_str()),
                many => tests.set(key, many.to_vec()),
            }
        }
        operators.inline(operator, tests);
    }
    Some(operators)
}

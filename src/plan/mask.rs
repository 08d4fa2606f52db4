//! Secrets as keyed digests: what stands in their place in everything that is shown or saved.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::manifest::Secret;
use crate::state::State;
use crate::text::{self, Piece, SECRET, TEMPLATE, Text};

/// A wanted value with its references filled by `lookup` and its secrets as digests. A
/// secret beside a hole that is not known yet stays a template.
pub fn wanted_masked(
    spec: &Value,
    lookup: &dyn Fn(&Piece) -> Option<String>,
    secrets: &BTreeMap<String, Secret>,
    state: &State,
) -> Value {
    let reveal = |piece: &Piece| match piece {
        Piece::Secret(name) => secrets.get(name).map(|secret| secret.reveal().to_owned()),
        _ => None,
    };
    text::map_texts(spec, &mut |raw| {
        let filled = raw.fill(lookup);
        match filled.holds_secret() {
            false => filled,
            true => match filled.fill(&reveal) {
                Text::Known(value) => Text::Masked(state.digest_secret(&value)),
                _ => filled,
            },
        }
    })
}

/// A live value with a digest wherever any of `references` holds a secret.
pub fn masked(live: &Value, references: &[&Value], state: &State) -> Value {
    if let Value::String(plain) = live {
        return match references.iter().any(|reference| is_secret(reference)) {
            true => text::to_value(&Text::Masked(state.digest_secret(plain))),
            false => live.clone(),
        };
    }
    match live {
        Value::Object(map) => {
            let deeper = |(key, value): (&String, &Value)| {
                let references: Vec<&Value> =
                    references.iter().filter_map(|r| r.get(key)).collect();
                (key.clone(), masked(value, &references, state))
            };
            Value::Object(map.iter().map(deeper).collect())
        }
        Value::Array(items) => {
            let deeper = |(at, value): (usize, &Value)| {
                let references: Vec<&Value> = references.iter().filter_map(|r| r.get(at)).collect();
                masked(value, &references, state)
            };
            Value::Array(items.iter().enumerate().map(deeper).collect())
        }
        other => other.clone(),
    }
}

fn is_secret(reference: &Value) -> bool {
    let Some(map) = reference.as_object() else {
        return false;
    };
    map.contains_key(SECRET)
        || map.contains_key(TEMPLATE)
            && text::from_value(reference).is_some_and(|text| text.holds_secret())
}

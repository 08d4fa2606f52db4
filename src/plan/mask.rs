//! Secrets as keyed digests: what stands in their place in everything that is shown or saved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diff::Place;
use crate::manifest::{Secret, is_telling};
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

/// A live value with a digest wherever a secret stands: where one of `references` has one, where
/// the text holds the value of a known secret that no reference has there in plain, and in all
/// that others added to a map that the kind's `schema` calls private.
pub fn masked(
    live: &Value,
    references: &[&Value],
    schema: &Value,
    secrets: &BTreeMap<String, Secret>,
    state: &State,
) -> Value {
    let mask = Mask {
        secrets,
        state,
        digests: references.iter().flat_map(|r| digests(r)).collect(),
    };
    let spot = Spot {
        place: Some(Place::root(schema)),
        exact: true,
        foreign: false,
    };
    mask.value(live, references, &spot)
}

struct Mask<'a> {
    secrets: &'a BTreeMap<String, Secret>,
    state: &'a State,
    /// Of the secrets that the references hold, also of those whose value nobody asked for.
    digests: BTreeSet<String>,
}

/// Where a walk stands.
struct Spot<'a> {
    place: Option<Place<'a>>,
    /// The references stand at this very place. What is in a list may stand anywhere in the list
    /// of a reference, since AWS keeps no order of what has none.
    exact: bool,
    /// Inside something that others added where secrets may be.
    foreign: bool,
}

impl<'a> Spot<'a> {
    fn entry(&self, key: &str, foreign: bool) -> Spot<'a> {
        let inner = |place: &Place<'a>| place.field(key).or_else(|| place.entries());
        Spot {
            place: self.place.as_ref().and_then(inner),
            exact: self.exact,
            foreign: self.foreign || foreign,
        }
    }

    fn item(&self) -> Spot<'a> {
        Spot {
            place: None,
            exact: false,
            foreign: self.foreign,
        }
    }
}

impl Mask<'_> {
    fn value(&self, live: &Value, references: &[&Value], spot: &Spot) -> Value {
        let exact = spot.exact && !references.iter().any(|r| r.is_array());
        let references: Vec<&Value> = references.iter().flat_map(|r| members(r)).collect();
        match live {
            _ if is_secret(live) => live.clone(),
            Value::String(plain) if spot.foreign || self.hides(plain, &references, exact) => {
                text::to_value(&Text::Masked(self.state.digest_secret(plain)))
            }
            Value::Object(map) => {
                let private = spot.place.as_ref().is_some_and(Place::is_private);
                let deeper = |(key, value): (&String, &Value)| {
                    let inner: Vec<&Value> = references.iter().filter_map(|r| r.get(key)).collect();
                    let spot = Spot {
                        exact,
                        ..spot.entry(key, private && inner.is_empty())
                    };
                    (key.clone(), self.value(value, &inner, &spot))
                };
                Value::Object(map.iter().map(deeper).collect())
            }
            Value::Array(items) => {
                let deeper = |item| self.value(item, &references, &spot.item());
                Value::Array(items.iter().map(deeper).collect())
            }
            other => other.clone(),
        }
    }

    fn hides(&self, plain: &str, references: &[&Value], exact: bool) -> bool {
        let told = references.iter().any(|r| r.as_str() == Some(plain));
        let secret = references.iter().any(|r| is_secret(r));
        secret && (exact || !told) || !told && (self.holds_known(plain) || self.is_copy(plain))
    }

    fn holds_known(&self, plain: &str) -> bool {
        !plain.is_empty()
            && self.secrets.values().any(|secret| {
                plain == secret.reveal() || secret.is_telling() && plain.contains(secret.reveal())
            })
    }

    /// Does it, or one of its words, have the digest of a secret that stands elsewhere? So a
    /// secret is known where its value is not.
    fn is_copy(&self, plain: &str) -> bool {
        let known = |text: &str| self.digests.contains(&self.state.digest_secret(text));
        let ends = |c: char| c.is_whitespace() || "/:@?&=\"'`,;()[]{}<>|".contains(c);
        !self.digests.is_empty()
            && (known(plain)
                || plain
                    .split(ends)
                    .any(|word| is_telling(word) && known(word)))
    }
}

/// The digests that stand in a value.
fn digests(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    text::map_texts(value, &mut |text| {
        if let Text::Masked(digest) = &text {
            found.push(digest.clone());
        }
        text
    });
    found
}

fn members(reference: &Value) -> &[Value] {
    match reference {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// What of a spec holds secrets, and nothing else: enough to tell later where they stand.
pub fn veil(spec: &Value) -> Option<Value> {
    match spec {
        _ if is_secret(spec) => Some(spec.clone()),
        Value::Object(map) => {
            let inner = map
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), veil(value)?)));
            let inner: serde_json::Map<_, _> = inner.collect();
            (!inner.is_empty()).then_some(Value::Object(inner))
        }
        Value::Array(items) => {
            let inner: Vec<Value> = items.iter().filter_map(veil).collect();
            (!inner.is_empty()).then_some(Value::Array(inner))
        }
        _ => None,
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

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;

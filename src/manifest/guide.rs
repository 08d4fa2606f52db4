//! What a message about a key needs to know beside what the type itself says.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::elsewhere::Words;

/// The keys of a table, as a schema allows them.
pub type Shape = BTreeSet<String>;

/// For messages alone; what is read does not depend on it.
#[derive(Clone, Default)]
pub struct Guide<'a> {
    /// Keys of the block that its type does not know: `tags`, `alias`, …
    pub also: &'a [&'a str],
    /// What other tools call its keys.
    pub words: Words,
    /// Of the block and the tables in it. What a type takes only to refuse it is in none.
    pub shapes: &'a [Shape],
    /// The keys of the block's type.
    pub root: Vec<String>,
}

impl Guide<'_> {
    /// The keys that can stand where only these are known to the type: without those that would
    /// be refused; in the block itself with what every resource takes.
    pub fn known(&self, listed: &[String], in_block: bool) -> Vec<String> {
        let fits = |shape: &&Shape| {
            !shape.is_empty() && shape.iter().all(|key| listed.iter().any(|one| one == key))
        };
        let shape = self
            .shapes
            .iter()
            .filter(fits)
            .max_by_key(|shape| shape.len());
        let allowed = |key: &&String| shape.is_none_or(|shape| shape.contains(*key));
        let own = listed.iter().filter(allowed).cloned();
        match in_block {
            true => own
                .chain(self.also.iter().map(|key| (*key).to_owned()))
                .collect(),
            false => own.collect(),
        }
    }

    /// Is this a key of the block itself?
    pub fn is_of_block(&self, key: &str) -> bool {
        self.root.iter().any(|root| root == key) || self.also.contains(&key)
    }
}

/// The shapes of all tables that a schema describes.
pub fn shapes(schema: &Value) -> Vec<Shape> {
    let mut found = Vec::new();
    gather(schema, &mut found);
    found
}

fn gather(schema: &Value, found: &mut Vec<Shape>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                found.push(properties.keys().cloned().collect());
            }
            map.values().for_each(|inner| gather(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| gather(inner, found)),
        _ => {}
    }
}

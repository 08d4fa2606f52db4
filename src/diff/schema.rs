//! A spec's JSON Schema, as far as comparing needs it: what stands under a key, and the
//! `x-…` words that say what a field means.

use serde_json::Value;

/// A place in a schema: the node itself and every node that also applies there, through
/// `$ref`, `allOf`, `anyOf` and `oneOf`.
#[derive(Clone)]
pub struct Place<'a> {
    root: &'a Value,
    nodes: Vec<&'a Value>,
}

impl<'a> Place<'a> {
    pub fn root(schema: &'a Value) -> Place<'a> {
        Place::at(schema, schema)
    }

    fn at(root: &'a Value, node: &'a Value) -> Place<'a> {
        let mut place = Place {
            root,
            nodes: Vec::new(),
        };
        place.take_in(node);
        place
    }

    fn take_in(&mut self, node: &'a Value) {
        if self.nodes.iter().any(|known| std::ptr::eq(*known, node)) {
            return;
        }
        self.nodes.push(node);
        let target = node
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.root.pointer(reference.strip_prefix('#')?));
        if let Some(target) = target {
            self.take_in(target);
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            let variants = node.get(key).and_then(Value::as_array);
            variants.into_iter().flatten().for_each(|n| self.take_in(n));
        }
    }

    fn words(&self, key: &str) -> impl Iterator<Item = &'a Value> {
        self.nodes.iter().filter_map(move |node| node.get(key))
    }

    fn is(&self, word: &str) -> bool {
        self.words(word).any(|value| value != &Value::Bool(false))
    }

    /// The field of this name, if it is a field and no entry of a map.
    pub fn field(&self, name: &str) -> Option<Place<'a>> {
        let node = self.words("properties").find_map(|p| p.get(name))?;
        Some(Place::at(self.root, node))
    }

    pub fn has_fields(&self) -> bool {
        self.words("properties").next().is_some()
    }

    /// What the entries of a map look like; `None` where this is no map.
    pub fn entries(&self) -> Option<Place<'a>> {
        let node = self
            .words("additionalProperties")
            .find(|node| *node != &Value::Bool(false))?;
        (!self.has_fields()).then(|| Place::at(self.root, node))
    }

    /// An array whose order does not matter.
    pub fn is_set(&self) -> bool {
        self.is("x-set") || self.words("uniqueItems").any(|v| v == &Value::Bool(true))
    }

    pub fn is_policy(&self) -> bool {
        self.is("x-policy")
    }

    /// A map whose values may be secrets: what slp did not write there is shown to nobody.
    pub fn is_private(&self) -> bool {
        self.is("x-private")
    }

    pub fn is_package(&self) -> bool {
        self.is("x-package")
    }

    /// AWS cannot change it in place.
    pub fn replaces(&self) -> bool {
        self.is("x-replace")
    }

    pub fn unit(&self) -> Option<&'a str> {
        self.words("x-unit").find_map(Value::as_str)
    }

    /// Other fields of the entry decide this one.
    pub fn is_implied(&self) -> bool {
        self.is("x-implied")
    }

    /// What to tell in place of the value.
    pub fn says(&self) -> Option<&'a str> {
        self.words("x-says").find_map(Value::as_str)
    }

    /// The fields (dotted paths) that stand for an entry in one line.
    pub fn summary(&self) -> Vec<String> {
        let list = self.words("x-summary").find_map(|value| match value {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => Some(
                many.iter()
                    .filter_map(|v| v.as_str().map(str::to_owned))
                    .collect(),
            ),
            _ => None,
        });
        list.unwrap_or_default()
    }

    pub fn default(&self) -> Option<&'a Value> {
        self.words("default").next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_found_beside_and_behind_references() {
        let schema = json!({
            "properties": {
                "memory": { "type": "integer", "x-unit": "MB", "default": 128 },
                "vpc": { "anyOf": [{ "$ref": "#/$defs/Vpc" }, { "type": "null" }], "x-replace": true },
                "routes": { "additionalProperties": { "$ref": "#/$defs/Route" } }
            },
            "additionalProperties": false,
            "$defs": {
                "Vpc": { "properties": { "subnets": { "type": "array", "uniqueItems": true } } },
                "Route": { "properties": {}, "x-summary": ["function", "http"], "allOf": [{ "$ref": "#/$defs/Route" }] }
            }
        });
        let root = Place::root(&schema);
        assert!(root.entries().is_none());
        let memory = root.field("memory").unwrap();
        assert_eq!(
            (memory.unit(), memory.default()),
            (Some("MB"), Some(&json!(128)))
        );
        let vpc = root.field("vpc").unwrap();
        assert!(vpc.replaces() && vpc.field("subnets").unwrap().is_set());
        let routes = root.field("routes").unwrap();
        assert!(routes.field("GET /").is_none());
        assert_eq!(routes.entries().unwrap().summary(), ["function", "http"]);
    }
}

//! A table to be written: its keys in the order in which a person would write them.

use serde_json::Value;

/// The keys of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(Vec<(String, Entry)>);

/// What stands under a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A text, a number, a list; of a JSON object the keys are sorted.
    Value(Value),
    /// `key = { … }`
    Inline(Fields),
    /// `[header.key]`
    Block(Fields),
    /// `[[header.key]]`
    List(Vec<Fields>),
}

impl Fields {
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.push((key.to_owned(), Entry::Value(value.into())));
    }

    /// Sets what is there and not the default.
    pub fn differing<T: PartialEq + Into<Value>>(&mut self, key: &str, value: T, default: T) {
        if value != default {
            self.set(key, value);
        }
    }

    pub fn optional(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    /// A list, where it has members.
    pub fn list(&mut self, key: &str, members: Vec<String>) {
        if !members.is_empty() {
            self.set(key, members);
        }
    }

    /// An inline table, where it has keys.
    pub fn inline(&mut self, key: &str, fields: Fields) {
        self.push(key, Entry::Inline(fields));
    }

    /// A table of its own, where it has keys.
    pub fn block(&mut self, key: &str, fields: Fields) {
        self.push(key, Entry::Block(fields));
    }

    /// A list of tables, where it has members.
    pub fn tables(&mut self, key: &str, tables: Vec<Fields>) {
        if !tables.is_empty() {
            self.0.push((key.to_owned(), Entry::List(tables)));
        }
    }

    fn push(&mut self, key: &str, entry: Entry) {
        let empty = match &entry {
            Entry::Inline(fields) | Entry::Block(fields) => fields.is_empty(),
            Entry::Value(_) | Entry::List(_) => false,
        };
        if !empty {
            self.0.push((key.to_owned(), entry));
        }
    }

    /// A JSON object, its lists of objects as lists of tables.
    pub fn of_json(value: &Value) -> Fields {
        let mut fields = Fields::default();
        for (key, value) in value.as_object().into_iter().flatten() {
            match value {
                Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => {
                    fields.tables(key, items.iter().map(Fields::flat).collect());
                }
                Value::Object(_) => fields.block(key, Fields::flat(value)),
                Value::Null => {}
                value => fields.set(key, value.clone()),
            }
        }
        fields
    }

    /// A JSON object, everything in it in one line.
    fn flat(value: &Value) -> Fields {
        let mut fields = Fields::default();
        for (key, value) in value.as_object().into_iter().flatten() {
            match value {
                Value::Object(_) => fields.inline(key, Fields::flat(value)),
                Value::Null => {}
                value => fields.set(key, value.clone()),
            }
        }
        fields
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(key, entry)| (key.as_str(), entry))
    }
}

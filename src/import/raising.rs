//! What a kind sees while it turns a spec back into what a person would write.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::variable;
use super::{Fields, Names};
use crate::addr::Addr;
use crate::manifest::promises_secret;
use crate::scope::Scope;
use crate::text::{self, Text, Token, scan};

/// A value that stands in no manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The secret variable that the manifest names instead.
    pub variable: String,
    pub value: String,
}

/// The surroundings of a table.
pub struct Raising<'a> {
    pub addr: &'a Addr,
    pub scope: &'a Scope,
    pub names: &'a Names,
    /// Tags that everything has anyway.
    pub tags: &'a BTreeMap<String, String>,
    /// Where a function's code is: `code` or `zip`, and the path.
    pub code: Option<(&'a str, &'a str)>,
    /// What was noted of the resource that this one stands under.
    pub parent: Option<&'a Value>,
    /// The names of variables that are taken.
    pub variables: &'a RefCell<BTreeSet<String>>,
    /// Values that look like secrets: they become variables.
    pub secrets: RefCell<Vec<Hidden>>,
    /// What no manifest can say yet.
    pub unsaid: RefCell<Vec<String>>,
}

impl Raising<'_> {
    /// Notes what would be lost.
    pub fn lost(&self, what: impl Into<String>) {
        self.unsaid.borrow_mut().push(what.into());
    }

    /// `name`, where the header does not say it.
    pub fn name(&self, name: &str, fields: &mut Fields) {
        if name != format!("{}{}", self.scope.name_prefix, self.addr.name()) {
            fields.set("name", name);
        }
    }

    /// A text field: references for ARNs of what the manifest has, the rest taken literally.
    pub fn text(&self, text: &Text) -> String {
        self.plain(&text.to_string())
    }

    pub fn plain(&self, text: &str) -> String {
        self.names.referring(&self.literal(text), self.addr)
    }

    /// A text that stands for itself.
    pub fn literal(&self, text: &str) -> String {
        let literal = match scan(text).as_slice() {
            [] => true,
            [Token::Lit(same)] => same == text,
            _ => false,
        };
        match literal {
            true => text.to_owned(),
            false => text::escape(text),
        }
    }

    /// A field that names another thing: its header's name, or its ARN.
    pub fn named(&self, kind: &str, arn: &Text) -> String {
        let arn = arn.to_string();
        match self.names.by_arn(&arn).filter(|addr| addr.kind() == kind) {
            Some(addr) => addr.name().to_owned(),
            None => self.plain(&arn),
        }
    }

    /// The same for many, sorted.
    pub fn all_named<'t>(
        &self,
        kind: &str,
        arns: impl IntoIterator<Item = &'t Text>,
    ) -> Vec<String> {
        let mut names: Vec<String> = arns.into_iter().map(|arn| self.named(kind, arn)).collect();
        names.sort();
        names
    }

    /// Texts by name; what is called like a secret becomes a variable.
    pub fn veiled(&self, texts: &BTreeMap<String, Text>) -> Fields {
        let mut fields = Fields::default();
        for (key, value) in texts {
            // What is empty hides nothing.
            if !promises_secret(key) || value.known() == Some("") {
                fields.set(key, self.text(value));
                continue;
            }
            let variable = variable(self.addr.name(), key, &mut self.variables.borrow_mut());
            fields.set(key, format!("${{var.{variable}}}"));
            let value = value.to_string();
            self.secrets.borrow_mut().push(Hidden { variable, value });
        }
        fields
    }

    /// Texts by name.
    pub fn texts(&self, texts: &BTreeMap<String, Text>) -> Fields {
        let mut fields = Fields::default();
        for (key, value) in texts {
            fields.set(key, self.text(value));
        }
        fields
    }

    /// Tags that the project does not give.
    pub fn own_tags(&self, tags: &BTreeMap<String, Text>, fields: &mut Fields) {
        let mut own = tags.clone();
        own.retain(|key, value| self.tags.get(key).map(String::as_str) != value.known());
        fields.block("tags", self.texts(&own));
    }

    /// Every text of a JSON value, as a text field.
    pub fn json(&self, value: &Value) -> Value {
        match value {
            Value::String(plain) => Value::String(self.plain(plain)),
            Value::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Object(map) => {
                let deeper = map
                    .iter()
                    .map(|(key, value)| (key.clone(), self.json(value)));
                Value::Object(deeper.collect())
            }
            other => other.clone(),
        }
    }
}

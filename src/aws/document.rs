//! Policy documents: as people write them, and as AWS holds them.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::diff::policy::{self, Use};
use crate::problem::Problem;
use crate::resolve::{Ctx, Strength};
use crate::text;

/// The only version of the policy language that anyone should write.
pub const VERSION: &str = "2012-10-17";

/// A policy document, canonical: two that mean the same are equal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document(Value);

impl Document {
    pub fn new(value: &Value) -> Document {
        Document(policy::canonical(value))
    }

    /// Reads what AWS answers: JSON, URL-encoded by IAM (RFC 3986), plain elsewhere.
    pub fn from_aws(text: &str) -> Document {
        let decoded = match text.trim_start().starts_with('{') {
            true => text.into(),
            false => percent_decode_str(text).decode_utf8_lossy(),
        };
        match serde_json::from_str(&decoded) {
            Ok(value) => Document::new(&value),
            Err(_) => Document(Value::String(decoded.into_owned())),
        }
    }

    /// The text that AWS is sent.
    pub fn to_aws(&self) -> String {
        self.0.to_string()
    }

    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Its characters as IAM counts them, without white space, and without what only AWS knows.
    pub fn size(&self) -> usize {
        policy::size(&self.0)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Document, D::Error> {
        Value::deserialize(deserializer).map(|value| Document::new(&value))
    }
}

impl JsonSchema for Document {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Document".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "x-policy": true, "description": "An IAM policy document" })
    }
}

/// One `[[….allow]]` or `[[….deny]]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What may (not) be done, such as `s3:GetObject`.
    pub actions: Vec<String>,
    /// On what: ARNs, or `*`.
    pub resources: Vec<String>,
    /// Conditions in AWS's grammar: operator → key → values.
    #[serde(default)]
    pub when: BTreeMap<String, BTreeMap<String, Values>>,
    pub sid: Option<String>,
}

/// One text or a list of them.
#[derive(Debug, Clone)]
pub struct Values(pub Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> serde::de::Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E>(self, text: &str) -> Result<Values, E> {
        Ok(Values(vec![text.to_owned()]))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element::<String>()? {
            values.push(value);
        }
        Ok(Values(values))
    }
}

impl JsonSchema for Values {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Values".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "oneOf": [
            { "type": ["string", "boolean", "integer"] },
            { "type": "array", "items": { "type": "string" } }
        ] })
    }
}

/// A table in AWS's own policy grammar.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Table(pub Value);

impl JsonSchema for Table {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyTable".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "description": "A policy document in AWS's own grammar" })
    }
}

/// The document of `allow` and `deny` statements, checked; `None` without any.
pub fn of_statements(
    allow: &[Statement],
    deny: &[Statement],
    place: Place,
    ctx: &Ctx,
) -> Option<Document> {
    let mut statements = Vec::new();
    let mut places = Vec::new();
    for (effect, key, list) in [("Allow", "allow", allow), ("Deny", "deny", deny)] {
        for (at, statement) in list.iter().enumerate() {
            let path = [key.to_owned(), at.to_string()];
            let from: Vec<&str> = path.iter().map(String::as_str).collect();
            statements.push(of_statement(effect, &from, statement, ctx));
            places.push(path);
        }
    }
    let first = places.first()?.clone();
    let written = json!({ "Version": VERSION, "Statement": statements });
    for problem in policy::check_as(&written, place.limit, place.used) {
        let path = in_block(&problem.path, &places).unwrap_or_else(|| vec![first[0].clone()]);
        ctx.problem(Problem { path, ..problem });
    }
    Some(Document::new(&written))
}

/// `Statement.2.Action.0` as the block has it: `deny.0.actions.0`.
fn in_block(path: &[String], places: &[[String; 2]]) -> Option<Vec<String>> {
    let [_, index, inside @ ..] = path else {
        return None;
    };
    let mut out = places.get(index.parse::<usize>().ok()?)?.to_vec();
    let Some((key, rest)) = inside.split_first() else {
        return Some(out);
    };
    out.push(match key.as_str() {
        "Action" => "actions".into(),
        "Resource" => "resources".into(),
        "Condition" => "when".into(),
        "Sid" => "sid".into(),
        other => other.into(),
    });
    out.extend(rest.iter().cloned());
    Some(out)
}

fn of_statement(effect: &str, path: &[&str], statement: &Statement, ctx: &Ctx) -> Value {
    let under = |key: &'static str| -> Vec<&str> { path.iter().copied().chain([key]).collect() };
    let texts = |key: &'static str, list: &[String]| -> Value {
        list.iter()
            .map(|raw| text::to_value(&ctx.text(&under(key), raw)))
            .collect()
    };
    let mut document = Map::new();
    document.insert("Effect".into(), effect.into());
    document.insert("Action".into(), texts("actions", &statement.actions));
    document.insert("Resource".into(), texts("resources", &statement.resources));
    if let Some(sid) = &statement.sid {
        document.insert("Sid".into(), sid.as_str().into());
    }
    if !statement.when.is_empty() {
        let mut when = Map::new();
        for (operator, keys) in &statement.when {
            let keys = keys
                .iter()
                .map(|(key, values)| (key.clone(), texts("when", &values.0)));
            when.insert(operator.clone(), Value::Object(keys.collect()));
        }
        document.insert("Condition".into(), Value::Object(when));
    }
    Value::Object(document)
}

/// Where a document is put, and how long AWS lets it be there, in characters without white space.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub used: Use,
    pub limit: usize,
}

impl Place {
    /// The inline policies of a role, all together.
    pub const INLINE: Place = Place::of(Use::Identity, 10_240);
    pub const MANAGED: Place = Place::of(Use::Identity, 6144);
    /// As far as AWS raises the quota; 2,048 at first.
    pub const TRUST: Place = Place::of(Use::Trust, 8192);
    /// On an API.
    pub const API: Place = Place::of(Use::Resource, 8192);

    const fn of(used: Use, limit: usize) -> Place {
        Place { used, limit }
    }
}

/// A document written in AWS's own grammar, checked; every text in it may hold references.
pub fn of_table(
    path: &[&str],
    table: &Value,
    place: Place,
    ctx: &Ctx,
    strength: Strength,
) -> Document {
    let written = texts_of(path, table, ctx, strength);
    for problem in policy::check_as(&written, place.limit, place.used) {
        ctx.problem(problem.under(path));
    }
    Document::new(&written)
}

fn texts_of(path: &[&str], value: &Value, ctx: &Ctx, strength: Strength) -> Value {
    match value {
        Value::String(raw) => text::to_value(&ctx.text_with(path, raw, strength)),
        Value::Array(items) => items
            .iter()
            .map(|item| texts_of(path, item, ctx, strength))
            .collect(),
        Value::Object(map) if map.contains_key(TOML_DATE) => {
            ctx.problem(
                Problem::at(path, "a date where a text belongs")
                    .help("put quotes around it: \"2012-10-17\""),
            );
            Value::Null
        }
        Value::Object(map) => {
            let deeper = |(key, inner): (&String, &Value)| {
                let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
                (key.clone(), texts_of(&path, inner, ctx, strength))
            };
            Value::Object(map.iter().map(deeper).collect())
        }
        other => other.clone(),
    }
}

/// How the toml crate hands a date to serde.
const TOML_DATE: &str = "$__toml_private_datetime";

/// A document in a file of JSON, checked; it is not substituted.
pub fn of_file(path: &[&str], file: &str, place: Place, ctx: &Ctx) -> Option<Document> {
    let file = ctx.plain(path, file);
    let full = ctx.scope.root.join(&file);
    let read =
        crate::files::text(&full).map_err(|error| format!("`{file}` cannot be read: {error}"));
    let parsed = read.and_then(|text| {
        serde_json::from_str::<Value>(&text)
            .map_err(|error| format!("`{file}` is not JSON: {error}"))
    });
    match parsed {
        Ok(value) => {
            in_words(path, &value, place, ctx);
            Some(Document::new(&value))
        }
        Err(message) => {
            ctx.problem(Problem::at(path, message).help("paths start at the manifest's folder"));
            None
        }
    }
}

/// Checks a document that does not stand in the manifest: the place inside is said in words.
fn in_words(path: &[&str], document: &Value, place: Place, ctx: &Ctx) {
    for problem in policy::check_as(document, place.limit, place.used) {
        let inside = problem.path.join(".");
        let message = match inside.is_empty() {
            true => problem.message.clone(),
            false => format!("{inside}: {}", problem.message),
        };
        let at = Problem::at(path, message);
        ctx.problem(Problem {
            help: problem.help,
            level: problem.level,
            ..at
        });
    }
}

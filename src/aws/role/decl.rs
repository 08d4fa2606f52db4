//! What a person writes of a role, and what AWS can hold of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::Spec;
use crate::aws::document::{self, Document, Statement, Table, VERSION};
use crate::aws::limits;
use crate::aws::tags;
use crate::problem::Problem;
use crate::resolve::{Ctx, Strength};
use crate::text;

/// `[role.X]`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decl {
    /// The name in AWS; without it the header's own, after `name_prefix`. At most 64 characters.
    pub name: Option<String>,
    /// Who may assume it: a service such as `lambda.amazonaws.com`, a list of principals, or a policy table.
    pub trust: Trust,
    /// Managed policies: names of `[policy.*]`, or ARNs.
    #[serde(default)]
    pub attach: Vec<String>,
    /// What it may do: one inline policy named `slp`.
    #[serde(default)]
    pub allow: Vec<Statement>,
    /// What it must not do.
    #[serde(default)]
    pub deny: Vec<Statement>,
    /// More inline policies, by name, in AWS's own grammar or as `file = "x.json"`.
    #[serde(default)]
    pub inline: BTreeMap<String, Table>,
    /// The permissions boundary: a `[policy.*]` or an ARN.
    pub boundary: Option<String>,
    /// Starts and ends with `/`. AWS's default is `/`.
    pub path: Option<String>,
    /// At most 1,000 characters.
    #[serde(default)]
    pub description: String,
    /// Seconds, 3,600 to 43,200.
    #[serde(default = "hour")]
    #[schemars(range(min = 3600, max = 43200))]
    pub max_session_duration: i32,
    /// Whether policies that slp did not put there are removed.
    #[serde(default = "yes")]
    pub exclusive: bool,
}

fn hour() -> i32 {
    3600
}

fn yes() -> bool {
    true
}

/// Who may assume a role.
#[derive(Debug)]
pub enum Trust {
    Principals(Vec<String>),
    Policy(Value),
}

impl<'de> Deserialize<'de> for Trust {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Trust, D::Error> {
        deserializer.deserialize_any(TrustVisitor)
    }
}

struct TrustVisitor;

impl<'de> Visitor<'de> for TrustVisitor {
    type Value = Trust;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(
            "a service such as \"lambda.amazonaws.com\", a list of principals, or a policy table",
        )
    }

    fn visit_str<E>(self, text: &str) -> Result<Trust, E> {
        Ok(Trust::Principals(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Trust, A::Error> {
        let mut principals = Vec::new();
        while let Some(principal) = seq.next_element()? {
            principals.push(principal);
        }
        Ok(Trust::Principals(principals))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Trust, A::Error> {
        Value::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Trust::Policy)
    }
}

impl JsonSchema for Trust {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Trust".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "oneOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" } },
            { "type": "object" }
        ] })
    }
}

pub fn lower(decl: &Decl, ctx: &Ctx) -> Option<Spec> {
    let name = ctx.aws_name(&decl.name);
    limits::iam_name(&["name"], &name, 64, ctx);
    let path = decl
        .path
        .as_ref()
        .map_or_else(|| "/".into(), |path| ctx.plain(&["path"], path));
    limits::iam_path(&["path"], &path, ctx);
    limits::range(
        &["max_session_duration"],
        decl.max_session_duration,
        3600..=43200,
        "s",
        ctx,
    );
    limits::length(&["description"], &decl.description, 1000, ctx);
    let trust = trust(&decl.trust, ctx)?;
    document::check(&["trust"], &trust, 8192, true, ctx);
    let inline = inline(decl, ctx);
    let sum: usize = inline
        .values()
        .map(|document| limits::characters(&document.to_aws()))
        .sum();
    if sum > 10_240 {
        ctx.problem(
            Problem::at(
                &["inline"],
                format!("the inline policies have {sum} characters; AWS takes 10240 in all"),
            )
            .help("move some into a [policy.*] of their own and attach it"),
        );
    }
    Some(Spec {
        trust,
        attach: attach(decl, ctx),
        inline,
        boundary: decl
            .boundary
            .as_ref()
            .map(|raw| ctx.arn_of(&["boundary"], "policy", raw)),
        description: ctx.text(&["description"], &decl.description),
        max_session_duration: decl.max_session_duration,
        tags: tags::wanted(ctx),
        exclusive: decl.exclusive,
        name,
        path,
    })
}

fn attach(decl: &Decl, ctx: &Ctx) -> BTreeSet<crate::text::Text> {
    if decl.attach.len() > 25 {
        let message = format!(
            "{} attached policies; AWS takes 10, and at most 25 on request",
            decl.attach.len()
        );
        ctx.problem(Problem::at(&["attach"], message));
    }
    let one = |(at, raw): (usize, &String)| ctx.arn_of(&["attach", &at.to_string()], "policy", raw);
    decl.attach.iter().enumerate().map(one).collect()
}

fn inline(decl: &Decl, ctx: &Ctx) -> BTreeMap<String, Document> {
    let mut inline = BTreeMap::new();
    for (name, Table(table)) in &decl.inline {
        let path = ["inline", name.as_str()];
        let file = table.get("file").and_then(Value::as_str);
        let document = match file {
            Some(file) => document::of_file(&path, file, ctx),
            None => Some(document::of_table(&path, table, ctx, Strength::Soft)),
        };
        if let Some(document) = document {
            document::check(&path, &document, 10_240, false, ctx);
            inline.insert(name.clone(), document);
        }
    }
    if let Some(document) = document::of_statements(&decl.allow, &decl.deny, ctx) {
        let key = if decl.allow.is_empty() {
            "deny"
        } else {
            "allow"
        };
        document::check(&[key], &document, 10_240, false, ctx);
        if inline.insert("slp".into(), document).is_some() {
            ctx.problem(
                Problem::at(
                    &["inline", "slp"],
                    "`slp` is the name that `allow` and `deny` take",
                )
                .help("give this inline policy another name"),
            );
        }
    }
    inline
}

fn trust(trust: &Trust, ctx: &Ctx) -> Option<Document> {
    let principals = match trust {
        Trust::Policy(table) => {
            return Some(document::of_table(&["trust"], table, ctx, Strength::Hard));
        }
        Trust::Principals(principals) => principals,
    };
    if principals.is_empty() {
        ctx.problem(
            Problem::at(&["trust"], "nobody may assume this role")
                .help("name a service, such as \"lambda.amazonaws.com\""),
        );
        return None;
    }
    let mut services = Vec::new();
    let mut others = Vec::new();
    for principal in principals {
        let value = text::to_value(&ctx.text_with(&["trust"], principal, Strength::Hard));
        match principal.ends_with(".amazonaws.com") || principal.ends_with(".amazonaws.com.cn") {
            true => services.push(value),
            false => others.push(value),
        }
    }
    let mut who = serde_json::Map::new();
    if !services.is_empty() {
        who.insert("Service".into(), services.into());
    }
    if !others.is_empty() {
        who.insert("AWS".into(), others.into());
    }
    let statement = json!({ "Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": who });
    Some(Document::new(
        &json!({ "Version": VERSION, "Statement": [statement] }),
    ))
}

//! What a person writes of a role, and what AWS can hold of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::Spec;
use crate::aws::document::{self, Document, Place, Statement, Table, VERSION};
use crate::aws::{limits, tags};
use crate::bounds::texts;
use crate::diff::policy;
use crate::iam::services;
use crate::problem::Problem;
use crate::resolve::{Ctx, Strength};
use crate::text::{self, Text};

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
    limits::iam_path(
        &["path"],
        decl.path.as_deref().unwrap_or("/"),
        texts::is_role_path,
        ctx,
    );
    limits::range(
        &["max_session_duration"],
        decl.max_session_duration,
        3600..=43200,
        "s",
        ctx,
    );
    let inline = inline(decl, ctx);
    let sum: usize = inline.values().map(Document::size).sum();
    if sum > 10_240 {
        ctx.problem(
            Problem::at(
                &["inline"],
                format!("the inline policies have {sum} characters; AWS takes 10240 in all"),
            )
            .help("move some into a [policy.*] of their own and attach it"),
        );
    }
    let trust = trust(&decl.trust, ctx)?;
    trust_fits(&trust, ctx);
    Some(Spec {
        trust,
        attach: attach(decl, ctx),
        inline,
        boundary: decl
            .boundary
            .as_ref()
            .map(|raw| limits::policy(&["boundary"], raw, ctx)),
        description: description(decl, ctx),
        max_session_duration: decl.max_session_duration,
        tags: tags::in_iam(ctx),
        exclusive: decl.exclusive,
        name,
        path,
    })
}

/// IAM takes Latin letters only.
fn description(decl: &Decl, ctx: &Ctx) -> Text {
    let at = ["description"];
    limits::length(&at, &decl.description, 1000, ctx);
    if let Some((before, c)) = texts::stranger_in_description(&decl.description) {
        let code = c as u32;
        let message = format!(
            "character {} is {c:?} (U+{code:04X}), which IAM takes in no role's description",
            before + 1
        );
        ctx.problem(Problem::at(&at, message).help(
            "it takes letters and signs of ASCII and Latin-1, such as `-` in place of a long dash",
        ));
    }
    ctx.text(&at, &decl.description)
}

fn attach(decl: &Decl, ctx: &Ctx) -> BTreeSet<Text> {
    let many = decl.attach.len();
    if many > 10 {
        let message = format!("{many} attached policies; AWS takes 10, and at most 25 on request");
        let problem = Problem::at(&["attach"], message);
        ctx.problem(match many {
            ..=25 => problem.warning(),
            _ => problem,
        });
    }
    let one = |(at, raw): (usize, &String)| {
        let at = ["attach", &at.to_string()];
        let policy = limits::policy(&at, raw, ctx);
        if policy.to_string().contains(":policy/aws-service-role/") {
            let message = format!("`{policy}` is for a service's own roles only");
            ctx.problem(Problem::at(&at, message).help("AWS attaches it to no other role"));
        }
        policy
    };
    decl.attach.iter().enumerate().map(one).collect()
}

/// AWS takes 2,048 characters until its quota is raised.
fn trust_fits(trust: &Document, ctx: &Ctx) {
    const AT_FIRST: usize = 2048;
    let size = trust.size();
    if size > AT_FIRST && size <= Place::TRUST.limit {
        let message = format!(
            "the trust policy has {size} characters; AWS takes {AT_FIRST}, and more on request"
        );
        ctx.problem(Problem::at(&["trust"], message).warning());
    }
}

fn inline(decl: &Decl, ctx: &Ctx) -> BTreeMap<String, Document> {
    let mut inline = BTreeMap::new();
    for (name, Table(table)) in &decl.inline {
        let path = ["inline", name.as_str()];
        limits::iam_name(&path, name, 128, ctx);
        let file = table.get("file").and_then(Value::as_str);
        let document = match file {
            Some(file) => document::of_file(&path, file, Place::INLINE, ctx),
            None => {
                let (place, soft) = (Place::INLINE, Strength::Soft);
                Some(document::of_table(&path, table, place, ctx, soft))
            }
        };
        inline.extend(document.map(|document| (name.clone(), document)));
    }
    let own = document::of_statements(&decl.allow, &decl.deny, Place::INLINE, ctx);
    if let Some(document) = own
        && inline.insert("slp".into(), document).is_some()
    {
        ctx.problem(
            Problem::at(
                &["inline", "slp"],
                "`slp` is the name that `allow` and `deny` take",
            )
            .help("give this inline policy another name"),
        );
    }
    inline
}

fn trust(trust: &Trust, ctx: &Ctx) -> Option<Document> {
    let principals = match trust {
        Trust::Policy(table) => {
            let (at, place) = (["trust"], Place::TRUST);
            return Some(document::of_table(&at, table, place, ctx, Strength::Hard));
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
    for (at, principal) in principals.iter().enumerate() {
        let path = ["trust", &at.to_string()];
        if principal.trim_start().starts_with('{') {
            ctx.problem(
                Problem::at(&path, "a policy as JSON in a text is not read").help(
                    "name who may assume the role, such as trust = \"lambda.amazonaws.com\", or write the policy as a table",
                ),
            );
            return None;
        }
        let name = ctx.text_with(&path, principal, Strength::Hard);
        let (kind, list) = match services::is_meant(principal) {
            true => ("Service", &mut services),
            false => ("AWS", &mut others),
        };
        if let Some(problem) = policy::whom(kind, &name, &path) {
            ctx.problem(problem);
        }
        list.push(text::to_value(&name));
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

//! What a person writes of a stage, and what AWS can hold of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Spec, Throttle, serves};
use crate::aws::{limits, tags};
use crate::bounds::texts;
use crate::problem::Problem;
use crate::resolve::{Ctx, Strength};
use crate::text::{Piece, Text};

/// `[api.X.stage.NAME]`
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decl {
    #[serde(default)]
    pub description: String,
    /// Stage variables: `${stageVariables.NAME}` in what the API says.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Whether X-Ray traces requests.
    #[serde(default)]
    pub tracing: bool,
    /// How many requests pass, every method together; absent: as many as the account may.
    pub throttle: Option<Throttle>,
    #[serde(default)]
    #[schemars(skip)]
    pub cache: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub logging: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub access_log: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub canary: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub client_certificate: Option<IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    pub settings: Option<IgnoredAny>,
}

pub fn lower(decl: &Decl, ctx: &Ctx) -> Option<Spec> {
    refuse_later(decl, ctx);
    check(decl, ctx);
    let api = ctx.addr.parent()?;
    ctx.needs(&api, Strength::Hard);
    let id = Piece::Ref {
        addr: api,
        output: "id".into(),
    };
    Some(Spec {
        api: Text::Template(vec![id]),
        name: ctx.addr.name().to_owned(),
        serves: serves::digest(ctx.parent),
        description: ctx.text(&["description"], &decl.description),
        variables: variables(decl, ctx),
        tracing: decl.tracing,
        throttle: decl.throttle,
        extra: BTreeMap::new(),
        tags: tags::wanted(ctx),
    })
}

fn refuse_later(decl: &Decl, ctx: &Ctx) {
    let fields = [
        ("cache", &decl.cache),
        ("logging", &decl.logging),
        ("access_log", &decl.access_log),
        ("canary", &decl.canary),
        ("client_certificate", &decl.client_certificate),
        ("settings", &decl.settings),
    ];
    for (name, field) in fields {
        limits::later(&[name], field, ctx);
    }
}

fn check(decl: &Decl, ctx: &Ctx) {
    limits::length(&["description"], &decl.description, 1024, ctx);
    let name = ctx.addr.name();
    if name.len() > 128 {
        let message = format!(
            "the name `{name}` has {} characters; AWS takes 128",
            name.len()
        );
        ctx.problem(Problem::at(&[], message));
    }
    if ctx.parent_is_whole && serves::nothing(ctx.parent) {
        ctx.problem(
            Problem::at(&[], "the API has no routes, and AWS deploys no empty API")
                .help("write a route under the API's `routes`, or leave the stage out"),
        );
    }
    if let Some(throttle) = decl.throttle {
        if !(throttle.rate.is_finite() && throttle.rate >= 0.0) {
            ctx.problem(Problem::at(
                &["throttle", "rate"],
                "a rate is 0 or more requests a second",
            ));
        }
        limits::range(
            &["throttle", "burst"],
            throttle.burst,
            0..=i32::MAX,
            "requests",
            ctx,
        );
    }
}

/// AWS: names up to 64 letters, digits and `_`; values up to 512 of `[A-Za-z0-9-._~:/?#&=,]`;
/// 100 in all.
fn variables(decl: &Decl, ctx: &Ctx) -> BTreeMap<String, Text> {
    if decl.variables.len() > 100 {
        let message = format!("{} stage variables; AWS takes 100", decl.variables.len());
        ctx.problem(Problem::at(&["variables"], message));
    }
    let mut variables = BTreeMap::new();
    for (name, raw) in &decl.variables {
        let at = ["variables", name.as_str()];
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name || name.is_empty() || name.len() > 64 {
            ctx.problem(
                Problem::of_key(&at, format!("`{name}` cannot be a stage variable"))
                    .help("up to 64 letters, digits and `_`"),
            );
        }
        let value = ctx.text(&at, raw);
        // Without a network an ARN holds named holes; with one it has none.
        let whole = ctx.measurable(&value);
        let known = ["account", "region"].iter().fold(whole, |text, fact| {
            text.replace(&format!("<project.{fact}>"), "")
        });
        if let Some(c) = texts::stranger_in_stage_variable(&known) {
            ctx.problem(
                Problem::at(
                    &at,
                    format!("`{}` cannot stand in a stage variable", c.escape_debug()),
                )
                .help("letters, digits and `- . _ ~ : / ? # & = ,` can"),
            );
        }
        if value.known() == Some("") {
            let message = format!("the stage variable `{name}` is empty, which AWS refuses");
            ctx.problem(Problem::at(&at, message).help("leave it out, or give it a value"));
        }
        limits::length(&at, &known, texts::LONGEST_STAGE_VARIABLE, ctx);
        variables.insert(name.clone(), value);
    }
    variables
}

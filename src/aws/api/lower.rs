//! From a declared API to what AWS can hold.

use std::collections::BTreeMap;

use super::decl::{Decl, KeySource};
use super::spec::{Endpoint, Route, Spec};
use super::{cors, paths, route};
use crate::aws::document::{self, Document, Place};
use crate::aws::{limits, tags};
use crate::problem::Problem;
use crate::resolve::{Ctx, Strength};

pub fn lower(decl: &Decl, ctx: &Ctx) -> Option<Spec> {
    limits::later(&["openapi"], &decl.openapi, ctx);
    check(decl, ctx);
    let mut routes = BTreeMap::new();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (key, declared) in &decl.routes {
        if let Some((_, path)) = paths::check(key, ctx) {
            seen.insert(key, path);
            let route = route::lower(key, declared, ctx);
            routes.extend(route.map(|route| (key.clone(), route)));
        }
    }
    paths::check_all(&seen, ctx);
    if decl
        .binary_media_types
        .iter()
        .any(|media| takes_json(media))
    {
        routes.values_mut().for_each(as_text);
    }
    if let Some(rules) = cors::rules(decl.cors.as_ref(), ctx) {
        cors::add(&rules, &seen, &decl.binary_media_types, &mut routes, ctx);
    }
    Some(Spec {
        name: ctx.aws_name(&decl.name),
        description: ctx.text(&["description"], &decl.description),
        endpoint: decl.endpoint,
        vpc_endpoints: decl.vpc_endpoints.iter().cloned().collect(),
        binary_media_types: decl.binary_media_types.iter().cloned().collect(),
        minimum_compression_size: decl.minimum_compression_size.map(|size| size as i32),
        api_key_source: match decl.api_key_source {
            KeySource::Header => "HEADER".into(),
            KeySource::Authorizer => "AUTHORIZER".into(),
        },
        policy: policy(decl, ctx),
        disable_execute_api_endpoint: decl.disable_execute_api_endpoint,
        routes,
        tags: tags::wanted(ctx),
    })
}

/// Is JSON bytes to such an API, and with it every request that does not say what it is?
fn takes_json(media: &str) -> bool {
    matches!(media, "*/*" | "application/*" | "application/json")
}

/// A mock is a fixed answer, but its request template cannot read bytes: without this it fails.
fn as_text(route: &mut Route) {
    if route.integration == "MOCK" && route.content_handling.is_none() {
        route.content_handling = Some("CONVERT_TO_TEXT".into());
    }
}

/// AWS's quota of stages an API, which it raises.
const STAGES: usize = 10;

fn check(decl: &Decl, ctx: &Ctx) {
    let stages = ctx.names.children(ctx.addr, "stage").count();
    if stages > STAGES {
        let message = format!("{stages} stages; AWS takes {STAGES} an API, and more on request");
        ctx.problem(Problem::at(&[], message).warning());
    }
    limits::length(&["description"], &decl.description, 1024, ctx);
    if let Some(size) = decl.minimum_compression_size {
        let at = ["minimum_compression_size"];
        limits::range(&at, size, 0..=10_485_760, "bytes", ctx);
    }
    if decl
        .name
        .as_deref()
        .is_some_and(|name| name.trim().is_empty())
    {
        ctx.problem(Problem::at(&["name"], "a name cannot be empty"));
    }
    if !decl.vpc_endpoints.is_empty() && decl.endpoint != Endpoint::Private {
        ctx.problem(
            Problem::at(&["vpc_endpoints"], "only a private API has VPC endpoints")
                .help("write `endpoint = \"private\"`, or leave `vpc_endpoints` out"),
        );
    }
    for (at, media) in decl.binary_media_types.iter().enumerate() {
        if !media.contains('/') {
            ctx.problem(
                Problem::at(
                    &["binary_media_types", &at.to_string()],
                    format!("`{media}` is not a media type"),
                )
                .help("such as `image/png`, `image/*` or `*/*`"),
            );
        }
    }
}

fn policy(decl: &Decl, ctx: &Ctx) -> Option<Document> {
    let table = decl.policy.as_ref()?;
    let at = ["policy"];
    Some(document::of_table(
        &at,
        &table.0,
        Place::API,
        ctx,
        Strength::Soft,
    ))
}

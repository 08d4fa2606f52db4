//! What a person writes of a managed policy.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::Spec;
use crate::aws::document::{self, Document, Place, Statement, Table, VERSION};
use crate::aws::{limits, tags};
use crate::bounds::texts;
use crate::problem::Problem;
use crate::resolve::{Ctx, Strength};

/// `[policy.X]`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decl {
    /// The name in AWS; without it the header's own, after `name_prefix`. At most 128 characters.
    pub name: Option<String>,
    /// What it allows.
    #[serde(default)]
    pub allow: Vec<Statement>,
    /// What it denies.
    #[serde(default)]
    pub deny: Vec<Statement>,
    /// The whole document in AWS's own grammar, in place of `allow` and `deny`.
    pub document: Option<Table>,
    /// A file that holds the document as JSON.
    pub file: Option<String>,
    /// Starts and ends with `/`. AWS's default is `/`.
    pub path: Option<String>,
    /// At most 1,000 characters; a change replaces the policy.
    #[serde(default)]
    pub description: String,
}

pub fn lower(decl: &Decl, ctx: &Ctx) -> Option<Spec> {
    let name = ctx.aws_name(&decl.name);
    limits::iam_name(&["name"], &name, 128, ctx);
    let path = decl
        .path
        .as_ref()
        .map_or_else(|| "/".into(), |path| ctx.plain(&["path"], path));
    limits::iam_path(
        &["path"],
        decl.path.as_deref().unwrap_or("/"),
        texts::is_policy_path,
        ctx,
    );
    limits::length(&["description"], &decl.description, 1000, ctx);
    let document = document(decl, ctx)?;
    let description = ctx.plain(&["description"], &decl.description).into();
    Some(Spec {
        name,
        path,
        description,
        document,
        tags: tags::in_iam(ctx),
    })
}

fn document(decl: &Decl, ctx: &Ctx) -> Option<Document> {
    let statements = !(decl.allow.is_empty() && decl.deny.is_empty());
    let given = [statements, decl.document.is_some(), decl.file.is_some()];
    if given.iter().filter(|given| **given).count() != 1 {
        let what = match given.contains(&true) {
            true => "more than one document",
            false => "no document",
        };
        ctx.problem(Problem::at(
            &[],
            format!("{what}: a policy takes one of `allow`/`deny`, `document` or `file`"),
        ));
        return None;
    }
    if let Some(Table(table)) = &decl.document {
        let mut table = table.clone();
        if let Some(map) = table.as_object_mut() {
            map.entry("Version").or_insert_with(|| json!(VERSION));
        }
        let at = ["document"];
        return Some(document::of_table(
            &at,
            &table,
            Place::MANAGED,
            ctx,
            Strength::Soft,
        ));
    }
    if let Some(file) = &decl.file {
        return document::of_file(&["file"], file, Place::MANAGED, ctx);
    }
    document::of_statements(&decl.allow, &decl.deny, Place::MANAGED, ctx)
}

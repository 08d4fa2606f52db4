//! `[role.X]`: an IAM role, managed whole: its trust, its attached and inline policies,
//! its boundary. What was added to it by hand shows as something to remove, unless
//! `exclusive = false`.
//!
//! Not here: managed policies of one's own (`policy`), and instance profiles.

mod decl;
mod raise;
mod read;
mod words;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloud::Cloud;
use super::document::Document;
use super::resource::{Answer, Asked, Resource, Transition, Work};
use super::tags::{self, Tags};
use crate::import::{Fields, Raising};
use crate::kind::{Identity, Outputs};
use crate::provider::ProviderError;
use crate::resolve::Ctx;
use crate::scope::Scope;
use crate::text::Text;

pub struct Role;

/// What AWS can hold of a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    #[schemars(extend("x-replace" = true))]
    pub name: String,
    #[schemars(extend("x-replace" = true, "default" = "/"))]
    pub path: String,
    pub trust: Document,
    pub description: Text,
    #[schemars(extend("x-unit" = "s", "default" = 3600))]
    pub max_session_duration: i32,
    pub boundary: Option<Text>,
    #[schemars(extend("x-set" = true))]
    pub attach: BTreeSet<Text>,
    /// `allow` and `deny` are the one named `slp`.
    pub inline: BTreeMap<String, Document>,
    pub tags: Tags,
    /// Whether policies that slp did not put there go.
    #[schemars(extend("default" = true))]
    pub exclusive: bool,
}

/// Noted at a read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// `AROA…`: changes when a role is made anew under its old name.
    pub unique_id: String,
    /// Left alone because of `exclusive = false`, but in the way of a delete.
    pub other_attached: Vec<String>,
    pub other_inline: Vec<String>,
}

/// One AWS call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Create,
    Trust,
    Settings,
    SetBoundary,
    DropBoundary,
    Attach(Text),
    Detach(Text),
    PutInline(String),
    DropInline(String),
    Untag(Vec<String>),
    /// With the ownership tags, after a move.
    Tag {
        own: bool,
    },
    Delete,
}

impl Resource for Role {
    const KIND: &'static str = "role";
    const ABOUT: &'static str = "An IAM role, managed whole";
    const OUTPUTS: &'static [&'static str] = &["arn", "name", "id"];
    const WORDS: crate::elsewhere::Words = words::WORDS;
    type Decl = decl::Decl;
    type Spec = Spec;
    type Facts = Facts;
    type Step = Step;

    fn identity(decl: &Self::Decl, name: &str, scope: &Scope) -> Identity {
        let name = decl
            .name
            .clone()
            .unwrap_or_else(|| format!("{}{name}", scope.name_prefix));
        let path = decl.path.as_deref().unwrap_or("/");
        let arn = scope.arn("iam", &format!("role{path}{name}"));
        Identity {
            known: BTreeMap::from([("arn".into(), arn), ("name".into(), name.clone())]),
            id: Some(name),
        }
    }

    fn lower(decl: &Self::Decl, ctx: &Ctx) -> Option<Spec> {
        decl::lower(decl, ctx)
    }

    fn outputs(_: &str, spec: &Spec, facts: &Facts, scope: &Scope) -> Outputs {
        let arn = scope.arn("iam", &format!("role{}{}", spec.path, spec.name));
        BTreeMap::from([
            ("arn".into(), arn),
            ("name".into(), spec.name.clone()),
            ("id".into(), facts.unique_id.clone()),
        ])
    }

    fn steps(delta: &Transition<Self>) -> Vec<Step> {
        match (&delta.before, &delta.after) {
            (None, Some(after)) => create(after),
            (Some(before), Some(after)) => update(before, after, delta),
            (Some(before), None) => delete(before, &delta.facts),
            (None, None) => Vec::new(),
        }
    }

    fn call(step: &Step) -> Option<&'static str> {
        Some(match step {
            Step::Create => "CreateRole",
            Step::Trust => "UpdateAssumeRolePolicy",
            Step::Settings => "UpdateRole",
            Step::SetBoundary => "PutRolePermissionsBoundary",
            Step::DropBoundary => "DeleteRolePermissionsBoundary",
            Step::Attach(_) => "AttachRolePolicy",
            Step::Detach(_) => "DetachRolePolicy",
            Step::PutInline(_) => "PutRolePolicy",
            Step::DropInline(_) => "DeleteRolePolicy",
            Step::Untag(_) => "UntagRole",
            Step::Tag { .. } => "TagRole",
            Step::Delete => "DeleteRole",
        })
    }

    fn fits(id: &str, spec: &Spec) -> bool {
        id == spec.name
    }

    fn raise(spec: &Spec, _: &Facts, r: &Raising) -> Fields {
        raise::raise(spec, r)
    }

    fn uses(spec: &Spec) -> Vec<String> {
        raise::uses(spec)
    }

    fn id_of(arn: &str, scope: &Scope) -> Option<String> {
        raise::id_of(arn, scope)
    }

    async fn read(cloud: &Cloud, asked: Vec<Asked<Self>>) -> Vec<Answer<Self>> {
        read::read(cloud, asked).await
    }

    async fn run(
        cloud: &Cloud,
        step: Step,
        work: &mut Work<'_, Self>,
    ) -> Result<(), ProviderError> {
        write::run(cloud, step, work).await
    }
}

fn create(after: &Spec) -> Vec<Step> {
    let mut steps = vec![Step::Create];
    steps.extend(after.inline.keys().cloned().map(Step::PutInline));
    steps.extend(after.attach.iter().cloned().map(Step::Attach));
    steps
}

/// Permissions are added before they are taken away, so that nothing that works stops between two calls.
fn update(before: &Spec, after: &Spec, delta: &Transition<Role>) -> Vec<Step> {
    let mut steps = Vec::new();
    if before.trust != after.trust || !delta.renewed.is_empty() && names_a_role(&after.trust) {
        steps.push(Step::Trust);
    }
    if (&before.description, before.max_session_duration)
        != (&after.description, after.max_session_duration)
    {
        steps.push(Step::Settings);
    }
    match (&before.boundary, &after.boundary) {
        (before, after) if before == after => {}
        (_, Some(_)) => steps.push(Step::SetBoundary),
        (_, None) => steps.push(Step::DropBoundary),
    }
    let changed =
        |(name, document): &(&String, &Document)| before.inline.get(*name) != Some(document);
    steps.extend(
        after
            .inline
            .iter()
            .filter(changed)
            .map(|(name, _)| Step::PutInline(name.clone())),
    );
    steps.extend(
        after
            .attach
            .difference(&before.attach)
            .cloned()
            .map(Step::Attach),
    );
    steps.extend(
        before
            .attach
            .difference(&after.attach)
            .cloned()
            .map(Step::Detach),
    );
    let dropped = before
        .inline
        .keys()
        .filter(|name| !after.inline.contains_key(*name));
    steps.extend(dropped.cloned().map(Step::DropInline));
    let (gone, set) = tags::change(&before.tags, &after.tags);
    if !gone.is_empty() {
        steps.push(Step::Untag(gone));
    }
    if set || delta.moved {
        steps.push(Step::Tag { own: delta.moved });
    }
    steps
}

fn names_a_role(trust: &Document) -> bool {
    trust.to_aws().contains(":role/")
}

fn delete(before: &Spec, facts: &Facts) -> Vec<Step> {
    let others = facts.other_attached.iter().cloned().map(Text::Known);
    let mut steps: Vec<Step> = before
        .attach
        .iter()
        .cloned()
        .chain(others)
        .map(Step::Detach)
        .collect();
    steps.extend(
        before
            .inline
            .keys()
            .chain(&facts.other_inline)
            .cloned()
            .map(Step::DropInline),
    );
    steps.push(Step::Delete);
    steps
}

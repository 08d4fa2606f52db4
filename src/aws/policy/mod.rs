//! `[policy.X]`: a managed policy of one's own. A change of its document is a new version,
//! made the default at once; the oldest goes when there are five already.
//!
//! Not here: who attaches it (`role`). A replacement (its path or description changed)
//! takes it off our own roles and puts it back; attached elsewhere it is refused.

mod decl;
mod raise;
mod read;
mod words;
mod write;

use std::collections::BTreeMap;

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

pub use read::document_of;

pub struct Policy;

/// What AWS can hold of a managed policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    #[schemars(extend("x-replace" = true))]
    pub name: String,
    #[schemars(extend("x-replace" = true, "default" = "/"))]
    pub path: String,
    #[schemars(extend("x-replace" = true))]
    pub description: Text,
    pub document: Document,
    pub tags: Tags,
}

/// Noted at a read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// `ANPA…`
    pub unique_id: String,
    /// The default version.
    pub version: String,
    /// Versions that are not the default, oldest first; read only where the document changes.
    pub others: Vec<String>,
    /// Our own roles that it is attached to; read only where it goes.
    pub attached: Vec<String>,
    /// Those of them that the manifest does not want any more.
    pub leaving: Vec<String>,
    /// What else it is attached to, as `role x`, `user y`.
    pub foreign: Vec<String>,
}

/// One AWS call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Create,
    /// Remove an old version.
    Prune(String),
    Version,
    Untag(Vec<String>),
    Tag {
        own: bool,
    },
    Detach(String),
    Attach(String),
    Delete,
}

/// How many versions AWS keeps.
const VERSIONS: usize = 5;

impl Resource for Policy {
    const KIND: &'static str = "policy";
    const ABOUT: &'static str = "A managed policy";
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
        let arn = scope.arn("iam", &format!("policy{path}{name}"));
        Identity {
            known: BTreeMap::from([("arn".into(), arn.clone()), ("name".into(), name)]),
            id: Some(arn),
        }
    }

    fn lower(decl: &Self::Decl, ctx: &Ctx) -> Option<Spec> {
        decl::lower(decl, ctx)
    }

    fn outputs(id: &str, spec: &Spec, facts: &Facts, _: &Scope) -> Outputs {
        BTreeMap::from([
            ("arn".into(), id.to_owned()),
            ("name".into(), spec.name.clone()),
            ("id".into(), facts.unique_id.clone()),
        ])
    }

    fn steps(delta: &Transition<Self>) -> Vec<Step> {
        let facts = &delta.facts;
        match (&delta.before, &delta.after) {
            (None, Some(_)) => {
                let stays = |role: &&String| !facts.leaving.contains(role);
                let attach = facts.attached.iter().filter(stays).cloned();
                let attach = attach.map(Step::Attach);
                [Step::Create].into_iter().chain(attach).collect()
            }
            (Some(before), Some(after)) => update(before, after, delta),
            (Some(_), None) => {
                let detach = facts.attached.iter().cloned().map(Step::Detach);
                let prune = facts.others.iter().cloned().map(Step::Prune);
                detach.chain(prune).chain([Step::Delete]).collect()
            }
            (None, None) => Vec::new(),
        }
    }

    fn refuses(delta: &Transition<Self>) -> Option<String> {
        let going = delta.before.is_some() && delta.after.is_none();
        let foreign = delta.facts.foreign.join(", ");
        (going && !foreign.is_empty()).then(|| format!("it is attached to {foreign}, which this project does not manage: detach it there first"))
    }

    fn call(step: &Step) -> Option<&'static str> {
        Some(match step {
            Step::Create => "CreatePolicy",
            Step::Prune(_) => "DeletePolicyVersion",
            Step::Version => "CreatePolicyVersion",
            Step::Untag(_) => "UntagPolicy",
            Step::Tag { .. } => "TagPolicy",
            Step::Detach(_) => "DetachRolePolicy",
            Step::Attach(_) => "AttachRolePolicy",
            Step::Delete => "DeletePolicy",
        })
    }

    fn fits(id: &str, spec: &Spec) -> bool {
        id.ends_with(&format!(":policy{}{}", spec.path, spec.name))
    }

    fn raise(spec: &Spec, _: &Facts, r: &Raising) -> Fields {
        raise::raise(spec, r)
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

fn update(before: &Spec, after: &Spec, delta: &Transition<Policy>) -> Vec<Step> {
    let mut steps = Vec::new();
    if before.document != after.document {
        let others = &delta.facts.others;
        let spare = (others.len() + 2).saturating_sub(VERSIONS);
        steps.extend(others.iter().take(spare).cloned().map(Step::Prune));
        steps.push(Step::Version);
    }
    let (gone, set) = tags::change(&before.tags, &after.tags);
    if !gone.is_empty() {
        steps.push(Step::Untag(gone));
    }
    if set || delta.moved {
        steps.push(Step::Tag { own: delta.moved });
    }
    steps
}

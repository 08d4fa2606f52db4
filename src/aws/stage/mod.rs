//! `[api.X.stage.NAME]`: what callers reach of an API, with the deployment that it serves.
//!
//! A deployment is a snapshot of the API, and belongs to its stage: when anything that is
//! served changes, a new one is made, the stage is moved to it, and the old one goes. The
//! deployment's description carries a digest of what it serves and the operation that made
//! it, so that a plan sees what is served and a lost answer is found again. Left out on
//! purpose: caches, logs, canaries and settings by route (later fields, refused by name;
//! what somebody else set of them shows as something to take back).

mod decl;
mod found;
mod left;
mod raise;
mod read;
mod serves;
mod steps;
#[cfg(test)]
mod tests;
mod words;
mod write;

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloud::Cloud;
use super::resource::{Answer, Asked, Resource, Transition, Work};
use super::tags::Tags;
use crate::import::{Fields, Raising};
use crate::kind::{Identity, Outputs};
use crate::provider::ProviderError;
use crate::resolve::Ctx;
use crate::scope::Scope;
use crate::text::Text;

pub use left::behind;
pub use read::names;
pub use steps::Step;

/// The kind.
pub struct Stage;

/// What AWS can hold of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    /// The id of the API.
    #[schemars(extend("x-replace" = true))]
    pub api: Text,
    #[schemars(extend("x-replace" = true))]
    pub name: String,
    /// A digest of what the deployment serves.
    #[schemars(extend("x-says" = "the API as the manifest says, by a new deployment"))]
    pub serves: String,
    pub description: Text,
    #[schemars(extend("x-private" = true))]
    pub variables: BTreeMap<String, Text>,
    /// Whether X-Ray traces requests.
    pub tracing: bool,
    /// For every method together; absent: the account's.
    pub throttle: Option<Throttle>,
    /// What AWS has on this stage and slp cannot write yet, by the patch that takes it
    /// back; wanted: nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
    pub tags: Tags,
}

/// How many requests pass.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Requests a second, on average.
    #[schemars(extend("x-unit" = "/s"))]
    pub rate: f64,
    /// Requests at once.
    pub burst: i32,
}

/// Noted at a read, and while a stage changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The deployment that the stage points to, or will when it has been moved.
    pub deployment_id: String,
    /// What that deployment serves; it never changes, so nobody need ask twice.
    pub serves: String,
    /// Deployments of this stage that nothing needs any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
    /// When it was made, in seconds, where no tags say whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
    /// When the stage was changed last; no business of the state's.
    #[serde(skip)]
    pub modified: Option<Timestamp>,
}

impl Resource for Stage {
    const KIND: &'static str = "api.stage";
    const ABOUT: &'static str = "A stage of an API, always serving the API as the manifest says";
    const OUTPUTS: &'static [&'static str] = &["url", "arn", "execution_arn", "deployment"];
    const WORDS: crate::elsewhere::Words = words::WORDS;
    const GOES_WITH_PARENT: bool = true;

    type Decl = decl::Decl;
    type Spec = Spec;
    type Facts = Facts;
    type Step = Step;

    /// `<api id>/<name>`, so not known before the API is.
    fn identity(_: &Self::Decl, _: &str, _: &Scope) -> Identity {
        Identity::default()
    }

    fn lower(decl: &Self::Decl, ctx: &Ctx) -> Option<Spec> {
        decl::lower(decl, ctx)
    }

    fn complete(spec: Spec, parent: &serde_json::Value) -> Spec {
        Spec {
            serves: serves::digest(Some(parent)),
            ..spec
        }
    }

    fn outputs(id: &str, spec: &Spec, facts: &Facts, scope: &Scope) -> Outputs {
        let (api, name) = id.split_once('/').unwrap_or((id, &spec.name));
        BTreeMap::from([
            ("url".into(), url(api, name, scope)),
            ("arn".into(), arn(id, scope)),
            (
                "execution_arn".into(),
                scope.arn("execute-api", &format!("{api}/{name}")),
            ),
            ("deployment".into(), facts.deployment_id.clone()),
        ])
    }

    fn steps(delta: &Transition<Self>) -> Vec<Step> {
        steps::steps(delta)
    }

    fn call(step: &Step) -> Option<&'static str> {
        steps::call(step)
    }

    fn modified(facts: &Facts) -> Option<Timestamp> {
        facts.modified
    }

    fn because(step: &Step) -> Option<&'static str> {
        let gone = "a deployment that an earlier run left behind goes";
        matches!(step, Step::DeleteDeployment(_)).then_some(gone)
    }

    fn unsettles(step: &Step) -> &'static [&'static str] {
        match step {
            Step::CreateDeployment => &["deployment"],
            _ => &[],
        }
    }

    fn fits(id: &str, spec: &Spec) -> bool {
        id == format!("{}/{}", spec.api, spec.name)
    }

    fn raise(spec: &Spec, _: &Facts, r: &Raising) -> Fields {
        raise::raise(spec, r)
    }

    /// A deployment that holds what the API has now is as good as slp's own.
    fn adopt(live: &mut Spec, facts: &mut Facts, wanted: &Spec) {
        if live.serves == serves::AS_FOUND {
            live.serves = wanted.serves.clone();
            facts.serves = wanted.serves.clone();
        }
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

/// Where callers reach a stage.
fn url(api: &str, name: &str, scope: &Scope) -> String {
    let Some(endpoint) = &scope.endpoint else {
        let china = match scope.partition.as_str() {
            "aws-cn" => ".cn",
            _ => "",
        };
        let region = &scope.region;
        return format!("https://{api}.execute-api.{region}.amazonaws.com{china}/{name}");
    };
    let endpoint = endpoint.trim_end_matches('/');
    format!("{endpoint}/_aws/execute-api/{api}/{name}")
}

/// The ARN under which a stage is tagged; `id` is `<api id>/<name>`.
fn arn(id: &str, scope: &Scope) -> String {
    let (api, name) = id.split_once('/').unwrap_or((id, ""));
    scope.arn("apigateway", &format!("/restapis/{api}/stages/{name}"))
}

//! `[function.X]`: a Lambda function, with its code.
//!
//! Not here: its aliases, permissions and log group, each a resource of its own below it.

mod code;
mod config;
mod decl;
mod fetch;
mod handler;
mod raise;
mod read;
mod status;
mod steps;
mod words;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloud::Cloud;
use super::log_group::LogGroup;
use super::resource::{Answer, Asked, Child, Resource, Transition, Work};
use super::tags::Tags;
use crate::addr::Addr;
use crate::bounds::runtime::{self, Standing};
use crate::cloud;
use crate::import::{Fields, Raising};
use crate::kind::{Identity, Outputs};
use crate::provider::ProviderError;
use crate::resolve::Ctx;
use crate::scope::Scope;
use crate::text::Text;
pub use code::Code;
pub use fetch::Deployed;
pub use read::log_groups;
pub use steps::Step;

pub struct Function;

/// What AWS can hold of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    #[schemars(extend("x-replace" = true))]
    pub name: String,
    /// `Zip` or `Image`.
    #[schemars(extend("x-replace" = true, "default" = "Zip"))]
    pub package_type: String,
    pub code: Code,
    pub runtime: Option<String>,
    pub handler: Option<String>,
    pub role: Text,
    #[schemars(extend("x-unit" = "MB"))]
    pub memory: i32,
    #[schemars(extend("x-unit" = "s"))]
    pub timeout: i32,
    #[schemars(extend("x-private" = true))]
    pub environment: BTreeMap<String, Text>,
    pub description: Text,
    #[schemars(extend("default" = "x86_64"))]
    pub architecture: String,
    /// In the order in which they are laid over one another.
    pub layers: Vec<Text>,
    #[schemars(extend("x-unit" = "MB", "default" = 512))]
    pub ephemeral_storage: i32,
    pub vpc: Option<Vpc>,
    pub dead_letter: Option<Text>,
    pub kms_key: Option<Text>,
    #[schemars(extend("default" = "PassThrough"))]
    pub tracing: String,
    pub logging: Logging,
    pub image_config: Option<ImageConfig>,
    pub reserved_concurrency: Option<i32>,
    /// Publish a version on every change, for aliases.
    pub publish: bool,
    /// Permissions on it that slp did not make, where those go.
    #[schemars(extend("x-set" = true))]
    pub foreign_permissions: BTreeSet<String>,
    /// Whether permissions on it that slp did not make go.
    pub exclusive: bool,
    pub tags: Tags,
}

/// The network that a function joins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vpc {
    #[schemars(extend("x-set" = true))]
    pub subnets: BTreeSet<Text>,
    #[schemars(extend("x-set" = true))]
    pub security_groups: BTreeSet<Text>,
    pub ipv6: bool,
}

/// What AWS writes about a run, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Logging {
    #[schemars(extend("default" = "Text"))]
    pub format: String,
    pub application_level: Option<String>,
    pub system_level: Option<String>,
    pub group: String,
}

/// What is changed of an image's own settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageConfig {
    #[serde(default)]
    pub command: Vec<String>,
    #[serde(default)]
    pub entry_point: Vec<String>,
    pub working_directory: Option<String>,
}

/// Noted at a read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// AWS's `CodeSha256` of the code that was last read or sent.
    pub sha256: String,
    /// Changes with every change of code or configuration.
    pub revision: String,
    /// The version published last.
    pub version: Option<String>,
    /// Lambda accepted its last change, or its making, and did not carry it out.
    pub failed: bool,
    /// When its code or configuration was changed last; no business of the state's.
    #[serde(skip)]
    pub modified: Option<Timestamp>,
    /// Permissions that slp did not make and leaves alone.
    pub foreign_permissions: BTreeSet<String>,
}

impl Resource for Function {
    const KIND: &'static str = "function";
    const ABOUT: &'static str = "A Lambda function, with its code";
    const OUTPUTS: &'static [&'static str] = &["arn", "name", "invoke_arn", "version"];
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
        Identity {
            known: known_outputs(&name, scope),
            id: Some(name),
        }
    }

    fn lower(decl: &Self::Decl, ctx: &Ctx) -> Option<Spec> {
        decl::lower(decl, ctx)
    }

    fn outputs(id: &str, _: &Spec, facts: &Facts, scope: &Scope) -> Outputs {
        let mut outputs = known_outputs(id, scope);
        if let Some(version) = &facts.version {
            outputs.insert("version".into(), version.clone());
        }
        outputs
    }

    fn steps(delta: &Transition<Self>) -> Vec<Step> {
        steps::steps(delta)
    }

    fn leaves(spec: &Spec, children: &[&Addr]) -> Option<String> {
        if children.iter().any(|child| child.kind() == LogGroup::KIND) {
            return None;
        }
        let group = &spec.logging.group;
        Some(format!(
            "its log group {group}, if there is one, stays in {}; slp manages it only with `logging.retention_days`",
            cloud::name()
        ))
    }

    fn modified(facts: &Facts) -> Option<Timestamp> {
        facts.modified
    }

    fn notice(facts: &Facts) -> Option<String> {
        let foreign: Vec<&str> = facts
            .foreign_permissions
            .iter()
            .map(String::as_str)
            .collect();
        (!foreign.is_empty()).then(|| {
            let list = foreign.join(", ");
            format!("permissions that slp did not make: {list} (`exclusive = true` removes them)")
        })
    }

    /// A function that has a runtime keeps it longer than AWS gives it to new ones.
    fn refuses(delta: &Transition<Self>) -> Option<String> {
        let runtime = delta.after.as_ref()?.runtime.as_deref()?;
        let before = delta
            .before
            .as_ref()
            .and_then(|spec| spec.runtime.as_deref());
        match runtime::standing(runtime) {
            Standing::NoCreate(days) if before != Some(runtime) => Some(format!(
                "AWS has refused functions with the runtime `{runtime}` since {}, but for those that have it; move to `{}`",
                days.create,
                runtime::instead_of(runtime)
            )),
            _ => None,
        }
    }

    fn call(step: &Step) -> Option<&'static str> {
        steps::call(step)
    }

    fn because(step: &Step) -> Option<&'static str> {
        let undone = "Lambda did not carry out the last change of it";
        matches!(step, Step::Configure).then_some(undone)
    }

    fn unsettles(step: &Step) -> &'static [&'static str] {
        match step {
            Step::Publish => &["version"],
            _ => &[],
        }
    }

    /// An import may name it by its ARN.
    fn fits(id: &str, spec: &Spec) -> bool {
        id == spec.name || id.ends_with(&format!(":function:{}", spec.name))
    }

    fn raise(spec: &Spec, _: &Facts, r: &Raising) -> Fields {
        raise::raise(spec, r)
    }

    fn uses(spec: &Spec) -> Vec<String> {
        vec![spec.role.to_string()]
    }

    fn id_of(arn: &str, scope: &Scope) -> Option<String> {
        raise::id_of(arn, scope)
    }

    async fn children(cloud: &Cloud, id: &str) -> Result<Vec<Child>, ProviderError> {
        read::children(cloud, id).await
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

fn known_outputs(name: &str, scope: &Scope) -> Outputs {
    let arn = scope.arn("lambda", &format!("function:{name}"));
    let Scope {
        partition, region, ..
    } = scope;
    let invoke = format!(
        "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    );
    BTreeMap::from([
        ("arn".into(), arn),
        ("name".into(), name.to_owned()),
        ("invoke_arn".into(), invoke),
    ])
}

/// Where a function logs unless told otherwise.
pub fn log_group(name: &str) -> String {
    format!("/aws/lambda/{name}")
}

//! `[function.X.alias.NAME]`: a name for a published version.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::types::AliasRoutingConfiguration;
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calls::{Who, found, gone};
use super::cloud::Cloud;
use super::limits;
use super::resource::{Answer, Asked, Found, Resource, Transition, Work};
use super::retry::Nature::{Create, Put, Read};
use crate::elsewhere::Words;
use crate::import::{Fields, Raising};
use crate::kind::{Identity, Outputs};
use crate::problem::Problem;
use crate::provider::ProviderError;
use crate::resolve::{Ctx, Strength};
use crate::scope::{Owner, Scope};
use crate::text::{Piece, Text};

pub struct Alias;

/// `[function.X.alias.NAME]`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decl {
    /// A published version; absent: the one that this apply publishes.
    pub version: Option<String>,
    #[serde(default)]
    pub description: String,
    /// One more version and the share of calls that goes to it, between 0 and 1.
    #[serde(default)]
    pub weights: BTreeMap<String, f64>,
    /// Not supported by this version of slp.
    #[schemars(skip)]
    pub provisioned_concurrency: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    #[schemars(extend("x-replace" = true))]
    pub function: Text,
    #[schemars(extend("x-replace" = true))]
    pub name: String,
    pub version: Text,
    pub description: Text,
    pub weights: BTreeMap<String, f64>,
}

/// One AWS call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Create,
    Update,
    Delete,
}

const NONE: &[&str] = &["ResourceNotFoundException"];

/// What `AdditionalVersionWeights` may name beside the alias's own version.
fn weights(decl: &Decl, ctx: &Ctx) {
    for other in decl.weights.keys() {
        let message = match decl.version.as_deref() {
            _ if other.is_empty() || !other.bytes().all(|b| b.is_ascii_digit()) => {
                format!("`{other}` is not a published version")
            }
            Some("$LATEST") => "`$LATEST` shares its calls with no other version".to_owned(),
            Some(version) if version == other => format!("`{other}` is the alias's own version"),
            _ => continue,
        };
        ctx.problem(Problem::of_key(&["weights", other], message).help(
            "a published version's number and the share of calls that it gets: weights = { \"3\" = 0.1 }",
        ));
    }
}

impl Resource for Alias {
    const KIND: &'static str = "function.alias";
    const ABOUT: &'static str = "A name for a published version of a function";
    const OUTPUTS: &'static [&'static str] = &["arn", "version"];
    const WORDS: Words = super::alias_words::WORDS;
    const GOES_WITH_PARENT: bool = true;
    type Decl = Decl;
    type Spec = Spec;
    type Facts = ();
    type Step = Step;

    fn identity(_: &Decl, _: &str, _: &Scope) -> Identity {
        Identity::default()
    }

    fn lower(decl: &Decl, ctx: &Ctx) -> Option<Spec> {
        let parent = ctx.addr.parent()?;
        let name = ctx.addr.name().to_owned();
        limits::lambda_name(&[], &name, 128, ctx);
        if name.bytes().all(|b| b.is_ascii_digit()) {
            ctx.problem(Problem::at(
                &[],
                "an alias cannot be named by digits alone: that is a version",
            ));
        }
        if let Some(version) = decl.version.as_deref().filter(|raw| !raw.contains("${"))
            && version != "$LATEST"
            && (version.is_empty() || !version.bytes().all(|b| b.is_ascii_digit()))
        {
            ctx.problem(
                Problem::at(&["version"], format!("`{version}` is not a version")).help(
                    "a published version's number, such as \"3\"; leave it out for the newest",
                ),
            );
        }
        if decl.provisioned_concurrency.is_some() {
            let path = ["provisioned_concurrency"];
            ctx.problem(Problem::at(
                &path,
                "`provisioned_concurrency` is not supported by this version of slp",
            ));
        }
        limits::length(&["description"], &decl.description, 256, ctx);
        weights(decl, ctx);
        if decl.weights.len() > 1 || decl.weights.values().any(|w| !(0.0..=1.0).contains(w)) {
            ctx.problem(Problem::at(
                &["weights"],
                "an alias takes one more version, with a share between 0 and 1",
            ));
        }
        ctx.needs(&parent, Strength::Hard);
        let function = ctx.names.get(&parent)?.known.get("name")?.clone();
        let published = Text::Template(vec![Piece::Ref {
            addr: parent,
            output: "version".into(),
        }]);
        Some(Spec {
            function: function.into(),
            version: decl
                .version
                .as_ref()
                .map_or(published, |raw| ctx.text(&["version"], raw)),
            description: ctx.text(&["description"], &decl.description),
            weights: decl.weights.clone(),
            name,
        })
    }

    fn outputs(_: &str, spec: &Spec, _: &(), scope: &Scope) -> Outputs {
        let arn = scope.arn(
            "lambda",
            &format!("function:{}:{}", spec.function, spec.name),
        );
        Outputs::from([
            ("arn".into(), arn),
            ("version".into(), spec.version.to_string()),
        ])
    }

    fn steps(delta: &Transition<Self>) -> Vec<Step> {
        match (&delta.before, &delta.after) {
            (None, Some(_)) => vec![Step::Create],
            (Some(before), Some(after)) if before != after => vec![Step::Update],
            (Some(_), None) => vec![Step::Delete],
            _ => Vec::new(),
        }
    }

    fn call(step: &Step) -> Option<&'static str> {
        Some(match step {
            Step::Create => "CreateAlias",
            Step::Update => "UpdateAlias",
            Step::Delete => "DeleteAlias",
        })
    }

    fn unsettles(_: &Step) -> &'static [&'static str] {
        &["version"]
    }

    fn fits(id: &str, spec: &Spec) -> bool {
        id == format!("{}:{}", spec.function, spec.name)
    }

    fn raise(spec: &Spec, (): &(), r: &Raising) -> Fields {
        let mut fields = Fields::default();
        let newest = r
            .parent
            .and_then(|function| function.get("version")?.as_str());
        if spec.version.known() != newest {
            fields.set("version", spec.version.to_string());
        }
        fields.differing("description", r.text(&spec.description), String::new());
        let mut weights = Fields::default();
        for (version, share) in &spec.weights {
            weights.set(version, *share);
        }
        fields.inline("weights", weights);
        fields
    }

    async fn read(cloud: &Cloud, asked: Vec<Asked<Self>>) -> Vec<Answer<Self>> {
        join_all(asked.into_iter().map(|ask| single(cloud, ask))).await
    }

    async fn run(
        cloud: &Cloud,
        step: Step,
        work: &mut Work<'_, Self>,
    ) -> Result<(), ProviderError> {
        match step {
            Step::Create | Step::Update => put(cloud, step == Step::Create, work).await,
            Step::Delete => {
                let (function, name) = split(&work.id);
                let delete = || {
                    cloud
                        .lambda()
                        .delete_alias()
                        .function_name(function)
                        .name(name)
                        .send()
                };
                gone(
                    cloud.call("DeleteAlias", Put, work.who(), delete).await,
                    NONE,
                )
            }
        }
    }
}

fn split(id: &str) -> (&str, &str) {
    id.split_once(':').unwrap_or((id, ""))
}

async fn single(cloud: &Cloud, ask: Asked<Alias>) -> Answer<Alias> {
    let wanted = ask
        .wanted
        .as_ref()
        .map(|spec| format!("{}:{}", spec.function, spec.name));
    let Some(id) = ask.id.or(wanted) else {
        return Ok(None);
    };
    let (function, name) = split(&id);
    let get = || {
        cloud
            .lambda()
            .get_alias()
            .function_name(function)
            .name(name)
            .send()
    };
    let Some(alias) = found(cloud.call("GetAlias", Read, Who::NOBODY, get).await, NONE)? else {
        return Ok(None);
    };
    let weights = alias
        .routing_config
        .and_then(|routing| routing.additional_version_weights)
        .unwrap_or_default();
    let spec = Spec {
        function: function.into(),
        name: name.to_owned(),
        version: alias.function_version.unwrap_or_default().into(),
        description: alias.description.unwrap_or_default().into(),
        weights: weights.into_iter().collect(),
    };
    Ok(Some(Found {
        id,
        spec,
        facts: (),
        owner: Owner::Parents,
    }))
}

async fn put(cloud: &Cloud, create: bool, work: &mut Work<'_, Alias>) -> Result<(), ProviderError> {
    let spec = work.wanted()?.clone();
    let (function, version) = (spec.function.to_string(), spec.version.to_string());
    let weights: HashMap<String, f64> = spec.weights.clone().into_iter().collect();
    // An empty map takes the weights away.
    let routing = AliasRoutingConfiguration::builder()
        .set_additional_version_weights(Some(weights.clone()))
        .build();
    let (lambda, who) = (cloud.lambda(), work.who());
    let mut exists = !create;
    if create {
        let routing = (!weights.is_empty()).then_some(routing.clone());
        let send = || {
            let alias = lambda
                .create_alias()
                .function_name(&function)
                .name(&spec.name)
                .function_version(&version);
            alias
                .description(spec.description.to_string())
                .set_routing_config(routing.clone())
                .send()
        };
        // One that is there already stands under a function of ours: our own lost answer, or as good as it.
        exists = match cloud.call("CreateAlias", Create, who, send).await {
            Err(error) if error.is("ResourceConflictException") && error.says("exist") => true,
            answer => answer.map(|_| false)?,
        };
    }
    work.id = format!("{function}:{}", spec.name);
    if exists {
        let (lambda, who) = (cloud.lambda(), work.who());
        let send = || {
            let alias = lambda
                .update_alias()
                .function_name(&function)
                .name(&spec.name)
                .function_version(&version);
            alias
                .description(spec.description.to_string())
                .routing_config(routing.clone())
                .send()
        };
        cloud.call("UpdateAlias", Put, who, send).await?;
    }
    Ok(())
}

//! Reading functions. `ListFunctions` tells who is there and whose revision moved; tags,
//! concurrency and the resource policy take calls of their own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::FunctionConfiguration;
use futures_util::future::join_all;

use super::{Code, Facts, Function, Spec, config};
use crate::aws::account::FEW;
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::permission;
use crate::aws::resource::{Answer, Asked, Found};
use crate::aws::retry::Nature::Read;
use crate::aws::tags;
use crate::provider::{Depth, ProviderError};
use crate::scope::Owner;
use crate::text::Text;

const NONE: &[&str] = &["ResourceNotFoundException"];

pub async fn read(cloud: &Cloud, asked: Vec<Asked<Function>>) -> Vec<Answer<Function>> {
    let many = asked.len() > FEW;
    join_all(asked.into_iter().map(|ask| one(cloud, ask, many))).await
}

async fn one(cloud: &Cloud, ask: Asked<Function>, many: bool) -> Answer<Function> {
    let fast = ask.depth == Depth::Fast;
    match (&ask.spec, &ask.facts) {
        (Some(spec), Some(facts)) if fast => {
            let list = list(cloud).await?;
            let listed = list.get(&spec.name);
            if listed.is_some_and(|config| config.revision_id.as_ref() == Some(&facts.revision)) {
                let (spec, facts) = (spec.clone(), facts.clone());
                return Ok(Some(Found {
                    id: spec.name.clone(),
                    spec,
                    facts,
                    owner: Owner::Parents,
                }));
            }
        }
        (None, _) if many => {
            let known = ask
                .id
                .as_ref()
                .is_some_and(|name| ask.facts.is_some() || name.is_empty());
            let list = list(cloud).await?;
            if !known && ask.id.as_ref().is_none_or(|name| !list.contains_key(name)) {
                return Ok(None);
            }
        }
        _ => {}
    }
    single(cloud, ask).await
}

/// Every function's configuration; asked once a refresh.
async fn list(cloud: &Cloud) -> Result<Arc<HashMap<String, FunctionConfiguration>>, ProviderError> {
    cloud.once("ListFunctions", "", || fetch(cloud)).await
}

async fn fetch(cloud: &Cloud) -> Result<HashMap<String, FunctionConfiguration>, ProviderError> {
    let mut all = HashMap::new();
    let mut marker: Option<String> = None;
    loop {
        let ask = || {
            cloud
                .lambda()
                .list_functions()
                .max_items(10_000)
                .set_marker(marker.clone())
                .send()
        };
        let page = cloud.call("ListFunctions", Read, Who::NOBODY, ask).await?;
        let functions = page.functions.unwrap_or_default().into_iter();
        all.extend(
            functions.map(|config| (config.function_name.clone().unwrap_or_default(), config)),
        );
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(all);
        }
    }
}

async fn single(cloud: &Cloud, ask: Asked<Function>) -> Answer<Function> {
    let Some(name) = ask.id.clone() else {
        return Ok(None);
    };
    let get = || cloud.lambda().get_function().function_name(&name).send();
    let Some(output) = found(
        cloud.call("GetFunction", Read, Who::NOBODY, get).await,
        NONE,
    )?
    else {
        return Ok(None);
    };
    let foreign = foreign(cloud, &name, &ask).await?;
    Ok(Some(of_output(cloud, name, output, foreign, &ask)))
}

fn of_output(
    cloud: &Cloud,
    name: String,
    output: GetFunctionOutput,
    foreign: BTreeSet<String>,
    ask: &Asked<Function>,
) -> Found<Function> {
    let configuration = output
        .configuration
        .unwrap_or_else(|| FunctionConfiguration::builder().build());
    let sha256 = configuration.code_sha256.clone().unwrap_or_default();
    let revision = configuration.revision_id.clone().unwrap_or_default();
    let image = output.code.and_then(|code| code.image_uri);
    let all: BTreeMap<String, String> = output.tags.unwrap_or_default().into_iter().collect();
    let reference = ask.wanted.as_ref().or(ask.spec.as_ref());
    let spec = Spec {
        code: code(cloud, &sha256, image, ask),
        reserved_concurrency: output
            .concurrency
            .and_then(|c| c.reserved_concurrent_executions),
        publish: ask.spec.as_ref().is_some_and(|spec| spec.publish),
        exclusive: reference.is_some_and(|wanted| wanted.exclusive),
        foreign_permissions: foreign,
        tags: tags::seen(&all, cloud.scope()),
        ..config::spec_of(configuration)
    };
    let version = ask.facts.as_ref().and_then(|facts| facts.version.clone());
    Found {
        id: name,
        spec,
        facts: Facts {
            sha256,
            revision,
            version,
        },
        owner: cloud.scope().owner(&all),
    }
}

/// What slp sent is known by AWS's digest of it. Without state, the wanted package may still
/// be the very one that is there: then its zip has the same digest.
fn code(cloud: &Cloud, sha256: &str, image: Option<String>, ask: &Asked<Function>) -> Code {
    if let Some(image) = image {
        return Code {
            image: Some(Text::Known(image)),
            ..Code::default()
        };
    }
    if let (Some(spec), Some(facts)) = (&ask.spec, &ask.facts)
        && facts.sha256 == sha256
    {
        return spec.code.clone();
    }
    let wanted = ask.wanted.as_ref().map(|spec| &spec.code);
    let digest = wanted.and_then(|code| code.package.as_deref());
    let packed = digest
        .and_then(|digest| cloud.shelf().packed(digest))
        .and_then(Result::ok);
    match (wanted, packed) {
        (Some(wanted), Some(packed)) if packed.sha256 == sha256 => wanted.clone(),
        _ => Code {
            sha256: Some(sha256.to_owned()),
            ..Code::default()
        },
    }
}

/// Statements on the function that neither this project nor another slp project made.
async fn foreign(
    cloud: &Cloud,
    name: &str,
    ask: &Asked<Function>,
) -> Result<BTreeSet<String>, ProviderError> {
    let policy = permission::policy_of(cloud, name, None).await?;
    let written = ask
        .children
        .iter()
        .filter(|child| child.kind() == "function.permission");
    let ours: BTreeSet<&str> = written.map(|child| child.name()).collect();
    let foreign = policy
        .keys()
        .filter(|sid| !sid.starts_with("slp-") && !ours.contains(sid.as_str()));
    Ok(foreign.cloned().collect())
}

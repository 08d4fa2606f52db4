//! Reading functions. `ListFunctions` tells who is there and whose revision moved; tags,
//! concurrency and the resource policy take calls of their own. Who may not list reads one by one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::FunctionConfiguration;
use futures_util::future::join_all;
use jiff::Timestamp;

use super::{Code, Facts, Function, Spec, config, fetch, status};
use crate::addr::is_name;
use crate::aws::account::{self, FEW};
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::permission;
use crate::aws::resource::{Answer, Asked, Child, Found};
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
    let known = ask.spec.is_some() || ask.facts.is_some();
    // No list tells whether the last change was carried out.
    let sound = ask.facts.as_ref().is_none_or(|facts| !facts.failed);
    let fast = ask.depth == Depth::Fast && ask.spec.is_some() && sound;
    if !fast && (known || !many) {
        return single(cloud, ask).await;
    }
    let list = list(cloud).await;
    if account::forbidden(&list) {
        return single(cloud, ask).await;
    }
    let list = list?;
    let listed = ask.id.as_ref().and_then(|name| list.get(name));
    match (listed, &ask.spec, &ask.facts) {
        (Some(config), Some(spec), Some(facts)) if fast => match unmoved(config, spec, facts) {
            Some(found) => Ok(Some(found)),
            None => single(cloud, ask).await,
        },
        (None, None, None) => Ok(None),
        _ => single(cloud, ask).await,
    }
}

/// What a list tells of a function whose code is still what slp sent: its configuration is
/// compared whole; tags, concurrency and permissions no list has are taken from the state.
fn unmoved(config: &FunctionConfiguration, prior: &Spec, facts: &Facts) -> Option<Found<Function>> {
    if config.code_sha256.as_deref() != Some(&facts.sha256) {
        return None;
    }
    let spec = Spec {
        code: prior.code.clone(),
        reserved_concurrency: prior.reserved_concurrency,
        publish: prior.publish,
        exclusive: prior.exclusive,
        foreign_permissions: prior.foreign_permissions.clone(),
        tags: prior.tags.clone(),
        ..config::spec_of(config.clone())
    };
    let revision = config.revision_id.clone().unwrap_or_default();
    let facts = Facts {
        revision,
        modified: modified(config),
        ..facts.clone()
    };
    Some(Found {
        id: spec.name.clone(),
        spec,
        facts,
        owner: Owner::Parents,
    })
}

/// Every function of the region, with the log group that it logs to.
pub async fn log_groups(cloud: &Cloud) -> Result<Vec<(String, String)>, ProviderError> {
    let list = list(cloud).await?;
    let group = |(name, config): (&String, &FunctionConfiguration)| {
        let spec = config::spec_of(config.clone());
        (name.clone(), spec.logging.group)
    };
    Ok(list.iter().map(group).collect())
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
    let wants_version = ask.wanted.as_ref().is_some_and(|wanted| wanted.publish);
    // What the state does not know may have been published, or not: only then is it asked.
    let published = match (&ask.spec, &output.configuration) {
        (None, Some(latest)) if wants_version || ask.adopts => {
            published(cloud, &name, latest).await?
        }
        _ => None,
    };
    if ask.adopts && ask.wanted.is_some() {
        fetch::look(cloud, &output).await;
    }
    let mut found = of_output(cloud, name, output, foreign, &ask);
    if published.is_some() {
        found.spec.publish = true;
        found.facts.version = published;
    }
    Ok(Some(found))
}

/// The newest version, if it is what $LATEST is now.
async fn published(
    cloud: &Cloud,
    name: &str,
    latest: &FunctionConfiguration,
) -> Result<Option<String>, ProviderError> {
    let mut newest: Option<(u64, FunctionConfiguration)> = None;
    let mut marker: Option<String> = None;
    loop {
        let ask = || {
            let list = cloud.lambda().list_versions_by_function();
            let list = list.function_name(name).set_marker(marker.clone());
            list.send()
        };
        let page = cloud
            .call("ListVersionsByFunction", Read, Who::NOBODY, ask)
            .await?;
        for config in page.versions.unwrap_or_default() {
            // `$LATEST` is among them.
            let number = config.version.as_deref().and_then(|v| v.parse().ok());
            if let Some(number) = number
                && newest.as_ref().is_none_or(|(known, _)| number > *known)
            {
                newest = Some((number, config));
            }
        }
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            break;
        }
    }
    let same = |config: &FunctionConfiguration| {
        config.code_sha256 == latest.code_sha256
            && config::spec_of(config.clone()) == config::spec_of(latest.clone())
    };
    let newest = newest.filter(|(_, config)| same(config));
    Ok(newest.map(|(number, _)| number.to_string()))
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
    let failed = status::failed(&configuration).is_some();
    let modified = modified(&configuration);
    let sha256 = configuration.code_sha256.clone().unwrap_or_default();
    let revision = configuration.revision_id.clone().unwrap_or_default();
    let image = output.code.and_then(|code| code.image_uri);
    let all: BTreeMap<String, String> = output.tags.unwrap_or_default().into_iter().collect();
    let exclusive = ask
        .wanted
        .as_ref()
        .or(ask.spec.as_ref())
        .is_some_and(|wanted| wanted.exclusive);
    let (removed, left) = match exclusive {
        true => (foreign, BTreeSet::new()),
        false => (BTreeSet::new(), foreign),
    };
    let spec = Spec {
        code: code(cloud, &sha256, image, ask),
        reserved_concurrency: output
            .concurrency
            .and_then(|c| c.reserved_concurrent_executions),
        publish: ask.spec.as_ref().is_some_and(|spec| spec.publish),
        exclusive,
        foreign_permissions: removed,
        tags: tags::seen(&all, cloud.scope()),
        ..config::spec_of(configuration)
    };
    let version = ask.facts.as_ref().and_then(|facts| facts.version.clone());
    let facts = Facts {
        sha256,
        revision,
        version,
        failed,
        modified,
        foreign_permissions: left,
    };
    Found {
        id: name,
        spec,
        facts,
        owner: cloud.scope().owner(&all),
    }
}

/// Lambda writes `2026-11-28T14:02:11.000+0000`.
fn modified(config: &FunctionConfiguration) -> Option<Timestamp> {
    config.last_modified.as_ref()?.parse().ok()
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
    let held = cloud.shelf().held(sha256);
    match (wanted, packed, held) {
        (Some(wanted), Some(packed), _) if packed.sha256 == sha256 => wanted.clone(),
        (Some(wanted), _, Some(held)) if wanted.package.as_ref() == Some(&held.digest) => {
            wanted.clone()
        }
        (_, _, Some(held)) => Code {
            package: Some(held.digest.clone()),
            ..Code::default()
        },
        _ => Code {
            package: Some(format!("sha256:{sha256}")),
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

/// Its aliases, and the statements on it and on them that a manifest can hold.
pub async fn children(cloud: &Cloud, name: &str) -> Result<Vec<Child>, ProviderError> {
    let aliases = aliases(cloud, name).await?;
    let aliases: Vec<String> = aliases.into_iter().filter(|alias| is_name(alias)).collect();
    let alias = |alias: &String| Child {
        word: "alias",
        name: alias.clone(),
        id: format!("{name}:{alias}"),
    };
    let mut children: Vec<Child> = aliases.iter().map(alias).collect();
    let mut named = BTreeSet::new();
    for alias in std::iter::once(None).chain(aliases.iter().map(Some)) {
        let policy = permission::policy_of(cloud, name, alias.map(String::as_str)).await?;
        let target = alias.map_or(name.to_owned(), |alias| format!("{name}:{alias}"));
        // A name stands in the manifest once, whatever it is the statement of.
        let writable = policy
            .keys()
            .filter(|sid| permission::is_writable(sid) && named.insert((*sid).clone()));
        children.extend(writable.map(|sid| Child {
            word: "permission",
            name: sid.clone(),
            id: format!("{target}/{sid}"),
        }));
    }
    Ok(children)
}

async fn aliases(cloud: &Cloud, name: &str) -> Result<Vec<String>, ProviderError> {
    let mut names = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let ask = || {
            let list = cloud.lambda().list_aliases().function_name(name);
            list.set_marker(marker.clone()).send()
        };
        let page = cloud.call("ListAliases", Read, Who::NOBODY, ask).await?;
        let aliases = page.aliases.unwrap_or_default().into_iter();
        names.extend(aliases.filter_map(|alias| alias.name));
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(names);
        }
    }
}

//! What most commands begin with: the manifest read, AWS asked who we are, everything that
//! is wanted known, the place of the state found.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::args::Global;
use super::failure::Failure;
use crate::aws::{self, Aws, Connection};
use crate::kind::Kinds;
use crate::manifest::{self, Draft, Options};
use crate::package::{Cache, Shelf};
use crate::provider::{Caller, Provider};
use crate::resolve::{Desired, resolve};
use crate::scope::Scope;
use crate::state::LocalStore;

/// A project whose manifest is sound.
pub struct Project {
    pub kinds: Kinds,
    pub scope: Scope,
    pub desired: Desired,
    pub shelf: Arc<Shelf>,
    pub store: LocalStore,
    /// The manifest's name, for messages.
    pub file: String,
}

/// Reads the manifest as far as no resource is looked at yet.
pub fn draft(global: &Global, kinds: &Kinds) -> Result<Draft, Failure> {
    Ok(manifest::read(&options(global), kinds)?)
}

fn options(global: &Global) -> Options {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Options {
        file: global.file.clone(),
        env: global.env.clone(),
        vars: global.vars.clone(),
        var_files: global.var_files.clone(),
        environment,
    }
}

/// Without the network: account and partition are named holes.
pub fn offline(global: &Global) -> Result<Project, Failure> {
    let kinds = aws::kinds();
    let draft = draft(global, &kinds)?;
    let region = region(&draft).unwrap_or_else(|| "<project.region>".into());
    let scope = draft.scope(&region, None, endpoint(global));
    finish(global, draft, scope, kinds)
}

/// With AWS: credentials found, the caller's account compared with the manifest's.
pub async fn online(global: &Global, parallelism: usize) -> Result<(Project, Aws), Failure> {
    let kinds = aws::kinds();
    let draft = draft(global, &kinds)?;
    if !draft.is_sound() {
        // It will not be done: say everything that is wrong before anyone is asked.
        let scope = draft.scope("<project.region>", None, endpoint(global));
        finish(global, draft, scope, kinds)?;
        return Err(Failure::usage("the manifest is not sound"));
    }
    let connection = Connection {
        profile: draft.project().profile.clone(),
        region: draft.project().region.clone(),
        endpoint: endpoint(global),
        parallelism,
    };
    let connected = connect(&connection).await;
    let (aws, caller) = match connected {
        Ok(connected) => connected,
        Err(failure) => {
            // What is wrong with the manifest can be said without AWS.
            let scope = draft.scope("<project.region>", None, endpoint(global));
            finish(global, draft, scope, kinds)?;
            return Err(failure);
        }
    };
    guard(&draft, &caller)?;
    let scope = draft.scope(&aws.region(), Some(&caller), endpoint(global));
    let project = finish(global, draft, scope, kinds)?;
    aws.settle(project.scope.clone(), project.shelf.clone());
    Ok((project, aws))
}

async fn connect(connection: &Connection) -> Result<(Aws, Caller), Failure> {
    let aws = Aws::connect(connection).await?;
    let caller = aws.identify().await?;
    Ok((aws, caller))
}

fn guard(draft: &Draft, caller: &Caller) -> Result<(), Failure> {
    match &draft.project().account {
        Some(account) if *account != caller.account => Err(Failure::new(
            4,
            format!(
                "these credentials are of account {}, the manifest is for {account}",
                caller.account
            ),
        )
        .hint(format!(
            "you are {}; choose other credentials, or another --env",
            caller.arn
        ))),
        _ => Ok(()),
    }
}

fn finish(global: &Global, draft: Draft, scope: Scope, kinds: Kinds) -> Result<Project, Failure> {
    let shelf = Arc::new(Shelf::new(Cache::at(cache_folder(&scope))));
    let manifest = draft.declare(&scope, &kinds);
    let desired = resolve(&manifest, &scope, &kinds, &shelf)?;
    let store = LocalStore::beside_manifest(&scope);
    Ok(Project {
        kinds,
        desired,
        shelf,
        store,
        file: global.file.display().to_string(),
        scope,
    })
}

fn cache_folder(scope: &Scope) -> PathBuf {
    scope.root.join(".slp").join("cache")
}

fn endpoint(global: &Global) -> Option<String> {
    global.endpoint_url.clone().filter(|url| !url.is_empty())
}

fn region(draft: &Draft) -> Option<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    draft
        .project()
        .region
        .clone()
        .or_else(|| set("AWS_REGION"))
        .or_else(|| set("AWS_DEFAULT_REGION"))
}

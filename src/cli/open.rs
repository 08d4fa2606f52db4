//! What most commands begin with: the manifest read, AWS asked who we are, everything that
//! is wanted known, the place of the state found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Global, Pace, Scope as Part};
use super::embedded::Local;
use super::failure::Failure;
use super::{place, sources};
use crate::addr::Addr;
use crate::aws::{self, Aws, Connection};
use crate::event::Listener;
use crate::kind::Kinds;
use crate::manifest::{self, Dev, Draft, Gates, Options};
use crate::package::{Cache, Shelf};
use crate::provider::{Caller, Provider, ProviderError};
use crate::resolve::{Desired, resolve};
use crate::scope::Scope;
use crate::state::{LocalStore, Snapshot, Store};

/// A project whose manifest is sound.
pub struct Project {
    pub kinds: Kinds,
    pub scope: Scope,
    pub desired: Desired,
    /// Tags that everything has.
    pub tags: BTreeMap<String, String>,
    pub shelf: Arc<Shelf>,
    pub store: Arc<dyn Store>,
    /// Of an environment: where the state was before there were any.
    pub former: Option<Arc<dyn Store>>,
    pub gates: Gates,
    /// What only the embedded cloud needs.
    pub dev: Dev,
    /// The line of each header in the manifest.
    pub lines: BTreeMap<Addr, usize>,
    /// Works on the embedded cloud?
    pub embedded: bool,
    /// Are calls held back by AWS's rate limits?
    pub paced: bool,
    /// Does nobody answer at the URLs of what is deployed?
    pub unserved: bool,
    /// The manifest's name, for messages.
    pub file: String,
}

/// What a project is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// To have what the manifest says.
    Wanting,
    /// To have nothing: no source is asked.
    Removing,
    /// To take over what was applied without an environment.
    Adopting,
}

/// Reads the manifest as far as no resource is looked at yet.
pub fn draft(global: &Global, kinds: &Kinds) -> Result<Draft, Failure> {
    let options = options(global);
    Ok(match &global.text {
        Some(text) => {
            let name = global.file.display().to_string();
            let source = manifest::Source::new(name, text.as_str());
            manifest::read_text(source, &options, kinds)?
        }
        None => manifest::read(&options, kinds)?,
    })
}

fn options(global: &Global) -> Options {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Options {
        file: global.file.clone(),
        env: global.env.clone().filter(|name| !name.is_empty()),
        vars: global.vars.clone(),
        var_files: global.var_files.clone(),
        environment,
    }
}

/// The environments of the manifest, where none of them is chosen.
pub fn unchosen(global: &Global) -> Vec<String> {
    match &global.text {
        Some(_) => Vec::new(),
        None => manifest::unchosen(&options(global)),
    }
}

/// Without the network: account and partition are named holes.
pub fn offline(global: &Global) -> Result<Project, Failure> {
    let kinds = aws::kinds();
    let draft = draft(global, &kinds)?;
    unasked(global, draft, kinds)
}

fn unasked(global: &Global, draft: Draft, kinds: Kinds) -> Result<Project, Failure> {
    let scope = draft.scope(&region_or_hole(&draft), None, endpoint(global));
    within(global, draft, scope, kinds)
}

/// The region that the manifest or the environment names; else a named hole.
pub fn region_or_hole(draft: &Draft) -> String {
    region(draft).unwrap_or_else(|| "<project.region>".into())
}

/// Without the network, in a scope that is known already.
pub fn within(
    global: &Global,
    draft: Draft,
    scope: Scope,
    kinds: Kinds,
) -> Result<Project, Failure> {
    let store = Arc::new(LocalStore::beside_manifest(&scope));
    finish(global, draft, scope, kinds, store)
}

/// With AWS, or with `--local`: credentials found, the caller's account compared with the
/// manifest's, every variable's source asked.
pub async fn online(global: &Global, part: &Part) -> Result<(Project, Aws), Failure> {
    opened(global, part, How::Wanting).await
}

/// The same for an environment that is given what was applied without one.
pub async fn adopting(global: &Global, part: &Part) -> Result<(Project, Aws), Failure> {
    opened(global, part, How::Adopting).await
}

/// The same for what takes everything away: no source is asked, for none of it is wanted.
pub async fn unwanted(global: &Global, part: &Part) -> Result<(Project, Aws), Failure> {
    let (mut project, aws) = opened(global, part, How::Removing).await?;
    project.desired = super::plan::nothing(&project.desired);
    Ok((project, aws))
}

async fn opened(global: &Global, part: &Part, how: How) -> Result<(Project, Aws), Failure> {
    if part.ephemeral && !global.local {
        return Err(Failure::usage(
            "--ephemeral is for the embedded cloud: add --local",
        ));
    }
    let local = match global.local {
        true => Some(Local::find(folder(global), part.ephemeral).await?),
        false => None,
    };
    reach(global, local.as_ref(), part.parallelism, how).await
}

/// The embedded cloud, where `--local` asks for it.
pub async fn local(global: &Global, ephemeral: bool) -> Result<Option<Local>, Failure> {
    match (global.local, ephemeral) {
        (true, _) => Ok(Some(Local::find(folder(global), ephemeral).await?)),
        (false, false) => Ok(None),
        (false, true) => Err(Failure::usage(
            "--ephemeral is for the embedded cloud: add --local",
        )),
    }
}

/// The same, on an embedded cloud that is open already.
pub async fn online_at(
    global: &Global,
    local: Option<&Local>,
    parallelism: usize,
) -> Result<(Project, Aws), Failure> {
    reach(global, local, parallelism, How::Wanting).await
}

async fn reach(
    global: &Global,
    local: Option<&Local>,
    parallelism: usize,
    how: How,
) -> Result<(Project, Aws), Failure> {
    let kinds = aws::kinds();
    let mut draft = draft(global, &kinds)?;
    let removing = how == How::Removing;
    if let Some(report) = draft.unusable().filter(|_| removing) {
        return Err(report.into());
    }
    if !draft.is_sound() && !removing {
        // It will not be done: say everything that is wrong before anyone is asked.
        unasked(global, draft, kinds)?;
        return Err(Failure::usage("the manifest is not sound"));
    }
    let connection = connection(global, &draft, local, parallelism);
    let (aws, caller) = match connect(&connection, &global.events).await {
        Ok(connected) => connected,
        Err(failure) => {
            // What is wrong with the manifest can be said without AWS.
            if !removing {
                unasked(global, draft, kinds)?;
            }
            return Err(failure);
        }
    };
    let endpoint = match local {
        Some(local) => Some(local.url.clone()),
        None => endpoint(global),
    };
    let scope = Scope {
        adopts: how == How::Adopting,
        ..draft.scope(&aws.region(), Some(&caller), endpoint)
    };
    if local.is_none() {
        guard(&draft, &caller)?;
    }
    let stored = |scope: &Scope| -> Result<Arc<dyn Store>, Failure> {
        match local {
            Some(local) => Ok(Arc::new(local.store(scope))),
            None => place::store(&draft, scope, &aws),
        }
    };
    let store = stored(&scope)?;
    let alone = Scope {
        env: None,
        ..scope.clone()
    };
    let former = scope.env.as_ref().map(|_| stored(&alone)).transpose()?;
    if !removing {
        sources::ask(global, &mut draft, &scope, &aws).await?;
    }
    let mut project = match removing {
        true => leaving(global, draft, scope, kinds, store)?,
        false => packed(global, draft, scope, kinds, store).await?,
    };
    project.former = former;
    project.embedded = local.is_some();
    project.paced = local.is_none() && is_paced(global);
    project.unserved = local.is_some_and(|local| !local.is_served());
    aws.settle(project.scope.clone(), project.shelf.clone());
    Ok((project, aws))
}

/// Do AWS's rate limits hold where the calls go?
pub fn is_paced(global: &Global) -> bool {
    match global.pace {
        Pace::Always => true,
        Pace::Never => false,
        // An interface endpoint in a VPC is AWS as well.
        Pace::Auto => {
            !global.local && endpoint(global).is_none_or(|url| url.contains(".amazonaws.com"))
        }
    }
}

/// The way to AWS, or to the embedded cloud.
pub fn connection(
    global: &Global,
    draft: &Draft,
    local: Option<&Local>,
    parallelism: usize,
) -> Connection {
    let region = draft.project().region.clone();
    match local {
        Some(local) => local.connection(region, parallelism),
        None => Connection {
            passes_on: false,
            profile: draft
                .project()
                .profile
                .clone()
                .filter(|name| !name.is_empty()),
            region,
            endpoint: endpoint(global),
            embedded: None,
            parallelism,
            paced: is_paced(global),
            lease: place::lease(draft.place()),
        },
    }
}

/// The way to AWS, and who we are there.
pub async fn connect(connection: &Connection, events: &Listener) -> Result<(Aws, Caller), Failure> {
    let asked = async {
        let aws = Aws::connect(connection).await?;
        let whom = match (&connection.embedded, &connection.endpoint) {
            (Some(_), _) => "the embedded cloud".to_owned(),
            (None, Some(url)) => format!("AWS at {url}"),
            (None, None) => format!("AWS in {}", aws.region()),
        };
        let asking = format!("asking {whom} who we are");
        let caller = events.during(asking, aws.identify()).await?;
        Ok((aws, caller))
    };
    asked
        .await
        .map_err(|error: ProviderError| {
            let asked = &*error.operation != "configuration";
            let unanswered = asked && error.status.is_none() && error.code.is_none();
            let given = connection.endpoint.as_ref();
            let given = given.filter(|_| unanswered && connection.embedded.is_none());
            let failure = Failure::from(error).of_place();
            match given {
                Some(url) => failure.hint(format!(
                    "{url} is what --endpoint-url (AWS_ENDPOINT_URL) names: start what should answer there, or leave it out for AWS"
                )),
                None => failure,
            }
        })
}

/// The saved state.
pub async fn load(project: &Project, events: &Listener) -> Result<Snapshot, Failure> {
    let reading = format!("reading {}", project.store.describe());
    Ok(events.during(reading, project.store.load()).await?)
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

fn finish(
    global: &Global,
    draft: Draft,
    scope: Scope,
    kinds: Kinds,
    store: Arc<dyn Store>,
) -> Result<Project, Failure> {
    let mut project = empty(global, &draft, scope, kinds, store);
    let manifest = draft.declare(&project.scope, &project.kinds);
    let desired = resolve(&manifest, &project.scope, &project.kinds, &project.shelf)?;
    project.lines = lines(&desired);
    project.desired = desired;
    Ok(project)
}

/// The same, which does not hold up what tells how long it takes: code is read and packed.
async fn packed(
    global: &Global,
    draft: Draft,
    scope: Scope,
    kinds: Kinds,
    store: Arc<dyn Store>,
) -> Result<Project, Failure> {
    let mut project = empty(global, &draft, scope, kinds, store);
    let manifest = draft.declare(&project.scope, &project.kinds);
    let (scope, kinds) = (project.scope.clone(), project.kinds.clone());
    let shelf = project.shelf.clone();
    let work = move || resolve(&manifest, &scope, &kinds, &shelf);
    let packing = tokio::task::spawn_blocking(work);
    let desired = global.events.during("packing code", packing).await;
    let desired = desired.map_err(|error| Failure::new(1, format!("packing ended: {error}")))??;
    project.lines = lines(&desired);
    project.desired = desired;
    Ok(project)
}

/// The same where everything goes: whatever is wrong with a resource, or has no value, does not
/// matter to that.
fn leaving(
    global: &Global,
    draft: Draft,
    scope: Scope,
    kinds: Kinds,
    store: Arc<dyn Store>,
) -> Result<Project, Failure> {
    if let Ok(project) = finish(global, draft, scope.clone(), kinds.clone(), store.clone()) {
        return Ok(project);
    }
    let draft = self::draft(global, &kinds)?;
    let mut project = empty(global, &draft, scope, kinds, store);
    let remains = draft.remains(&project.scope, &project.kinds)?;
    project.desired = Desired {
        moved: remains.moved,
        removed: remains.removed,
        protected: remains.protected,
        secrets: remains.secrets,
        ..Desired::default()
    };
    Ok(project)
}

/// A project of which nothing is wanted yet.
fn empty(
    global: &Global,
    draft: &Draft,
    scope: Scope,
    kinds: Kinds,
    store: Arc<dyn Store>,
) -> Project {
    let shelf = Shelf::new(Cache::at(cache_folder(&scope)));
    Project {
        lines: BTreeMap::new(),
        kinds,
        desired: Desired::default(),
        tags: draft.project().tags.clone(),
        shelf: Arc::new(shelf.without(draft.hidden().to_vec())),
        store,
        former: None,
        gates: draft.gates().clone(),
        dev: draft.dev().clone(),
        embedded: false,
        paced: false,
        unserved: false,
        file: global.file.display().to_string(),
        scope,
    }
}

/// The same project by another text of its manifest: what is not written yet.
pub fn again(global: &Global, project: &Project, text: &str) -> Result<Project, Failure> {
    let source = manifest::Source::new(&project.file, text);
    let draft = manifest::read_text(source, &options(global), &project.kinds)?;
    let tags = draft.project().tags.clone();
    let (gates, dev) = (draft.gates().clone(), draft.dev().clone());
    let manifest = draft.declare(&project.scope, &project.kinds);
    let desired = resolve(&manifest, &project.scope, &project.kinds, &project.shelf)?;
    Ok(Project {
        kinds: project.kinds.clone(),
        scope: project.scope.clone(),
        lines: lines(&desired),
        desired,
        tags,
        gates,
        dev,
        shelf: project.shelf.clone(),
        store: project.store.clone(),
        former: project.former.clone(),
        file: project.file.clone(),
        ..*project
    })
}

fn lines(desired: &Desired) -> BTreeMap<Addr, usize> {
    let wanted = desired.resources.values();
    let lines = wanted.filter_map(|wanted| Some((wanted.addr.clone(), wanted.line?)));
    lines.collect()
}

/// The manifest's folder.
pub fn folder(global: &Global) -> &Path {
    match global.file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn cache_folder(scope: &Scope) -> PathBuf {
    scope.root.join(".slp").join("cache")
}

pub fn endpoint(global: &Global) -> Option<String> {
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

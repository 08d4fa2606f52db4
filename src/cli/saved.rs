//! The saved state, for the commands that ask AWS nothing but where it is kept.

use std::sync::Arc;

use super::args::Global;
use super::failure::Failure;
use super::home::Home;
use super::{open, place, sealing};
use crate::aws::{self, Aws};
use crate::cloud;
use crate::manifest::{Backend, Draft};
use crate::scope::Scope;
use crate::state::{LocalStore, State, Store};

/// Calls at once: those of a store.
const FEW: usize = 4;

/// The place of the state. Only the manifest's project and environment matter.
pub async fn store(global: &Global) -> Result<Arc<dyn Store>, Failure> {
    let draft = placed(global)?;
    let scope = draft.scope("", None, None);
    if global.local {
        return embedded(global, &scope).await;
    }
    if draft.place().backend == Backend::Local && !sealing::asks_aws(draft.place()) {
        let seal = sealing::seal(draft.place(), &scope.root, None)?;
        return Ok(Arc::new(LocalStore::beside_manifest(&scope).sealed(seal)));
    }
    let aws = connected(global, &draft).await?;
    place::store(&draft, &scope, &aws)
}

/// The manifest as far as these commands need it. A slip in `[state]` must not lead to another
/// place, where there is no state and nobody holds the lock.
fn placed(global: &Global) -> Result<Draft, Failure> {
    let draft = open::draft(global, &aws::kinds())?;
    match draft.misplaced() {
        Some(report) if !global.local => Err(report.into()),
        _ => Ok(draft),
    }
}

/// The place of a state that may not be encrypted yet.
pub async fn lenient(global: &Global) -> Result<Arc<dyn Store>, Failure> {
    if global.local {
        return Err(Failure::usage(
            "the embedded cloud keeps its states itself: there is nothing to encrypt",
        ));
    }
    let draft = placed(global)?;
    let scope = draft.scope("", None, None);
    let aws = connected(global, &draft).await?;
    place::lenient(&draft, &scope, &aws)
}

async fn embedded(global: &Global, scope: &Scope) -> Result<Arc<dyn Store>, Failure> {
    let home = Home::of(global);
    let states = match home.server().await {
        Some(notice) => notice.states,
        None => home.states(),
    };
    Ok(Arc::new(LocalStore::in_folder(&states, scope)))
}

async fn connected(global: &Global, draft: &Draft) -> Result<Aws, Failure> {
    let connected = Aws::connect(&open::connection(global, draft, None, FEW)).await;
    connected.map_err(|error| Failure::from(error).of_place())
}

/// Another place, and the manifest's own.
pub async fn two(
    global: &Global,
    other: &str,
) -> Result<(Arc<dyn Store>, Arc<dyn Store>), Failure> {
    if global.local {
        return Err(Failure::usage(
            "the embedded cloud keeps its states itself: there is nothing to migrate",
        ));
    }
    let draft = placed(global)?;
    let scope = draft.scope("", None, None);
    let aws = connected(global, &draft).await?;
    let source = place::named(other, &draft, &scope, &aws)?;
    Ok((source, place::store(&draft, &scope, &aws)?))
}

/// The state, or an error that says that there is none yet.
pub async fn state(global: &Global) -> Result<State, Failure> {
    let store = store(global).await?;
    let snapshot = store.load().await?;
    let state = snapshot.state.ok_or_else(|| {
        Failure::new(
            1,
            format!("nothing was applied yet: there is no {}", store.describe()),
        )
        .hint(cloud::first())
        .of_place()
    })?;
    if !global.local {
        return Ok(state);
    }
    let served = Home::of(global).server().await;
    let url = served.map_or_else(super::embedded::default_url, |notice| notice.url);
    Ok(state.served_at(&url))
}

/// Is the embedded cloud served, so that somebody answers at its URLs?
pub async fn is_served(global: &Global) -> bool {
    Home::of(global).server().await.is_some()
}

//! The saved state, for the commands that never call AWS.

use super::args::Global;
use super::failure::Failure;
use super::home::Home;
use super::open;
use crate::aws;
use crate::state::{LocalStore, State, Store};

/// The place of the state. Only the manifest's project and environment matter.
pub async fn store(global: &Global) -> Result<LocalStore, Failure> {
    let draft = open::draft(global, &aws::kinds())?;
    let scope = draft.scope("", None, None);
    if !global.local {
        return Ok(LocalStore::beside_manifest(&scope));
    }
    let home = Home::of(global);
    let states = match home.server().await {
        Some(notice) => notice.states,
        None => home.states(),
    };
    Ok(LocalStore::in_folder(&states, &scope))
}

/// The state, or an error that says that there is none yet.
pub async fn state(global: &Global) -> Result<State, Failure> {
    let store = store(global).await?;
    let snapshot = store.load().await?;
    snapshot.state.ok_or_else(|| {
        Failure::new(
            1,
            format!("nothing was applied yet: there is no {}", store.describe()),
        )
        .hint(match global.local {
            true => "run `slp apply --local` first, or `slp dev`",
            false => "run `slp apply` first",
        })
    })
}

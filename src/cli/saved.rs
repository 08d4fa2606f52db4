//! The saved state, for the commands that never call AWS.

use super::args::Global;
use super::failure::Failure;
use super::open;
use crate::aws;
use crate::state::{LocalStore, State, Store};

/// The place of the state. Only the manifest's project and environment matter.
pub fn store(global: &Global) -> Result<LocalStore, Failure> {
    let draft = open::draft(global, &aws::kinds())?;
    Ok(LocalStore::beside_manifest(&draft.scope("", None, None)))
}

/// The state, or an error that says that there is none yet.
pub async fn state(global: &Global) -> Result<State, Failure> {
    let store = store(global)?;
    let snapshot = store.load().await?;
    snapshot.state.ok_or_else(|| {
        Failure::new(
            1,
            format!("nothing was applied yet: there is no {}", store.describe()),
        )
        .hint("run `slp apply` first")
    })
}

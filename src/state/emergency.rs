//! A state that its own place did not take is put somewhere else, so that nothing is lost.

use std::path::{Path, PathBuf};

use super::State;
use super::disk::Disk;

/// Puts it into the folder, or the one for temporary files; gives where, if anywhere.
pub(super) fn save(disk: &Disk, folder: &Path, state: &State, bytes: &[u8]) -> Option<PathBuf> {
    let env = state.env.as_ref().map(|env| format!("@{env}"));
    let env = env.unwrap_or_default();
    let name = format!("slp-emergency-{}{env}-{}.json", state.project, state.serial);
    let folders = [folder.to_owned(), std::env::temp_dir()];
    folders.into_iter().find_map(|folder| {
        let path = folder.join(&name);
        disk.replace(&path, bytes).ok().map(|_| path)
    })
}

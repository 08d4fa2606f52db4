//! A state, or a journal, that its own place did not take is put somewhere else, so that nothing
//! is lost.

use std::path::{Path, PathBuf};

use super::State;
use super::disk::Disk;
use super::journal::Text;
use crate::plan::Plan;

/// What the names of a project's emergency files begin with.
pub fn prefix(project: &str, env: Option<&str>) -> String {
    let env = env.map(|env| format!("@{env}")).unwrap_or_default();
    format!("slp-emergency-{project}{env}-")
}

/// Puts a state into the folder, or the one for temporary files; gives where, if anywhere.
pub(super) fn save(disk: &Disk, folder: &Path, state: &State, bytes: &[u8]) -> Option<PathBuf> {
    let begin = prefix(&state.project, state.env.as_deref());
    put(
        disk,
        folder,
        &format!("{begin}{}.json", state.serial),
        bytes,
    )
}

/// The same of a journal.
pub(super) fn save_journal(disk: &Disk, folder: &Path, text: &Text) -> Option<PathBuf> {
    put(disk, folder, &text.elsewhere, text.bytes())
}

/// What the emergency file of a run's journal is called.
pub(super) fn journal_name(plan: &Plan) -> String {
    let begin = prefix(&plan.project, plan.env.as_deref());
    format!("{begin}{}.journal", plan.serial)
}

fn put(disk: &Disk, folder: &Path, name: &str, bytes: &[u8]) -> Option<PathBuf> {
    let folders = [folder.to_owned(), std::env::temp_dir()];
    folders.into_iter().find_map(|folder| {
        let path = folder.join(name);
        disk.replace(&path, bytes).ok().map(|_| path)
    })
}

//! The other manifests of a repository, found by their files' name.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use toml::de::DeTable;

use super::args::Global;

/// A manifest, and the project that it says it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stack {
    pub path: PathBuf,
    pub project: String,
}

/// The repository's top folder: the nearest with a `.git`; without one, the manifest's own.
pub fn root(global: &Global) -> PathBuf {
    let folder = super::open::folder(global);
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let top = folder
        .ancestors()
        .find(|folder| folder.join(".git").exists());
    top.unwrap_or(&folder).to_owned()
}

/// Every manifest below `root` that git would take and that names its project, in order of path.
pub fn stacks(root: &Path, global: &Global) -> Vec<Stack> {
    let name = global.file.file_name().unwrap_or("slp.toml".as_ref());
    let files = WalkBuilder::new(root).require_git(false).build();
    let mut stacks: Vec<Stack> = files
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == name && entry.file_type().is_some_and(|t| t.is_file()))
        .filter_map(|entry| {
            let project = project(&std::fs::read_to_string(entry.path()).ok()?)?;
            let path = entry.into_path();
            Some(Stack { path, project })
        })
        .collect();
    stacks.sort();
    stacks
}

/// `[project] name`, as it stands.
fn project(text: &str) -> Option<String> {
    let (table, _) = DeTable::parse_recoverable(text);
    let project = table.get_ref().get("project")?.get_ref().as_table()?;
    Some(project.get("name")?.get_ref().as_str()?.to_owned())
}

//! The other manifests of a repository, found by their files' name.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::args::Global;
use crate::files;
use crate::manifest::parse_toml;

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

/// The manifests below a folder.
#[derive(Default)]
pub struct Found {
    /// In order of path.
    pub stacks: Vec<Stack>,
    /// What cannot be read, or does not name its project; and why.
    pub unreadable: Vec<String>,
}

/// Every manifest below `root` that git would take.
pub fn stacks(root: &Path, global: &Global) -> Found {
    let name = global.file.file_name().unwrap_or("slp.toml".as_ref());
    let mut found = Found::default();
    for entry in WalkBuilder::new(root).require_git(false).build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.unreadable.push(error.to_string());
                continue;
            }
        };
        if entry.file_name() != name || !entry.file_type().is_some_and(|t| t.is_file()) {
            continue;
        }
        let path = entry.into_path();
        let text = files::text(&path).map_err(|error| error.to_string());
        match text.and_then(|text| project(&text)) {
            Ok(project) => found.stacks.push(Stack { path, project }),
            Err(why) => found.unreadable.push(format!("{}: {why}", path.display())),
        }
    }
    found.stacks.sort();
    found
}

/// `[project] name`, as it stands, or why there is none.
fn project(text: &str) -> Result<String, String> {
    let parsed = parse_toml(text);
    let project = parsed.table.get_ref().get("project");
    let project = project.and_then(|project| project.get_ref().as_table());
    let name = project.and_then(|project| project.get("name")?.get_ref().as_str());
    match (name, parsed.errors.first()) {
        (_, Some(error)) => Err(error.message().to_owned()),
        (Some(name), None) => Ok(name.to_owned()),
        (None, None) => Err("it does not say `name` in [project]".to_owned()),
    }
}

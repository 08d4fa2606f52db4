//! Interpreters that are installed: on PATH, and where version managers keep them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::machine::Machine;
use crate::local::runtime::interpreter::{candidates, matches, version_of};

/// Where Homebrew links one version of a program, before its name and `@VERSION/bin`.
const BREWED: [&str; 2] = ["/opt/homebrew/opt", "/usr/local/opt"];

/// Node.js of this version: `22`, or more of it.
pub fn node(version: &str, machine: &Machine) -> Option<PathBuf> {
    let on_path = candidates(&machine.path, &["node"]);
    let managed = folders(&machine.nodes).into_iter().filter(|folder| {
        let name = folder
            .file_name()
            .and_then(OsStr::to_str)
            .unwrap_or_default();
        matches(version, name.trim_start_matches('v'))
    });
    let managed = managed.flat_map(|folder| {
        let places = ["bin/node", "installation/bin/node"];
        places.map(|place| folder.join(place))
    });
    let brewed = BREWED.map(|folder| Path::new(folder).join(format!("node@{version}/bin/node")));
    first(version, on_path.chain(managed).chain(brewed))
}

/// Python of this version, such as `3.13`.
pub fn python(version: &str, machine: &Machine) -> Option<PathBuf> {
    let name = format!("python{version}");
    let on_path = candidates(&machine.path, &[&name, "python3", "python"]);
    let managed = folders(&machine.pythons);
    let managed = managed.iter().map(|folder| folder.join("bin").join(&name));
    let brewed = BREWED.map(|folder| {
        let own = format!("python@{version}/bin");
        Path::new(folder).join(own).join(&name)
    });
    first(version, on_path.chain(managed).chain(brewed))
}

/// The first that is there and says that it has this version.
fn first(version: &str, files: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let mut there = files.filter(|file| file.is_file());
    there.find(|file| version_of(file).is_some_and(|found| matches(version, &found)))
}

/// The folders in these, the highest version of each first.
fn folders(roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for root in roots {
        let entries = fs::read_dir(root).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        found.sort_by_key(|folder| std::cmp::Reverse(numbers(folder)));
        all.append(&mut found);
    }
    all
}

/// The numbers in a folder's name, so that 22.10 comes after 22.9.
fn numbers(folder: &Path) -> Vec<u64> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let parts = name.split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

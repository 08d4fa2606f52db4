//! `slp stacks`: the manifests of a repository, in the order in which they read each other's
//! outputs; for a matrix of a CI's own runners.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;
use toml::de::DeValue;

use super::args::{Global, StacksArgs};
use super::failure::Failure;
use super::printer::Printer;
use super::repository::{self, Found, Stack};
use crate::files;
use crate::manifest::{Origin, parse_toml};
use crate::render::printable;

/// One of them, as it is printed.
#[derive(Serialize)]
struct Listed {
    /// From the repository's top.
    path: String,
    project: String,
    /// Those of one wave read nothing of each other; a wave comes after all before it.
    wave: usize,
    /// The projects whose outputs it reads.
    needs: BTreeSet<String>,
}

pub fn run(global: &Global, args: &StacksArgs, printer: &Printer) -> Result<u8, Failure> {
    let root = repository::root(global);
    let found = repository::stacks(&root, global);
    whole(&found)?;
    let read = found.stacks.iter().map(|stack| Read::of(stack, &root));
    let read: Vec<Read> = read.collect();
    unknown(&read, printer);
    let waves = waves(&read)?;
    let changed = args
        .changed_since
        .as_deref()
        .map(|rev| changed(&root, rev))
        .transpose()?;
    let folders: BTreeSet<PathBuf> = read.iter().map(|read| read.folder.clone()).collect();
    let is_changed = |read: &&Read| {
        let touched = |files: &Vec<PathBuf>| read.is_touched(files, &folders);
        changed.as_ref().is_none_or(touched)
    };
    let mut listed: Vec<Listed> = read
        .iter()
        .filter(is_changed)
        .map(|read| Listed {
            path: read.path.display().to_string(),
            project: read.project.clone(),
            wave: waves.get(&read.project).copied().unwrap_or_default(),
            needs: read.needs.clone(),
        })
        .collect();
    listed.sort_by(|a, b| (a.wave, &a.path).cmp(&(b.wave, &b.path)));
    if global.json {
        printer.out(&serde_json::to_string_pretty(&listed).unwrap_or_default());
        return Ok(0);
    }
    for one in &listed {
        let path = printable(&one.path);
        printer.out(&format!(
            "{}  {path}  {}",
            one.wave,
            printable(&one.project)
        ));
    }
    Ok(0)
}

/// Refuses where a pipeline would go on without one of the manifests, or take one for another.
fn whole(found: &Found) -> Result<(), Failure> {
    if !found.unreadable.is_empty() {
        let list = found.unreadable.join("\n  ");
        let text = format!("not every manifest can be read:\n  {list}");
        let hint = "`slp -f FILE validate` says all that is wrong with one; what is no project of \
                    yours, a `.ignore` file leaves out";
        return Err(Failure::usage(text).hint(hint));
    }
    let mut paths: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for stack in &found.stacks {
        let path = stack.path.display().to_string();
        paths.entry(&stack.project).or_default().push(path);
    }
    match paths.into_iter().find(|(_, paths)| paths.len() > 1) {
        None => Ok(()),
        Some((project, paths)) => Err(Failure::usage(format!(
            "two manifests are of the project {project}: {}",
            paths.join(", ")
        ))
        .hint("give one of them another `name` in [project], or leave it out by a `.ignore` file")),
    }
}

/// Says whose outputs are read and nobody here has.
fn unknown(read: &[Read], printer: &Printer) {
    let here: BTreeSet<&String> = read.iter().map(|one| &one.project).collect();
    for one in read {
        for need in one.needs.iter().filter(|need| !here.contains(need)) {
            printer.err(&format!(
                "{} reads an output of {need}, which no manifest here is of",
                one.path.display()
            ));
        }
    }
}

/// What a manifest tells by itself.
struct Read {
    /// From the repository's top.
    path: PathBuf,
    folder: PathBuf,
    project: String,
    needs: BTreeSet<String>,
    /// Files and folders outside of its own that it names.
    outside: Vec<PathBuf>,
}

impl Read {
    fn of(stack: &Stack, root: &Path) -> Read {
        let path = stack
            .path
            .strip_prefix(root)
            .unwrap_or(&stack.path)
            .to_owned();
        let text = files::text(&stack.path).unwrap_or_default();
        let parsed = parse_toml(&text);
        let mut texts = Vec::new();
        for value in parsed.table.get_ref().values() {
            gather(value.get_ref(), &mut texts);
        }
        let folder = stack.path.parent().unwrap_or(root);
        let needs = texts.iter().filter_map(|text| match Origin::parse(text) {
            Some(Origin::Output { project, .. }) => Some(project),
            _ => None,
        });
        let outside = texts
            .iter()
            .filter(|text| text.starts_with(".."))
            .filter_map(|text| {
                let path = std::fs::canonicalize(folder.join(text)).ok()?;
                let root = std::fs::canonicalize(root).ok()?;
                Some(path.strip_prefix(root).ok()?.to_owned())
            });
        Read {
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            project: stack.project.clone(),
            needs: needs.collect(),
            outside: outside.collect(),
            path,
        }
    }

    /// Is one of these files its own, or one that it names? A manifest further down has what is
    /// beside it to itself.
    fn is_touched(&self, files: &[PathBuf], folders: &BTreeSet<PathBuf>) -> bool {
        let is_own = |file: &PathBuf| {
            let nearest = file
                .ancestors()
                .skip(1)
                .find(|folder| folders.contains(*folder));
            nearest == Some(&self.folder)
        };
        let is_named = |file: &PathBuf| self.outside.iter().any(|path| file.starts_with(path));
        files.iter().any(|file| is_own(file) || is_named(file))
    }
}

fn gather(value: &DeValue<'_>, texts: &mut Vec<String>) {
    match value {
        DeValue::String(text) => texts.push(text.to_string()),
        DeValue::Array(items) => items.iter().for_each(|item| gather(item.get_ref(), texts)),
        DeValue::Table(table) => table
            .values()
            .for_each(|item| gather(item.get_ref(), texts)),
        _ => {}
    }
}

/// For each project the number of the wave in which it can be worked on.
fn waves(read: &[Read]) -> Result<BTreeMap<String, usize>, Failure> {
    let mut waves: BTreeMap<String, usize> = BTreeMap::new();
    let here: BTreeSet<&String> = read.iter().map(|read| &read.project).collect();
    for wave in 0..=read.len() {
        let ready = |one: &&Read| {
            let earlier = |need: &String| waves.get(need).is_some_and(|at| *at < wave);
            let known = |need: &&String| here.contains(need);
            !waves.contains_key(&one.project) && one.needs.iter().filter(known).all(earlier)
        };
        let ready: Vec<String> = read
            .iter()
            .filter(ready)
            .map(|one| one.project.clone())
            .collect();
        waves.extend(ready.into_iter().map(|project| (project, wave)));
    }
    let stuck: Vec<&str> = read
        .iter()
        .filter(|one| !waves.contains_key(&one.project))
        .map(|one| one.project.as_str())
        .collect();
    match stuck.is_empty() {
        true => Ok(waves),
        false => Err(Failure::usage(format!(
            "these projects read each other's outputs in a circle: {}",
            stuck.join(", ")
        ))),
    }
}

/// The files that differ from a revision, committed or not, from the repository's top.
fn changed(root: &Path, rev: &str) -> Result<Vec<PathBuf>, Failure> {
    let told = |args: &[&str]| {
        let output = Command::new("git").arg("-C").arg(root).args(args).output();
        let output = output.map_err(|error| Failure::new(1, format!("git: {error}")))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => {
                let error = String::from_utf8_lossy(&output.stderr);
                let first = error.lines().next().unwrap_or("git says nothing");
                Err(Failure::new(1, format!("git: {first}")).hint("--changed-since takes a revision that git knows here; a CI's clone may be too shallow"))
            }
        }
    };
    if !root.join(".git").exists() {
        let text = format!("{} is in no git repository", root.display());
        return Err(Failure::usage(text).hint("--changed-since compares with a revision of git's"));
    }
    let differing = told(&["diff", "--name-only", "-z", "--end-of-options", rev])?;
    let new = told(&["ls-files", "--others", "--exclude-standard", "-z"])?;
    let names = differing.split('\0').chain(new.split('\0'));
    Ok(names
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .collect())
}

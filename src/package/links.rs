//! Which symbolic links stay links in the package, and what they say there.
//!
//! One whose target is packed as well stays a link, as in a zip of `zip -y`: Lambda keeps links, and
//! what pnpm lays out or `libz.so → libz.so.1` would otherwise be copies. So does one into a layer
//! (`/opt/…`). One to what the patterns leave out becomes its target; all others are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirEntry};
use std::path::{Component, Path, PathBuf};

use super::PackageError;
use super::error::shown;
use super::known::Stamp;
use super::walk::{Found, Place, Walk};

/// Where AWS puts layers, and a function's code.
const OPT: &str = "/opt";
const TASK: &str = "/var/task";

/// A link as it lies in the folder.
#[derive(Clone, Debug)]
pub(super) struct Link {
    place: Place,
    /// Its path in the package.
    name: String,
    path: PathBuf,
    /// What it says.
    text: PathBuf,
}

impl Link {
    /// One that vanished meanwhile is none.
    pub(super) fn read(place: &Place, name: String, entry: &DirEntry) -> Option<Link> {
        let path = entry.path();
        Some(Link {
            place: place.clone(),
            name,
            text: fs::read_link(&path).ok()?,
            path,
        })
    }

    /// The folder that it lies in.
    fn folder(&self) -> &Path {
        Path::new(&self.place.name)
    }
}

/// What becomes of a link.
enum Fate {
    /// It stays a link that says this.
    Kept(String),
    /// Its target is packed under its name, or refused by name.
    Followed,
}

/// What the package holds beside the link that is judged.
struct Held {
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    links: BTreeSet<String>,
}

impl Walk<'_> {
    /// Judges every link, now that all files are known.
    pub(super) fn settle_links(&mut self) {
        let mut links = std::mem::take(&mut self.links);
        links.retain(|link| self.is_wanted(link));
        let held = Held::of(&self.found, &links);
        let mut followed = Vec::new();
        for link in links {
            match self.fate(&link, &held) {
                Fate::Kept(text) => self.keep(&link, text),
                Fate::Followed => followed.push(link),
            }
        }
        for link in followed {
            self.follow(&link.place, link.name, &link.path);
        }
        self.run();
    }

    fn is_wanted(&self, link: &Link) -> bool {
        let name = Path::new(&link.name);
        let about = fs::metadata(&link.path);
        let is_dir = about.as_ref().is_ok_and(fs::Metadata::is_dir);
        // A link to nothing may have been meant as a folder, and be excluded as one.
        let meant = about.is_err() && self.selection.excludes(name, true);
        !meant && self.concerns(name, is_dir, link.place.included)
    }

    /// Whether `include` covers a link, or something that is reached through it.
    fn covers(&self, link: &Link, target: &str) -> bool {
        let included = link.place.included;
        let below = format!("{target}/");
        let reached = |found: &Found| {
            let rest = found.name.strip_prefix(&below)?;
            let name = Path::new(&link.name).join(rest);
            let taken = self.selection.includes(&name, false, included);
            (taken && !self.selection.excludes(&name, false)).then_some(())
        };
        // The target's kind is not asked for: a link to a file came so far by being included.
        self.selection
            .includes(Path::new(&link.name), true, included)
            || self
                .found
                .iter()
                .any(|found| found.name == target || reached(found).is_some())
    }

    fn fate(&self, link: &Link, held: &Held) -> Fate {
        let real = fs::canonicalize(&link.path);
        let inside = real
            .as_ref()
            .ok()
            .and_then(|real| real.strip_prefix(&self.root).ok());
        let Some(inside) = inside else {
            return elsewhere(link, held);
        };
        let hidden = real.as_ref().is_ok_and(|real| self.is_hidden(real));
        let kept = |name: &&str| !hidden && held.has(name) && self.covers(link, name);
        let Some(target) = inside.to_str().filter(kept) else {
            return Fate::Followed;
        };
        match link
            .text
            .to_str()
            .filter(|text| held.leads(link.folder(), text))
        {
            Some(text) => Fate::Kept(text.to_owned()),
            None => Fate::Kept(relative(link.folder(), Path::new(target))),
        }
    }

    fn keep(&mut self, link: &Link, text: String) {
        let path = self.shown(&link.name);
        if !super::plain(&link.name) || text.contains('\\') || text.chars().any(char::is_control) {
            return self.problems.push(PackageError::BadName { path });
        }
        match fs::symlink_metadata(&link.path) {
            Ok(about) => self.found.push(Found {
                name: link.name.clone(),
                real: link.path.clone(),
                stamp: Stamp::of(&about),
                link: Some(text),
            }),
            Err(_) => self.problems.push(PackageError::LinkDangles {
                path,
                target: shown(&link.text),
            }),
        }
    }
}

/// A link that leads out of the folder, or to nothing on this machine.
fn elsewhere(link: &Link, held: &Held) -> Fate {
    let below = |root: &str| {
        let rest = link.text.strip_prefix(root).ok()?;
        let named = |part: Component<'_>| matches!(part, Component::Normal(_));
        rest.components().all(named).then_some(rest)
    };
    if below(OPT).is_some() {
        return Fate::Kept(link.text.display().to_string());
    }
    match below(TASK) {
        Some(target) if target.to_str().is_some_and(|name| held.has(name)) => {
            Fate::Kept(relative(link.folder(), target))
        }
        _ => Fate::Followed,
    }
}

impl Held {
    fn of(found: &[Found], links: &[Link]) -> Held {
        let files: BTreeSet<String> = found.iter().map(|found| found.name.clone()).collect();
        let links: BTreeSet<String> = links.iter().map(|link| link.name.clone()).collect();
        let mut folders = BTreeSet::new();
        for name in files.iter().chain(&links) {
            let above = Path::new(name).ancestors().skip(1);
            let fresh = |path: &&Path| folders.insert(path.display().to_string());
            above.take_while(fresh).for_each(drop);
        }
        Held {
            files,
            folders,
            links,
        }
    }

    /// A file, or a folder of files.
    fn has(&self, name: &str) -> bool {
        self.files.contains(name) || self.folders.contains(name)
    }

    /// Whether a link in this folder that says `text` leads to something here as it stands: first
    /// upwards and then down, and through no other link.
    fn leads(&self, folder: &Path, text: &str) -> bool {
        let mut at = folder.to_owned();
        let mut down = false;
        for part in Path::new(text).components() {
            match part {
                Component::Normal(name) => {
                    if self.links.contains(&at.display().to_string()) {
                        return false;
                    }
                    down = true;
                    at.push(name);
                }
                Component::ParentDir if !down && at.pop() => {}
                Component::CurDir => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
            }
        }
        let name = at.display().to_string();
        self.has(&name) || self.links.contains(&name)
    }
}

/// Whether a link on disk that says `says` is what the package's link of this name stands for.
pub(super) fn same(root: &Path, name: &str, says: &Path, target: &str) -> bool {
    let path = root.join(name);
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let in_task = says
        .strip_prefix(TASK)
        .is_ok_and(|below| relative(folder, below) == target);
    // The package's text may be another way to the same place.
    let leads = fs::canonicalize(&path).ok();
    let is_way = || leads == fs::canonicalize(root.join(folder).join(target)).ok();
    says == Path::new(target) || in_task || leads.is_some() && is_way()
}

/// The way from a folder of the package to a path in it.
fn relative(from: &Path, to: &Path) -> String {
    let shared = from.components().zip(to.components());
    let shared = shared.take_while(|(one, other)| one == other).count();
    let ups = from.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = ups.chain(to.components().skip(shared)).collect();
    match way.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => way.display().to_string(),
    }
}

/// Where a name leads among names of which some are links; `None` where it leads out of them.
pub(super) fn resolved<'a>(name: &str, links: &BTreeMap<&'a str, &'a str>) -> Option<String> {
    /// As many as Linux follows.
    const MOST: usize = 40;
    let mut todo: Vec<String> = parts(name);
    let mut at: Vec<String> = Vec::new();
    let mut followed = 0;
    while let Some(part) = todo.pop() {
        if part == ".." {
            at.pop()?;
            continue;
        }
        at.push(part);
        if let Some(target) = links.get(at.join("/").as_str()) {
            followed += 1;
            if followed > MOST || target.starts_with('/') {
                return None;
            }
            at.pop();
            todo.extend(parts(target));
        }
    }
    Some(at.join("/"))
}

/// The last first.
fn parts(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.rev().map(str::to_owned).collect()
}

//! The files of a folder that are to be packed, with what the file system says of each. Reads no
//! contents, so that limits can be checked first.

use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::{reason, shown};
use super::known::Stamp;
use super::select::Selection;
use super::{Folder, MAX_FILES, PackageError, plain};

/// One file to be packed.
#[derive(Debug)]
pub(super) struct Found {
    /// Its path in the package.
    pub(super) name: String,
    /// Where its contents are; links are already followed.
    pub(super) real: PathBuf,
    pub(super) stamp: Stamp,
}

/// Every selected file, in no order, and everything that stands in the way.
pub(super) fn walk(folder: &Folder) -> (Vec<Found>, Vec<PackageError>) {
    let selection = match Selection::of(folder) {
        Ok(selection) => selection,
        Err(problems) => return (Vec::new(), problems),
    };
    let root = match fs::canonicalize(&folder.root) {
        Ok(root) => root,
        Err(error) => {
            let problem = PackageError::Folder {
                path: shown(&folder.root),
                reason: reason(&error),
            };
            return (Vec::new(), vec![problem]);
        }
    };
    let mut walk = Walk {
        folder,
        selection,
        todo: vec![Place {
            name: String::new(),
            real: root.clone(),
            included: false,
            jumps: Vec::new(),
        }],
        root,
        found: Vec::new(),
        problems: Vec::new(),
        linked: 0,
    };
    walk.run();
    (walk.found, walk.problems)
}

struct Walk<'a> {
    folder: &'a Folder,
    selection: Selection,
    /// The folder, canonical: what a link must not leave.
    root: PathBuf,
    todo: Vec<Place>,
    found: Vec<Found>,
    problems: Vec<PackageError>,
    /// Folders reached through links: those can multiply, so they are counted.
    linked: usize,
}

/// A folder yet to be read.
struct Place {
    /// Its path in the package, empty for the root.
    name: String,
    /// Canonical.
    real: PathBuf,
    /// Whether `include` covers the folder as a whole.
    included: bool,
    /// The links followed to get here.
    jumps: Vec<Jump>,
}

/// A link that was followed: the folder it lies in, and its target; both canonical.
type Jump = (PathBuf, PathBuf);

impl Walk<'_> {
    fn run(&mut self) {
        if let Some(root) = self.todo.first_mut() {
            root.included = self.selection.includes_root();
        }
        while let Some(place) = self.todo.pop() {
            if self.found.len() > MAX_FILES || self.linked > MAX_FILES {
                return self.problems.push(PackageError::TooMany {
                    path: shown(&self.folder.root),
                    limit: MAX_FILES,
                });
            }
            let read = fs::read_dir(&place.real).and_then(|entries| {
                entries.into_iter().try_for_each(|entry| {
                    self.entry(&place, &entry?);
                    Ok(())
                })
            });
            if let Err(error) = read {
                self.problems.push(PackageError::Folder {
                    path: self.shown(&place.name),
                    reason: reason(&error),
                });
            }
        }
    }

    fn entry(&mut self, place: &Place, entry: &DirEntry) {
        let file_name = entry.file_name();
        let Some(file_name) = file_name.to_str() else {
            return self.not_utf8(place, entry);
        };
        let name = match place.name.as_str() {
            "" => file_name.to_string(),
            folder => format!("{folder}/{file_name}"),
        };
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.unreadable(&name, &error),
        };
        if kind.is_symlink() {
            self.link(place, name, &entry.path());
        } else if !self.concerns(Path::new(&name), kind.is_dir(), place.included) {
            // Left out.
        } else if kind.is_dir() {
            self.enter(place, name, entry.path(), None);
        } else {
            match entry.metadata() {
                Ok(meta) => self.file(name, entry.path(), &meta),
                Err(error) => self.unreadable(&name, &error),
            }
        }
    }

    /// Whether a path can matter: a folder may hold included files though it is not included.
    fn concerns(&self, path: &Path, is_dir: bool, inherited: bool) -> bool {
        !self.selection.excludes(path, is_dir)
            && (is_dir || self.selection.includes(path, is_dir, inherited))
    }

    fn enter(&mut self, from: &Place, name: String, real: PathBuf, jump: Option<Jump>) {
        let path = Path::new(&name);
        let included = self.selection.includes(path, true, from.included);
        let mut jumps = from.jumps.clone();
        jumps.extend(jump);
        self.linked += usize::from(!jumps.is_empty());
        self.todo.push(Place {
            name,
            real,
            included,
            jumps,
        });
    }

    fn file(&mut self, name: String, real: PathBuf, meta: &Metadata) {
        let stamp = Stamp::of(meta);
        if !meta.is_file() {
            let path = self.shown(&name);
            self.problems.push(PackageError::Special { path });
        } else if !plain(&name) {
            let path = self.shown(&name);
            self.problems.push(PackageError::BadName { path });
        } else {
            self.found.push(Found { name, real, stamp });
        }
    }

    /// A symbolic link: what it leads to is packed under its name, if that lies inside the root.
    fn link(&mut self, place: &Place, name: String, link: &Path) {
        let resolved = fs::canonicalize(link).and_then(|real| Ok((fs::metadata(&real)?, real)));
        let is_dir = resolved.as_ref().is_ok_and(|(meta, _)| meta.is_dir());
        // A link to nothing may have been meant as a folder, and be excluded as one.
        let meant = resolved.is_err() && self.selection.excludes(Path::new(&name), true);
        if meant || !self.concerns(Path::new(&name), is_dir, place.included) {
            return;
        }
        let path = self.shown(&name);
        let target = shown(fs::read_link(link).unwrap_or_default());
        let problem = match resolved {
            Ok((_, real)) if !real.starts_with(&self.root) => {
                PackageError::LinkLeaves { path, target }
            }
            Ok((_, real)) if is_dir && self.on_the_way(place, &real) => {
                PackageError::LinkLoops { path, target }
            }
            Ok((_, real)) if is_dir => {
                let jump = (place.real.clone(), real.clone());
                return self.enter(place, name, real, Some(jump));
            }
            Ok((meta, real)) => return self.file(name, real, &meta),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                PackageError::LinkDangles { path, target }
            }
            Err(error) => return self.unreadable(&name, &error),
        };
        self.problems.push(problem);
    }

    /// Whether the way from the root to this place already leads through a folder.
    fn on_the_way(&self, place: &Place, real: &Path) -> bool {
        let mut start = &self.root;
        for (from, to) in &place.jumps {
            if real.starts_with(start) && from.starts_with(real) {
                return true;
            }
            start = to;
        }
        real.starts_with(start) && place.real.starts_with(real)
    }

    /// A name that is no text, unless it is left out; a folder is not entered.
    fn not_utf8(&mut self, place: &Place, entry: &DirEntry) {
        let path = Path::new(&place.name).join(entry.file_name());
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if self.concerns(&path, is_dir, place.included) {
            self.problems.push(PackageError::NotUtf8 {
                path: shown(self.folder.root.join(path)),
            });
        }
    }

    fn unreadable(&mut self, name: &str, error: &io::Error) {
        self.problems.push(PackageError::Unreadable {
            path: self.shown(name),
            reason: reason(error),
        });
    }

    fn shown(&self, name: &str) -> String {
        shown(self.folder.root.join(name))
    }
}

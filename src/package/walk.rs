//! The files of a folder that are to be packed, with what the file system says of each. Reads no
//! contents, so that limits can be checked first.

use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::{reason, shown};
use super::known::Stamp;
use super::links::Link;
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
    /// Where it leads, if it is packed as a symbolic link.
    pub(super) link: Option<String>,
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
        links: Vec::new(),
        problems: Vec::new(),
        linked: 0,
    };
    if let Some(root) = walk.todo.first_mut() {
        root.included = walk.selection.includes_root();
    }
    walk.run();
    walk.settle_links();
    (walk.found, walk.problems)
}

pub(super) struct Walk<'a> {
    folder: &'a Folder,
    pub(super) selection: Selection,
    /// The folder, canonical: what a link must not leave.
    pub(super) root: PathBuf,
    todo: Vec<Place>,
    pub(super) found: Vec<Found>,
    /// Links to judge once all files are known.
    pub(super) links: Vec<Link>,
    pub(super) problems: Vec<PackageError>,
    /// Folders reached through links: those can multiply, so they are counted.
    linked: usize,
}

/// A folder yet to be read.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its path in the package, empty for the root.
    pub(super) name: String,
    /// Canonical.
    pub(super) real: PathBuf,
    /// Whether `include` covers the folder as a whole.
    pub(super) included: bool,
    /// The links followed to get here.
    jumps: Vec<Jump>,
}

/// A link that was followed: the folder it lies in, and its target; both canonical.
type Jump = (PathBuf, PathBuf);

impl Walk<'_> {
    pub(super) fn run(&mut self) {
        while let Some(place) = self.todo.pop() {
            if self.found.len() + self.links.len() > MAX_FILES || self.linked > MAX_FILES {
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
        if self.selection.never(&name, &entry.path()) {
            // Slp's own.
        } else if kind.is_symlink() && place.jumps.is_empty() {
            self.links.extend(Link::read(place, name, entry));
        } else if kind.is_symlink() {
            self.follow(place, name, &entry.path());
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
    pub(super) fn concerns(&self, path: &Path, is_dir: bool, inherited: bool) -> bool {
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
            let link = None;
            self.found.push(Found {
                name,
                real,
                stamp,
                link,
            });
        }
    }

    /// A symbolic link to what is not packed by itself: its target is packed under its name, if
    /// that lies inside the root.
    pub(super) fn follow(&mut self, place: &Place, name: String, link: &Path) {
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
            Ok((_, real)) if self.is_hidden(&real) => PackageError::LinkHidden { path, target },
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

    /// Whether what lies in the root is slp's own, or in such a folder.
    pub(super) fn is_hidden(&self, real: &Path) -> bool {
        let inside = real.ancestors().take_while(|path| *path != self.root);
        { inside }.any(|path| self.selection.never(&shown(path), path))
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

    pub(super) fn shown(&self, name: &str) -> String {
        shown(self.folder.root.join(name))
    }
}

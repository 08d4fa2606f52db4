//! Which files of a folder are packed: the patterns of [`Folder`], as `.gitignore` reads them.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::error::{escaped, reason, shown};
use super::{Folder, PackageError, own};

/// What is left out of every package, before `.slpignore` and `exclude` are read. What no pattern
/// brings back is in [`own`].
pub const ALWAYS_EXCLUDED: [&str; 4] = [".slpignore", "__pycache__", "*.pyc", ".DS_Store"];

/// The file in a folder's root with more patterns to exclude, one a line.
const IGNORE_FILE: &str = ".slpignore";

/// The patterns of one folder, ready to match.
pub(super) struct Selection {
    exclude: Gitignore,
    /// None: everything that is not excluded.
    include: Option<Gitignore>,
    /// Canonical.
    never: Vec<PathBuf>,
}

impl Selection {
    /// Reads the patterns; every one that cannot be read is told.
    pub(super) fn of(folder: &Folder) -> Result<Selection, Vec<PackageError>> {
        let mut problems = Vec::new();
        let mut exclude = Patterns::new(&mut problems);
        for line in ALWAYS_EXCLUDED {
            exclude.add(line, || "slp".into());
        }
        exclude.add_file(&folder.root.join(IGNORE_FILE));
        for pattern in &folder.exclude {
            exclude.add_one(pattern, "exclude");
        }
        let exclude = exclude.build();
        let include = (!folder.include.is_empty()).then(|| {
            let mut include = Patterns::new(&mut problems);
            for pattern in &folder.include {
                include.add_one(pattern, "include");
            }
            include.build()
        });
        let (Some(exclude), true) = (exclude, problems.is_empty()) else {
            return Err(problems);
        };
        let real = folder.never.iter().map(fs::canonicalize);
        Ok(Selection {
            exclude,
            include: include.flatten(),
            // What is not there is not packed.
            never: real.flatten().collect(),
        })
    }

    /// Whether a file or folder is slp's own, whatever the patterns say.
    pub(super) fn never(&self, name: &str, real: &Path) -> bool {
        let name = name.rsplit('/').next().unwrap_or(name);
        own::name(name).is_some() || self.never.iter().any(|never| never == real)
    }

    /// Whether nothing at or under this path is packed.
    pub(super) fn excludes(&self, path: &Path, is_dir: bool) -> bool {
        self.exclude.matched(path, is_dir).is_ignore()
    }

    /// Whether `include` covers this path; where no pattern speaks, what holds for the folder
    /// around it (`inherited`) holds.
    pub(super) fn includes(&self, path: &Path, is_dir: bool, inherited: bool) -> bool {
        match self.include.as_ref().map(|set| set.matched(path, is_dir)) {
            None | Some(Match::None) => inherited,
            Some(matched) => matched.is_ignore(),
        }
    }

    /// What holds for the root itself.
    pub(super) fn includes_root(&self) -> bool {
        self.include.is_none()
    }
}

/// A set of patterns while it is read.
struct Patterns<'a> {
    builder: GitignoreBuilder,
    problems: &'a mut Vec<PackageError>,
}

impl<'a> Patterns<'a> {
    fn new(problems: &'a mut Vec<PackageError>) -> Self {
        // Matched are paths relative to the root, which "." leaves as they are.
        let mut builder = GitignoreBuilder::new(".");
        // A `[` that is never closed is a slip, and shall not silently match nothing.
        builder.allow_unclosed_class(false);
        Patterns { builder, problems }
    }

    /// Refuses to take what is never packed: it would be left out in silence.
    fn takes(&mut self, pattern: &str, origin: impl Fn() -> String) {
        let names = pattern.split('/').map(|name| (name, own::name(name)));
        if let Some((name, Some(why))) = { names }.find(|(_, why)| why.is_some()) {
            let reason = format!("slp never packs `{name}`: {why}");
            self.refuse(pattern, origin(), reason);
        }
    }

    /// A line that already reads as in a `.gitignore`.
    fn add(&mut self, line: &str, origin: impl Fn() -> String) {
        if let Err(error) = self.builder.add_line(None, line) {
            let reason = match error {
                ignore::Error::Glob { err, .. } => err,
                other => other.to_string(),
            };
            self.refuse(line, origin(), reason);
        }
    }

    /// A member of `include` or `exclude`, where every string is meant as a pattern.
    fn add_one(&mut self, pattern: &str, origin: &'static str) {
        match (pattern.strip_prefix('!'), origin) {
            (None, "include") => self.takes(pattern, || origin.into()),
            (Some(back), "exclude") => self.takes(back, || origin.into()),
            _ => {}
        }
        let line = match pattern.trim() {
            "" => return self.refuse(pattern, origin.into(), "it is empty".into()),
            // A comment in a file; in a list nobody means one.
            text if text.starts_with('#') => format!("\\{text}"),
            // git lets `./x` match nothing.
            text => match text.strip_prefix("./") {
                Some(rest) => format!("/{rest}"),
                None => text.to_string(),
            },
        };
        self.add(&line, || origin.into());
    }

    /// A file of patterns; none at all is fine.
    fn add_file(&mut self, path: &Path) {
        // Not opened unless it is a file: a FIFO would block for ever.
        if !fs::metadata(path).is_ok_and(|meta| meta.is_file()) {
            return;
        }
        match fs::read_to_string(path) {
            Ok(text) => {
                let text = text.trim_start_matches('\u{feff}');
                for (index, line) in text.lines().enumerate() {
                    let origin = || format!("`{}`, line {}", shown(path), index + 1);
                    if let Some(back) = line.strip_prefix('!') {
                        self.takes(back, origin);
                    }
                    self.add(line, origin);
                }
            }
            Err(error) => self.problems.push(PackageError::Unreadable {
                path: shown(path),
                reason: reason(&error),
            }),
        }
    }

    fn refuse(&mut self, pattern: &str, origin: String, reason: String) {
        self.problems.push(PackageError::Pattern {
            pattern: escaped(pattern),
            origin,
            reason,
        });
    }

    fn build(self) -> Option<Gitignore> {
        match self.builder.build() {
            Ok(set) => Some(set),
            Err(error) => {
                // All of them together are too big for one matcher.
                self.problems.push(PackageError::Pattern {
                    pattern: "all together".into(),
                    origin: "the folder".into(),
                    reason: error.to_string(),
                });
                None
            }
        }
    }
}

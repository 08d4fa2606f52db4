//! Which files changed: looked at again and again, since no two systems tell it the same way
//! and a network folder not at all.
//!
//! A look at a small project takes less than a millisecond; after each, nothing is done for at
//! least ten times as long.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::local::cache;

/// The shortest time between two looks.
const PAUSE: Duration = Duration::from_millis(40);
/// Between two looks while somebody is still writing.
const SETTLING: Duration = Duration::from_millis(15);
/// Somebody who writes on and on, such as a program its log, is not waited for.
const PATIENCE: Duration = Duration::from_millis(500);
/// What is never part of a project, by name, wherever it stands.
const IGNORED: [&str; 4] = [".slp", ".git", "target", "__pycache__"];
/// What is not, in the manifest's own folder.
const IGNORED_IN_ROOT: [&str; 1] = ["state"];

/// The files that a project is made from, and how they were at the last look.
pub struct Watch {
    root: PathBuf,
    /// Code outside the manifest's folder, and single files such as a zip.
    others: Vec<PathBuf>,
    seen: Seen,
    /// Files that this process writes: `slp dev >log` must not follow itself.
    written: Vec<(u64, u64)>,
    /// Where slp keeps what it fetches: no code, also where it lies in the project.
    kept: Option<PathBuf>,
}

/// Each file with what changes when it is written.
type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

impl Watch {
    pub fn new(root: &Path) -> Watch {
        let mut watch = Watch {
            root: root.to_owned(),
            others: Vec::new(),
            seen: Seen::new(),
            written: ["/dev/stdout", "/dev/stderr"]
                .iter()
                .filter_map(|path| std::fs::metadata(path).ok())
                .map(|about| (about.dev(), about.ino()))
                .collect(),
            kept: cache().map(|cache| cache.join("runtimes")),
        };
        watch.seen = watch.look();
        watch
    }

    /// Takes note of where the code comes from; what was there already is not a change.
    pub fn follow(&mut self, sources: Vec<PathBuf>) {
        let outside = sources
            .into_iter()
            .filter(|path| !path.starts_with(&self.root));
        self.others = outside.collect();
        for path in self.others.clone() {
            let mut now = Seen::new();
            self.visit(&path, false, &mut now);
            for (path, stamp) in now {
                self.seen.entry(path).or_insert(stamp);
            }
        }
    }

    /// Returns when something is other than at the last change, and has been so for a moment.
    pub async fn changed(&mut self) {
        let mut pause = PAUSE;
        loop {
            tokio::time::sleep(pause).await;
            let start = Instant::now();
            let now = self.look();
            if now != self.seen {
                self.seen = self.settled(now).await;
                return;
            }
            pause = PAUSE.max(start.elapsed() * 10);
        }
    }

    /// Editors and builds write many files, or one in several steps.
    async fn settled(&self, mut last: Seen) -> Seen {
        let start = Instant::now();
        loop {
            tokio::time::sleep(SETTLING).await;
            let now = self.look();
            if now == last || start.elapsed() > PATIENCE {
                return now;
            }
            last = now;
        }
    }

    fn look(&self) -> Seen {
        let mut seen = Seen::new();
        self.visit(&self.root, true, &mut seen);
        for path in &self.others {
            self.visit(path, false, &mut seen);
        }
        seen
    }

    /// What cannot be read is not there; the next round says so better than this could.
    fn visit(&self, path: &Path, is_root: bool, seen: &mut Seen) {
        // A list and no recursion: folders may be nested thousands of times.
        let kept = self.kept.as_ref();
        let kept = kept.and_then(|kept| std::fs::metadata(kept).ok());
        let kept = kept.map(|about| (about.dev(), about.ino()));
        let mut pending = vec![(path.to_owned(), is_root)];
        while let Some((path, is_root)) = pending.pop() {
            // Through links: a linked folder may hold code. One that leads back into itself ends,
            // for its path grows past what the system allows.
            let Ok(about) = std::fs::metadata(&path) else {
                continue;
            };
            let is = (about.dev(), about.ino());
            if Some(is) == kept {
                continue;
            }
            if about.is_dir() {
                pending.extend(within(&path, is_root).map(|path| (path, false)));
            } else if !self.written.contains(&is) {
                seen.insert(path, (about.modified().ok(), about.len()));
            }
        }
    }
}

/// What stands in a folder and may be part of a project.
fn within(folder: &Path, is_root: bool) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let kept = entries.filter(move |entry| {
        let name = entry.file_name();
        let ignored = |names: &[&str]| names.iter().any(|ignored| name == *ignored);
        !(ignored(&IGNORED) || is_root && ignored(&IGNORED_IN_ROOT))
    });
    kept.map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn what_is_written_made_or_removed_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::create_dir(file("src")).unwrap();
        fs::write(file("src/index.js"), "1").unwrap();
        let mut watch = Watch::new(folder.path());
        for step in 0..3 {
            match step {
                0 => fs::write(file("src/index.js"), "22").unwrap(),
                1 => fs::write(file("slp.toml"), "").unwrap(),
                _ => fs::remove_file(file("src/index.js")).unwrap(),
            }
            watch.changed().await;
        }
        assert_eq!(watch.seen.len(), 1);
    }

    #[test]
    fn what_slp_itself_writes_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        for path in [".slp/local", "state", "target/debug", "src/.git"] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
            fs::write(folder.path().join(path).join("x"), "x").unwrap();
        }
        let watch = Watch::new(folder.path());
        assert_eq!(watch.seen, Seen::new());
        // A folder of the code may be called so.
        fs::create_dir_all(folder.path().join("src/state")).unwrap();
        fs::write(folder.path().join("src/state/x"), "x").unwrap();
        assert_eq!(watch.look().len(), 1);
    }

    #[test]
    fn what_slp_fetches_is_no_change_wherever_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("cache/runtimes");
        fs::create_dir_all(kept.join("node-22.1.0")).unwrap();
        let mut watch = Watch::new(folder.path());
        fs::write(kept.join("node-22.1.0/node"), "x").unwrap();
        assert_eq!(watch.look().len(), 1);
        watch.kept = Some(kept);
        assert_eq!(watch.look(), Seen::new());
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_stops_writing_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = Watch::new(folder.path());
        let log = folder.path().join("log");
        let writing = async {
            for length in 1.. {
                fs::write(&log, "x".repeat(length)).unwrap();
                tokio::time::sleep(SETTLING / 2).await;
            }
        };
        tokio::select! {
            () = watch.changed() => {}
            () = writing => unreachable!("it writes on and on"),
        }
        watch.written = vec![
            fs::metadata(&log)
                .map(|log| (log.dev(), log.ino()))
                .unwrap(),
        ];
        assert_eq!(watch.look(), Seen::new());
    }

    #[tokio::test]
    async fn code_outside_the_folder_counts_once_it_is_known() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("x"), "x").unwrap();
        let mut watch = Watch::new(folder.path());
        watch.follow(vec![outside.path().to_owned()]);
        assert_eq!(watch.look(), watch.seen);
        fs::write(outside.path().join("x"), "changed").unwrap();
        watch.changed().await;
    }
}

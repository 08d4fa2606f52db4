//! What was fetched, in slp's cache: a folder for each release, seen under its name only when it is
//! whole. One process at a time fetches.
//!
//! ```text
//! runtimes/node-22.1.0-linux-x64/bin/node
//! runtimes/.undone-…        under way, or left by a killed run; removed by the next
//! runtimes/lock
//! ```

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use semver::Version;

use super::machine::Platform;

const UNDONE: &str = ".undone-";

/// The part of the cache for this; what is in it may be removed while this is held.
pub struct Keep {
    root: PathBuf,
    _lock: File,
}

/// The highest release of a version that is there.
pub fn kept(cache: &Path, platform: &Platform, version: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(cache.join("runtimes")).ok()?.flatten();
    let found = entries.filter_map(|entry| {
        let name = entry.file_name();
        let release = name.to_str()?.strip_prefix("node-")?;
        let release = release.strip_suffix(platform.name)?.strip_suffix('-')?;
        let release = Version::parse(release).ok()?;
        let file = entry.path().join("bin/node");
        (release.major.to_string() == version && file.is_file()).then_some((release, file))
    });
    found.max().map(|(_, file)| file)
}

impl Keep {
    /// Waits for who else fetches, and clears away what was left unfinished.
    pub fn open(cache: &Path) -> io::Result<Keep> {
        let root = cache.join("runtimes");
        fs::create_dir_all(&root)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))?;
        lock.lock()?;
        for entry in fs::read_dir(&root)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNDONE) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Keep { root, _lock: lock })
    }

    /// Fills a folder by `fill`, which gets its path, and puts it in its place; the program in it.
    pub fn add<E: From<io::Error>>(
        &self,
        release: &Version,
        platform: &Platform,
        fill: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<PathBuf, E> {
        let undone = tempfile::Builder::new()
            .prefix(UNDONE)
            .tempdir_in(&self.root)?;
        fill(undone.path())?;
        let folder = self.root.join(format!("node-{release}-{}", platform.name));
        fs::rename(undone.path(), &folder)?;
        // It has another name by now, and nothing is to be removed.
        let _ = undone.keep();
        Ok(folder.join("bin/node"))
    }
}

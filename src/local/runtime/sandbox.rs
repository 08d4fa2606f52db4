//! What outlives a process that was ended: AWS keeps `/tmp` and the log stream of a sandbox when
//! an invocation took too long, and starts the next process in it.

use tempfile::TempDir;

use super::Image;
use super::folder::Folder;

/// Whose sandbox it is: nothing else ever gets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub region: String,
    pub name: String,
    pub version: String,
    pub revision: String,
}

impl Key {
    pub fn of(image: &Image) -> Key {
        Key {
            region: image.region.clone(),
            name: image.name.clone(),
            version: image.version.clone(),
            revision: image.revision.clone(),
        }
    }

    /// Is it of the same function, whatever its version?
    pub fn is_of(&self, other: &Key) -> bool {
        (&self.region, &self.name) == (&other.region, &other.name)
    }

    /// Does it run an older state of what `newer` runs?
    pub fn outdated_by(&self, newer: &Key) -> bool {
        let same = (&self.region, &self.name, &self.version)
            == (&newer.region, &newer.name, &newer.version);
        same && self.revision != newer.revision
    }
}

/// A sandbox, with or without a process in it.
#[derive(Debug)]
pub struct Sandbox {
    pub temporary: TempDir,
    /// `2026/11/25/[$LATEST]0123456789abcdef0123456789abcdef`.
    pub log_stream: String,
}

impl Sandbox {
    pub fn new(folder: &Folder, version: &str, now: jiff::Timestamp) -> std::io::Result<Sandbox> {
        let id = uuid::Uuid::new_v4().simple();
        Ok(Sandbox {
            temporary: folder.temporary()?,
            log_stream: format!("{}[{version}]{id}", now.strftime("%Y/%m/%d/")),
        })
    }
}

//! What tells that a file is the one that was hashed before, without reading it.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How old a file must be before its times tell its contents, in nanoseconds.
///
/// A change within one tick of the file system's clock leaves the times as they are ("racy git");
/// the coarsest tick in use is FAT's, two seconds.
const SETTLED: i64 = 2_000_000_000;

/// What the file system says of a file; if it says the same again, the contents are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// In bytes.
    pub(super) size: u64,
    mtime: i64,
    /// Of the inode. Unlike `mtime` no program sets it back, as archive tools do.
    ctime: i64,
    inode: u64,
    mode: u32,
}

/// The digests of one folder's files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// The folder: once it is gone, so is what is known of it.
    pub(super) root: PathBuf,
    files: BTreeMap<String, (Stamp, String)>,
}

impl Known {
    pub(super) fn of(root: &Path) -> Known {
        // Relative to where slp runs now, which another run need not share.
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
        Known {
            root,
            files: BTreeMap::new(),
        }
    }

    /// The digest of a file that has not changed.
    pub(super) fn digest(&self, name: &str, stamp: &Stamp) -> Option<&str> {
        let (known, digest) = self.files.get(name)?;
        (known == stamp).then_some(digest)
    }

    /// Notes a digest, unless the file is so young that its stamp proves nothing. `stamp` was
    /// taken after `now` and before the contents were read.
    pub(super) fn add(&mut self, name: &str, stamp: Stamp, digest: &str, now: i64) {
        if stamp.settled(now) {
            self.files.insert(name.into(), (stamp, digest.into()));
        }
    }
}

impl Stamp {
    #[cfg(unix)]
    pub(super) fn of(meta: &Metadata) -> Stamp {
        use std::os::unix::fs::MetadataExt as _;
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000) + nanos;
        Stamp {
            size: meta.len(),
            mtime: nanos(meta.mtime(), meta.mtime_nsec()),
            ctime: nanos(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
            mode: meta.mode(),
        }
    }

    /// Without times no stamp is ever settled, so nothing is cached.
    #[cfg(not(unix))]
    pub(super) fn of(meta: &Metadata) -> Stamp {
        Stamp {
            size: meta.len(),
            mtime: i64::MAX,
            ctime: i64::MAX,
            inode: 0,
            mode: 0,
        }
    }

    /// By the owner's bit alone: the umask decides the others.
    pub(super) fn executable(&self) -> bool {
        self.mode & 0o100 != 0
    }

    fn settled(&self, now: i64) -> bool {
        self.mtime.max(self.ctime) <= now.saturating_sub(SETTLED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(mtime: i64, ctime: i64) -> Stamp {
        Stamp {
            size: 1,
            mtime,
            ctime,
            inode: 7,
            mode: 0o644,
        }
    }

    #[test]
    fn only_a_file_older_than_two_seconds_is_remembered() {
        let now = 100 * SETTLED;
        for (stamp, kept) in [
            (stamp(now - SETTLED, now - SETTLED), true),
            (stamp(now - SETTLED + 1, 0), false),
            (stamp(0, now - SETTLED + 1), false),
            (stamp(now + 1, 0), false),
        ] {
            let mut known = Known::default();
            known.add("a", stamp, "d", now);
            assert_eq!(known.digest("a", &stamp).is_some(), kept, "{stamp:?}");
        }
    }

    #[test]
    fn another_stamp_or_name_is_not_known() {
        let mut known = Known::default();
        known.add("a", stamp(1, 1), "d", SETTLED * 2);
        assert_eq!(known.digest("a", &stamp(1, 2)), None);
        assert_eq!(known.digest("b", &stamp(1, 1)), None);
    }
}

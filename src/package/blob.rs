//! Files of the cache: each proves its own contents, so that a torn or edited one is no file.
//!
//! Layout: the SHA-256 of the payload (32 bytes), then the payload.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::files;

const SUM: usize = 32;

/// How many bytes of blobs a cache keeps.
pub(super) const KEPT: u64 = 512 * 1024 * 1024;

/// A payload and its SHA-256; none if it is missing, torn or edited.
pub(super) fn read(path: &Path) -> Option<(Vec<u8>, [u8; SUM])> {
    let mut bytes = files::bytes(path).ok()?;
    let sum: [u8; SUM] = bytes.get(..SUM)?.try_into().ok()?;
    bytes.drain(..SUM);
    (Sha256::digest(&bytes)[..] == sum).then_some((bytes, sum))
}

/// Writes a payload whole or not at all, readable by this user only: a package may hold secrets.
pub(super) fn write(path: &Path, payload: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    files::private_folder(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(&Sha256::digest(payload))?;
    file.write_all(payload)?;
    // No fsync: what a crash leaves torn is recognised by its sum.
    file.persist(path)?;
    Ok(())
}

/// Marks a blob as used now, so that [`prune`] takes it last.
pub(super) fn touch(path: &Path) {
    let now = SystemTime::now();
    // Only the order of removal depends on it.
    let _ = fs::File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(now));
}

/// Removes the blobs longest unused, until the rest takes at most `kept` bytes.
pub(super) fn prune(folder: &Path, kept: u64) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut blobs: Vec<(SystemTime, u64, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let meta = entry.metadata().ok()?;
            let used = meta.modified().ok()?;
            meta.is_file().then(|| (used, meta.len(), entry.path()))
        })
        .collect();
    blobs.sort_by(|a, b| b.cmp(a));
    let mut sum: u64 = 0;
    for (_, size, path) in blobs {
        sum = sum.saturating_add(size);
        if sum > kept {
            // What cannot be removed now will be tried again.
            let _ = fs::remove_file(path);
        }
    }
}

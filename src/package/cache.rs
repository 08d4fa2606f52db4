//! What earlier runs learned: digests of files that have not changed since, and packages.
//!
//! A folder (`.slp/cache`) with one file (`index2`) and one folder `blobs`. Losing it, or anything
//! wrong in it, costs time and nothing else: every file in it proves its contents ([`blob`]), and
//! what cannot be read or written is passed over in silence.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::known::Known;
use super::{Folder, Listing, Packed, blob, hex};

/// What the bytes of a zip depend on besides its listing: another version packs again.
const FORMAT: &str = "zip-9.8.1";

/// The file of what is known; renamed when what stands in it is judged anew.
const INDEX: &str = "index2";

/// A local cache. It may be shared by threads; nothing is read before the first use, and nothing
/// but blobs is written before [`Cache::save`].
#[derive(Debug)]
pub struct Cache {
    dir: Option<PathBuf>,
    index: OnceLock<Mutex<Index>>,
    /// Now, in nanoseconds since 1970; replaced in tests.
    clock: fn() -> i64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Index {
    folders: BTreeMap<String, Arc<Known>>,
    #[serde(skip)]
    changed: bool,
    #[serde(skip)]
    stored: bool,
}

impl Cache {
    /// The cache in this folder, which is made when there is something to keep.
    pub fn at(dir: PathBuf) -> Cache {
        Cache {
            dir: Some(dir),
            index: OnceLock::new(),
            clock: now,
        }
    }

    /// No cache: everything is read, nothing is kept.
    pub fn none() -> Cache {
        Cache {
            dir: None,
            index: OnceLock::new(),
            clock: now,
        }
    }

    /// The package with this [`Listing::digest`], if it was packed before.
    pub fn zip(&self, digest: &str) -> Option<Packed> {
        let (bytes, sum) = self.blob(digest, "zip")?;
        let sha256 = STANDARD.encode(sum);
        Some(Packed { bytes, sha256 })
    }

    /// Writes what was learned: one file, replaced as a whole. A cache that cannot be written is
    /// no error.
    pub fn save(&self) {
        let (Some(dir), Some(_)) = (&self.dir, self.index.get()) else {
            return;
        };
        let mut index = self.index();
        if std::mem::take(&mut index.changed) {
            index.folders.retain(|_, known| known.root.is_dir());
            if let Ok(text) = serde_json::to_vec(&*index) {
                let _ = blob::write(&dir.join(INDEX), &text);
            }
        }
        if std::mem::take(&mut index.stored) {
            blob::prune(&dir.join("blobs"), blob::KEPT);
        }
    }

    pub(super) fn keep_zip(&self, digest: &str, packed: &Packed) {
        self.keep(digest, "zip", &packed.bytes);
    }

    /// The listing of the ready-made zip with this SHA-256.
    pub(super) fn listing(&self, sha256: &str) -> Option<Listing> {
        let (bytes, _) = self.blob(&key(sha256), "listing")?;
        serde_json::from_slice(&bytes).ok()
    }

    pub(super) fn keep_listing(&self, sha256: &str, listing: &Listing) {
        if let Ok(text) = serde_json::to_vec(listing) {
            self.keep(&key(sha256), "listing", &text);
        }
    }

    /// What is known of a folder's files.
    pub(super) fn known(&self, folder: &Folder) -> Arc<Known> {
        let known = self.index().folders.get(&folder_key(folder)).cloned();
        known.unwrap_or_default()
    }

    /// Replaces what is known of a folder's files.
    pub(super) fn learn(&self, folder: &Folder, known: Known) {
        if self.dir.is_none() {
            return;
        }
        let mut index = self.index();
        let key = folder_key(folder);
        if index.folders.get(&key).is_none_or(|old| **old != known) {
            index.folders.insert(key, Arc::new(known));
            index.changed = true;
        }
    }

    /// Now, as [`Known::add`] wants it: taken before the files are looked at.
    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    #[cfg(test)]
    pub(super) fn with_clock(self, clock: fn() -> i64) -> Cache {
        Cache { clock, ..self }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        let index = self.index.get_or_init(|| Mutex::new(self.load()));
        // A panic elsewhere leaves at worst an entry less.
        index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self) -> Index {
        let read = || {
            let (text, _) = blob::read(&self.dir.as_ref()?.join(INDEX))?;
            serde_json::from_slice(&text).ok()
        };
        read().unwrap_or_default()
    }

    fn blob(&self, digest: &str, kind: &str) -> Option<(Vec<u8>, [u8; 32])> {
        let path = self.blob_path(digest, kind)?;
        let found = blob::read(&path)?;
        blob::touch(&path);
        Some(found)
    }

    fn keep(&self, digest: &str, kind: &str, payload: &[u8]) {
        if let Some(path) = self.blob_path(digest, kind)
            && blob::write(&path, payload).is_ok()
        {
            self.index().stored = true;
        }
    }

    /// None without a cache, and for a digest that is none: it becomes a file name.
    fn blob_path(&self, digest: &str, kind: &str) -> Option<PathBuf> {
        let is_digest = !digest.is_empty() && digest.bytes().all(|b| b.is_ascii_hexdigit());
        let dir = self.dir.as_ref().filter(|_| is_digest)?;
        Some(dir.join("blobs").join(format!("{digest}.{FORMAT}.{kind}")))
    }
}

/// The same folder with other patterns is another: its files are not thrown out by turns.
fn folder_key(folder: &Folder) -> String {
    let mut hash = Sha256::new();
    let root = Known::of(&folder.root).root;
    hash.update(root.as_os_str().as_encoded_bytes());
    for (sign, patterns) in [(b"\0+", &folder.include), (b"\0-", &folder.exclude)] {
        for pattern in patterns {
            hash.update(sign);
            hash.update(pattern);
        }
    }
    hex(&hash.finalize())
}

/// A base64 digest as a file name can hold it.
fn key(sha256: &str) -> String {
    hex(&Sha256::digest(sha256))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 settles nothing.
    since.map_or(0, |time| time.as_nanos().try_into().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::known::Stamp;

    #[test]
    fn a_saved_index_is_read_again_and_a_damaged_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("cache");
        let folder = Folder {
            root: dir.path().to_path_buf(),
            ..Folder::default()
        };
        let mut known = Known::of(&folder.root);
        let stamp = Stamp::of(&dir.path().metadata().unwrap());
        known.add("a", stamp, "d", i64::MAX);
        let cache = Cache::at(place.clone());
        cache.learn(&folder, known.clone());
        cache.save();
        assert_eq!(*Cache::at(place.clone()).known(&folder), known);

        let index = place.join(INDEX);
        let whole = std::fs::read(&index).unwrap();
        for damaged in [&whole[..whole.len() - 1], b"", b"x".repeat(99).as_slice()] {
            std::fs::write(&index, damaged).unwrap();
            assert_eq!(
                *Cache::at(place.clone()).known(&folder),
                Known::default(),
                "{} bytes",
                damaged.len()
            );
        }
    }

    #[test]
    fn a_folder_that_is_gone_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let gone = Folder {
            root: dir.path().join("gone"),
            ..Folder::default()
        };
        let cache = Cache::at(dir.path().join("cache"));
        cache.learn(&gone, Known::of(&gone.root));
        cache.save();
        assert!(
            Cache::at(dir.path().join("cache"))
                .index()
                .folders
                .is_empty()
        );
    }

    #[test]
    fn a_zip_is_kept_and_a_damaged_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::at(dir.path().to_path_buf());
        let packed = Packed::of(b"bytes".to_vec());
        cache.keep_zip("ab", &packed);
        assert_eq!(cache.zip("ab"), Some(packed.clone()));
        assert_eq!(cache.zip("cd"), None);
        let path = cache.blob_path("ab", "zip").unwrap();
        std::fs::write(path, b"torn").unwrap();
        assert_eq!(cache.zip("ab"), None);
        Cache::none().keep_zip("ab", &packed);
        assert_eq!(Cache::none().zip("ab"), None);
    }

    #[test]
    fn a_digest_cannot_name_a_file_elsewhere() {
        let cache = Cache::at("/cache".into());
        assert_eq!(cache.blob_path("../../x", "zip"), None);
        assert_eq!(cache.blob_path("", "zip"), None);
    }

    #[test]
    fn the_longest_unused_blobs_go_first() {
        let dir = tempfile::tempdir().unwrap();
        for (name, age) in [("old", 30), ("middle", 20), ("new", 10)] {
            let path = dir.path().join(name);
            std::fs::write(&path, [0; 10]).unwrap();
            let used = SystemTime::now() - std::time::Duration::from_secs(age);
            let file = std::fs::File::options().append(true).open(path).unwrap();
            file.set_modified(used).unwrap();
        }
        blob::touch(&dir.path().join("old"));
        blob::prune(dir.path(), 20);
        assert!(dir.path().join("old").exists());
        assert!(!dir.path().join("middle").exists());
        assert!(dir.path().join("new").exists());
    }
}

//! The packages of one run: each folder walked once, each package packed at most once,
//! whoever asks.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use super::{Cache, Folder, Listing, PackageError, Packed, list, pack, read_bytes, read_zip};

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Origin {
    Folder(Folder),
    Zip(PathBuf),
}

/// A package that was asked for.
struct Item {
    origin: Origin,
    listing: Arc<Listing>,
    packed: OnceLock<Result<Arc<Packed>, PackageError>>,
}

type Listed = Result<Arc<Listing>, Vec<PackageError>>;

/// The packages of one run, by the digest of their listing.
pub struct Shelf {
    cache: Cache,
    /// Files that no folder's package holds.
    never: Vec<PathBuf>,
    asked: Mutex<HashMap<Origin, Arc<OnceLock<Listed>>>>,
    items: Mutex<HashMap<String, Arc<Item>>>,
    /// What zips hold that AWS has, by AWS's digest of them.
    fetched: Mutex<HashMap<String, Arc<Listing>>>,
}

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf::new(Cache::none())
    }
}

impl Shelf {
    pub fn new(cache: Cache) -> Shelf {
        Shelf {
            cache,
            never: Vec::new(),
            asked: Mutex::default(),
            items: Mutex::default(),
            fetched: Mutex::default(),
        }
    }

    /// The same, for a project whose manifest, keys and values are in these files.
    pub fn without(self, never: Vec<PathBuf>) -> Shelf {
        Shelf { never, ..self }
    }

    /// The listing of a folder.
    pub fn folder(&self, folder: &Folder) -> Listed {
        let folder = &Folder {
            never: self.never.clone(),
            ..folder.clone()
        };
        let read = || list(folder, &self.cache).map(|listing| (listing, OnceLock::new()));
        self.listed(Origin::Folder(folder.clone()), read)
    }

    /// The listing of a ready-made zip.
    pub fn zip(&self, path: &Path) -> Listed {
        let read = || {
            let (listing, packed) = read_zip(path, &self.cache)?;
            Ok((listing, OnceLock::from(Ok(Arc::new(packed)))))
        };
        self.listed(Origin::Zip(path.to_owned()), read)
    }

    fn listed<F>(&self, origin: Origin, read: F) -> Listed
    where
        F: FnOnce() -> Result<
            (Listing, OnceLock<Result<Arc<Packed>, PackageError>>),
            Vec<PackageError>,
        >,
    {
        let cell = lock(&self.asked).entry(origin.clone()).or_default().clone();
        let answer = cell.get_or_init(|| {
            let (listing, packed) = read()?;
            let listing = Arc::new(listing);
            let item = Item {
                origin,
                listing: listing.clone(),
                packed,
            };
            lock(&self.items)
                .entry(listing.digest.clone())
                .or_insert_with(|| Arc::new(item));
            Ok(listing)
        });
        answer.clone()
    }

    /// The listing of a zip that AWS has.
    pub fn fetched(&self, name: &Path, bytes: Vec<u8>) -> Listed {
        let (listing, packed) = read_bytes(name, bytes, &self.cache)?;
        let listing = Arc::new(listing);
        self.holds(&packed.sha256, listing.clone());
        Ok(listing)
    }

    /// Takes note of what the zip with this digest of AWS's holds.
    pub fn holds(&self, sha256: &str, listing: Arc<Listing>) {
        lock(&self.fetched).insert(sha256.to_owned(), listing);
    }

    /// What a zip of AWS's holds, as far as that is known here.
    pub fn held(&self, sha256: &str) -> Option<Arc<Listing>> {
        lock(&self.fetched).get(sha256).cloned()
    }

    /// The folders and zips that were asked for.
    pub fn sources(&self) -> Vec<PathBuf> {
        lock(&self.asked).keys().map(path).collect()
    }

    /// The folder or zip from which the listing with this digest was made in this run.
    pub fn source(&self, digest: &str) -> Option<PathBuf> {
        lock(&self.items).get(digest).map(|item| path(&item.origin))
    }

    /// The listing with this digest, if it was asked for in this run.
    pub fn listing(&self, digest: &str) -> Option<Arc<Listing>> {
        let asked = lock(&self.items)
            .get(digest)
            .map(|item| item.listing.clone());
        asked.or_else(|| {
            let fetched = lock(&self.fetched);
            fetched
                .values()
                .find(|listing| listing.digest == digest)
                .cloned()
        })
    }

    /// The zip of a listing; packed at the first call. `None` if no such package was asked for.
    pub fn packed(&self, digest: &str) -> Option<Result<Arc<Packed>, PackageError>> {
        let item = lock(&self.items).get(digest).cloned()?;
        let pack = || match &item.origin {
            Origin::Folder(folder) => pack(folder, &item.listing, &self.cache).map(Arc::new),
            Origin::Zip(path) => match read_zip(path, &self.cache) {
                Ok((_, packed)) => Ok(Arc::new(packed)),
                Err(errors) => {
                    Err(errors
                        .into_iter()
                        .next()
                        .unwrap_or_else(|| PackageError::Zip {
                            path: path.display().to_string(),
                            reason: "it cannot be read".into(),
                        }))
                }
            },
        };
        Some(item.packed.get_or_init(pack).clone())
    }

    /// A file of a package as text, if this machine still has the package and it is text.
    pub fn text(&self, digest: &str, path: &str) -> Option<String> {
        let packed = match self.packed(digest) {
            Some(packed) => packed.ok()?,
            None => Arc::new(self.cache.zip(digest)?),
        };
        file_text(&packed.bytes, path)
    }

    /// Keeps what was learnt for the next run.
    pub fn save(&self) {
        self.cache.save();
    }
}

/// Larger files are not shown line by line.
const READABLE: u64 = 1_048_576;

fn file_text(zip: &[u8], path: &str) -> Option<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).ok()?;
    let file = archive.by_name(path).ok()?;
    let mut text = String::new();
    file.take(READABLE).read_to_string(&mut text).ok()?;
    Some(text)
}

/// A thread that panicked while holding the lock leaves nothing half done behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn path(origin: &Origin) -> PathBuf {
    match origin {
        Origin::Folder(folder) => folder.root.clone(),
        Origin::Zip(path) => path.clone(),
    }
}

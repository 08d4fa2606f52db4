//! A zip that the user made: looked through before it is sent, since AWS would say less and later.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zip::read::{Config, ZipFile, ZipFileEntry};
use zip::result::ZipError;
// Unlike ZipArchive it shows two entries of one name. "Unstable" harms nobody: zip is pinned.
use zip::ZipReadOptions;
use zip::unstable::read::ZipIterable;

use super::error::{escaped, reason, shown};
use super::list::{BUFFER, Trouble, digest, limits};
use super::{Cache, Entry, Listing, MAX_FILES, MAX_UNPACKED, PackageError, Packed, plain};

/// Reads a ready-made zip: what it holds, and the zip as it stands.
///
/// The listing is of the contents, as for a folder: the same files zipped again at another time
/// have the same [`Listing::digest`]. The
/// cache spares a zip that was read before from being unpacked again.
///
/// # Errors
/// Every problem found: an unreadable or damaged zip, names that are absolute, hold `..` or occur
/// twice, encrypted entries, contents that are (or unpack to) more than [`MAX_UNPACKED`].
pub fn read_zip(path: &Path, cache: &Cache) -> Result<(Listing, Packed), Vec<PackageError>> {
    let bytes = read(path).map_err(|problem| vec![problem])?;
    read_bytes(path, bytes, cache)
}

/// The same for bytes that are at hand; `path` is what messages call them.
pub fn read_bytes(
    path: &Path,
    bytes: Vec<u8>,
    cache: &Cache,
) -> Result<(Listing, Packed), Vec<PackageError>> {
    let packed = Packed::of(bytes);
    if let Some(listing) = cache.listing(&packed.sha256) {
        return Ok((listing, packed));
    }
    let bytes = packed.bytes.as_slice();
    let mut zip = ZipIterable::try_new(Cursor::new(bytes), Config::default())
        .map_err(|error| vec![unreadable(path, &error)])?;
    directory(path, &mut zip)?;
    let listing = Listing::of(contents(path, &mut zip, bytes)?);
    cache.keep_listing(&packed.sha256, &listing);
    Ok((listing, packed))
}

type Zip<'a> = ZipIterable<Cursor<&'a [u8]>>;

/// The file, if it is not bigger than anything that AWS takes.
fn read(path: &Path) -> Result<Vec<u8>, PackageError> {
    let refuse = |reason: String| PackageError::Zip {
        path: shown(path),
        reason,
    };
    let failed = |error: io::Error| refuse(reason(&error));
    let meta = fs::metadata(path).map_err(failed)?;
    if !meta.is_file() {
        return Err(refuse("it is not a file".into()));
    }
    let size = meta.len();
    // A zip of files that do not compress is hardly larger than they are.
    if size > MAX_UNPACKED {
        return Err(refuse(format!(
            "it has {size} bytes, and even unpacked the limit is {MAX_UNPACKED}"
        )));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_UNPACKED)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// Checks what the central directory says, before anything is unpacked.
fn directory(path: &Path, zip: &mut Zip<'_>) -> Result<(), Vec<PackageError>> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let mut sizes = Vec::new();
    for entry in zip
        .files()
        .map_err(|error| vec![unreadable(path, &error)])?
    {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(unreadable(path, &error));
                break;
            }
        };
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if let Some(reason) = wrong(&entry, &mut seen) {
            problems.push(refused(path, &name, reason));
        }
        sizes.push((name, entry.size()));
        if sizes.len() > MAX_FILES {
            problems.push(PackageError::TooMany {
                path: shown(path),
                limit: MAX_FILES,
            });
            break;
        }
    }
    if problems.is_empty() && sizes.iter().all(|(name, _)| name.ends_with('/')) {
        problems.push(PackageError::Empty {
            path: shown(path),
            reason: "the zip holds no file; build it again".into(),
        });
    }
    let sizes = sizes.iter().map(|(name, size)| (name.as_str(), *size));
    problems.extend(limits(&shown(path), sizes));
    all_or(problems, ())
}

/// Why an entry must not be sent.
fn wrong(entry: &ZipFileEntry<'_>, seen: &mut BTreeSet<Vec<u8>>) -> Option<&'static str> {
    let Ok(name) = std::str::from_utf8(entry.name_raw()) else {
        return Some("is not a UTF-8 name");
    };
    // A folder's entry ends in a slash.
    if !plain(name.strip_suffix('/').unwrap_or(name)) {
        Some("is not a plain relative path (absolute, `..`, `\\` or control characters)")
    } else if entry.encrypted() {
        Some("is encrypted")
    } else if !seen.insert(entry.name_raw().to_vec()) {
        Some("occurs twice")
    } else {
        None
    }
}

/// Unpacks every entry into a digest, which also proves that the zip is whole.
fn contents(
    path: &Path,
    zip: &mut Zip<'_>,
    bytes: &[u8],
) -> Result<BTreeMap<String, Entry>, Vec<PackageError>> {
    let mut problems = Vec::new();
    let mut files = BTreeMap::new();
    let mut reader = Cursor::new(bytes);
    let mut buffer = vec![0; BUFFER];
    let entries = zip
        .files()
        .map_err(|error| vec![unreadable(path, &error)])?;
    for entry in entries.flatten() {
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if entry.is_dir() {
            continue;
        }
        let read = entry.with_reader(&mut reader, ZipReadOptions::new());
        let read = read.map_err(|error| error.to_string());
        match read.and_then(|file| unpack(file, &mut buffer)) {
            Ok(entry) => {
                files.insert(name, entry);
            }
            Err(reason) => {
                let reason = format!("cannot be unpacked ({})", escaped(&reason));
                problems.push(refused(path, &name, &reason));
            }
        }
    }
    all_or(problems, files)
}

/// Reads one entry to its end, but not beyond the size that the directory gave and that was
/// checked: a bomb lies about it.
fn unpack<R: Read>(file: ZipFile<'_, R>, buffer: &mut [u8]) -> Result<Entry, String> {
    let size = file.size();
    let executable = file.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
    if file.is_symlink() && size <= LONGEST_LINK {
        return link(file, size);
    }
    let digest = match digest(Sha256::new(), file, size, buffer) {
        Ok(digest) => digest,
        Err(Trouble::Unreadable(reason)) => return Err(reason),
        Err(Trouble::Changed(_)) => return Err(format!("it is not the declared {size} bytes")),
    };
    Ok(Entry {
        size,
        executable,
        digest,
        link: None,
    })
}

/// As long as a path may be on Linux.
const LONGEST_LINK: u64 = 4096;

fn link<R: Read>(file: ZipFile<'_, R>, size: u64) -> Result<Entry, String> {
    let mut target = String::new();
    let read = file.take(size + 1).read_to_string(&mut target);
    read.map_err(|error| error.to_string())?;
    if target.len() as u64 == size {
        Ok(Entry::link_to(target))
    } else {
        Err(format!("it is not the declared {size} bytes"))
    }
}

fn refused(path: &Path, name: &str, reason: &str) -> PackageError {
    PackageError::ZipEntry {
        path: shown(path),
        name: escaped(name),
        reason: reason.into(),
    }
}

fn unreadable(path: &Path, error: &ZipError) -> PackageError {
    PackageError::Zip {
        path: shown(path),
        reason: escaped(&error.to_string()),
    }
}

fn all_or<T>(mut problems: Vec<PackageError>, good: T) -> Result<T, Vec<PackageError>> {
    if problems.is_empty() {
        return Ok(good);
    }
    problems.sort();
    Err(problems)
}

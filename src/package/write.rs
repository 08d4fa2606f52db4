//! From a listing to the bytes of a zip, and to nothing but what was listed.

use std::fs::File;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::error::{escaped, reason, shown};
use super::known::{Known, Stamp};
use super::list::{Trouble, entry, limits};
use super::{Cache, Entry, Folder, Listing, PackageError, Packed, links, plain, short};

/// Fixed, with everything else that the bytes depend on. zlib-rs compresses alike on every
/// processor; the golden test would tell.
const LEVEL: i64 = 6;

/// Builds the zip of a listing, or takes it from the cache. Every file is read once: the bytes
/// that are compared with the listing are the bytes that are packed.
///
/// # Errors
/// The first file that is not (or no longer) what the listing says, by name. A file that has been
/// added since is not in the listing, and so not in the package.
pub fn pack(folder: &Folder, listing: &Listing, cache: &Cache) -> Result<Packed, PackageError> {
    // A listing may have travelled through a file, so nothing in it is taken on trust.
    let listing = Listing::of(listing.files.clone());
    let sizes = listing
        .files
        .iter()
        .map(|(name, e)| (name.as_str(), e.size));
    if let Some(too_large) = limits(&shown(&folder.root), sizes) {
        return Err(too_large);
    }
    let known = cache.known(folder);
    if let Some(packed) = cache.zip(&listing.digest) {
        for (name, entry) in &listing.files {
            unchanged(&folder.root, name, entry, &known)?;
        }
        return Ok(packed);
    }
    let packed = write(folder, &listing)?;
    cache.keep_zip(&listing.digest, &packed);
    Ok(packed)
}

fn write(folder: &Folder, listing: &Listing) -> Result<Packed, PackageError> {
    let failed = |error: zip::result::ZipError| PackageError::Write {
        path: shown(&folder.root),
        reason: error.to_string(),
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, entry) in &listing.files {
        if let Some(target) = &entry.link {
            same_link(&folder.root, name, target)?;
            add_link(&mut zip, name, target).map_err(failed)?;
            continue;
        }
        let contents = contents(&folder.root, name, entry)?;
        add(&mut zip, name, entry.executable, &contents).map_err(failed)?;
    }
    let bytes = zip.finish().map_err(failed)?.into_inner();
    Ok(Packed::of(bytes))
}

fn add(
    zip: &mut ZipWriter<Cursor<Vec<u8>>>,
    name: &str,
    executable: bool,
    contents: &[u8],
) -> ZipResult<()> {
    let options = SimpleFileOptions::DEFAULT
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::DEFAULT)
        // Otherwise the system that slp runs on.
        .system(System::Unix)
        .unix_permissions(if executable { 0o755 } else { 0o644 });
    zip.start_file(name, options)?;
    zip.write_all(contents)?;
    Ok(())
}

fn add_link(zip: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, target: &str) -> ZipResult<()> {
    let options = SimpleFileOptions::DEFAULT
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .unix_permissions(0o777);
    zip.add_symlink(name, target, options)
}

/// Refuses a link that leads elsewhere than was listed.
fn same_link(root: &Path, name: &str, target: &str) -> Result<(), PackageError> {
    let path = root.join(name);
    let refuse = |trouble: Trouble| Err(trouble.of(shown(&path)));
    match std::fs::read_link(&path) {
        Ok(says) if plain(name) && links::same(root, name, &says, target) => Ok(()),
        Ok(_) => refuse(Trouble::Changed("it leads elsewhere".into())),
        Err(error) => refuse(Trouble::Unreadable(reason(&error))),
    }
}

/// The contents of a file, if they are what was listed.
fn contents(root: &Path, name: &str, listed: &Entry) -> Result<Vec<u8>, PackageError> {
    let path = root.join(name);
    let refuse = |trouble: Trouble| trouble.of(shown(&path));
    let read = || -> std::io::Result<(Stamp, Vec<u8>)> {
        let file = File::open(&path)?;
        let stamp = Stamp::of(&file.metadata()?);
        let mut bytes = Vec::with_capacity(usize::try_from(listed.size).unwrap_or(0));
        // One byte more than listed is enough to know.
        file.take(listed.size.saturating_add(1))
            .read_to_end(&mut bytes)?;
        Ok((stamp, bytes))
    };
    if !plain(name) {
        return Err(PackageError::BadName {
            path: escaped(name),
        });
    }
    let (stamp, bytes) = read().map_err(|error| refuse(Trouble::Unreadable(reason(&error))))?;
    let now = Entry {
        size: bytes.len() as u64,
        ..entry(&stamp, short(&Sha256::digest(&bytes)))
    };
    match difference(listed, &now) {
        None => Ok(bytes),
        Some(what) => Err(refuse(Trouble::Changed(what.into()))),
    }
}

/// Refuses a file that is not what was listed, reading it only if the cache does not know it.
fn unchanged(root: &Path, name: &str, listed: &Entry, known: &Known) -> Result<(), PackageError> {
    if let Some(target) = &listed.link {
        return same_link(root, name, target);
    }
    if let Ok(meta) = std::fs::metadata(root.join(name)) {
        let stamp = Stamp::of(&meta);
        let digest = known.digest(name, &stamp);
        if digest.is_some_and(|digest| *listed == entry(&stamp, digest.to_string())) {
            return Ok(());
        }
    }
    contents(root, name, listed).map(drop)
}

fn difference(listed: &Entry, now: &Entry) -> Option<&'static str> {
    match () {
        () if listed.size != now.size => Some("its size differs"),
        () if listed.digest != now.digest => Some("its contents differ"),
        () if listed.executable != now.executable => Some("its executable bit differs"),
        () => None,
    }
}

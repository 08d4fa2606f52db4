//! From a folder to its listing: limits first, then the contents' digests.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::error::{escaped, reason, shown};
use super::known::{Known, Stamp};
use super::walk::{Found, walk};
use super::{
    Cache, Entry, Folder, Listing, MAX_FILES, MAX_UNPACKED, PackageError, links, own, short,
};

/// How much of a file is read at once, in bytes.
pub(super) const BUFFER: usize = 128 * 1024;

/// Walks and hashes a folder. Nothing is read before its size and number of files are known to be
/// within the limits; a file that the cache knows unchanged is not read at all.
///
/// # Errors
/// Every problem found, sorted: bad patterns, links that leave the folder, special or unreadable
/// files, names that no package can hold, limits, nothing to pack.
pub fn list(folder: &Folder, cache: &Cache) -> Result<Listing, Vec<PackageError>> {
    let now = cache.now();
    let (found, mut problems) = walk(folder);
    collisions(folder, &found, &mut problems);
    if found.is_empty() && problems.is_empty() {
        problems.push(empty(folder));
    }
    let sizes = found.iter().map(|f| (f.name.as_str(), f.stamp.size));
    let limits = limits(&shown(&folder.root), sizes);
    let within = limits.is_none() && found.len() <= MAX_FILES;
    problems.extend(limits);
    // Beyond the limits reading would take long and change nothing.
    let files = if within {
        digests(folder, found, cache, now, &mut problems)
    } else {
        BTreeMap::new()
    };
    if within && problems.is_empty() {
        whole(folder, &files, &mut problems);
    }
    if problems.is_empty() {
        Ok(Listing::of(files))
    } else {
        problems.sort();
        problems.dedup();
        Err(problems)
    }
}

/// The files with their digests, from the cache or from their contents.
fn digests(
    folder: &Folder,
    found: Vec<Found>,
    cache: &Cache,
    now: i64,
    problems: &mut Vec<PackageError>,
) -> BTreeMap<String, Entry> {
    let before = cache.known(folder);
    let mut known = Known::of(&folder.root);
    let mut buffer = vec![0; BUFFER];
    let mut files = BTreeMap::new();
    for found in found {
        let Found { name, stamp, .. } = &found;
        if let Some(target) = found.link {
            files.insert(found.name, Entry::link_to(target));
            continue;
        }
        let result = match before.digest(name, stamp) {
            Some(digest) => Ok(digest.to_string()),
            None => read(&found, &mut buffer),
        };
        match result {
            Ok(digest) => {
                known.add(name, *stamp, &digest, now);
                if digest != OWN {
                    files.insert(name.clone(), entry(stamp, digest));
                }
            }
            Err(trouble) => problems.push(trouble.of(shown(folder.root.join(name)))),
        }
    }
    cache.learn(folder, known);
    files
}

/// What stands for the digest of a file that slp wrote.
const OWN: &str = "own";

/// A file's digest, or [`OWN`].
fn read(found: &Found, buffer: &mut [u8]) -> Result<String, Trouble> {
    let failed = |error: io::Error| Trouble::Unreadable(reason(&error));
    let mut file = File::open(&found.real).map_err(failed)?;
    let mut head = Vec::new();
    let begin = (&mut file).take(own::HEAD as u64).read_to_end(&mut head);
    begin.map_err(failed)?;
    if own::is(&found.name, &head) {
        return Ok(OWN.to_owned());
    }
    digest(Sha256::new(), head.chain(file), found.stamp.size, buffer)
}

/// What can be said only of all files: there are some, and no link leads to what was left out.
fn whole(folder: &Folder, files: &BTreeMap<String, Entry>, problems: &mut Vec<PackageError>) {
    if files.is_empty() {
        problems.push(empty(folder));
    }
    let links = files.iter().filter_map(|(name, entry)| {
        let target = entry
            .link
            .as_deref()
            .filter(|target| !target.starts_with('/'))?;
        Some((name.as_str(), target))
    });
    let links: BTreeMap<&str, &str> = links.collect();
    for (name, target) in &links {
        let end = links::resolved(name, &links);
        let is_there = end.is_some_and(|end| {
            let below = format!("{end}/");
            let next = files.range(below.clone()..).next();
            let is_folder = next.is_some_and(|(name, _)| name.starts_with(&below));
            end.is_empty() || is_folder || files.contains_key(&end)
        });
        if !is_there {
            problems.push(PackageError::LinkHidden {
                path: shown(folder.root.join(name)),
                target: escaped(target),
            });
        }
    }
}

pub(super) fn entry(stamp: &Stamp, digest: String) -> Entry {
    Entry {
        size: stamp.size,
        executable: stamp.executable(),
        digest,
        link: None,
    }
}

/// What keeps a file from being hashed.
pub(super) enum Trouble {
    Unreadable(String),
    Changed(String),
}

impl Trouble {
    pub(super) fn of(self, path: String) -> PackageError {
        match self {
            Trouble::Unreadable(reason) => PackageError::Unreadable { path, reason },
            Trouble::Changed(reason) => PackageError::Changed { path, reason },
        }
    }
}

/// The digest of contents of `size` bytes, with what `hash` was already fed; one byte more or less
/// is refused, and no more than that is read.
pub(super) fn digest(
    mut hash: Sha256,
    contents: impl Read,
    size: u64,
    buffer: &mut [u8],
) -> Result<String, Trouble> {
    let mut contents = contents.take(size.saturating_add(1));
    let mut sum: u64 = 0;
    loop {
        let count = match contents.read(buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Trouble::Unreadable(reason(&error))),
        };
        sum = sum.saturating_add(count as u64);
        hash.update(buffer.get(..count).unwrap_or_default());
    }
    if sum == size {
        Ok(short(&hash.finalize()))
    } else {
        Err(Trouble::Changed(format!("not {size} bytes long any more")))
    }
}

/// Names that are one where case is ignored: unpacked there, one would overwrite the other.
fn collisions(folder: &Folder, found: &[Found], problems: &mut Vec<PackageError>) {
    let mut seen: HashMap<String, &str> = HashMap::with_capacity(found.len());
    for Found { name, .. } in found {
        if let Some(other) = seen.insert(name.to_lowercase(), name) {
            let mut pair = [other, name].map(|name| shown(folder.root.join(name)));
            pair.sort();
            let [first, second] = pair;
            problems.push(PackageError::Collision { first, second });
        }
    }
}

/// The size limit, with the biggest files named, since one of them is what to exclude.
pub(super) fn limits<'a>(
    path: &str,
    sizes: impl Iterator<Item = (&'a str, u64)>,
) -> Option<PackageError> {
    let mut sizes: Vec<_> = sizes.collect();
    let size = sizes
        .iter()
        .fold(0, |sum: u64, (_, size)| sum.saturating_add(*size));
    if size <= MAX_UNPACKED {
        return None;
    }
    sizes.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let named: Vec<String> = sizes
        .iter()
        .take(3)
        .map(|(name, size)| format!("`{}` {size}", escaped(name)))
        .collect();
    Some(PackageError::TooLarge {
        path: path.to_string(),
        size,
        limit: MAX_UNPACKED,
        largest: format!(" (the biggest: {})", named.join(", ")),
    })
}

fn empty(folder: &Folder) -> PackageError {
    let reason = if folder.include.is_empty() {
        "it holds no file that is not excluded; put the code there"
    } else {
        "no file matches `include` that is not excluded; correct the patterns"
    };
    PackageError::Empty {
        path: shown(&folder.root),
        reason: reason.into(),
    }
}

//! package: a folder becomes a zip that is the same to the byte on any machine.
//!
//! The way in: [`list`] walks and hashes a [`Folder`] and gives a [`Listing`], which a plan can
//! hold and compare ([`changed`]); [`pack`] turns that listing, and nothing else, into the bytes
//! that are sent. [`read_zip`] does both for a zip that the user made. A [`Cache`] makes the second
//! run cheap.
//!
//! ```text
//! Folder ─select→ walk ─list→ Listing ─write→ Packed
//!                                x.zip ─read→ (Listing, Packed), ─unpack→ a folder
//! ```
//!
//! Two digests, on purpose. [`Listing::digest`] is of names, executable bits and contents: it says
//! whether the *code* changed, and outlives a new compressor. [`Packed::sha256`] is of the zip's
//! bytes: it is what Lambda answers as `CodeSha256`, and says whether *someone else* changed it.
//!
//! The same bytes everywhere: entries sorted bytewise, the time 1980-01-01 00:00, no extra fields,
//! modes 0644 or 0755 by the owner's executable bit (world-readable, as Lambda requires), a fixed
//! deflate level, the zip crate pinned.
//!
//! A symbolic link to what is packed as well, or into a layer, stays a link ([`links`]); what slp
//! itself writes or reads is never packed ([`own`]).
//!
//! Deliberately absent: building code (it is packed as it lies there), uploading, and any opinion
//! on a runtime's handler file. Folders themselves are not entries: an empty one is not packed.

mod blob;
mod cache;
mod changed;
mod error;
mod known;
mod links;
mod list;
mod own;
mod read;
mod select;
mod shelf;
mod suspicious;
mod unpack;
mod walk;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use cache::Cache;
pub use changed::{FileChange, changed};
pub use error::PackageError;
pub use list::list;
pub use read::{read_bytes, read_zip};
pub use select::ALWAYS_EXCLUDED;
pub use shelf::Shelf;
pub use unpack::{Goal, LARGEST, UnpackError, unpack};
pub use write::pack;

/// The most that a package may hold, in bytes of its files: AWS's 250 MB, with its layers.
pub const MAX_UNPACKED: u64 = 262_144_000;

/// The most bytes of a zip that `UpdateFunctionCode` takes directly: AWS's 50 MB.
pub const MAX_DIRECT: usize = 52_428_800;

/// The most files in a package: what a zip can count without the zip64 extension.
pub const MAX_FILES: usize = 65_535;

/// What to pack.
///
/// Patterns are written as in a `.gitignore`, relative to `root`: `*.md` at any depth, `/docs` or
/// `docs/api` only from the root, `tests/` only folders, `**` over folders, `!keep.md` to take an
/// earlier pattern back; the last that matches decides. What lies under an excluded folder cannot
/// be brought back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Folder {
    /// The folder, as messages shall name it.
    pub root: PathBuf,
    /// With any pattern here, only the files that match one (or lie in a folder that does) are
    /// packed.
    pub include: Vec<String>,
    /// What is left out, whatever `include` says. Read after [`ALWAYS_EXCLUDED`] and after the
    /// folder's `.slpignore`, so `!` takes back what those leave out.
    pub exclude: Vec<String>,
    /// Files that are never packed, whatever the patterns say: those that slp reads.
    pub never: Vec<PathBuf>,
}

/// One file as it will stand in the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Unpacked, in bytes.
    pub size: u64,
    /// Whether its mode is 0755 rather than 0644.
    pub executable: bool,
    /// The first half of the contents' SHA-256: 32 hexadecimal digits.
    pub digest: String,
    /// Where a symbolic link leads; `size` is this text's, and the digest tells it from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// What a package holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Every file by its path in the package: relative, forward slashes, sorted bytewise.
    pub files: BTreeMap<String, Entry>,
    /// Of names, executable bits and contents (64 hexadecimal digits), not of the zip's bytes.
    /// Stored in state: how it is computed must never change.
    pub digest: String,
}

impl Listing {
    /// The listing of these files, with its digest.
    pub fn of(files: BTreeMap<String, Entry>) -> Listing {
        let mut hash = Sha256::new();
        for (name, entry) in &files {
            hash.update(name.as_bytes());
            // A name holds no NUL, so no two listings feed the same bytes.
            hash.update(if entry.executable { b"\0x" } else { b"\0-" });
            hash.update(entry.digest.as_bytes());
            hash.update(b"\n");
        }
        let digest = hex(&hash.finalize());
        Listing { files, digest }
    }

    /// Whether a file can be read under this path: it is there, also through links, or behind one
    /// into a layer.
    pub fn may_have(&self, path: &str) -> bool {
        if self.files.contains_key(path) {
            return true;
        }
        let links = self.files.iter();
        let links = links.filter_map(|(name, entry)| Some((name.as_str(), entry.link.as_deref()?)));
        match links::resolved(path, &links.collect()) {
            Some(end) => self.files.contains_key(&end),
            None => true,
        }
    }

    /// How much the files take once unpacked, in bytes.
    pub fn unpacked(&self) -> u64 {
        self.files
            .values()
            .fold(0, |sum, entry| sum.saturating_add(entry.size))
    }

    /// The files that look like secrets (`.env`, `*.pem`, `id_rsa`, …): to be warned of, not refused.
    pub fn suspicious(&self) -> Vec<&str> {
        let names = self.files.keys().map(String::as_str);
        names.filter(|name| suspicious::is(name)).collect()
    }
}

/// A zip, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed {
    /// The zip itself.
    pub bytes: Vec<u8>,
    /// Its SHA-256 in base64, as Lambda answers it in `CodeSha256`.
    pub sha256: String,
}

impl Packed {
    fn of(bytes: Vec<u8>) -> Packed {
        let sha256 = STANDARD.encode(Sha256::digest(&bytes));
        Packed { bytes, sha256 }
    }

    /// Whether AWS takes it in the call itself ([`MAX_DIRECT`]); a bigger one goes through S3.
    pub fn fits_direct(&self) -> bool {
        self.bytes.len() <= MAX_DIRECT
    }
}

/// Without the bytes: they are a user's code, and may hold secrets.
impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packed")
            .field("bytes", &self.bytes.len())
            .field("sha256", &self.sha256)
            .finish()
    }
}

/// The digest of one file's contents, as [`Entry::digest`] holds it.
fn short(hash: &[u8]) -> String {
    hex(hash.get(..16).unwrap_or(hash))
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What the digest of a symbolic link begins with; its target follows.
const LINK: &[u8] = b"link\0";

impl Entry {
    /// A symbolic link. Its mode is 0777, as every tool writes it.
    fn link_to(target: String) -> Entry {
        let hash = Sha256::new().chain_update(LINK).chain_update(&target);
        Entry {
            size: target.len() as u64,
            executable: true,
            digest: short(&hash.finalize()),
            link: Some(target),
        }
    }
}

/// Whether a path may stand in a package: relative, plain, and read the same by every unzipper.
fn plain(name: &str) -> bool {
    let parts = || name.split('/');
    !name.contains(['\\', '\0'])
        && !name.chars().any(char::is_control)
        && parts().all(|part| !matches!(part, "" | "." | ".."))
        && !drive(name)
}

/// `C:…` is absolute on Windows.
fn drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests;

//! What can be wrong with a package: each names the path and the way out.

use std::io;
use std::path::Path;

/// Why a folder or a zip cannot become a package.
///
/// Paths are as the user gave the folder, plus the file; control characters in them are escaped.
/// Ordered, so that many are reported in the same order on any file system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The folder is missing, not a folder, or not to be entered.
    #[error("cannot read the folder `{path}`: {reason}; name an existing folder, or exclude it")]
    Folder { path: String, reason: String },

    /// Nothing to pack: an empty folder, or patterns that leave nothing.
    #[error("nothing to pack in `{path}`: {reason}")]
    Empty { path: String, reason: String },

    /// A pattern that cannot be read; `origin` is `include`, `exclude` or a `.slpignore` line.
    #[error("cannot read the pattern `{pattern}` of {origin}: {reason}")]
    Pattern {
        pattern: String,
        origin: String,
        reason: String,
    },

    /// A file that cannot be read or is gone.
    #[error("cannot read `{path}`: {reason}; make it readable, or exclude it")]
    Unreadable { path: String, reason: String },

    /// The file is not what was listed: what was planned would not be what is sent.
    #[error("`{path}` changed since it was listed ({reason}); plan again")]
    Changed { path: String, reason: String },

    /// A symbolic link to outside the folder.
    #[error(
        "the link `{path}` leaves the folder (to `{target}`); copy the file into the folder, or exclude the link"
    )]
    LinkLeaves { path: String, target: String },

    /// A symbolic link to what is never packed.
    #[error(
        "the link `{path}` leads to `{target}`, which slp never packs; exclude the link, or let it lead elsewhere"
    )]
    LinkHidden { path: String, target: String },

    /// A symbolic link to nothing.
    #[error(
        "the link `{path}` points to nothing (`{target}`); restore its target, or exclude the link"
    )]
    LinkDangles { path: String, target: String },

    /// A symbolic link to a folder that it lies in.
    #[error("the link `{path}` leads back to a folder around it (`{target}`); exclude the link")]
    LinkLoops { path: String, target: String },

    /// A FIFO, a socket or a device.
    #[error("`{path}` is neither a file nor a folder (a FIFO, socket or device); exclude it")]
    Special { path: String },

    /// A name that a zip cannot carry alike to every system.
    #[error("the name `{path}` is not UTF-8; rename the file, or exclude it")]
    NotUtf8 { path: String },

    /// A name with a backslash or a control character.
    #[error("the name `{path}` holds a backslash or a control character; rename it, or exclude it")]
    BadName { path: String },

    /// Two names that are one on a system that ignores case.
    #[error("`{first}` and `{second}` differ only in upper and lower case; rename or exclude one")]
    Collision { first: String, second: String },

    /// More bytes than a package may hold.
    #[error(
        "`{path}` holds {size} bytes unpacked, the limit is {limit}; exclude what the code does not need{largest}"
    )]
    TooLarge {
        path: String,
        size: u64,
        limit: u64,
        /// Empty, or the biggest files, as the end of the sentence.
        largest: String,
    },

    /// More files than a package may hold.
    #[error("`{path}` holds more than {limit} files; exclude what the code does not need")]
    TooMany { path: String, limit: usize },

    /// A ready-made zip that cannot be read.
    #[error("cannot read the zip `{path}`: {reason}; build it again")]
    Zip { path: String, reason: String },

    /// One entry of a ready-made zip that must not be sent.
    #[error("the zip `{path}` holds `{name}`, which {reason}; build it again without it")]
    ZipEntry {
        path: String,
        name: String,
        reason: String,
    },

    /// The zip could not be written, which only a bug or a lack of memory explains.
    #[error("cannot write the zip of `{path}`: {reason}")]
    Write { path: String, reason: String },
}

/// A path as a message shows it: one line, nothing that a terminal would obey.
pub(super) fn shown(path: impl AsRef<Path>) -> String {
    escaped(&path.as_ref().to_string_lossy())
}

/// Text from outside, without control characters.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The reason of an I/O error, in words.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::NotADirectory => "it is not a folder".into(),
        _ => error.to_string(),
    }
}

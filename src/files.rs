//! Files that somebody named. Only what is a file is read, and of what people write by hand no
//! more than makes sense: a pipe that nobody writes to is waited for without end, and a device
//! has no end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use crate::written;

/// What people write by hand is shorter.
const LONGEST: u64 = 16 << 20;

/// The text of a file that a person wrote, without a byte order mark and with plain line ends: a
/// manifest, variables, a policy. A pipe of this very
/// process, as a shell makes one for `<(…)`, will do as well.
pub fn text(path: &Path) -> io::Result<String> {
    text_within(path, LONGEST)
}

fn text_within(path: &Path, longest: u64) -> io::Result<String> {
    if !is_own_pipe(path) {
        check(path)?;
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(longest + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        let limit = longest >> 20;
        return Err(io::Error::other(format!("it is larger than {limit} MB")));
    }
    written::text(bytes)
}

/// A file that a program wrote, whole.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    check(path)?;
    fs::read(path)
}

/// Refuses what is there and is no file.
fn check(path: &Path) -> io::Result<()> {
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file() {
        Ok(())
    } else {
        let what = if kind.is_dir() {
            "a folder"
        } else {
            "a pipe or a device"
        };
        Err(io::Error::other(format!("it is {what}, not a file")))
    }
}

/// Refuses a link, or what is no file, where slp keeps a file of its own: what a link leads to is
/// somebody else's.
pub fn check_own(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_symlink() => Err(io::Error::other(link(path))),
        Ok(_) => check(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// `it is a symbolic link to x`, for messages.
fn link(path: &Path) -> String {
    let to = fs::read_link(path).unwrap_or_default();
    format!(
        "it is a symbolic link to {}, and slp writes here only to a file of its own",
        to.display()
    )
}

/// Where a link leads in the end; any other path as it is.
pub fn followed(path: PathBuf) -> PathBuf {
    let is_link = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_symlink());
    if is_link {
        fs::canonicalize(&path).unwrap_or(path)
    } else {
        path
    }
}

/// Only the owner may read what is made so.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Writes a file that only its owner may read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check_own(path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Makes a folder, and those above it that are not there yet, that only their owner may enter.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Takes away what others may do with a file or a folder.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut permissions = fs::metadata(path)?.permissions();
        let own = permissions.mode() & 0o700;
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(own);
            fs::set_permissions(path, permissions)?;
        }
    }
    Ok(())
}

fn is_own_pipe(path: &Path) -> bool {
    let own = ["/dev/fd", "/dev/stdin", "/proc/self/fd"];
    own.iter().any(|own| path.starts_with(own)) && is_pipe(path)
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    fs::metadata(path).is_ok_and(|meta| meta.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}

/// A path as a shell takes it, and no program for an option.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let text = match text.starts_with('-') {
        true => format!("./{text}"),
        false => text,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-@+".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_read_and_no_more_than_makes_sense() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "text").unwrap();
        assert_eq!(text(&file).unwrap(), "text");
        assert!(text_within(&file, 3).is_err());
        for path in [folder.path(), Path::new("/dev/zero")] {
            let (one, other) = (text(path).unwrap_err(), bytes(path).unwrap_err());
            assert!(one.to_string().contains("not a file"), "{one}");
            assert!(other.to_string().contains("not a file"), "{other}");
        }
        let missing = text(Path::new("/nowhere")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_or_refused_and_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&file, "theirs").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(followed(link.clone()), fs::canonicalize(&file).unwrap());
        assert!(write_private(&link, b"ours").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"theirs");
        write_private(&file, b"ours").unwrap();
        assert_eq!(fs::read(&link).unwrap(), b"ours");
    }
}

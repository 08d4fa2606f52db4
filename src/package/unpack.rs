//! Unpacks a zip into a folder, and nothing beside it.
//!
//! Names must be plain relative paths. Links are made last and lead downwards only (after any
//! leading `..`, which may not leave the folder), so that nothing is ever written through one and
//! none leads out, however they are chained.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

/// A function's code with all its layers, unpacked (AWS's quota).
pub const LARGEST: u64 = 262_144_000;
/// No quota of AWS's; a bomb of empty files would fill the disk's table of files.
const MOST_ENTRIES: usize = 65_536;
const LONGEST_LINK: u64 = 4096;

/// Why a zip is refused.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    #[error("the zip cannot be read: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("the zip's `{0}` would be outside of the function's folder, or is no plain file")]
    Outside(String),
    #[error("the zip unpacks to more than {LARGEST} bytes or {MOST_ENTRIES} files")]
    TooLarge,
    #[error("`{0}` cannot be written: {1}")]
    Write(String, io::Error),
}

/// Unpacks over what `folder` holds already; `room` is what is left of the quota, and `mode` is
/// every file's, beside who may execute it.
pub fn unpack(zip: &[u8], folder: &Path, room: &mut u64, mode: u32) -> Result<(), UnpackError> {
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    if archive.len() > MOST_ENTRIES {
        return Err(UnpackError::TooLarge);
    }
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let outside = || UnpackError::Outside(name.clone());
        let path = plain(&name).ok_or_else(outside)?;
        let failed = |error| UnpackError::Write(name.clone(), error);
        if entry.is_dir() {
            real_folder(folder, &path).map_err(failed)?;
        } else if entry.is_symlink() {
            links.push((path, target(&mut entry).ok_or_else(outside)?));
        } else if regular(entry.unix_mode()) {
            file(&mut entry, folder, &path, room, mode)
                .map_err(failed)
                .and_then(|fits| fits.then_some(()).ok_or(UnpackError::TooLarge))?;
        } else {
            return Err(outside());
        }
    }
    for (path, target) in links {
        let name = path.display().to_string();
        if !downward(&path, &target) {
            return Err(UnpackError::Outside(name));
        }
        link(folder, &path, &target).map_err(|error| UnpackError::Write(name, error))?;
    }
    Ok(())
}

/// `a/b` as a path; `None` for what is absolute, has `..`, or is hidden behind `\`.
fn plain(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let mut kept = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => kept.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!kept.as_os_str().is_empty() && !name.contains(['\\', '\0'])).then_some(kept)
}

/// Neither a device nor a pipe. A zip made elsewhere than on Unix has no mode, or no kind in it.
fn regular(mode: Option<u32>) -> bool {
    mode.is_none_or(|mode| matches!(mode & 0o170_000, 0 | 0o100_000))
}

fn target(entry: &mut ZipFile<'_, Cursor<&[u8]>>) -> Option<PathBuf> {
    let mut text = String::new();
    entry.take(LONGEST_LINK).read_to_string(&mut text).ok()?;
    (!text.is_empty()).then(|| PathBuf::from(text))
}

/// Does a link at `path` lead into the folder without ever turning up again?
fn downward(path: &Path, target: &Path) -> bool {
    let depth = path.components().count().saturating_sub(1);
    let mut ups = 0;
    let mut down = false;
    for component in target.components() {
        match component {
            Component::ParentDir if down => return false,
            Component::ParentDir => ups += 1,
            Component::Normal(_) => down = true,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    ups <= depth
}

/// Makes `folder/path`, every part of which is a folder and no link.
fn real_folder(folder: &Path, path: &Path) -> io::Result<()> {
    let mut at = folder.to_owned();
    for part in path.components() {
        at.push(part);
        match fs::symlink_metadata(&at) {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => return Err(io::Error::other("it is below a file or a link")),
            Err(_) => DirBuilder::new().mode(0o755).create(&at)?,
        }
    }
    Ok(())
}

/// Room for a file or link: its folder is there, and what an earlier layer had is not.
fn place(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    real_folder(folder, path.parent().unwrap_or(Path::new("")))?;
    let whole = folder.join(path);
    if fs::symlink_metadata(&whole).is_ok_and(|meta| !meta.is_dir()) {
        fs::remove_file(&whole)?;
    }
    Ok(whole)
}

/// Writes a file; false if it does not fit.
fn file(
    entry: &mut ZipFile<'_, Cursor<&[u8]>>,
    folder: &Path,
    path: &Path,
    room: &mut u64,
    mode: u32,
) -> io::Result<bool> {
    let whole = place(folder, path)?;
    let mut made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&whole)?;
    let mode = mode | (entry.unix_mode().unwrap_or(0) & 0o111);
    // One byte more tells that there was more; the sizes that the zip names may lie.
    let written = io::copy(&mut entry.take(*room + 1), &mut made)?;
    fs::set_permissions(&whole, Permissions::from_mode(mode))?;
    let fits = written <= *room;
    *room = room.saturating_sub(written);
    Ok(fits)
}

fn link(folder: &Path, path: &Path, target: &Path) -> io::Result<()> {
    symlink(target, place(folder, path)?)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    enum Entry<'a> {
        File(&'a str, &'a str),
        Link(&'a str, &'a str),
    }
    use Entry::{File, Link};

    fn zipped(entries: &[Entry<'_>]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        for entry in entries {
            match entry {
                File(name, text) => {
                    zip.start_file(*name, options).unwrap();
                    zip.write_all(text.as_bytes()).unwrap();
                }
                Link(name, target) => zip.add_symlink(*name, *target, options).unwrap(),
            }
        }
        zip.finish().unwrap().into_inner()
    }

    /// The folder two below another, so that an escape would be seen.
    fn unpacked(entries: &[Entry<'_>]) -> (tempfile::TempDir, Result<(), UnpackError>) {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("inner");
        fs::create_dir(&folder).unwrap();
        let result = unpack(&zipped(entries), &folder, &mut LARGEST.clone(), 0o444);
        (outer, result)
    }

    fn alone(outer: &tempfile::TempDir) -> bool {
        fs::read_dir(outer.path()).unwrap().count() == 1
    }

    #[test]
    fn files_and_inner_links_are_there() {
        let (outer, result) = unpacked(&[
            File("a/b.js", "1"),
            Link("bin/b", "../a/b.js"),
            File("./c", "2"),
        ]);
        result.unwrap();
        let inner = outer.path().join("inner");
        assert_eq!(fs::read_to_string(inner.join("bin/b")).unwrap(), "1");
        assert_eq!(fs::read_to_string(inner.join("c")).unwrap(), "2");
        let mode = fs::metadata(inner.join("a/b.js")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o555);
    }

    #[test]
    fn nothing_leaves_the_folder() {
        let escapes: [&[Entry<'_>]; 9] = [
            &[File("../x", "")],
            &[File("a/../../x", "")],
            &[File("/x", "")],
            &[File("a\\..\\..\\x", "")],
            &[Link("l", "..")],
            &[Link("l", "/etc")],
            &[Link("a/l", "../../x")],
            // The first link is in order; the second would climb over it.
            &[Link("a/b/c", "../../d"), Link("m", "a/b/c/../../x")],
            &[Link("l", "a"), File("l/x", "")],
        ];
        for entries in escapes {
            let (outer, result) = unpacked(entries);
            assert!(result.is_err());
            assert!(alone(&outer));
        }
    }

    #[test]
    fn a_later_layer_goes_over_an_earlier_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut room = LARGEST;
        unpack(&zipped(&[File("a", "1")]), folder.path(), &mut room, 0o444).unwrap();
        unpack(&zipped(&[File("a", "22")]), folder.path(), &mut room, 0o444).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "22");
        assert_eq!(room, LARGEST - 3);
    }

    #[test]
    fn a_later_layer_does_not_write_through_an_earlier_link() {
        let folder = tempfile::tempdir().unwrap();
        let mut room = LARGEST;
        unpack(
            &zipped(&[File("d/x", "1"), Link("l", "d")]),
            folder.path(),
            &mut room,
            0o444,
        )
        .unwrap();
        let through = unpack(
            &zipped(&[File("l/x", "2")]),
            folder.path(),
            &mut room,
            0o444,
        );
        assert!(
            matches!(through, Err(UnpackError::Write(..))),
            "{through:?}"
        );
        assert_eq!(fs::read_to_string(folder.path().join("d/x")).unwrap(), "1");
    }

    #[test]
    fn what_unpacks_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let zip = zipped(&[File("a", "12345")]);
        let refused = unpack(&zip, folder.path(), &mut 4, 0o444);
        assert!(matches!(refused, Err(UnpackError::TooLarge)), "{refused:?}");
        let fits = unpack(&zip, folder.path(), &mut 5, 0o444);
        assert!(fits.is_ok(), "{fits:?}");
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = unpack(b"no zip", folder.path(), &mut LARGEST.clone(), 0o444);
        assert!(matches!(refused, Err(UnpackError::Zip(_))), "{refused:?}");
    }
}

//! Unpacks a zip into a folder, and nothing beside it.
//!
//! Names must be plain relative paths. Links are made last and lead downwards only (after any
//! leading `..`, which may not leave the folder), so that nothing is ever written through one and
//! none leads out, however they are chained. One into a layer (`/opt/…`) leads to where the layers
//! are, and no further.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

/// A function's code with all its layers, unpacked (AWS's quota).
pub const LARGEST: u64 = 262_144_000;
/// No quota of AWS's; a bomb of empty files or folders would fill the disk's table of files.
const MOST_ENTRIES: usize = 65_536;
const LONGEST_LINK: u64 = 4096;
/// No quota of AWS's either; each folder costs a call for each one above it.
const DEEPEST: usize = 256;

/// Why a zip is refused.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    #[error("the zip cannot be read: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("the zip's `{0}` would be outside of the function's folder, or is no plain file")]
    Outside(String),
    #[error("the zip unpacks to more than {LARGEST} bytes or {MOST_ENTRIES} files and folders")]
    TooLarge,
    #[error("the zip's `{0}…` lies more than {DEEPEST} folders deep")]
    TooDeep(String),
    #[error("`{0}` cannot be written: {1}")]
    Write(String, io::Error),
}

/// What is unpacked: where its absolute links lead.
#[derive(Clone, Copy, Debug)]
pub enum Goal<'a> {
    /// A function's code, `/var/task` on AWS; its layers are, or would be, at `opt`.
    Code { opt: &'a Path },
    /// A layer, `/opt` on AWS.
    Layer,
}

/// Unpacks over what `folder` holds already; `room` is what is left of the quota, and `mode` is
/// every file's, beside who may execute it.
pub fn unpack(
    zip: &[u8],
    folder: &Path,
    goal: Goal<'_>,
    room: &mut u64,
    mode: u32,
) -> Result<(), UnpackError> {
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    if archive.len() > MOST_ENTRIES {
        return Err(UnpackError::TooLarge);
    }
    bounded(&archive)?;
    let mut tree = Tree {
        folder,
        made: HashSet::new(),
    };
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let outside = || UnpackError::Outside(name.clone());
        let path = plain(&name).ok_or_else(outside)?;
        let failed = |error| UnpackError::Write(name.clone(), error);
        if entry.is_dir() {
            tree.folder(&path).map_err(failed)?;
        } else if entry.is_symlink() {
            let text = target(&mut entry).ok_or_else(outside)?;
            let target = leads(&path, &text, goal).ok_or_else(outside)?;
            links.push((path, target));
        } else if regular(entry.unix_mode()) {
            tree.file(&mut entry, &path, room, mode)
                .map_err(failed)
                .and_then(|fits| fits.then_some(()).ok_or(UnpackError::TooLarge))?;
        } else {
            return Err(outside());
        }
    }
    for (path, target) in links {
        let made = tree.link(&path, &target);
        made.map_err(|error| UnpackError::Write(path.display().to_string(), error))?;
    }
    Ok(())
}

/// Refuses too many folders, and too deep ones, before any is made.
fn bounded(archive: &ZipArchive<Cursor<&[u8]>>) -> Result<(), UnpackError> {
    let mut folders = HashSet::new();
    for name in archive.file_names() {
        let name = name?;
        let slashes = name.bytes().filter(|byte| *byte == b'/').count();
        if slashes > DEEPEST {
            return Err(UnpackError::TooDeep(name.chars().take(64).collect()));
        }
        let above = name
            .rmatch_indices('/')
            .map(|(at, _)| name[..at].to_owned());
        // Where one is known, those above it are.
        above
            .take_while(|folder| folders.insert(folder.clone()))
            .for_each(drop);
        if archive.len() + folders.len() > MOST_ENTRIES {
            return Err(UnpackError::TooLarge);
        }
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
    (!text.is_empty() && !text.contains('\0')).then(|| PathBuf::from(text))
}

/// Where a link at `path` that says `text` is to lead here; `None` if that is nowhere in the
/// function's folders.
fn leads(path: &Path, text: &Path, goal: Goal<'_>) -> Option<PathBuf> {
    let depth = path.components().count().saturating_sub(1);
    // Relative, since a folder gets its name when it is whole.
    let home = |below: &Path| {
        let below = below
            .as_os_str()
            .is_empty()
            .then(|| PathBuf::from("."))
            .or(plain(below.to_str()?))?;
        let ups = std::iter::repeat_n("..", depth);
        Some(ups.collect::<PathBuf>().join(below))
    };
    match (
        text.strip_prefix("/opt"),
        text.strip_prefix("/var/task"),
        goal,
    ) {
        (Ok(below), _, Goal::Layer) => home(below),
        (_, Ok(below), Goal::Code { .. }) => home(below),
        (Ok(below), _, Goal::Code { opt }) => match below.as_os_str().is_empty() {
            true => Some(opt.to_owned()),
            false => Some(opt.join(plain(below.to_str()?)?)),
        },
        _ => downward(depth, text).then(|| text.to_owned()),
    }
}

/// Does a relative link lead into the folder without ever turning up again?
fn downward(depth: usize, target: &Path) -> bool {
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

/// The folder that is filled.
struct Tree<'a> {
    folder: &'a Path,
    /// The folders in it that are known to be folders and no links.
    made: HashSet<PathBuf>,
}

impl Tree<'_> {
    /// Makes a folder, every part of whose path is a folder and no link.
    fn folder(&mut self, path: &Path) -> io::Result<()> {
        let unknown = path
            .ancestors()
            .take_while(|at| !at.as_os_str().is_empty() && !self.made.contains(*at));
        let mut unknown: Vec<&Path> = unknown.collect();
        while let Some(at) = unknown.pop() {
            let whole = self.folder.join(at);
            match fs::symlink_metadata(&whole) {
                Ok(meta) if meta.is_dir() => {}
                Ok(_) => return Err(io::Error::other("it is below a file or a link")),
                Err(_) => DirBuilder::new().mode(0o755).create(&whole)?,
            }
            self.made.insert(at.to_owned());
        }
        Ok(())
    }

    /// Room for a file or link: its folder is there, and what an earlier layer had is not.
    fn place(&mut self, path: &Path) -> io::Result<PathBuf> {
        self.folder(path.parent().unwrap_or(Path::new("")))?;
        let whole = self.folder.join(path);
        if fs::symlink_metadata(&whole).is_ok_and(|meta| !meta.is_dir()) {
            fs::remove_file(&whole)?;
        }
        Ok(whole)
    }

    /// Writes a file; false if it does not fit.
    fn file(
        &mut self,
        entry: &mut ZipFile<'_, Cursor<&[u8]>>,
        path: &Path,
        room: &mut u64,
        mode: u32,
    ) -> io::Result<bool> {
        let whole = self.place(path)?;
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

    fn link(&mut self, path: &Path, target: &Path) -> io::Result<()> {
        symlink(target, self.place(path)?)
    }
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
        let result = unpack(
            &zipped(entries),
            &folder,
            Goal::Code {
                opt: &outer.path().join("layers"),
            },
            &mut LARGEST.clone(),
            0o444,
        );
        (outer, result)
    }

    /// Over what is there, as a layer.
    fn over(folder: &Path, entries: &[Entry<'_>], room: &mut u64) -> Result<(), UnpackError> {
        unpack(&zipped(entries), folder, Goal::Layer, room, 0o444)
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
        let escapes: [&[Entry<'_>]; 15] = [
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
            // What begins as a way into a layer and leads out of it, by itself or chained.
            &[Link("l", "/opt/../etc")],
            &[Link("l", "/opt/a/../../../x")],
            &[Link("l", "/opt"), File("l/x", "")],
            &[Link("a/l", "/opt/x"), Link("m", "a/l/../../x")],
            &[Link("l", "/var/task/../x")],
            &[Link("l", "/optional")],
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
        over(folder.path(), &[File("a", "1")], &mut room).unwrap();
        over(folder.path(), &[File("a", "22")], &mut room).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "22");
        assert_eq!(room, LARGEST - 3);
    }

    #[test]
    fn a_later_layer_does_not_write_through_an_earlier_link() {
        let folder = tempfile::tempdir().unwrap();
        let mut room = LARGEST;
        over(
            folder.path(),
            &[File("d/x", "1"), Link("l", "d")],
            &mut room,
        )
        .unwrap();
        let through = over(folder.path(), &[File("l/x", "2")], &mut room);
        assert!(
            matches!(through, Err(UnpackError::Write(..))),
            "{through:?}"
        );
        assert_eq!(fs::read_to_string(folder.path().join("d/x")).unwrap(), "1");
    }

    #[test]
    fn what_unpacks_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = [File("a", "12345")];
        let refused = over(folder.path(), &file, &mut 4);
        assert!(matches!(refused, Err(UnpackError::TooLarge)), "{refused:?}");
        let fits = over(folder.path(), &file, &mut 5);
        assert!(fits.is_ok(), "{fits:?}");
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = unpack(
            b"no zip",
            folder.path(),
            Goal::Layer,
            &mut LARGEST.clone(),
            0o444,
        );
        assert!(matches!(refused, Err(UnpackError::Zip(_))), "{refused:?}");
    }

    #[test]
    fn absolute_links_lead_to_where_layers_and_code_are() {
        let (outer, result) = unpacked(&[
            File("a/b.js", "1"),
            Link("lib/one", "/opt/lib/one"),
            Link("all", "/opt"),
            Link("x/y/own", "/var/task/a/b.js"),
        ]);
        result.unwrap();
        let says = |name: &str| fs::read_link(outer.path().join("inner").join(name)).unwrap();
        let layers = outer.path().join("layers");
        assert_eq!(says("lib/one"), layers.join("lib/one"));
        assert_eq!(says("all"), layers);
        assert_eq!(says("x/y/own"), Path::new("../../a/b.js"));
        let layer = tempfile::tempdir().unwrap();
        let link = [Link("d/l", "/opt/lib/one"), File("lib/one", "1")];
        over(layer.path(), &link, &mut LARGEST.clone()).unwrap();
        assert_eq!(fs::read_to_string(layer.path().join("d/l")).unwrap(), "1");
        let out = over(
            layer.path(),
            &[Link("m", "/var/task/x")],
            &mut LARGEST.clone(),
        );
        assert!(matches!(out, Err(UnpackError::Outside(_))), "{out:?}");
    }

    #[test]
    fn deep_and_many_folders_are_refused_before_they_are_made() {
        let deep = "d/".repeat(3000) + "x";
        let (outer, refused) = unpacked(&[File("first", ""), File(&deep, "")]);
        assert!(
            matches!(refused, Err(UnpackError::TooDeep(_))),
            "{refused:?}"
        );
        let inner = outer.path().join("inner");
        assert_eq!(fs::read_dir(inner).unwrap().count(), 0);
        let many: Vec<String> = (0..300)
            .map(|n| format!("{n}/{}x", "d/".repeat(250)))
            .collect();
        let many: Vec<Entry<'_>> = many.iter().map(|name| File(name, "")).collect();
        let (_outer, refused) = unpacked(&many);
        assert!(matches!(refused, Err(UnpackError::TooLarge)), "{refused:?}");
    }
}

//! Where functions may run: in a folder in which they find nothing of the developer's.
//!
//! Node.js looks for `node_modules` and `package.json` in every folder above the code, so the code
//! is unpacked outside of the project, where no folder above it has either.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// A folder to run in; the second takes it away in the end, where it does not last.
pub type Ground = (PathBuf, Option<TempDir>);

/// The file in a ground that says whose it is.
const HOME: &str = "home";

/// What Node.js obeys in a folder above the code.
const FOUND: [&str; 2] = ["node_modules", "package.json"];

/// The ground of the cloud that is kept in `home`, the same each time; of one that is kept
/// nowhere, or where its place is somebody else's, one for this run.
pub fn of(home: Option<&Path>) -> io::Result<Ground> {
    let base = base();
    let lasting = home.map(|home| lasting(&base, home)).transpose()?.flatten();
    if let Some(lasting) = lasting {
        return Ok((lasting, None));
    }
    let made = tempfile::Builder::new().prefix("slp-").tempdir_in(base)?;
    Ok((made.path().to_owned(), Some(made)))
}

/// The first folder for temporary files that has nothing above it; else the first.
fn base() -> PathBuf {
    let given = std::env::temp_dir();
    let all = [
        given.clone(),
        PathBuf::from("/tmp"),
        PathBuf::from("/var/tmp"),
    ];
    let usable = |path: &PathBuf| path.is_absolute() && path.is_dir() && is_bare(path);
    all.into_iter().find(usable).unwrap_or(given)
}

fn is_bare(folder: &Path) -> bool {
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut above = real.ancestors();
    above.all(|folder| FOUND.iter().all(|name| !folder.join(name).exists()))
}

/// `None`: the place is not this user's alone.
fn lasting(base: &Path, home: &Path) -> io::Result<Option<PathBuf>> {
    let uid = tempfile::tempfile()?.metadata()?.uid();
    let own = base.join(format!("slp-{uid}"));
    match DirBuilder::new().mode(0o700).create(&own) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let about = fs::symlink_metadata(&own)?;
    if !about.is_dir() || about.uid() != uid || about.mode() & 0o077 != 0 {
        return Ok(None);
    }
    sweep(&own);
    let home = fs::canonicalize(home)
        .or_else(|_| std::path::absolute(home))
        .unwrap_or_else(|_| home.to_owned());
    let digest = Sha256::digest(home.as_os_str().as_encoded_bytes());
    let name: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let ground = own.join(name);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&ground)?;
    fs::write(ground.join(HOME), home.as_os_str().as_encoded_bytes())?;
    Ok(Some(ground))
}

/// Removes the grounds of clouds that are gone, as their projects' folders are.
fn sweep(own: &Path) {
    let grounds = fs::read_dir(own).into_iter().flatten().flatten();
    for ground in grounds.map(|entry| entry.path()) {
        let home = fs::read(ground.join(HOME)).map(OsString::from_vec);
        if home.is_ok_and(|home| !Path::new(&home).exists()) {
            // What cannot be removed now may be another time.
            let _ = fs::remove_dir_all(ground);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ground_is_bare_and_lies_outside_of_the_project() {
        let project = tempfile::tempdir().unwrap();
        let home = project.path().join(".slp/local");
        let (first, _) = of(Some(&home)).unwrap();
        assert!(!first.starts_with(project.path()) && is_bare(&first));
        assert_eq!(of(Some(&home)).unwrap().0, first);
        assert_ne!(of(Some(project.path())).unwrap().0, first);
        fs::write(project.path().join("package.json"), "{}").unwrap();
        assert!(!is_bare(project.path()));
    }

    #[test]
    fn a_ground_goes_when_its_cloud_is_gone() {
        let base = tempfile::tempdir().unwrap();
        let [gone, kept] = ["gone", "kept"].map(|name| base.path().join(name));
        fs::create_dir(&gone).unwrap();
        fs::create_dir(&kept).unwrap();
        let first = lasting(base.path(), &gone).unwrap().unwrap();
        let second = lasting(base.path(), &kept).unwrap().unwrap();
        assert!(first.exists() && second.exists());
        fs::remove_dir(&gone).unwrap();
        assert_eq!(
            lasting(base.path(), &kept).unwrap().as_deref(),
            Some(&*second)
        );
        assert!(!first.exists() && second.exists());
    }

    #[test]
    fn a_place_of_somebody_else_is_not_taken() {
        let base = tempfile::tempdir().unwrap();
        let (home, elsewhere) = (base.path().join("home"), base.path().join("elsewhere"));
        fs::create_dir(&elsewhere).unwrap();
        let own = lasting(base.path(), &home).unwrap().unwrap();
        let own = own.parent().unwrap();
        fs::remove_dir_all(own).unwrap();
        std::os::unix::fs::symlink(&elsewhere, own).unwrap();
        assert_eq!(lasting(base.path(), &home).unwrap(), None);
        fs::remove_file(own).unwrap();
        DirBuilder::new().mode(0o755).create(own).unwrap();
        assert_eq!(lasting(base.path(), &home).unwrap(), None);
    }
}

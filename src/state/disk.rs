//! The few file operations that everything durable is made of.
//!
//! Each announces itself first, so that a test can stop the world between any two.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::seal::{Seal, SealError};
use crate::files;

/// One file operation, as a test sees it before it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Create,
    Write,
    Sync,
    Rename,
    SyncFolder,
    Remove,
    Append,
}

/// What a test does at a step: let it pass, or fail it.
#[cfg(test)]
pub(super) type Fault = std::sync::Arc<dyn Fn(Step, &Path) -> io::Result<()> + Send + Sync>;

/// The file system.
#[derive(Clone, Default)]
pub(super) struct Disk {
    /// What is written goes through it, and what is read.
    pub seal: Seal,
    #[cfg(test)]
    pub fault: Option<Fault>,
}

impl Disk {
    #[cfg(test)]
    fn reach(&self, step: Step, path: &Path) -> io::Result<()> {
        self.fault
            .as_ref()
            .map_or(Ok(()), |fault| fault(step, path))
    }

    #[cfg(not(test))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "tests fail here"
    )]
    fn reach(&self, _: Step, _: &Path) -> io::Result<()> {
        Ok(())
    }

    /// What the file says; `None` where there is no such file. Its key must be prepared.
    pub fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let opened = |bytes| self.seal.open(bytes).map_err(io::Error::other);
        Disk::raw(path)?.map(opened).transpose()
    }

    fn raw(path: &Path) -> io::Result<Option<Vec<u8>>> {
        match files::bytes(path) {
            Ok(bytes) => Ok(Some(bytes)),
            // Not a link to what is not there: a disk may be missing, and the state be on it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                files::check_own(path).map(|()| None)
            }
            Err(error) => Err(error),
        }
    }

    /// Finds the keys of these files; what cannot be read is left to `read`.
    pub async fn prepare(&self, paths: &[&Path]) -> Result<(), SealError> {
        let texts = paths
            .iter()
            .filter_map(|path| Disk::raw(path).ok().flatten());
        let texts: Vec<Vec<u8>> = texts.collect();
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        self.seal.prepare(&texts).await
    }

    /// Puts `bytes` in the file's place, whole and durable, or leaves what is there.
    /// Gives the file, at its end. One writer at a time: the lock's business.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        files::check_own(path)?;
        let temporary = beside(path, ".tmp");
        let bytes = self.seal.close(bytes).map_err(io::Error::other)?;
        let written = self.write_new(&temporary, &bytes);
        let renamed = written.and_then(|file| {
            self.reach(Step::Rename, path)?;
            fs::rename(&temporary, path)?;
            Ok(file)
        });
        match renamed {
            Ok(file) => self.sync_folder(path).map(|()| file),
            Err(error) => {
                // The first error is the one to tell; a leftover is overwritten by the next run.
                let _ = self.remove(&temporary);
                Err(error)
            }
        }
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        self.reach(Step::Create, path)?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // A state keys the digests of secrets.
        let mut file =
            files::private(OpenOptions::new().write(true).create_new(true)).open(path)?;
        self.reach(Step::Write, path)?;
        file.write_all(bytes)?;
        self.reach(Step::Sync, path)?;
        file.sync_all()?;
        Ok(file)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.reach(Step::SyncFolder, path)?;
        #[cfg(unix)]
        File::open(folder_of(path))?.sync_all()?;
        Ok(())
    }

    /// Removes a file; it is no error if there is none.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.reach(Step::Remove, path)?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Adds to an open file; the bytes are with the system afterwards, not yet on the disk.
    pub fn append(&self, file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.reach(Step::Append, path)?;
        file.write_all(&self.seal.more(bytes).map_err(io::Error::other)?)
    }

    /// Waits until what was appended is on the disk.
    pub fn sync(&self, file: &File, path: &Path) -> io::Result<()> {
        self.reach(Step::Sync, path)?;
        file.sync_data()
    }
}

/// `state/shop.json` → `state/shop.json.lock`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The folder that a file is in; `.` for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

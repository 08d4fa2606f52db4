//! The store on this machine: `state/<project>[@env].json` beside the manifest.
//!
//! | file | what |
//! | --- | --- |
//! | `shop.json` | the state |
//! | `shop.json.backup` | the state before the last replacement |
//! | `shop.json.lock` | who works on it; empty while nobody does |
//! | `shop.json.journal` | the plan at work and its outcomes; gone once the state is saved |

use std::fs;
use std::path::{Path, PathBuf};

use super::disk::{Disk, beside, folder_of};
use super::fits::fits;
use super::journal;
use super::lock::{self, Lock, LockRequest, Unlocked};
use super::seal::Seal;
use super::session::LocalSession;
use super::store::{Session, Snapshot, Store};
use super::{Replay, State, StateError, file, file::read_state};
use crate::event::Listener;
use crate::files;
use crate::provider::Boxed;
use crate::scope::Scope;

/// One state file and what stands beside it.
#[derive(Clone)]
pub struct LocalStore {
    pub(super) path: PathBuf,
    /// The first place for the state if its own folder cannot take it.
    pub(super) manifest_folder: PathBuf,
    pub(super) disk: Disk,
}

impl LocalStore {
    /// The default: `state/<project>[@env].json` beside the manifest.
    pub fn beside_manifest(scope: &Scope) -> LocalStore {
        LocalStore::in_folder(&scope.root.join("state"), scope)
    }

    /// In a folder of its own, such as `.slp/local/state`.
    pub fn in_folder(folder: &Path, scope: &Scope) -> LocalStore {
        let name = match &scope.env {
            Some(env) => format!("{}@{env}.json", scope.project),
            None => format!("{}.json", scope.project),
        };
        LocalStore::at(folder.join(name), scope.root.clone())
    }

    /// A store at a path of its own. Where that is a link, the state is what it leads to, and
    /// what stands beside the state is there: all who share it share one lock.
    pub fn at(path: PathBuf, manifest_folder: PathBuf) -> LocalStore {
        LocalStore {
            path: files::followed(path),
            manifest_folder,
            disk: Disk::default(),
        }
    }

    /// The same, with everything but the lock sealed.
    pub fn sealed(mut self, seal: Seal) -> LocalStore {
        self.disk.seal = seal;
        self
    }

    async fn prepare(&self) -> Result<(), StateError> {
        let path = &self.path;
        // A backup that cannot be opened is only no remedy: `read` says so where one is needed.
        let _ = self.disk.prepare(&[&self.backup()]).await;
        let prepared = self.disk.prepare(&[path, &self.journal()]).await;
        prepared.map_err(|why| StateError::Sealed {
            path: path.clone(),
            why,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn backup(&self) -> PathBuf {
        beside(&self.path, ".backup")
    }

    pub(super) fn journal(&self) -> PathBuf {
        beside(&self.path, ".journal")
    }

    fn lock_file(&self) -> PathBuf {
        beside(&self.path, ".lock")
    }

    /// The journal is read first: a run that ends in between then looks finished, not ahead.
    pub(super) fn look(&self) -> Result<Look, StateError> {
        let replay = journal::read(&self.disk, &self.journal())?;
        let bytes = self
            .disk
            .read(&self.path)
            .map_err(|error| StateError::io(&self.path, "be read", error))?;
        let Some(bytes) = bytes else {
            return self.nothing_saved();
        };
        let state =
            file::decode(&bytes).map_err(|error| error.at(self.path.clone(), self.remedy()))?;
        let (replay, finished) = match replay {
            Some(replay) => {
                let (serial, path) = (replay.serial, self.path.display());
                let remedy = format!("Put the state of serial {serial} back in {path}.");
                fits(&self.journal(), remedy, &state, replay)?
            }
            None => (None, false),
        };
        Ok(Look {
            snapshot: Snapshot {
                state: Some(state),
                replay,
            },
            finished,
        })
    }

    fn nothing_saved(&self) -> Result<Look, StateError> {
        let witness = [self.backup(), self.journal()]
            .into_iter()
            .find(|path| path.exists());
        match witness {
            None => Ok(Look::default()),
            Some(present) => Err(StateError::Missing {
                path: self.path.clone(),
                present,
                remedy: self.remedy(),
            }),
        }
    }

    /// The command that puts the backup back, if the backup is whole.
    fn remedy(&self) -> String {
        let backup = self.backup();
        let bytes = self.disk.read(&backup).ok().flatten();
        match bytes.and_then(|bytes| file::decode(&bytes).ok()) {
            Some(state) => format!(
                "The backup is whole (serial {}). Put it back with `cp {} {}`, then run `slp plan`.",
                state.serial,
                files::quoted(&backup),
                files::quoted(&self.path)
            ),
            None => format!(
                "There is no usable backup beside it. Put a copy of your own back as {}.",
                self.path.display()
            ),
        }
    }

    /// What stands beside the state is slp's own: told before anything is done.
    fn own_files(&self) -> Result<(), StateError> {
        [self.backup(), self.journal()].iter().try_for_each(|path| {
            files::check_own(path).map_err(|error| StateError::io(path, "be written", error))
        })
    }

    /// The folder, made with a `.gitignore` if it is new: a state is never committed.
    fn make_folder(&self) -> Result<(), StateError> {
        let folder = folder_of(&self.path);
        if folder.is_dir() {
            return Ok(());
        }
        let ignored = "# The state names what exists and keys its secrets' digests: never commit it.\n*\n!.gitignore\n!README.md\n";
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(folder.join(".gitignore"), ignored))
            .map_err(|error| StateError::io(folder, "be made", error))
    }
}

/// What a look found, beside what it tells.
#[derive(Default)]
pub(super) struct Look {
    pub snapshot: Snapshot,
    /// There is a journal, and the state already holds its outcomes.
    pub finished: bool,
}

impl Store for LocalStore {
    fn describe(&self) -> String {
        self.path.display().to_string()
    }

    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>> {
        Box::pin(async {
            self.prepare().await?;
            Ok(self.look()?.snapshot)
        })
    }

    fn lock<'a>(
        &'a self,
        request: LockRequest,
        events: &'a Listener,
    ) -> Boxed<'a, Result<Box<dyn Session>, StateError>> {
        Box::pin(async move {
            self.make_folder()?;
            let lock = Lock::take(&self.lock_file(), &self.describe(), &request, events).await?;
            self.own_files()?;
            self.prepare().await?;
            Ok(Box::new(LocalSession::new(self.clone(), request.holder, lock)) as Box<dyn Session>)
        })
    }

    fn folder(&self) -> &Path {
        &self.manifest_folder
    }

    fn read<'a>(&'a self, path: &'a Path) -> Boxed<'a, Result<State, StateError>> {
        Box::pin(read_state(path, &self.disk.seal))
    }

    fn read_journal<'a>(&'a self, path: &'a Path) -> Boxed<'a, Result<Replay, StateError>> {
        Box::pin(journal::read_any(path, &self.disk.seal))
    }

    fn unlock<'a>(&'a self, id: &'a str) -> Boxed<'a, Result<Unlocked, StateError>> {
        Box::pin(async move { lock::unlock(&self.lock_file(), &self.describe(), id) })
    }
}

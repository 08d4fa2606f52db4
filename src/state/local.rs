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
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::disk::{Disk, beside, folder_of};
use super::journal::{self, Journal};
use super::lock::{self, Holder, Lock, LockRequest, Unlocked};
use super::record::{Record, Replay};
use super::store::{Session, Snapshot, Store};
use super::{State, StateError, file};
use crate::event::Listener;
use crate::plan::Plan;
use crate::provider::Boxed;
use crate::scope::Scope;

/// One state file and what stands beside it.
#[derive(Clone)]
pub struct LocalStore {
    path: PathBuf,
    /// The first place for the state if its own folder cannot take it.
    manifest_folder: PathBuf,
    pub(super) disk: Disk,
}

impl LocalStore {
    /// The default: `state/<project>[@env].json` beside the manifest.
    pub fn beside_manifest(scope: &Scope) -> LocalStore {
        let name = match &scope.env {
            Some(env) => format!("{}@{env}.json", scope.project),
            None => format!("{}.json", scope.project),
        };
        LocalStore::at(scope.root.join("state").join(name), scope.root.clone())
    }

    /// A store at a path of its own, such as one under `.slp/local/`.
    pub fn at(path: PathBuf, manifest_folder: PathBuf) -> LocalStore {
        LocalStore {
            path,
            manifest_folder,
            disk: Disk::default(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn backup(&self) -> PathBuf {
        beside(&self.path, ".backup")
    }

    pub(super) fn journal(&self) -> PathBuf {
        beside(&self.path, ".journal")
    }

    fn lock_file(&self) -> PathBuf {
        beside(&self.path, ".lock")
    }

    /// The journal is read first: a run that ends in between then looks finished, not ahead.
    fn look(&self) -> Result<Look, StateError> {
        let replay = journal::read(&self.disk, &self.journal())?;
        let bytes = self
            .disk
            .read(&self.path)
            .map_err(|error| StateError::io(&self.path, "be read", error))?;
        let Some(bytes) = bytes else {
            return self.nothing_saved();
        };
        let state = file::decode(&bytes).map_err(|error| self.unreadable(error))?;
        let (replay, finished) = match replay {
            Some(replay) => self.fits(&state, replay)?,
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

    /// A journal goes on from the state, or the state already holds it (killed before it was removed).
    fn fits(&self, state: &State, replay: Replay) -> Result<(Option<Replay>, bool), StateError> {
        if replay.lineage != state.lineage {
            return Err(StateError::OtherLineage {
                what: self.journal().display().to_string(),
                found: replay.lineage,
                state: state.lineage.clone(),
            });
        }
        match replay.serial.cmp(&state.serial) {
            std::cmp::Ordering::Less => Ok((None, true)),
            std::cmp::Ordering::Equal => Ok((Some(replay), false)),
            std::cmp::Ordering::Greater => Err(StateError::JournalAhead {
                path: self.journal(),
                journal: replay.serial,
                state: state.serial,
                remedy: format!(
                    "Put the state of serial {} back in {}.",
                    replay.serial,
                    self.path.display()
                ),
            }),
        }
    }

    fn unreadable(&self, error: file::Unreadable) -> StateError {
        let path = self.path.clone();
        match error {
            file::Unreadable::Newer { found } => StateError::Newer {
                path,
                found,
                known: file::VERSION,
            },
            file::Unreadable::Damaged { what, at } => StateError::Damaged {
                path,
                what,
                at,
                remedy: self.remedy(),
            },
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
                quoted(&backup),
                quoted(&self.path)
            ),
            None => format!(
                "There is no usable backup beside it. Put a copy of your own back as {}.",
                self.path.display()
            ),
        }
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
struct Look {
    snapshot: Snapshot,
    /// There is a journal, and the state already holds its outcomes.
    finished: bool,
}

impl Store for LocalStore {
    fn describe(&self) -> String {
        self.path.display().to_string()
    }

    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>> {
        Box::pin(async { Ok(self.look()?.snapshot) })
    }

    fn lock<'a>(
        &'a self,
        request: LockRequest,
        events: &'a Listener,
    ) -> Boxed<'a, Result<Box<dyn Session>, StateError>> {
        Box::pin(async move {
            self.make_folder()?;
            let lock = Lock::take(&self.lock_file(), &self.describe(), &request, events).await?;
            Ok(Box::new(LocalSession {
                store: self.clone(),
                holder: request.holder,
                journal: Mutex::default(),
                _lock: lock,
            }) as Box<dyn Session>)
        })
    }

    fn unlock<'a>(&'a self, id: &'a str) -> Boxed<'a, Result<Unlocked, StateError>> {
        Box::pin(async move { lock::unlock(&self.lock_file(), &self.describe(), id) })
    }
}

/// The local store while its lock is held. Fields drop in this order: the journal, then the lock.
struct LocalSession {
    store: LocalStore,
    holder: Holder,
    journal: Mutex<Option<Journal>>,
    _lock: Lock,
}

impl LocalSession {
    fn journal(&self) -> MutexGuard<'_, Option<Journal>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load_now(&self) -> Result<Look, StateError> {
        let look = self.store.look()?;
        if look.finished {
            let journal = self.store.journal();
            self.store
                .disk
                .remove(&journal)
                .map_err(|error| StateError::io(&journal, "be removed", error))?;
        }
        Ok(look)
    }

    fn create_now(&self, state: &State) -> Result<(), StateError> {
        if self.load_now()?.snapshot.state.is_some() {
            return Ok(());
        }
        let path = &self.store.path;
        let failed = |error| StateError::io(path, "be written", error);
        let bytes = file::encode(state).map_err(|error| failed(error.into()))?;
        self.store.disk.replace(path, &bytes).map_err(failed)?;
        Ok(())
    }

    /// The first state is saved before its plan: its key must not be lost with a crash.
    fn begin_now(&self, state: &State, plan: &Plan) -> Result<(), StateError> {
        state.accepts(plan)?;
        self.create_now(state)?;
        let saved = self.load_now()?.snapshot;
        if let Some(replay) = saved.replay {
            return Err(StateError::Unsettled {
                store: self.store.describe(),
                holder: Some(Box::new(replay.holder)),
            });
        }
        if let Some(saved) = saved.state {
            saved.accepts(plan)?;
        }
        let Self { store, holder, .. } = self;
        let journal = Journal::begin(&store.disk, &store.journal(), state, plan, holder)?;
        *self.journal() = Some(journal);
        Ok(())
    }

    fn finish_now(&self, state: State) -> Result<State, StateError> {
        let LocalStore { path, disk, .. } = &self.store;
        // Dropping it writes and syncs what is queued: if saving fails, the journal is all there is.
        drop(self.journal().take());
        let old = disk.read(path).ok().flatten();
        let encoded = |state: &State| {
            file::encode(state).map_err(|error| StateError::io(path, "be written", error.into()))
        };
        if old.as_deref() == Some(&*encoded(&state)?) {
            self.end_journal();
            return Ok(state);
        }
        let next = State {
            serial: state.serial + 1,
            ..state
        };
        let bytes = encoded(&next)?;
        let saved = match old.as_deref().and_then(file::peek) {
            Some(found) if found != (next.lineage.clone(), next.serial - 1) => Err(format!(
                "the file was changed while this run held its lock (it is at serial {}, not {})",
                found.1,
                next.serial - 1
            )),
            readable => self.replace(readable.and(old), &bytes),
        };
        match saved {
            Ok(()) => {
                self.end_journal();
                Ok(next)
            }
            Err(why) => Err(self.not_saved(&next, &bytes, why)),
        }
    }

    /// The old state becomes the backup, then the new one takes its place. What was not
    /// readable is no backup.
    fn replace(&self, old: Option<Vec<u8>>, new: &[u8]) -> Result<(), String> {
        let LocalStore { path, disk, .. } = &self.store;
        let backed_up = old.map_or(Ok(()), |old| {
            disk.replace(&self.store.backup(), &old).map(|_| ())
        });
        backed_up
            .and_then(|()| disk.replace(path, new))
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    /// A journal that cannot be removed does no harm: the state is past it.
    fn end_journal(&self) {
        let _ = self.store.disk.remove(&self.store.journal());
    }

    fn not_saved(&self, state: &State, bytes: &[u8], why: String) -> StateError {
        let env = state
            .env
            .as_ref()
            .map(|env| format!("@{env}"))
            .unwrap_or_default();
        let name = format!("slp-emergency-{}{env}-{}.json", state.project, state.serial);
        let folders = [self.store.manifest_folder.clone(), std::env::temp_dir()];
        let written = |folder: PathBuf| {
            let path = folder.join(&name);
            self.store.disk.replace(&path, bytes).ok().map(|_| path)
        };
        StateError::NotSaved {
            path: self.store.path.clone(),
            why,
            journal: self.store.journal(),
            emergency: folders.into_iter().find_map(written),
        }
    }
}

impl Session for LocalSession {
    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>> {
        Box::pin(async { Ok(self.load_now()?.snapshot) })
    }

    fn create<'a>(&'a self, state: &'a State) -> Boxed<'a, Result<(), StateError>> {
        Box::pin(async move { self.create_now(state) })
    }

    fn begin<'a>(&'a self, state: &'a State, plan: &'a Plan) -> Boxed<'a, Result<(), StateError>> {
        Box::pin(async move { self.begin_now(state, plan) })
    }

    fn record(&self, record: &Record, durable: bool) -> Boxed<'static, Result<(), StateError>> {
        match &*self.journal() {
            Some(journal) => journal.append(record, durable),
            None => {
                let path = self.store.journal();
                Box::pin(async move { Err(StateError::NotBegun { path }) })
            }
        }
    }

    fn finish(&self, state: State) -> Boxed<'_, Result<State, StateError>> {
        Box::pin(async move { self.finish_now(state) })
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-@+".contains(c);
    match text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

//! The local store while its lock is held: the only writer of the state and its journal.

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::journal::{Journal, Unwritten};
use super::local::{LocalStore, Look};
use super::lock::{Holder, Lock};
use super::record::Record;
use super::seal::SealError;
use super::store::{Session, Snapshot, Store};
use super::{State, StateError, emergency, file};
use crate::plan::Plan;
use crate::provider::Boxed;

/// The local store while its lock is held. Fields drop in this order: the journal, then the lock.
pub(super) struct LocalSession {
    store: LocalStore,
    holder: Holder,
    journal: Mutex<Option<Journal>>,
    _lock: Lock,
}

impl LocalSession {
    pub fn new(store: LocalStore, holder: Holder, lock: Lock) -> LocalSession {
        LocalSession {
            store,
            holder,
            journal: Mutex::default(),
            _lock: lock,
        }
    }

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
        match self.load_now()?.snapshot.state {
            Some(_) => Ok(()),
            None => self.save_first(state),
        }
    }

    fn save_first(&self, state: &State) -> Result<(), StateError> {
        let path = &self.store.path;
        let bytes = self.encoded(state)?;
        let saved = self.store.disk.replace(path, &bytes);
        saved.map_err(|error| StateError::io(path, "be written", error))?;
        Ok(())
    }

    fn encoded(&self, state: &State) -> Result<Vec<u8>, StateError> {
        file::encode(state)
            .map_err(|error| StateError::io(&self.store.path, "be written", error.into()))
    }

    /// The first state is saved before its plan: its key must not be lost with a crash.
    fn begin_now(&self, state: &State, plan: &Plan) -> Result<(), StateError> {
        state.accepts(plan)?;
        let Snapshot {
            state: saved,
            replay,
        } = self.load_now()?.snapshot;
        if let Some(replay) = replay {
            return Err(StateError::Unsettled {
                store: self.store.describe(),
                holder: Some(Box::new(replay.holder)),
            });
        }
        match saved {
            Some(saved) => saved.accepts(plan)?,
            None => self.save_first(state)?,
        }
        let Self { store, holder, .. } = self;
        let journal = Journal::begin(&store.disk, &store.journal(), state, plan, holder)?;
        *self.journal() = Some(journal);
        Ok(())
    }

    /// The file is written anew where lines could not be added to it: there may be room by now.
    fn suspend_now(&self) -> Result<(), StateError> {
        let Some(Err(unwritten)) = self.journal().take().map(Journal::end) else {
            return Ok(());
        };
        let Unwritten { text, why } = unwritten;
        let path = self.store.journal();
        let LocalStore {
            manifest_folder,
            disk,
            ..
        } = &self.store;
        match disk.replace(&path, text.bytes()) {
            Ok(_) => Ok(()),
            Err(_) => Err(StateError::Suspended {
                place: path.display().to_string(),
                why: why.to_string(),
                emergency: emergency::save_journal(disk, manifest_folder, &text),
            }),
        }
    }

    fn finish_now(&self, state: State) -> Result<State, StateError> {
        // Dropping it writes and syncs what is queued: if saving fails, the journal is all there is.
        drop(self.journal().take());
        let LocalStore { path, disk, .. } = &self.store;
        let old = match disk.read(path) {
            Ok(old) => old,
            Err(error) if is_sealed(&error) => {
                return Err(self.unsaved(&error, &state, &self.encoded(&state)?));
            }
            // What cannot be read is replaced, and is no backup.
            Err(_) => None,
        };
        if old.as_deref() == Some(&*self.encoded(&state)?) {
            self.end_journal();
            return Ok(state);
        }
        let next = State {
            serial: state.serial + 1,
            ..state
        };
        let bytes = self.encoded(&next)?;
        let found = old.as_deref().and_then(file::peek);
        if let Some((lineage, serial)) = &found
            && (lineage, *serial) != (&next.lineage, next.serial - 1)
        {
            return Err(StateError::Overtaken {
                path: path.clone(),
                found: *serial,
                expected: next.serial - 1,
                emergency: self.emergency(&next, &bytes),
            });
        }
        // What cannot be read is no backup.
        let backup = found.and(old);
        self.replace(backup, &bytes)
            .map_err(|error| self.unsaved(&error, &next, &bytes))?;
        self.end_journal();
        Ok(next)
    }

    fn unsaved(&self, error: &io::Error, next: &State, bytes: &[u8]) -> StateError {
        StateError::NotSaved {
            path: self.store.path.clone(),
            why: error.to_string(),
            journal: self.store.journal(),
            emergency: self.emergency(next, bytes),
        }
    }

    /// The old state becomes the backup, then the new one takes its place.
    fn replace(&self, old: Option<Vec<u8>>, new: &[u8]) -> io::Result<()> {
        let LocalStore { path, disk, .. } = &self.store;
        if let Some(old) = old {
            disk.replace(&self.store.backup(), &old)?;
        }
        disk.replace(path, new).map(|_| ())
    }

    /// The backup as well: it must not stay readable under the old key.
    fn reseal_now(&self) -> Result<(), StateError> {
        let LocalStore { path, disk, .. } = &self.store;
        for path in [path, &self.store.backup()] {
            let read = disk
                .read(path)
                .map_err(|error| StateError::io(path, "be read", error))?;
            if let Some(bytes) = read {
                let written = disk.replace(path, &bytes);
                written.map_err(|error| StateError::io(path, "be written", error))?;
            }
        }
        Ok(())
    }

    /// A journal that cannot be removed does no harm: the state is past it.
    fn end_journal(&self) {
        let _ = self.store.disk.remove(&self.store.journal());
    }

    fn emergency(&self, state: &State, bytes: &[u8]) -> Option<PathBuf> {
        let LocalStore {
            manifest_folder,
            disk,
            ..
        } = &self.store;
        emergency::save(disk, manifest_folder, state, bytes)
    }
}

/// Somebody else has encrypted it meanwhile: it is not ours to write over.
fn is_sealed(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|error| error.is::<SealError>())
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

    fn suspend(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(async { self.suspend_now() })
    }

    fn reseal(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(async { self.reseal_now() })
    }

    fn finish(&self, state: State) -> Boxed<'_, Result<State, StateError>> {
        Box::pin(async move { self.finish_now(state) })
    }
}

//! The store in a bucket.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::lease::{Lease, Taken, decoded};
use super::objects::{Condition, Object, ObjectError, Objects, Put, put};
use super::sealed::Sealed;
use super::seen::Seen;
use super::session::RemoteSession;
use crate::event::{Event, Listener};
use crate::provider::Boxed;
use crate::state::disk::Disk;
use crate::state::fits::fits;
use crate::state::lock::{LockRequest, Unlocked};
use crate::state::seal::Seal;
use crate::state::store::{Session, Snapshot, Store};
use crate::state::{Replay, State, StateError, file, journal};

/// What earlier versions tried a bucket with. Arrived late it stands in the lock's place, and
/// nobody holds it.
const PROBE: &[u8] = b"probe";

/// One state in a bucket, and what stands beside it.
#[derive(Clone)]
pub struct RemoteStore {
    pub(super) objects: Arc<dyn Objects>,
    pub(super) key: String,
    /// How long a lock holds without a sign of life.
    lasts: Duration,
    /// The first place for a state that the bucket does not take.
    pub(super) manifest_folder: PathBuf,
    pub(super) seen: Seen,
    /// For what is put on this machine's disk instead.
    pub(super) disk: Disk,
}

/// What a look found.
#[derive(Default)]
pub(super) struct Look {
    pub snapshot: Snapshot,
    /// There is a journal, and the state already holds its outcomes.
    pub finished: bool,
    pub state: Option<Object>,
    pub journal: Option<Object>,
}

impl RemoteStore {
    pub fn new(
        objects: Arc<dyn Objects>,
        key: String,
        lasts: Duration,
        manifest_folder: PathBuf,
    ) -> RemoteStore {
        let place = format!("{}/{key}", objects.place());
        RemoteStore {
            seen: Seen::of(&place, &manifest_folder),
            objects,
            key,
            lasts,
            manifest_folder,
            disk: Disk::default(),
        }
    }

    /// The same, with everything but the lock sealed.
    pub fn sealed(mut self, seal: Seal) -> RemoteStore {
        self.objects = Arc::new(Sealed::over(self.objects, seal.clone()));
        self.disk.seal = seal;
        self
    }

    pub(super) fn name_of(&self, key: &str) -> PathBuf {
        PathBuf::from(format!("{}/{key}", self.objects.place()))
    }

    pub(super) fn journal_key(&self) -> String {
        format!("{}.journal", self.key)
    }

    fn lock_key(&self) -> String {
        format!("{}.lock", self.key)
    }

    fn history_prefix(&self) -> String {
        format!("{}.history/", self.key)
    }

    pub(super) fn history_key(&self, serial: u64) -> String {
        format!("{}{serial:08}.json", self.history_prefix())
    }

    pub(super) fn failed(&self, doing: &'static str, error: ObjectError) -> StateError {
        StateError::Remote {
            place: self.describe(),
            doing,
            why: error.what,
            help: error.help,
        }
    }

    /// The journal is read first: a run that ends in between then looks finished, not ahead.
    pub(super) async fn look(&self) -> Result<Look, StateError> {
        let unread = |error| self.failed("be read", error);
        let journal_name = self.name_of(&self.journal_key());
        let journal = self
            .objects
            .get(&self.journal_key())
            .await
            .map_err(unread)?;
        let replay = journal
            .as_ref()
            .map(|object| journal::parse(&journal_name, &object.bytes))
            .transpose()?;
        let Some(object) = self.objects.get(&self.key).await.map_err(unread)? else {
            return match journal {
                None => self.seen.check(None).map(|()| Look::default()),
                Some(_) => Err(StateError::Missing {
                    path: self.name_of(&self.key),
                    present: journal_name,
                    remedy: self.remedy("SERIAL"),
                }),
            };
        };
        let state = self.decoded(&self.key, &object)?;
        self.seen.check(Some(&state))?;
        self.seen.note(&state);
        let (replay, finished) = match replay {
            Some(replay) => {
                let remedy = self.remedy(&format!("{:08}", replay.serial));
                fits(&journal_name, remedy, &state, replay)?
            }
            None => (None, false),
        };
        Ok(Look {
            snapshot: Snapshot {
                state: Some(state),
                replay,
            },
            finished,
            state: Some(object),
            journal,
        })
    }

    fn decoded(&self, key: &str, object: &Object) -> Result<State, StateError> {
        let path = self.name_of(key);
        file::decode(&object.bytes).map_err(|error| error.at(path, self.remedy("SERIAL")))
    }

    /// The commands that put a state back that was kept. Not slp's own: it reads what is there
    /// before it writes, and that is what cannot be done.
    fn remedy(&self, serial: &str) -> String {
        let state = self.name_of(&self.key);
        let (state, history) = (state.display(), self.name_of(&self.history_prefix()));
        let history = history.display();
        format!(
            "Put a state that was kept in its place: `aws s3 ls {history}` lists them, and `aws s3 cp {history}{serial}.json {state}` does it."
        )
    }

    /// At the first use: does the bucket do what a state needs? What is only unwise is told.
    async fn probe(&self, lease: &Lease, events: &Listener) -> Result<(), StateError> {
        let key = self.lock_key();
        let unread = |error| self.failed("be locked", error);
        // Were it to arrive late, after the lock was released, it is a lock whose holder is known.
        let twice = self.objects.put(&key, lease.bytes(), Condition::Absent);
        if let Put::Done(etag) = twice.await.map_err(unread)? {
            // It was there: the lock. Whatever this wrote over is no lock any more.
            self.objects.delete(&key, &etag).await.map_err(unread)?;
            return Err(StateError::Remote {
                place: self.objects.place(),
                doing: "hold a state",
                why: "it writes over what is there although it was told not to (If-None-Match)".into(),
                help: "Use a store that honours conditional writes, as S3 does; without them two runs at once would lose each other's work".into(),
            });
        }
        for warning in self.objects.warnings().await {
            events.tell(Event::Note(format!("{}: {warning}", self.objects.place())));
        }
        Ok(())
    }

    async fn locked(
        &self,
        request: LockRequest,
        events: &Listener,
    ) -> Result<RemoteSession, StateError> {
        let unlocked = |error| self.failed("be locked", error);
        let key = self.lock_key();
        let taken = Lease::take(&self.objects, &key, &request, self.lasts, events);
        let (lease, taken_over) = match taken.await.map_err(unlocked)? {
            (Taken::Ours(lease), taken_over) => (lease, taken_over),
            (Taken::Theirs(holder), _) => {
                return Err(StateError::Locked {
                    store: self.describe(),
                    holder: holder.map(Box::new),
                });
            }
        };
        let session = RemoteSession::new(self.clone(), request.holder, lease.clone());
        match self.begin_session(&lease, taken_over, events).await {
            Ok(()) => Ok(session),
            Err(error) => {
                // The first error is what matters.
                let _ = session.release().await;
                Err(error)
            }
        }
    }

    async fn begin_session(
        &self,
        lease: &Lease,
        taken_over: bool,
        events: &Listener,
    ) -> Result<(), StateError> {
        match (self.look().await?.state, taken_over) {
            (None, _) => self.probe(lease, events).await,
            (Some(object), true) => self.fence(object).await,
            (Some(_), false) => Ok(()),
        }
    }

    /// Writes the state as it is, but for one line break: whoever held the lock before, and is
    /// only slow, finds another object than it read, and cannot write over what we do.
    pub(super) async fn fence(&self, object: Object) -> Result<(), StateError> {
        let bytes = [&object.bytes[..], b"\n"].concat();
        let condition = Condition::Is(object.etag);
        match put(&*self.objects, &self.key, &bytes, condition).await {
            Ok(Put::Done(_)) => Ok(()),
            Ok(Put::Refused) => Err(StateError::Locked {
                store: self.describe(),
                holder: None,
            }),
            Err(error) => Err(self.failed("be taken over", error)),
        }
    }

    /// The serials that are kept, in order.
    pub(super) async fn serials(&self) -> Result<Vec<u64>, StateError> {
        let prefix = self.history_prefix();
        let keys = self.objects.list(&prefix).await;
        let keys = keys.map_err(|error| self.failed("be read", error))?;
        let serial = |key: &String| {
            let name = key.strip_prefix(&prefix)?.strip_suffix(".json")?;
            name.parse().ok()
        };
        Ok(keys.iter().filter_map(serial).collect())
    }

    async fn clear(&self, id: &str) -> Result<Unlocked, StateError> {
        let failed = |error| self.failed("be unlocked", error);
        let key = self.lock_key();
        let Some(object) = self.objects.get(&key).await.map_err(failed)? else {
            return Ok(Unlocked::WasFree);
        };
        if object.bytes == PROBE {
            let deleted = self.objects.delete(&key, &object.etag).await;
            return deleted.map(|_| Unlocked::WasFree).map_err(failed);
        }
        let Some(lock) = decoded(&object) else {
            return Err(self.failed(
                "be unlocked",
                ObjectError {
                    what: "what stands in the lock's place was not written by slp".into(),
                    help: format!("Look at {}", self.name_of(&key).display()),
                },
            ));
        };
        if lock.holder.id != id {
            return Err(StateError::OtherLock {
                store: self.describe(),
                given: id.to_owned(),
                actual: lock.holder.id,
            });
        }
        let deleted = self.objects.delete(&key, &object.etag).await;
        if deleted.map_err(failed)? == Put::Refused {
            return Err(StateError::Locked {
                store: self.describe(),
                holder: Some(Box::new(lock.holder)),
            });
        }
        // Whoever held it may live, and not have found out yet.
        if let Some(state) = self.objects.get(&self.key).await.map_err(failed)? {
            self.fence(state).await?;
        }
        Ok(Unlocked::Cleared(lock.holder))
    }

    async fn kept(&self, serial: u64) -> Result<Option<State>, StateError> {
        let key = self.history_key(serial);
        let object = self.objects.get(&key).await;
        let object = object.map_err(|error| self.failed("be read", error))?;
        object.map(|object| self.decoded(&key, &object)).transpose()
    }

    /// Keeps a state under its serial. Of a state that was lost or moved away and begun anew, the
    /// serials come again: what was kept of the one before gives way to it.
    pub(super) async fn keep(&self, serial: u64, bytes: &[u8]) -> Result<(), ObjectError> {
        let key = self.history_key(serial);
        if let Put::Done(_) = put(&*self.objects, &key, bytes, Condition::Absent).await? {
            return Ok(());
        }
        match self.objects.get(&key).await? {
            Some(kept) if kept.bytes != bytes => {
                let condition = Condition::Is(kept.etag);
                put(&*self.objects, &key, bytes, condition).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}

impl Store for RemoteStore {
    fn describe(&self) -> String {
        self.name_of(&self.key).display().to_string()
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>> {
        Box::pin(async { Ok(self.look().await?.snapshot) })
    }

    fn lock<'a>(
        &'a self,
        request: LockRequest,
        events: &'a Listener,
    ) -> Boxed<'a, Result<Box<dyn Session>, StateError>> {
        Box::pin(async move {
            let session = self.locked(request, events).await?;
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }

    fn unlock<'a>(&'a self, id: &'a str) -> Boxed<'a, Result<Unlocked, StateError>> {
        Box::pin(self.clear(id))
    }

    fn history(&self) -> Boxed<'_, Result<Vec<u64>, StateError>> {
        Box::pin(self.serials())
    }

    fn recall(&self, serial: u64) -> Boxed<'_, Result<Option<State>, StateError>> {
        Box::pin(self.kept(serial))
    }

    fn read<'a>(&'a self, path: &'a Path) -> Boxed<'a, Result<State, StateError>> {
        Box::pin(file::read_state(path, &self.disk.seal))
    }

    fn read_journal<'a>(&'a self, path: &'a Path) -> Boxed<'a, Result<Replay, StateError>> {
        Box::pin(journal::read_any(path, &self.disk.seal))
    }

    fn folder(&self) -> &Path {
        &self.manifest_folder
    }
}

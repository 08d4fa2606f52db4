//! A state in a bucket while we hold its lease: the only writer.

use std::sync::{Arc, Mutex as Plain, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;

use super::journal::{Journal, again};
use super::lease::Lease;
use super::objects::{Condition, Object, Put, put};
use super::store::{Look, RemoteStore};
use crate::plan::Plan;
use crate::provider::Boxed;
use crate::state::emergency;
use crate::state::journal::{Text, Unwritten};
use crate::state::lock::Holder;
use crate::state::record::Record;
use crate::state::store::{Held, Session, Snapshot, Store};
use crate::state::{State, StateError, file};

pub(super) struct RemoteSession {
    store: RemoteStore,
    holder: Holder,
    lease: Arc<Lease>,
    /// As we last read or wrote them.
    etags: Mutex<Etags>,
    journal: Plain<Option<Journal>>,
}

#[derive(Default)]
struct Etags {
    state: Option<Object>,
    journal: Option<String>,
}

impl RemoteSession {
    pub fn new(store: RemoteStore, holder: Holder, lease: Arc<Lease>) -> RemoteSession {
        RemoteSession {
            store,
            holder,
            lease,
            etags: Mutex::default(),
            journal: Plain::default(),
        }
    }

    async fn load_now(&self) -> Result<Snapshot, StateError> {
        let look = self.store.look().await?;
        let Look {
            snapshot,
            finished,
            state,
            journal,
        } = look;
        let mut etags = self.etags.lock().await;
        etags.state = state;
        etags.journal = journal.map(|journal| journal.etag);
        if finished && let Some(etag) = etags.journal.take() {
            self.remove_journal(&etag).await?;
        }
        Ok(snapshot)
    }

    async fn remove_journal(&self, etag: &str) -> Result<(), StateError> {
        let key = self.store.journal_key();
        let removed = self.store.objects.delete(&key, etag).await;
        removed
            .map(drop)
            .map_err(|error| self.store.failed("end its journal", error))
    }

    async fn create_now(&self, state: &State) -> Result<(), StateError> {
        match self.load_now().await?.state {
            Some(_) => Ok(()),
            None => self.save_first(state).await,
        }
    }

    async fn save_first(&self, state: &State) -> Result<(), StateError> {
        let bytes = self.encoded(state)?;
        let written = put(
            &*self.store.objects,
            &self.store.key,
            &bytes,
            Condition::Absent,
        )
        .await;
        match written.map_err(|error| self.store.failed("be written", error))? {
            Put::Done(etag) => {
                self.etags.lock().await.state = Some(Object {
                    bytes,
                    etag,
                    modified: 0,
                });
                Ok(())
            }
            Put::Refused => Err(StateError::Locked {
                store: self.store.describe(),
                holder: None,
            }),
        }
    }

    fn encoded(&self, state: &State) -> Result<Vec<u8>, StateError> {
        file::encode(state).map_err(|error| {
            StateError::io(
                &self.store.name_of(&self.store.key),
                "be written",
                error.into(),
            )
        })
    }

    /// The first state is saved before its plan: its key must not be lost with a crash.
    async fn begin_now(&self, state: &State, plan: &Plan) -> Result<(), StateError> {
        state.accepts(plan)?;
        let Snapshot {
            state: saved,
            replay,
        } = self.load_now().await?;
        if let Some(replay) = replay {
            return Err(StateError::Unsettled {
                store: self.store.describe(),
                holder: Some(Box::new(replay.holder)),
            });
        }
        match saved {
            Some(saved) => saved.accepts(plan)?,
            None => self.save_first(state).await?,
        }
        let key = self.store.journal_key();
        let name = self.store.name_of(&key);
        let text = Text::begin(state, plan, &self.holder)
            .map_err(|error| StateError::io(&name, "be written", error.into()))?;
        let objects = self.store.objects.clone();
        let begun = Journal::begin(objects, key, text, Condition::Absent).await;
        let begun = begun.map_err(|error| self.store.failed("take the plan", error))?;
        let Some(journal) = begun else {
            return Err(StateError::Unsettled {
                store: self.store.describe(),
                holder: None,
            });
        };
        *self.journal() = Some(journal);
        Ok(())
    }

    fn journal(&self) -> std::sync::MutexGuard<'_, Option<Journal>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn suspend_now(&self) -> Result<(), StateError> {
        let journal = self.journal().take();
        let Some(journal) = journal else {
            return Ok(());
        };
        let Some(Err(unwritten)) = journal.end().await else {
            return Ok(());
        };
        let Unwritten { text, why } = *unwritten;
        let key = self.store.journal_key();
        if self.lease.holds_for(Duration::ZERO)
            && let Ok(Put::Done(_)) = again(&*self.store.objects, &key, &text).await
        {
            return Ok(());
        }
        let RemoteStore {
            disk,
            manifest_folder,
            ..
        } = &self.store;
        Err(StateError::Suspended {
            place: self.store.name_of(&key).display().to_string(),
            why: why.what,
            emergency: emergency::save_journal(disk, manifest_folder, &text),
        })
    }

    async fn finish_now(&self, state: State) -> Result<State, StateError> {
        let journal = self.journal().take();
        let mut etags = self.etags.lock().await;
        if let Some(journal) = journal {
            // One that could not be written stays as it was; the state decides.
            let ended = journal.end().await.and_then(Result::ok);
            etags.journal = ended.or(etags.journal.take());
        }
        let same = self.encoded(&state)?;
        let is_saved = |object: &Object| object.bytes.trim_ascii_end() == same.trim_ascii_end();
        if etags.state.as_ref().is_some_and(is_saved) {
            self.end_journal(&mut etags).await;
            return Ok(state);
        }
        let next = State {
            serial: state.serial + 1,
            ..state
        };
        let bytes = self.encoded(&next)?;
        let etag = self.replace(&mut etags, &next, &bytes).await?;
        self.store.seen.note(&next);
        etags.state = Some(Object {
            bytes,
            etag,
            modified: 0,
        });
        self.end_journal(&mut etags).await;
        Ok(next)
    }

    async fn replace(
        &self,
        etags: &mut Etags,
        next: &State,
        bytes: &[u8],
    ) -> Result<String, StateError> {
        let condition = match &etags.state {
            Some(object) => Condition::Is(object.etag.clone()),
            None => Condition::Absent,
        };
        let unsaved = |why: String| StateError::NotSaved {
            path: self.store.name_of(&self.store.key),
            why,
            journal: self.store.name_of(&self.store.journal_key()),
            emergency: emergency::save(&self.store.disk, &self.store.manifest_folder, next, bytes),
        };
        if !self.lease.holds_for(Duration::ZERO) {
            return Err(unsaved(LOST.into()));
        }
        // Kept first: a state that was ever in place can be put back.
        if let Some(old) = &etags.state {
            let kept = self.store.keep(next.serial - 1, &old.bytes).await;
            kept.map_err(|error| unsaved(error.what))?;
        }
        let key = &self.store.key;
        match put(&*self.store.objects, key, bytes, condition).await {
            Ok(Put::Done(etag)) => Ok(etag),
            Ok(Put::Refused) => Err(unsaved(
                "somebody else has written it while this run worked".into(),
            )),
            Err(error) => Err(unsaved(error.what)),
        }
    }

    /// A journal that cannot be removed does no harm: the state is past it.
    async fn end_journal(&self, etags: &mut Etags) {
        if let Some(etag) = etags.journal.take() {
            let _ = self.remove_journal(&etag).await;
        }
    }
}

const LOST: &str = "the lock was lost while this run worked: somebody else may hold it now";

impl Session for RemoteSession {
    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>> {
        Box::pin(self.load_now())
    }

    fn create<'a>(&'a self, state: &'a State) -> Boxed<'a, Result<(), StateError>> {
        Box::pin(self.create_now(state))
    }

    fn begin<'a>(&'a self, state: &'a State, plan: &'a Plan) -> Boxed<'a, Result<(), StateError>> {
        Box::pin(self.begin_now(state, plan))
    }

    fn record(&self, record: &Record, durable: bool) -> Boxed<'static, Result<(), StateError>> {
        match &*self.journal() {
            Some(journal) => journal.append(record, durable),
            None => {
                let path = self.store.name_of(&self.store.journal_key());
                Box::pin(async move { Err(StateError::NotBegun { path }) })
            }
        }
    }

    fn reseal(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(async {
            match self.store.look().await?.state {
                Some(object) => self.store.fence(object).await,
                None => Ok(()),
            }
        })
    }

    fn suspend(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(self.suspend_now())
    }

    fn finish(&self, state: State) -> Boxed<'_, Result<State, StateError>> {
        Box::pin(self.finish_now(state))
    }

    fn held(&self) -> Option<Held> {
        let lease = self.lease.clone();
        Some(Arc::new(move |time| lease.holds_for(time)))
    }

    fn release(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(async {
            let released = self.lease.release().await;
            released.map_err(|error| self.store.failed("be unlocked", error))
        })
    }
}

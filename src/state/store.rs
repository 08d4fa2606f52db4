//! Where a state is kept, as the engine sees it: on this machine, or in a bucket.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::lock::{LockRequest, Unlocked};
use super::record::{Record, Replay};
use super::{State, StateError};
use crate::event::Listener;
use crate::plan::Plan;
use crate::provider::Boxed;

/// What a store holds at one moment.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Snapshot {
    /// Absent: nothing was ever saved here.
    pub state: Option<State>,
    /// What a run that did not end, or has not ended yet, noted.
    pub replay: Option<Replay>,
}

/// Says whether the lock is certainly ours for so long.
pub type Held = Arc<dyn Fn(Duration) -> bool + Send + Sync>;

/// A place for one state. Never takes what it cannot read for "nothing exists".
pub trait Store: Send + Sync {
    /// The place, for people: `state/shop@prod.json`.
    fn describe(&self) -> String;
    /// Looks, without the lock and without changing anything.
    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>>;
    /// Waits for the lock; whoever waits is told through `events`. Dropping the session releases it.
    fn lock<'a>(
        &'a self,
        request: LockRequest,
        events: &'a Listener,
    ) -> Boxed<'a, Result<Box<dyn Session>, StateError>>;
    /// Do other machines see it?
    fn is_remote(&self) -> bool {
        false
    }
    /// A state in any file, such as an emergency file, also one that is sealed as this store's.
    fn read<'a>(&'a self, path: &'a Path) -> Boxed<'a, Result<State, StateError>>;
    /// The same of a journal.
    fn read_journal<'a>(&'a self, path: &'a Path) -> Boxed<'a, Result<Replay, StateError>>;
    /// The manifest's folder, where an emergency file of it stands.
    fn folder(&self) -> &Path;
    /// The serials whose states were kept, in order.
    fn history(&self) -> Boxed<'_, Result<Vec<u64>, StateError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// A state that was kept.
    fn recall(&self, _serial: u64) -> Boxed<'_, Result<Option<State>, StateError>> {
        Box::pin(async { Ok(None) })
    }
    /// Clears a lock that a dead process left behind; never takes one from a live process.
    fn unlock<'a>(&'a self, id: &'a str) -> Boxed<'a, Result<Unlocked, StateError>>;
}

/// A store while we hold its lock: the only way to write.
pub trait Session: Send + Sync {
    /// Looks again, now that nobody else writes; clears away a journal whose state was saved.
    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>>;
    /// Saves the first state, serial and all as given, where there is none yet: a plan that is
    /// kept for later needs its lineage and its key. Does nothing where there is one.
    fn create<'a>(&'a self, state: &'a State) -> Boxed<'a, Result<(), StateError>>;
    /// Makes the whole plan durable. To be done before the first changing call. Refuses a plan
    /// made from another state, and refuses while a journal of an earlier run is there.
    fn begin<'a>(&'a self, state: &'a State, plan: &'a Plan) -> Boxed<'a, Result<(), StateError>>;
    /// Notes an outcome. It takes its place in the order with this call, before the answer is
    /// awaited; a durable one answers once it is on the disk, the other once it outlives the process.
    fn record(&self, record: &Record, durable: bool) -> Boxed<'static, Result<(), StateError>>;
    /// Ends the run with its journal left as it is: what is open is for the next run to find out.
    ///
    /// # Errors
    /// The journal's place did not take all of it; it was put somewhere else, if it could be.
    fn suspend(&self) -> Boxed<'_, Result<(), StateError>>;
    /// Replaces the state by this one, its serial one higher, and ends the journal. Gives what was
    /// saved. A state that equals the saved one keeps its serial. Needs no `begin` before.
    fn finish(&self, state: State) -> Boxed<'_, Result<State, StateError>>;
    /// Writes what is saved once more as it is, under the key that is in use now; nothing where
    /// nothing is kept.
    fn reseal(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(async { Ok(()) })
    }
    /// Tells whether the lock is still ours, where it can be lost while this process lives.
    fn held(&self) -> Option<Held> {
        None
    }
    /// Lets go of the lock where dropping the session does not.
    fn release(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(async { Ok(()) })
    }
}

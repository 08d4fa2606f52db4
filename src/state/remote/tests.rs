//! The store in a bucket, on one in memory that fails when it is told to. Time is tokio's.

mod suspend;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::event::Listener;
use crate::plan::Action;
use crate::provider::Boxed;
use crate::state::lock::LockRequest;
use crate::state::store::{Session, Store};
use crate::state::tests::{addr, change, done, made, plan, request, sample, stored};
use crate::state::{State, StateError, Unlocked};

const KEY: &str = "shop.json";
const LEASE: Duration = Duration::from_secs(300);

/// What happens to a write.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// It is not done, and fails.
    Before,
    /// It is done, and fails all the same.
    After,
    /// It is done; its answer is lost, and the repeated one is refused.
    Repeated,
}

/// Bytes, and when they were written.
type Kept = BTreeMap<String, (Vec<u8>, i64)>;

#[derive(Default)]
struct Memory {
    objects: Arc<Mutex<Kept>>,
    /// At the n-th write from now, counted from 0, and at every later one.
    fault: Mutex<Option<(usize, Fault)>>,
    writes: Mutex<usize>,
    /// Writes over what is there whatever the condition.
    careless: bool,
    /// What was to be written and was refused.
    refused: Mutex<Vec<Vec<u8>>>,
}

fn etag(bytes: &[u8]) -> String {
    use sha2::Digest;
    crate::state::secret::hex(&sha2::Sha256::digest(bytes))
}

fn broken() -> ObjectError {
    ObjectError {
        what: "no answer".into(),
        help: "Try again".into(),
    }
}

impl Memory {
    fn holds(&self, key: &str, condition: &Condition) -> bool {
        let objects = self.objects.lock().unwrap();
        let found = objects.get(key).map(|(bytes, _)| etag(bytes));
        match condition {
            _ if self.careless => true,
            Condition::Absent => found.is_none(),
            Condition::Is(etag) => found.as_ref() == Some(etag),
        }
    }

    /// A write, with the fault that is due.
    fn write(
        &self,
        key: &str,
        bytes: Option<Vec<u8>>,
        condition: &Condition,
    ) -> Result<Put, ObjectError> {
        let at = {
            let mut writes = self.writes.lock().unwrap();
            *writes += 1;
            *writes - 1
        };
        let fault = *self.fault.lock().unwrap();
        let fault = fault.filter(|(n, _)| at >= *n).map(|(_, fault)| fault);
        if fault == Some(Fault::Before) {
            return Err(broken());
        }
        if !self.holds(key, condition) {
            self.refused.lock().unwrap().extend(bytes);
            return Ok(Put::Refused);
        }
        let mut objects = self.objects.lock().unwrap();
        let new = bytes.as_deref().map(etag).unwrap_or_default();
        match bytes {
            Some(bytes) => {
                drop(objects.insert(key.into(), (bytes, jiff::Timestamp::now().as_second())))
            }
            None => drop(objects.remove(key)),
        }
        match fault {
            Some(Fault::After) => Err(broken()),
            Some(Fault::Repeated) => Ok(Put::Refused),
            _ => Ok(Put::Done(new)),
        }
    }

    fn fail(&self, n: usize, fault: Fault) {
        *self.writes.lock().unwrap() = 0;
        *self.fault.lock().unwrap() = Some((n, fault));
    }

    fn heal(&self) {
        *self.fault.lock().unwrap() = None;
    }

    fn age(&self, key: &str, seconds: i64) {
        let mut objects = self.objects.lock().unwrap();
        objects.get_mut(key).expect("an object").1 -= seconds;
    }

    fn keys(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }
}

impl Objects for Memory {
    fn place(&self) -> String {
        "s3://states".into()
    }

    fn get<'a>(&'a self, key: &'a str) -> Boxed<'a, Result<Option<Object>, ObjectError>> {
        let objects = self.objects.lock().unwrap();
        let object = objects.get(key).map(|(bytes, modified)| Object {
            etag: etag(bytes),
            bytes: bytes.clone(),
            modified: *modified,
        });
        Box::pin(async move { Ok(object) })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: Vec<u8>,
        condition: Condition,
    ) -> Boxed<'a, Result<Put, ObjectError>> {
        let put = self.write(key, Some(bytes), &condition);
        Box::pin(async move { put })
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a str) -> Boxed<'a, Result<Put, ObjectError>> {
        let condition = Condition::Is(etag.into());
        let gone = !self.objects.lock().unwrap().contains_key(key);
        let deleted = match gone {
            true => Ok(Put::Done(String::new())),
            false => self.write(key, None, &condition),
        };
        Box::pin(async move { deleted })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Boxed<'a, Result<Vec<String>, ObjectError>> {
        let keys = self
            .keys()
            .into_iter()
            .filter(|key| key.starts_with(prefix));
        let keys = keys.collect();
        Box::pin(async move { Ok(keys) })
    }

    fn warnings(&self) -> Boxed<'_, Vec<String>> {
        Box::pin(async { Vec::new() })
    }
}

struct Place {
    folder: tempfile::TempDir,
    memory: Arc<Memory>,
    store: RemoteStore,
}

impl Place {
    fn new() -> Place {
        Place::with(Memory::default())
    }

    fn with(memory: Memory) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let memory = Arc::new(memory);
        let store = RemoteStore::new(memory.clone(), KEY.into(), LEASE, folder.path().into());
        Place {
            folder,
            memory,
            store,
        }
    }

    /// Another machine at the same bucket.
    fn other(&self) -> Place {
        Place::with(Memory {
            objects: self.memory.objects.clone(),
            ..Memory::default()
        })
    }

    async fn lock(&self) -> Result<Box<dyn Session>, StateError> {
        self.store.lock(request("apply"), &Listener::deaf()).await
    }

    fn sample(&self) -> State {
        sample(self.folder.path())
    }
}

/// A whole run: a plan of one change, its outcomes, the state with what it made.
async fn run(session: &dyn Session, before: &State) -> Result<State, StateError> {
    let name = format!("role.b{}", before.resources.len());
    let plan = plan(before, vec![change(&name, Action::Create)]);
    session.begin(before, &plan).await?;
    let made = made(&name, 1, false, Some("b"));
    session.record(&made, true).await?;
    session.record(&done(&name, "b"), false).await?;
    let mut after = before.clone();
    after
        .resources
        .insert(addr(&name), stored("role", "b", &[]));
    session.finish(after).await
}

#[tokio::test(start_paused = true)]
async fn a_run_leaves_a_state_its_history_and_nothing_else() {
    let place = Place::new();
    let session = place.lock().await.unwrap();
    let first = run(&*session, &place.sample()).await.unwrap();
    let second = run(&*session, &first).await.unwrap();
    session.release().await.unwrap();
    assert_eq!((first.serial, second.serial), (1, 2));
    let history = |serial: u64| format!("{KEY}.history/{serial:08}.json");
    assert_eq!(
        place.memory.keys(),
        [KEY.to_owned(), history(0), history(1)]
    );
    assert_eq!(place.store.load().await.unwrap().state, Some(second));
    assert_eq!(place.store.history().await.unwrap(), [0, 1]);
    assert_eq!(place.store.recall(1).await.unwrap(), Some(first));
    assert_eq!(place.store.recall(7).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_state_the_new_ones_serials_are_kept() {
    let place = Place::new();
    let session = place.lock().await.unwrap();
    let first = run(&*session, &place.sample()).await.unwrap();
    run(&*session, &first).await.unwrap();
    session.release().await.unwrap();
    place.memory.objects.lock().unwrap().remove(KEY);
    // This machine would miss it.
    let place = place.other();
    let session = place.lock().await.unwrap();
    let anew = run(&*session, &place.sample()).await.unwrap();
    run(&*session, &anew).await.unwrap();
    session.release().await.unwrap();
    assert_ne!(first.lineage, anew.lineage);
    assert_eq!(place.store.recall(1).await.unwrap(), Some(anew));
}

#[tokio::test(start_paused = true)]
async fn who_comes_second_is_told_by_whom_it_is_locked_or_waits() {
    let place = Place::new();
    let first = place.lock().await.unwrap();
    let Err(StateError::Locked { holder, .. }) = place.lock().await else {
        panic!("two at once");
    };
    assert_eq!(holder.expect("a name").pid, std::process::id());
    let patient = LockRequest {
        timeout: Duration::from_secs(60),
        ..request("apply")
    };
    let deaf = Listener::deaf();
    let second = place.store.lock(patient, &deaf);
    let release = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        first.release().await.unwrap();
    };
    let (second, ()) = tokio::join!(second, release);
    assert!(second.unwrap().held().expect("a lease")(LEASE / 2));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_no_lock_of_somebody_else() {
    let place = Place::new();
    place.memory.fail(0, Fault::Repeated);
    let session = place.lock().await.unwrap();
    let state = run(&*session, &place.sample()).await.unwrap();
    session.release().await.unwrap();
    place.memory.heal();
    assert_eq!(place.store.load().await.unwrap().state, Some(state));
    place.lock().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_lives_keeps_its_lease_and_one_that_died_loses_it() {
    let place = Place::new();
    let session = place.lock().await.unwrap();
    let state = run(&*session, &place.sample()).await.unwrap();
    let held = session.held().unwrap();
    tokio::time::sleep(LEASE * 5).await;
    assert!(held(LEASE / 2), "it was renewed all the time");
    // Its process dies without a word: nobody renews any more.
    drop((session, held));
    let Err(StateError::Locked { .. }) = place.lock().await else {
        panic!("its lease has not run out");
    };
    place.memory.age(&format!("{KEY}.lock"), 301);
    let next = place.lock().await.unwrap();
    assert_eq!(next.load().await.unwrap().state, Some(state));
}

#[tokio::test(start_paused = true)]
async fn a_paused_holder_makes_no_call_and_writes_no_state() {
    let place = Place::new();
    let paused = place.lock().await.unwrap();
    let state = paused.finish(place.sample()).await.unwrap();
    let held = paused.held().unwrap();
    // As if it stood still: its renewals do not get through.
    place.memory.fail(0, Fault::Before);
    tokio::time::sleep(LEASE).await;
    assert!(
        !held(Duration::ZERO),
        "the lease has run out by its own clock"
    );
    place.memory.age(&format!("{KEY}.lock"), 301);
    let next = place.other().lock().await.unwrap();
    place.memory.heal();
    let Err(StateError::NotSaved { emergency, .. }) = paused.finish(place.sample()).await else {
        panic!("written by who does not hold the lock");
    };
    assert!(emergency.expect("a file").exists());
    assert_eq!(next.load().await.unwrap().state, Some(state.clone()));
    paused.release().await.unwrap();
    next.finish(State {
        outputs: [].into(),
        ..state
    })
    .await
    .unwrap();
    assert!(
        next.held().unwrap()(LEASE / 2),
        "the other's release took it away"
    );
}

#[tokio::test(start_paused = true)]
async fn a_state_written_by_somebody_else_is_not_written_over() {
    let place = Place::new();
    let session = place.lock().await.unwrap();
    let state = run(&*session, &place.sample()).await.unwrap();
    session.load().await.unwrap();
    let theirs = b"theirs".to_vec();
    let key = KEY.to_owned();
    place
        .memory
        .objects
        .lock()
        .unwrap()
        .insert(key, (theirs, 0));
    let mut after = state;
    after.resources.clear();
    let Err(StateError::NotSaved { emergency, .. }) = session.finish(after).await else {
        panic!("written over");
    };
    let rescued = place.store.read(&emergency.expect("a file")).await.unwrap();
    assert_eq!(rescued.resources.len(), 0);
    assert_eq!(place.memory.objects.lock().unwrap()[KEY].0, b"theirs");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_ignores_conditions_holds_no_state() {
    let place = Place::with(Memory {
        careless: true,
        ..Memory::default()
    });
    let Err(StateError::Remote { why, .. }) = place.lock().await else {
        panic!("trusted");
    };
    assert!(why.contains("If-None-Match"), "{why}");
    assert_eq!(place.memory.keys(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_unlocked_lock_is_gone_and_a_wrong_id_is_refused() {
    let place = Place::new();
    let session = place.lock().await.unwrap();
    let Err(StateError::OtherLock { actual, .. }) = place.store.unlock("x").await else {
        panic!("unlocked");
    };
    let Unlocked::Cleared(holder) = place.store.unlock(&actual).await.unwrap() else {
        panic!("it was held");
    };
    assert_eq!(holder.id, actual);
    assert_eq!(place.store.unlock("x").await.unwrap(), Unlocked::WasFree);
    tokio::time::sleep(LEASE).await;
    assert!(!session.held().unwrap()(Duration::ZERO), "it found out");
}

/// What a bucket was tried with may be carried out late, when the lock is nobody's any more.
#[tokio::test(start_paused = true)]
async fn a_late_probe_is_a_lock_that_can_be_unlocked() {
    let place = Place::new();
    place.lock().await.unwrap().release().await.unwrap();
    let probe = place.memory.refused.lock().unwrap().pop().unwrap();
    let key = format!("{KEY}.lock");
    assert_eq!(place.memory.keys(), Vec::<String>::new());
    let write = |bytes| place.memory.write(&key, Some(bytes), &Condition::Absent);
    write(probe).unwrap();
    let Err(StateError::Locked {
        holder: Some(holder),
        ..
    }) = place.lock().await
    else {
        panic!("nobody is named");
    };
    let cleared = place.store.unlock(&holder.id).await.unwrap();
    assert_eq!(cleared, Unlocked::Cleared(*holder));
    // As an earlier slp sent it.
    write(b"probe".to_vec()).unwrap();
    assert_eq!(place.store.unlock("x").await.unwrap(), Unlocked::WasFree);
    assert_eq!(place.memory.keys(), Vec::<String>::new());
}

/// It has not renewed since, so it does not know.
#[tokio::test(start_paused = true)]
async fn who_was_unlocked_while_it_worked_writes_no_state() {
    let place = Place::new();
    let session = place.lock().await.unwrap();
    let state = run(&*session, &place.sample()).await.unwrap();
    session.load().await.unwrap();
    let Err(StateError::OtherLock { actual, .. }) = place.store.unlock("x").await else {
        panic!("unlocked");
    };
    place.store.unlock(&actual).await.unwrap();
    assert!(session.held().unwrap()(LEASE / 2), "it does not know yet");
    let mut after = state.clone();
    after.resources.clear();
    let Err(StateError::NotSaved { emergency, .. }) = session.finish(after).await else {
        panic!("written by who does not hold the lock");
    };
    assert!(emergency.expect("a file").exists());
    let next = place.lock().await.unwrap();
    assert_eq!(next.load().await.unwrap().state, Some(state));
}

/// The bucket fails at one write after the other, before or after it is done: what is left can be
/// read, holds the old state or the new one, and whoever comes next works on.
#[tokio::test(start_paused = true)]
async fn whatever_write_fails_the_next_run_goes_on() {
    let mut tried = 0;
    for fault in [Fault::Before, Fault::After, Fault::Repeated] {
        for n in 0.. {
            let place = Place::new();
            let session = place.lock().await.unwrap();
            let before = run(&*session, &place.sample()).await.unwrap();
            session.release().await.unwrap();
            place.memory.fail(n, fault);
            let failed = match place.lock().await {
                Ok(session) => {
                    let failed = run(&*session, &before).await.is_err();
                    // Its release may fail as well; then its lease runs out.
                    failed | session.release().await.is_err()
                }
                Err(_) => true,
            };
            let writes = *place.memory.writes.lock().unwrap();
            place.memory.heal();
            tried += 1;
            let lock = format!("{KEY}.lock");
            if place.memory.keys().contains(&lock) {
                place.memory.age(&lock, 301);
            }
            let what = format!("{fault:?} at write {n}");
            let next = place.lock().await.unwrap_or_else(|e| panic!("{what}: {e}"));
            let snapshot = next.load().await.unwrap_or_else(|e| panic!("{what}: {e}"));
            let state = snapshot.state.expect("a state");
            assert!([1, 2].contains(&state.serial), "{what}");
            let settled = match snapshot.replay {
                Some(replay) => next.finish(replay.settle(state).0).await.unwrap(),
                None => state,
            };
            run(&*next, &settled)
                .await
                .unwrap_or_else(|e| panic!("{what}: {e}"));
            if n >= writes {
                assert!(!failed, "{what}");
                break;
            }
        }
    }
    assert!(tried > 15, "{tried}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_gives_back_an_older_state_or_none_is_not_believed() {
    let place = Place::new();
    let session = place.lock().await.unwrap();
    let first = run(&*session, &place.sample()).await.unwrap();
    let older = place.memory.objects.lock().unwrap()[KEY].clone();
    let second = run(&*session, &first).await.unwrap();
    session.release().await.unwrap();
    let put = |object: Option<&(Vec<u8>, i64)>| {
        let mut objects = place.memory.objects.lock().unwrap();
        match object {
            Some(object) => drop(objects.insert(KEY.into(), object.clone())),
            None => drop(objects.remove(KEY)),
        }
    };
    for object in [Some(&older), None] {
        put(object);
        let refused = place.store.load().await;
        assert!(
            matches!(refused, Err(StateError::Older { seen: 2, .. })),
            "{refused:?}"
        );
        // A machine that has seen nothing has nothing to compare with.
        assert!(place.other().store.load().await.is_ok());
    }
    assert_eq!(second.serial, 2);
}

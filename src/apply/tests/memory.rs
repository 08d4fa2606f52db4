//! A store in memory, for one run at a time: what it holds survives the run, as files would.

use std::sync::Mutex;

use crate::plan::Plan;
use crate::provider::Boxed;
use crate::state::{Holder, Record, Replay, Session, Snapshot, State, StateError};

#[derive(Default)]
pub struct Memory(Mutex<Disk>);

#[derive(Default)]
struct Disk {
    state: Option<State>,
    replay: Option<Replay>,
    /// How many records are certain to outlive the machine.
    durable: usize,
}

impl Memory {
    pub fn state(&self) -> State {
        let disk = self.0.lock().unwrap();
        disk.state.clone().expect("a state was saved")
    }

    pub fn is_settled(&self) -> bool {
        self.0.lock().unwrap().replay.is_none()
    }

    /// Loses the last records that were not durable, as many as `lost`.
    pub fn crash(&self, lost: usize) {
        let mut disk = self.0.lock().unwrap();
        let durable = disk.durable;
        if let Some(replay) = &mut disk.replay {
            let kept = replay.records.len().saturating_sub(lost).max(durable);
            replay.records.truncate(kept);
        }
    }
}

/// What comes back from a file.
fn reread<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    serde_json::from_str(&text).unwrap()
}

impl Session for Memory {
    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>> {
        let disk = self.0.lock().unwrap();
        let snapshot = Snapshot {
            state: disk.state.clone(),
            replay: disk.replay.clone(),
        };
        Box::pin(async { Ok(snapshot) })
    }

    fn create<'a>(&'a self, state: &'a State) -> Boxed<'a, Result<(), StateError>> {
        let mut disk = self.0.lock().unwrap();
        disk.state.get_or_insert_with(|| state.clone());
        Box::pin(async { Ok(()) })
    }

    fn begin<'a>(&'a self, state: &'a State, plan: &'a Plan) -> Boxed<'a, Result<(), StateError>> {
        let mut disk = self.0.lock().unwrap();
        assert!(disk.replay.is_none(), "an earlier run is not settled");
        let saved = disk.state.get_or_insert_with(|| state.clone());
        let accepted = state.accepts(plan).and_then(|()| saved.accepts(plan));
        disk.durable = 0;
        disk.replay = Some(Replay {
            lineage: plan.lineage.clone(),
            serial: plan.serial,
            holder: Holder::this_process("apply"),
            plan: reread(plan),
            records: Vec::new(),
        });
        Box::pin(async { accepted })
    }

    fn record(&self, record: &Record, durable: bool) -> Boxed<'static, Result<(), StateError>> {
        let mut disk = self.0.lock().unwrap();
        let replay = disk.replay.as_mut().expect("a run has begun");
        replay.records.push(reread(record));
        let count = replay.records.len();
        if durable {
            disk.durable = count;
        }
        Box::pin(async { Ok(()) })
    }

    fn suspend(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(async { Ok(()) })
    }

    fn finish(&self, state: State) -> Boxed<'_, Result<State, StateError>> {
        let mut disk = self.0.lock().unwrap();
        let same = disk.state.as_ref() == Some(&state);
        let saved = State {
            serial: state.serial + u64::from(!same),
            ..state
        };
        disk.state = Some(saved.clone());
        disk.replay = None;
        Box::pin(async { Ok(saved) })
    }
}

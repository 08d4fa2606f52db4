//! Processes between invocations, and who waits for one.
//!
//! Who needs a process takes an idle one, or waits for the first that is free or started. Starts
//! are made for those who wait, few at a time: a burst of calls is mostly served by the first
//! processes before the last would have started. The function with the fewest processes gets the
//! next: others may be waiting for its answer. So many processes serve that the machine is
//! busy; where nobody gets one for a while, as when they all wait for each other, there are more.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::inspect::Inspected;
use super::process::{Process, Trouble};
use super::sandbox::{Key, Sandbox};
use super::{Image, LogLine};

/// After that an idle process ends; AWS says only "some time".
pub const IDLE: Duration = Duration::from_secs(5 * 60);
/// AWS's quota of concurrent executions in an account and region.
const MOST_WAITING: usize = 1000;
/// Who waited so long for a process while none came free gets one beyond the usual number.
pub const STUCK: Duration = Duration::from_millis(100);
/// What the machine must have left for that, in KB: a Node.js process and the developer's own work.
const SPARE_MEMORY: u64 = 256 * 1024;

/// A process with its sandbox.
pub struct Running {
    pub process: Process,
    pub sandbox: Sandbox,
    /// Where this is its first invocation.
    pub fresh: Option<Fresh>,
}

/// What the start of a process left for its first invocation's log.
#[derive(Debug)]
pub struct Fresh {
    pub init: Duration,
    pub lines: Vec<LogLine>,
}

/// A start that came to nothing.
pub struct Unstarted {
    pub trouble: Trouble,
    pub fresh: Fresh,
    pub sandbox: Option<Sandbox>,
}

pub type Start = Result<Running, Unstarted>;

/// A process to start: for whom, and in what sandbox if one is left.
pub struct Order {
    pub image: Arc<Image>,
    pub sandbox: Option<Sandbox>,
}

pub struct Pool {
    state: Mutex<State>,
    /// How many may start at once, and how many there usually are.
    starts: usize,
    pub(super) most: usize,
    /// Of these functions there is one process at a time.
    pub(super) inspected: Inspected,
}

#[derive(Default)]
struct State {
    idle: Vec<Running>,
    waiting: VecDeque<Waiting>,
    starting: Vec<Key>,
    busy: usize,
    /// The same, of each.
    busy_of: HashMap<Key, usize>,
    /// How often a process came free.
    freed: u64,
    /// How many more than usual there may be until all is quiet again.
    more: usize,
    /// Sandboxes whose process was ended.
    spare: Vec<(Key, Sandbox)>,
}

struct Waiting {
    key: Key,
    image: Arc<Image>,
    give: oneshot::Sender<Start>,
}

/// All that may wait are waiting already.
#[derive(Debug)]
pub struct Crowded;

impl Pool {
    pub fn new() -> Pool {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Pool {
            state: Mutex::default(),
            starts: cores.max(2),
            most: (4 * cores).max(16),
            inspected: Inspected::default(),
        }
    }

    /// Asks for a process; what is to be started is handed to `start`.
    pub fn ask(
        &self,
        image: &Arc<Image>,
        start: impl FnMut(Order),
    ) -> Result<oneshot::Receiver<Start>, Crowded> {
        let (give, given) = oneshot::channel();
        let key = Key::of(image);
        let mut state = self.lock();
        if state.waiting.len() >= MOST_WAITING {
            return Err(Crowded);
        }
        state.forget_outdated(&key);
        state.waiting.push_back(Waiting {
            key,
            image: image.clone(),
            give,
        });
        self.settle(&mut state, start);
        Ok(given)
    }

    /// Starts a process of a function that has none, for whoever comes later.
    pub fn warm(&self, image: &Arc<Image>, mut start: impl FnMut(Order)) {
        let key = Key::of(image);
        let mut state = self.lock();
        state.forget_outdated(&key);
        state.forget_others(&key);
        if state.count(&key) == 0 {
            state.starting.push(key);
            start(Order {
                image: image.clone(),
                sandbox: None,
            });
        }
    }

    /// How often a process came free so far; what [`Pool::press`] is told later.
    pub fn freed(&self) -> u64 {
        self.lock().freed
    }

    /// Somebody waits, and no process came free since `freed` was told: one more may be started.
    /// Functions that call functions would otherwise hold all places and wait for one. False: the
    /// machine's memory is short.
    pub fn press(&self, freed: u64, start: impl FnMut(Order)) -> bool {
        let mut state = self.lock();
        let count = state.busy + state.starting.len();
        let is_full = state.starting.is_empty() && count >= self.most + state.more;
        let stuck = state.freed == freed && !state.waiting.is_empty() && is_full;
        if !stuck || count >= MOST_WAITING {
            return true;
        }
        let has_memory = has_memory();
        if has_memory {
            state.more += 1;
            self.settle(&mut state, start);
        }
        has_memory
    }

    /// A start is over.
    pub fn started(&self, key: &Key, started: Start, start: impl FnMut(Order)) {
        let mut state = self.lock();
        if let Some(at) = state.starting.iter().position(|other| other == key) {
            state.starting.swap_remove(at);
        }
        match started {
            Ok(running) => {
                state.freed += 1;
                state.idle.push(running);
            }
            Err(unstarted) => {
                let at = state.waiting.iter().position(|one| one.key == *key);
                // If others served all who waited, nobody has to hear of it.
                if let Some(one) = at.and_then(|at| state.waiting.remove(at)) {
                    state.occupy(key);
                    if one.give.send(Err(unstarted)).is_err() {
                        state.release(key);
                    }
                }
            }
        }
        self.settle(&mut state, start);
    }

    /// A process is free again.
    pub fn give_back(&self, mut running: Running, start: impl FnMut(Order)) {
        running.process.idle_since = Instant::now();
        let mut state = self.lock();
        state.free(&running.process.key);
        state.idle.push(running);
        self.settle(&mut state, start);
    }

    /// A process was ended, or never began; its sandbox serves the next.
    pub fn ended(&self, key: Key, sandbox: Option<Sandbox>, start: impl FnMut(Order)) {
        let mut state = self.lock();
        state.free(&key);
        state.spare.extend(sandbox.map(|sandbox| (key, sandbox)));
        let surplus = state.spare.len().saturating_sub(self.most);
        state.spare.drain(..surplus);
        self.settle(&mut state, start);
    }

    /// Ends what has been idle for long.
    pub fn tire(&self, now: Instant) {
        let fresh = |since: Instant| now.saturating_duration_since(since) < IDLE;
        let mut state = self.lock();
        state.idle.retain_mut(|one| {
            let process = &mut one.process;
            let kept = fresh(process.idle_since) || self.inspected.is(&process.key.name);
            !process.ended() && kept
        });
    }

    /// How many invocations of a function have a process.
    #[cfg(test)]
    pub fn busy_of(&self, image: &Image) -> usize {
        let state = self.lock();
        state
            .busy_of
            .get(&Key::of(image))
            .copied()
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives idle processes to those who wait, and orders starts for the others.
    fn settle(&self, state: &mut State, mut start: impl FnMut(Order)) {
        let mut unserved = VecDeque::new();
        while let Some(one) = state.waiting.pop_front() {
            if let Some(one) = state.serve(one) {
                unserved.push_back(one);
            }
        }
        state.waiting = unserved;
        let mut unserved = state.unserved();
        while let Some(next) = (0..unserved.len()).min_by_key(|at| state.has(&unserved[*at].0)) {
            if state.starting.len() >= self.starts || !state.has_room(self.most + state.more) {
                break;
            }
            let (key, image) = unserved.remove(next);
            if self.inspected.is(&key.name) && !state.makes_way(&key) {
                continue;
            }
            let spare = state.spare.iter().position(|(other, _)| *other == key);
            let sandbox = spare.map(|at| state.spare.swap_remove(at).1);
            state.starting.push(key);
            start(Order { image, sandbox });
        }
    }
}

/// Where the system does not tell, there is.
fn has_memory() -> bool {
    let Ok(text) = std::fs::read_to_string("/proc/meminfo") else {
        return true;
    };
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"));
    let free = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    free.is_none_or(|free| free >= SPARE_MEMORY)
}

impl State {
    /// Ends what runs an older state of the same version.
    fn forget_outdated(&mut self, key: &Key) {
        self.idle.retain(|idle| !idle.process.key.outdated_by(key));
        self.spare.retain(|(other, _)| !other.outdated_by(key));
    }

    /// Ends idle processes of the function's other versions.
    fn forget_others(&mut self, key: &Key) {
        self.idle.retain(|idle| {
            let other = &idle.process.key;
            !other.is_of(key) || other == key
        });
    }

    /// Makes room for the only process of a function; false: another one is at work or starts.
    fn makes_way(&mut self, key: &Key) -> bool {
        self.forget_others(key);
        self.count(key) == 0
    }

    /// The processes of a function, of all its versions.
    fn count(&self, key: &Key) -> usize {
        let idle = self.idle.iter().filter(|idle| idle.process.key.is_of(key));
        let starting = self.starting.iter().filter(|other| other.is_of(key));
        let busy = self.busy_of.iter().filter(|(other, _)| other.is_of(key));
        let busy: usize = busy.map(|(_, count)| count).sum();
        idle.count() + starting.count() + busy
    }

    fn occupy(&mut self, key: &Key) {
        self.busy += 1;
        *self.busy_of.entry(key.clone()).or_default() += 1;
    }

    fn release(&mut self, key: &Key) {
        self.busy -= 1;
        if let Some(count) = self.busy_of.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                self.busy_of.remove(key);
            }
        }
    }

    /// Those who wait and for whom no start is under way, in the order of their coming.
    fn unserved(&self) -> Vec<(Key, Arc<Image>)> {
        let mut begun = self.starting.clone();
        let waiting = self.waiting.iter().filter(|one| {
            let at = begun.iter().position(|other| *other == one.key);
            at.map(|at| begun.swap_remove(at)).is_none()
        });
        let waiting = waiting.map(|one| (one.key.clone(), one.image.clone()));
        waiting.collect()
    }

    /// How many processes a function has that nobody waits for.
    fn has(&self, key: &Key) -> usize {
        let starting = self.starting.iter().filter(|other| *other == key);
        starting.count() + self.busy_of.get(key).copied().unwrap_or_default()
    }

    /// A process is not busy any more.
    fn free(&mut self, key: &Key) {
        self.release(key);
        self.freed += 1;
        if self.busy == 0 {
            self.more = 0;
        }
    }

    /// Gives `one` an idle process, the last used one first; `None` if that was done.
    fn serve(&mut self, one: Waiting) -> Option<Waiting> {
        while let Some(at) = self
            .idle
            .iter()
            .rposition(|idle| idle.process.key == one.key)
        {
            let mut running = self.idle.remove(at);
            if running.process.ended() {
                continue;
            }
            self.occupy(&one.key);
            if let Err(Ok(running)) = one.give.send(Ok(running)) {
                self.release(&running.process.key);
                self.idle.push(running);
            }
            return None;
        }
        Some(one)
    }

    /// Is there room for one more? An idle process makes room if need be.
    fn has_room(&mut self, most: usize) -> bool {
        if self.idle.len() + self.busy + self.starting.len() >= most {
            let oldest = self.idle.iter().enumerate();
            let oldest = oldest.min_by_key(|(_, idle)| idle.process.idle_since);
            match oldest.map(|(at, _)| at) {
                Some(at) => drop(self.idle.remove(at)),
                None => return false,
            }
        }
        true
    }
}

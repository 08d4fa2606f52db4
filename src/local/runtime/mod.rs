//! Functions that really run: processes of Node, Python or the package's own `bootstrap`, fed
//! through the Lambda Runtime API on loopback.
//!
//! An invocation goes `Cloud::invoke` → `pool` (an idle process, or one that is started) → `run`
//! (its event, its answer, its log). A start goes `start` → `folder` (unpacked code) → `process`
//! (`interpreter`, `environment`) → `api`, to which the process comes for its events.
//!
//! Left out on purpose: containers. A function sees this machine's files and network, and can do
//! what its user can; it gets a clean environment, a folder of its own outside of the project
//! (`ground`), nothing of the developer's Node.js and Python packages, and limits on time and
//! output. So `/tmp` is the machine's (a sandbox's own is in `TMPDIR`), `/opt` is not its layers
//! (they are at `LAMBDA_OPT_ROOT`, and on the search paths that AWS sets), `__dirname` is a folder
//! whose name ends in `/var/task` (traces of errors say `/var/task` alone), memory is shown and
//! not enforced, a process is not frozen between invocations, and the AWS SDK that AWS's
//! runtimes bring is not there. Also left out: streamed responses, extensions, SnapStart, X-Ray,
//! destinations and dead letters of asynchronous invocations, whose queue is in memory.

mod api;
mod environment;
mod exact;
mod failure;
mod folder;
mod ground;
mod inspect;
mod interpreter;
mod interpreters;
mod invocation;
mod journal;
mod keep;
mod later;
mod output;
mod peer;
mod platform;
mod pool;
mod process;
mod run;
mod sandbox;
mod start;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, broadcast};

use super::Cloud;
use super::error::AwsError;
pub use exact::{Unavailable, cache};
use folder::Folder;
pub use inspect::{Inspection, PATIENCE};
use interpreter::Language;
use interpreters::Interpreters;
pub use interpreters::Ready;
pub use invocation::{
    Caller, FunctionEvent, Image, Invocation, Invoked, Level, LogFormat, LogLine,
};
pub use journal::{is_failure, is_lambdas};
use later::Queues;
use pool::Pool;

/// What listeners may be behind; who is slower misses lines.
const BACKLOG: usize = 4096;
const TIRED_EVERY: Duration = Duration::from_secs(60);
/// What a function may take before its first event (AWS's limit of the init phase).
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// What runs functions for one cloud.
pub struct Runtime {
    /// Where the cloud is kept; `None` for one that does not last.
    home: Option<PathBuf>,
    folder: OnceLock<Folder>,
    pool: Pool,
    interpreters: Interpreters,
    /// How many invocations of a function run now, by region and name.
    running: Arc<Mutex<BTreeMap<(String, String), u32>>>,
    queues: Queues,
    listeners: broadcast::Sender<FunctionEvent>,
    warned: Mutex<BTreeSet<String>>,
    init_limit: Duration,
    endpoint: Mutex<Option<String>>,
    tiring: Once,
    /// Lines were kept that are not on disk yet.
    unsettled: AtomicBool,
}

impl Runtime {
    /// Nothing is made before a function is invoked.
    pub fn new(home: Option<&Path>) -> Runtime {
        Runtime {
            home: home.map(Path::to_owned),
            folder: OnceLock::new(),
            pool: Pool::new(),
            interpreters: Interpreters::default(),
            running: Arc::default(),
            queues: Queues::default(),
            listeners: broadcast::Sender::new(BACKLOG),
            warned: Mutex::default(),
            init_limit: INIT_LIMIT,
            endpoint: Mutex::default(),
            tiring: Once::new(),
            unsettled: AtomicBool::default(),
        }
    }

    fn folder(&self) -> std::io::Result<&Folder> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder);
        }
        let opened = Folder::open(self.home.as_deref())?;
        // Who came second drops its own, which holds nothing yet.
        Ok(self.folder.get_or_init(|| opened))
    }

    fn endpoint(&self) -> Option<String> {
        lock(&self.endpoint).clone()
    }

    fn tell(&self, event: impl FnOnce() -> FunctionEvent) {
        if self.listeners.receiver_count() > 0 {
            // Whoever listened may have left just now.
            let _ = self.listeners.send(event());
        }
    }

    /// Says `text` to the user, once; it is not said while nobody listens.
    fn warn(&self, what: String, text: impl FnOnce(&str) -> String) {
        let heard = self.listeners.receiver_count() > 0;
        if heard && lock(&self.warned).insert(what.clone()) {
            self.tell(|| FunctionEvent::Warning(text(&what)));
        }
    }

    /// Warns, once a runtime, that another version runs a function than it declares.
    fn compare(&self, image: &Image, agent: &str) {
        let language = Language::of(&image.runtime).ok();
        if let Some(difference) = language.and_then(|language| language.differs(agent)) {
            self.warn(difference, |difference| {
                format!("function `{}`: {difference}", image.name)
            });
        }
    }

    /// Tells of what is there on AWS and not here, if that is why a function failed.
    fn explain(&self, image: &Image, error: &[u8]) {
        // Node.js and Python name what they do not find in quotes.
        let missing = ["'@aws-sdk/", "'boto3'", "'botocore'"];
        let error = String::from_utf8_lossy(error);
        if missing.iter().any(|name| error.contains(name)) {
            let told = format!(
                "function `{}`: AWS's runtimes bring the AWS SDK, and here there is none: put it \
                 into the package or a layer",
                image.name
            );
            self.warn(told, str::to_owned);
        }
    }

    /// Lets an invocation in, if the reserved concurrency has room for it.
    fn admit(&self, image: &Image) -> Result<Admitted, AwsError> {
        let key = (image.region.clone(), image.name.clone());
        let mut running = lock(&self.running);
        let now = running.get(&key).copied().unwrap_or_default();
        if image.reserved.is_some_and(|reserved| now >= reserved) {
            return Err(too_many(
                "ReservedFunctionConcurrentInvocationLimitExceeded",
            ));
        }
        running.insert(key.clone(), now + 1);
        let running = self.running.clone();
        let queue = self.queues.of(&image.region, &image.name);
        Ok(Admitted {
            key,
            running,
            queue,
        })
    }
}

/// An invocation that counts as running.
struct Admitted {
    key: (String, String),
    running: Arc<Mutex<BTreeMap<(String, String), u32>>>,
    queue: Arc<Notify>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut running = lock(&self.running);
        if let Some(now) = running.get_mut(&self.key) {
            *now -= 1;
            if *now == 0 {
                running.remove(&self.key);
            }
        }
        self.queue.notify_one();
    }
}

fn too_many(reason: &str) -> AwsError {
    AwsError::new(429, "TooManyRequestsException", "Rate Exceeded.").with("Reason", reason)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cloud {
    /// Runs a function and waits for its answer. It runs to its end also if the caller leaves.
    ///
    /// # Errors
    /// What AWS refuses before the function runs (429 where the reserved concurrency is used
    /// up), and what cannot run on this machine. The function's own errors are answers.
    pub async fn invoke(
        self: &Arc<Self>,
        image: &Image,
        invocation: Invocation,
    ) -> Result<Invoked, AwsError> {
        let admitted = self.runtime.admit(image)?;
        self.tire_idle();
        let (cloud, image) = (self.clone(), Arc::new(image.clone()));
        let running = tokio::spawn(async move {
            let invoked = run::run(&cloud, &image, invocation).await;
            drop(admitted);
            invoked
        });
        running.await.unwrap_or_else(|error| {
            let message = format!("the invocation broke off: {error}");
            Err(AwsError::new(500, "ServiceException", message))
        })
    }

    /// Ends processes that are idle for long, as long as this cloud is.
    fn tire_idle(self: &Arc<Self>) {
        self.runtime.tiring.call_once(|| {
            let cloud = Arc::downgrade(self);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(TIRED_EVERY).await;
                    let Some(cloud) = cloud.upgrade() else {
                        return;
                    };
                    cloud.runtime.pool.tire(Instant::now());
                }
            });
        });
    }

    /// What the functions do from now on.
    pub fn functions(&self) -> broadcast::Receiver<FunctionEvent> {
        self.runtime.listeners.subscribe()
    }

    /// Functions that start from now on find this cloud at `url`.
    pub fn served_at(&self, url: &str) {
        *lock(&self.runtime.endpoint) = Some(url.to_owned());
    }
}

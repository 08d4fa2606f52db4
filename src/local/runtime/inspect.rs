//! Debuggers: to which functions one may attach, and where each of them listens.
//!
//! While a debugger may attach, a function has one process at a time, its code lies at a place that
//! stays the same from save to save, no time is counted, and its process is started before the
//! first call. Only loopback is listened at. Left out: functions with a `bootstrap` of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;

use super::interpreter::Language;
use super::{Image, start};
use crate::local::{Cloud, Place, lambda};

/// In place of a limit that a person at a breakpoint would reach.
pub const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
/// Where debuggers look first.
const NODE: u16 = 9229;
const PYTHON: u16 = 5678;
/// A process that was ended lets its port go after a moment.
const LETS_GO: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_millis(20);
/// More than there are functions in a project.
const BACKLOG: usize = 256;

/// What may be inspected in one cloud.
pub struct Inspected {
    which: Mutex<BTreeSet<String>>,
    /// The port of each function.
    seats: Mutex<BTreeMap<String, u16>>,
    said: broadcast::Sender<Inspection>,
}

/// What is to be known of an inspected function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// A process has been started that a debugger can attach to.
    Listening {
        /// AWS's name.
        function: String,
        is_node: bool,
        port: u16,
        /// Where its code lies.
        task: PathBuf,
    },
    /// None can: why, and what to do.
    Impossible { function: String, why: String },
}

/// With what a process lets a debugger attach.
#[derive(Clone, Debug)]
pub struct Seat {
    pub port: u16,
    /// The folder of debugpy, for Python.
    pub debugpy: Option<PathBuf>,
}

impl Default for Inspected {
    fn default() -> Inspected {
        Inspected {
            which: Mutex::default(),
            seats: Mutex::default(),
            said: broadcast::Sender::new(BACKLOG),
        }
    }
}

impl Inspected {
    pub fn is(&self, function: &str) -> bool {
        lock(&self.which).contains(function)
    }

    /// What a function may take: no time counts that somebody may spend at a breakpoint.
    pub fn limit(&self, function: &str, limit: Duration) -> Duration {
        match self.is(function) {
            true => PATIENCE,
            false => limit,
        }
    }

    /// The port at which a function is to listen: the one that it had, or the next that is free.
    async fn port(&self, function: &str, from: u16) -> std::io::Result<u16> {
        let had = lock(&self.seats).get(function).copied();
        if let Some(port) = had {
            let begun = tokio::time::Instant::now();
            while begun.elapsed() < LETS_GO {
                if is_free(port) {
                    return Ok(port);
                }
                tokio::time::sleep(AGAIN).await;
            }
        }
        let mut seats = lock(&self.seats);
        let taken: Vec<u16> = seats.values().copied().collect();
        let near =
            (from..from.saturating_add(100)).find(|port| !taken.contains(port) && is_free(*port));
        let port = match near {
            Some(port) => port,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
                .local_addr()?
                .port(),
        };
        seats.insert(function.to_owned(), port);
        Ok(port)
    }

    fn impossible(&self, function: &str, why: String) {
        lock(&self.which).remove(function);
        let function = function.to_owned();
        // Whoever listened may have left just now.
        let _ = self.said.send(Inspection::Impossible { function, why });
    }

    /// Says that a process was started.
    pub fn listening(&self, image: &Image, language: &Language, seat: &Seat, task: &Path) {
        let _ = self.said.send(Inspection::Listening {
            function: image.name.clone(),
            is_node: matches!(language, Language::Node(_)),
            port: seat.port,
            task: task.to_owned(),
        });
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where debugpy is, if this Python has it; in the developer's environment, not the function's.
fn debugpy(python: &Path) -> Option<PathBuf> {
    let asked = "import debugpy, os; print(os.path.dirname(os.path.abspath(debugpy.__file__)))";
    let output = Command::new(python).args(["-c", asked]).output().ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (output.status.success() && folder.is_dir()).then_some(folder)
}

impl Cloud {
    /// Lets debuggers attach to these functions, by AWS's names, and to no others.
    pub fn inspect(&self, functions: BTreeSet<String>) {
        *lock(&self.runtime.pool.inspected.which) = functions;
    }

    /// What is to be known of inspected functions from now on.
    pub fn inspections(&self) -> broadcast::Receiver<Inspection> {
        self.runtime.pool.inspected.said.subscribe()
    }

    /// Can a debugger attach to any?
    pub fn inspects(&self) -> bool {
        !lock(&self.runtime.pool.inspected.which).is_empty()
    }

    /// Starts a process of an inspected function that has none, so that a debugger can attach
    /// before it is called. What is wrong with it the first call tells.
    pub fn warm(self: &Arc<Self>, region: &str, function: &str, qualifier: Option<&str>) {
        let place = Place {
            region: region.to_owned(),
            url: String::new(),
        };
        let image = self.turn(place, |turn| lambda::image(turn, function, qualifier));
        if let Ok(image) = image {
            let pool = &self.runtime.pool;
            pool.warm(&Arc::new(image), start::starter(self));
        }
    }

    /// Where the next process of a function listens; `None`: it does not.
    pub(super) async fn seat(
        &self,
        image: &Image,
        language: &Language,
        program: Option<&Path>,
    ) -> Option<Seat> {
        let inspected = &self.runtime.pool.inspected;
        if !inspected.is(&image.name) {
            return None;
        }
        let from = match language {
            Language::Node(_) => NODE,
            Language::Python(_) => PYTHON,
            Language::Provided => {
                let why = "it has a `bootstrap` of its own: start a debugger there".to_owned();
                inspected.impossible(&image.name, why);
                return None;
            }
        };
        let mut found = None;
        if let (Language::Python(_), Some(python)) = (language, program) {
            let asked = python.to_owned();
            found = tokio::task::spawn_blocking(move || debugpy(&asked))
                .await
                .ok()?;
            if found.is_none() {
                let python = python.display();
                let why = format!(
                    "{python} has no debugpy: run `{python} -m pip install debugpy`, then start again"
                );
                inspected.impossible(&image.name, why);
                return None;
            }
        }
        match inspected.port(&image.name, from).await {
            Ok(port) => Some(Seat {
                port,
                debugpy: found,
            }),
            Err(error) => {
                inspected.impossible(
                    &image.name,
                    format!("no port of 127.0.0.1 is free: {error}"),
                );
                None
            }
        }
    }
}

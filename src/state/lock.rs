//! The lock: a file of its own, held with `flock`, that says who holds it.
//!
//! The system lets go of it when the process dies, so a lock cannot go stale. The file
//! itself is never removed: another process may hold it open, and would then lock a file
//! that nobody else sees. The state file cannot be the lock, since it is replaced.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::StateError;
use crate::event::{Event, Listener};
use crate::files;

/// Who holds a lock, or began a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// A UUID for each lock taken: `slp state unlock ID`.
    pub id: String,
    /// The command, such as `apply`.
    pub operation: String,
    /// The user's name; empty where nothing tells it.
    #[serde(default)]
    pub who: String,
    pub host: String,
    pub pid: u32,
    /// RFC 3339, in UTC.
    pub since: String,
    /// Where the CI job can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}

/// How to take the lock.
#[derive(Clone, Debug)]
pub struct LockRequest {
    pub holder: Holder,
    /// How long to wait for another process.
    pub timeout: Duration,
}

/// What `unlock` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlocked {
    /// Nobody held it, and nothing was left of anybody.
    WasFree,
    /// A process that has died had left its name; it is gone now.
    Cleared(Holder),
}

impl Holder {
    /// This process, doing `operation`.
    pub fn this_process(operation: &str) -> Holder {
        Holder::from_env(operation, &|name| {
            std::env::var(name).ok().filter(|v| !v.is_empty())
        })
    }

    fn from_env(operation: &str, var: &dyn Fn(&str) -> Option<String>) -> Holder {
        let named = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|n| var(n));
        Holder {
            id: uuid::Uuid::new_v4().to_string(),
            operation: operation.into(),
            who: named.or_else(user).unwrap_or_default(),
            host: host(var).unwrap_or_default(),
            pid: std::process::id(),
            since: now(),
            job: job(var),
        }
    }
}

/// `by ann on build-7 (process 4711): apply, since 2026-11-23T20:15:00Z, https://…`.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Holder {
            id,
            operation,
            who,
            host,
            pid,
            since,
            job,
        } = self;
        // Of what is not known nothing is said; states of before say `unknown`.
        for (word, name) in [("by", who), ("on", host)] {
            if !name.is_empty() && name != "unknown" {
                write!(f, "{word} {name} ")?;
            }
        }
        write!(
            f,
            "(process {pid}): {operation}, since {since}, lock id {id}"
        )?;
        job.iter().try_for_each(|job| write!(f, ", {job}"))
    }
}

/// The time in UTC, to the second.
fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second())
        .unwrap_or(now)
        .to_string()
}

/// The user's name where no variable tells it, as in containers.
fn user() -> Option<String> {
    let uid = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    user_in(&std::fs::read_to_string("/etc/passwd").ok()?, &uid)
}

/// `ann:x:1000:1000:Ann:/home/ann:/bin/sh`.
fn user_in(passwd: &str, uid: &str) -> Option<String> {
    let mut users = passwd.lines().map(|line| line.split(':'));
    users.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)? == uid && !name.is_empty()).then(|| name.to_owned())
    })
}

fn host(var: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let named = ["HOSTNAME", "COMPUTERNAME"]
        .iter()
        .find_map(|name| var(name));
    let kernel = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let etc = || std::fs::read_to_string("/etc/hostname").ok();
    let host = named.or_else(kernel).or_else(etc)?;
    Some(host.trim().to_owned()).filter(|host| !host.is_empty())
}

fn job(var: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let github = || {
        let (server, repository, run) = (
            var("GITHUB_SERVER_URL")?,
            var("GITHUB_REPOSITORY")?,
            var("GITHUB_RUN_ID")?,
        );
        Some(format!("{server}/{repository}/actions/runs/{run}"))
    };
    let others = [
        "CI_JOB_URL",
        "BUILDKITE_BUILD_URL",
        "CIRCLE_BUILD_URL",
        "BUILD_URL",
    ];
    github().or_else(|| others.iter().find_map(|name| var(name)))
}

/// A lock that is held until this is dropped or the process dies.
pub(super) struct Lock {
    file: File,
}

/// What one attempt gave.
enum Attempt {
    Ours(File),
    Theirs(Option<Holder>),
}

impl Lock {
    /// Takes the lock, waiting as long as the request says; `store` is for messages.
    pub async fn take(
        path: &Path,
        store: &str,
        request: &LockRequest,
        events: &Listener,
    ) -> Result<Lock, StateError> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(100);
        let mut told = false;
        loop {
            let holder = match attempt(path)? {
                Attempt::Ours(file) => return Lock { file }.signed(path, &request.holder),
                Attempt::Theirs(holder) => holder,
            };
            let left = request.timeout.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(StateError::Locked {
                    store: store.into(),
                    holder: holder.map(Box::new),
                });
            }
            if !told {
                let who = holder.map_or_else(
                    || "by a process that has not said who it is".to_owned(),
                    |holder| holder.to_string(),
                );
                events.tell(Event::Note(format!(
                    "waiting for the lock on {store}, held {who}"
                )));
                told = true;
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    fn signed(mut self, path: &Path, holder: &Holder) -> Result<Lock, StateError> {
        let text = serde_json::to_vec(holder).map_err(io::Error::from);
        text.and_then(|text| self.write(&text))
            .map_err(|error| StateError::io(path, "be written", error))?;
        Ok(self)
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text)
    }
}

/// Takes the name out again: an empty lock file says that nobody died holding it.
impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

/// Clears what a dead process left; refuses while a live one holds the lock, or when `id` is another's.
pub(super) fn unlock(path: &Path, store: &str, id: &str) -> Result<Unlocked, StateError> {
    if !path.exists() {
        return Ok(Unlocked::WasFree);
    }
    let (ours, holder) = match attempt(path)? {
        Attempt::Theirs(holder) => (None, holder),
        Attempt::Ours(mut file) => {
            let left = name(&mut file);
            (Some(file), left)
        }
    };
    match (ours, holder) {
        (_, Some(holder)) if holder.id != id => Err(StateError::OtherLock {
            store: store.into(),
            given: id.into(),
            actual: holder.id,
        }),
        (None, holder) => Err(StateError::Locked {
            store: store.into(),
            holder: holder.map(Box::new),
        }),
        (Some(file), holder) => {
            let cleared = file.set_len(0);
            cleared.map_err(|error| StateError::io(path, "be cleared", error))?;
            Ok(holder.map_or(Unlocked::WasFree, Unlocked::Cleared))
        }
    }
}

fn attempt(path: &Path) -> Result<Attempt, StateError> {
    let failed = |error| StateError::io(path, "be locked", error);
    // What a link leads to would be emptied.
    files::check_own(path).map_err(failed)?;
    let mut options = OpenOptions::new();
    files::private(options.read(true).write(true).create(true).truncate(false));
    let mut file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Attempt::Ours(file)),
        Err(TryLockError::WouldBlock) => Ok(Attempt::Theirs(name(&mut file))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Who wrote their name in the file; `None` between locking and writing.
fn name(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_known_is_left_out() {
        let mut holder = Holder {
            id: "1".into(),
            who: "ann".into(),
            host: "vm".into(),
            pid: 7,
            since: "2026-12-01T00:00:00Z".into(),
            ..Holder::this_process("apply")
        };
        holder.job = None;
        let rest = "(process 7): apply, since 2026-12-01T00:00:00Z, lock id 1";
        assert_eq!(holder.to_string(), format!("by ann on vm {rest}"));
        for nobody in ["", "unknown"] {
            holder.who = nobody.into();
            assert_eq!(holder.to_string(), format!("on vm {rest}"));
        }
    }

    #[test]
    fn a_user_is_found_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n\nann:x:1000:1000:Ann:/home/ann:/bin/sh\n";
        assert_eq!(user_in(passwd, "1000").as_deref(), Some("ann"));
        assert_eq!(user_in(passwd, "0").as_deref(), Some("root"));
        assert_eq!(user_in(passwd, "100"), None);
        assert_eq!(
            Holder::from_env("x", &|_| None).who,
            user().unwrap_or_default()
        );
    }
}

//! Everything that can be wrong with a state, its lock or its journal: where, what, what next.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::lock::Holder;
use super::seal::SealError;
use crate::addr::Addr;
use crate::cloud;

/// One fact in which a state and this run differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `account`, `region`, …
    pub what: &'static str,
    pub state: String,
    pub here: String,
}

/// Why a state cannot be read, locked, changed or saved. Never holds a secret.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StateError {
    #[error("{path}: {what}{at}\nIt is not taken for an empty state: what it lists still exists in {cloud}.\n{remedy}", path = path.display(), cloud = cloud::name())]
    Damaged {
        path: PathBuf,
        what: String,
        /// `, line 3, column 5 (byte 120)`; empty where the whole file is meant.
        at: String,
        /// What to run next.
        remedy: String,
    },
    #[error("{path}: written in format version {found}; this slp knows versions up to {known}\nThe file was left as it is. Use the newer slp that wrote it.", path = path.display())]
    Newer {
        path: PathBuf,
        found: u64,
        known: u32,
    },
    #[error("{path}: the state is missing, though {present} is there, so it has existed\nIt is not taken for an empty state: what it listed still exists in {cloud}.\n{remedy}", path = path.display(), present = present.display(), cloud = cloud::name())]
    Missing {
        path: PathBuf,
        /// The backup or the journal.
        present: PathBuf,
        remedy: String,
    },
    #[error("{store}: there is no state yet")]
    NoState { store: String },
    #[error("{path}: cannot {doing}: {source}\nNothing was changed in {cloud} by this. Check the disk and the permissions of the folder.", path = path.display(), cloud = cloud::name())]
    Io {
        path: PathBuf,
        /// `be read`, `be locked`, …
        doing: &'static str,
        source: Arc<io::Error>,
    },
    #[error("{path}: {why}.", path = path.display())]
    Sealed { path: PathBuf, why: SealError },
    #[error("{place}: {}, and this machine has seen serial {seen}: an older state was put back, or the store forgets\nNothing was done: what the newer one lists exists in {cloud}. Find out what happened to the bucket. To go on with what is there, delete {note}; then `slp state push FILE` puts a copy back, and `slp state rebuild` makes a lost state again.", older(found), note = note.display(), cloud = cloud::name())]
    Older {
        place: String,
        /// Absent: there is no state.
        found: Option<u64>,
        seen: u64,
        note: PathBuf,
    },
    #[error("{place} cannot {doing}: {why}\n{help}.")]
    Remote {
        /// `s3://bucket/key`.
        place: String,
        /// `be read`, `be locked`, …
        doing: &'static str,
        why: String,
        /// What a person can do, without the full stop.
        help: String,
    },
    #[error(
        "this state is not of what this run works on:\n{}\nNothing was done. Choose the other profile, region, `--endpoint-url` or `--env`, or work from the folder that the state belongs to.",
        list(differences)
    )]
    OtherScope { differences: Vec<Difference> },
    #[error(
        "{what} is of another state: its lineage is {found}, the state's is {state}\nNothing was done. Put the state back that it belongs to, or plan again."
    )]
    OtherLineage {
        what: String,
        found: String,
        state: String,
    },
    #[error(
        "the plan is stale: it was made from serial {plan} of the state, which is at serial {state} now. It was applied already, or another run has worked since.\nNothing was done. Plan again."
    )]
    StalePlan { plan: u64, state: u64 },
    #[error("{path}: not the plan file that `slp plan --out` wrote: {what}\nNothing was done. Plan again.", path = path.display())]
    PlanFile { path: PathBuf, what: String },
    #[error(
        "{store} is locked: {}\nNothing was done. Wait for it to end, or let slp wait: `--lock-timeout 5m`. The lock goes by itself when that process ends.",
        held(holder)
    )]
    Locked {
        store: String,
        holder: Option<Box<Holder>>,
    },
    #[error(
        "{store}: the lock's id is {actual}, not {given}\nNothing was done. Once you are sure that it is not in use, run `slp state unlock {actual}`."
    )]
    OtherLock {
        store: String,
        given: String,
        actual: String,
    },
    #[error("{path}, line {line}: {what}\nThe records before it are whole; nothing was changed. Keep the file. To go on without it, run `mv {path} {path}.damaged`, then `slp plan`, which looks for what is yours in {cloud}.", path = path.display(), cloud = cloud::name())]
    JournalDamaged {
        path: PathBuf,
        line: usize,
        what: String,
    },
    #[error("{path}: it continues serial {journal} of the state, but the state is at serial {state}: an older state was put back\n{remedy}", path = path.display())]
    JournalAhead {
        path: PathBuf,
        journal: u64,
        state: u64,
        remedy: String,
    },
    #[error(
        "{store}: an earlier run ({}) was stopped before its end, and what it left open is not settled yet\nNothing was done. Run `slp apply` first: it looks at {cloud} and settles it.",
        held(holder),
        cloud = cloud::name()
    )]
    Unsettled {
        store: String,
        holder: Option<Box<Holder>>,
    },
    #[error("{path}: the journal was not begun or has ended; this is a bug in slp", path = path.display())]
    NotBegun { path: PathBuf },
    #[error("{path}: an outcome could not be written to the journal: {source}\nNo further call is made. Make room or mend the disk, then run `slp apply` again: it looks at {cloud} and settles what is open.", path = path.display(), cloud = cloud::name())]
    Journal {
        path: PathBuf,
        source: Arc<io::Error>,
    },
    #[error("{path}: the new state could not be saved: {why}\nThe old state is whole, and the journal {journal} keeps every outcome.\n{kept}", path = path.display(), journal = journal.display(), kept = kept(emergency.as_deref()))]
    NotSaved {
        path: PathBuf,
        why: String,
        journal: PathBuf,
        emergency: Option<PathBuf>,
    },
    #[error("{place}: the journal could not be written: {why}\nNo further call is made. {}", elsewhere(emergency.as_deref()))]
    Suspended {
        /// The journal's place.
        place: String,
        why: String,
        emergency: Option<PathBuf>,
    },
    #[error("{path}: the file was changed while this run held its lock: it is at serial {found}, not {expected}, or of another lineage\nIt was not written over. {kept}", path = path.display(), kept = compare(emergency.as_deref()))]
    Overtaken {
        path: PathBuf,
        found: u64,
        expected: u64,
        emergency: Option<PathBuf>,
    },
    #[error("{addr} is not in the state{}\n`slp state list` shows what is.", nearest.as_ref().map(|n| format!("; did you mean {n}?")).unwrap_or_default())]
    NotInState { addr: Addr, nearest: Option<Addr> },
    #[error("cannot rename {from} to {to}: {why}\nNothing was done.")]
    CannotRename { from: Addr, to: Addr, why: String },
}

impl StateError {
    /// The exit code that `slp` ends with: 1 where saving failed or the request was wrong, 4 otherwise.
    pub fn exit_code(&self) -> u8 {
        match self {
            StateError::Io { .. }
            | StateError::Remote { .. }
            | StateError::Journal { .. }
            | StateError::NotBegun { .. }
            | StateError::NotSaved { .. }
            | StateError::Suspended { .. }
            | StateError::Overtaken { .. }
            | StateError::NotInState { .. }
            | StateError::CannotRename { .. } => 1,
            _ => 4,
        }
    }

    pub(super) fn io(path: &std::path::Path, doing: &'static str, source: io::Error) -> StateError {
        let path = path.to_owned();
        let sealed = source.get_ref().and_then(|error| error.downcast_ref());
        match sealed.cloned() {
            Some(why) => StateError::Sealed { path, why },
            None => StateError::Io {
                path,
                doing,
                source: Arc::new(source),
            },
        }
    }
}

fn list(differences: &[Difference]) -> String {
    let line = |d: &Difference| format!("  {}: {} in the state, {} here", d.what, d.state, d.here);
    differences.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn older(found: &Option<u64>) -> String {
    match found {
        Some(serial) => format!("the state is at serial {serial}"),
        None => "there is no state".into(),
    }
}

fn held(holder: &Option<Box<Holder>>) -> String {
    match holder {
        Some(holder) => holder.to_string(),
        None => "by a process that has not said who it is".into(),
    }
}

fn kept(emergency: Option<&std::path::Path>) -> String {
    match emergency {
        Some(copy) => format!(
            "The new state is in {}. Make room or mend what is broken; then `slp recover` puts it in place.",
            copy.display()
        ),
        None => "Make room or mend the disk, then run `slp apply` again: it settles it from the journal.".into(),
    }
}

fn elsewhere(emergency: Option<&std::path::Path>) -> String {
    match emergency {
        Some(copy) => format!(
            "What this run did is in {}. Mend what is broken, then run `slp apply` again here, or `slp recover`: they begin with that file.",
            copy.display()
        ),
        None => format!(
            "It could be put nowhere else. Mend what is broken, then run `slp apply` again: it looks at {} and settles what is open.",
            cloud::name()
        ),
    }
}

fn compare(emergency: Option<&std::path::Path>) -> String {
    match emergency {
        Some(copy) => format!(
            "What this run leaves is in {}. Compare the two and put the right one in place.",
            copy.display()
        ),
        None => "Put the state back that this run began from, then run `slp apply` again: the journal keeps every outcome.".into(),
    }
}

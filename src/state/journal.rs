//! The journal: the plan, durable before the first changing call, then one line an outcome.
//!
//! Every line carries a checksum over itself and the line before it, so that a last line
//! that was torn by a crash is told from a file that was damaged or edited. Many tasks
//! append at once; one thread writes, and all who wait share one fsync.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::disk::Disk;
use super::lock::Holder;
use super::record::{Record, Replay};
use super::seal::Seal;
use super::secret::hex;
use super::{State, StateError, emergency, file};
use crate::plan::Plan;
use crate::provider::Boxed;

/// The version of the journal that this slp writes, and the newest that it reads.
const VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    lineage: String,
    serial: u64,
    begun: Holder,
    plan: Plan,
}

#[derive(Deserialize)]
struct Envelope {
    version: u64,
}

pub(super) type Failure = Arc<io::Error>;

/// One line on its way to the disk.
struct Line {
    entry: Vec<u8>,
    durable: bool,
    written: oneshot::Sender<Result<(), Failure>>,
}

/// A journal that its place did not take, and why.
pub(super) struct Unwritten<E = Failure> {
    pub text: Text,
    pub why: E,
}

/// A journal being written.
pub(super) struct Journal {
    path: PathBuf,
    lines: Option<mpsc::Sender<Line>>,
    writer: Option<JoinHandle<Result<(), Unwritten>>>,
}

impl Journal {
    /// Makes the plan durable; whoever reads the journal from now on finds it whole.
    pub fn begin(
        disk: &Disk,
        path: &Path,
        state: &State,
        plan: &Plan,
        holder: &Holder,
    ) -> Result<Journal, StateError> {
        let failed = |error| StateError::io(path, "be written", error);
        let text = Text::begin(state, plan, holder).map_err(|error| failed(error.into()))?;
        let file = disk.replace(path, text.bytes()).map_err(failed)?;
        let (sender, receiver) = mpsc::channel();
        let writer = Writer {
            disk: disk.clone(),
            path: path.to_owned(),
            file,
            text,
            broken: None,
        };
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || writer.run(&receiver))
            .map_err(failed)?;
        Ok(Journal {
            path: path.to_owned(),
            lines: Some(sender),
            writer: Some(thread),
        })
    }

    /// Queues a record at once; the answer is there when it is written, or durable.
    pub fn append(&self, record: &Record, durable: bool) -> Boxed<'static, Result<(), StateError>> {
        let path = self.path.clone();
        let failed = move |source: Failure| StateError::Journal { path, source };
        let entry = match serde_json::to_vec(record) {
            Ok(entry) => entry,
            Err(error) => {
                let error = failed(Arc::new(error.into()));
                return Box::pin(async move { Err(error) });
            }
        };
        let (written, answer) = oneshot::channel();
        let line = Line {
            entry,
            durable,
            written,
        };
        // If the writer is gone, so is the other end of `answer`, which tells.
        let _ = self.lines.as_ref().map(|lines| lines.send(line));
        Box::pin(async move {
            let stopped = || {
                Err(Arc::new(io::Error::other(
                    "the journal's writer has stopped",
                )))
            };
            answer.await.unwrap_or_else(|_| stopped()).map_err(failed)
        })
    }
}

impl Journal {
    /// Writes what is queued, and ends.
    pub fn end(mut self) -> Result<(), Unwritten> {
        self.ended()
    }

    fn ended(&mut self) -> Result<(), Unwritten> {
        self.lines = None;
        // A writer that panicked has said so; it holds nothing any more.
        let ended = self.writer.take().and_then(|writer| writer.join().ok());
        ended.unwrap_or(Ok(()))
    }
}

/// Lets the writer end what is queued, before the lock goes.
impl Drop for Journal {
    fn drop(&mut self) {
        // Whoever needs to know asks `end`.
        let _ = self.ended();
    }
}

/// The one thread that writes.
struct Writer {
    disk: Disk,
    path: PathBuf,
    file: File,
    /// All of it: where the disk does not take it, it is put somewhere else.
    text: Text,
    /// After one failure nothing is written any more: a line behind a torn one would be damage.
    broken: Option<Failure>,
}

impl Writer {
    fn run(mut self, lines: &mpsc::Receiver<Line>) -> Result<(), Unwritten> {
        while let Ok(first) = lines.recv() {
            let batch: Vec<Line> = std::iter::once(first).chain(lines.try_iter()).collect();
            self.write(batch);
        }
        // What was not asked to be durable becomes so when the journal is closed in order.
        self.attempt(|writer| writer.disk.sync(&writer.file, &writer.path));
        match self.broken {
            None => Ok(()),
            Some(why) => Err(Unwritten {
                text: self.text,
                why,
            }),
        }
    }

    fn write(&mut self, batch: Vec<Line>) {
        let before = self.text.bytes.len();
        batch.iter().for_each(|line| self.text.add(&line.entry));
        self.attempt(|writer| {
            let added = &writer.text.bytes[before..];
            writer.disk.append(&mut writer.file, &writer.path, added)
        });
        let (waiting, written): (Vec<Line>, Vec<Line>) =
            batch.into_iter().partition(|line| line.durable);
        self.answer(written);
        if !waiting.is_empty() {
            self.attempt(|writer| writer.disk.sync(&writer.file, &writer.path));
            self.answer(waiting);
        }
    }

    fn attempt(&mut self, work: impl FnOnce(&mut Writer) -> io::Result<()>) {
        if self.broken.is_none() {
            self.broken = work(self).err().map(Arc::new);
        }
    }

    fn answer(&self, lines: Vec<Line>) {
        for line in lines {
            // Whoever no longer waits need not know.
            let _ = line.written.send(self.broken.clone().map_or(Ok(()), Err));
        }
    }
}

/// The text of a journal as it grows.
pub(super) struct Text {
    chain: Chain,
    bytes: Vec<u8>,
    /// The name of the file for it where its own place does not take it.
    pub elsewhere: String,
}

impl Text {
    pub fn begin(state: &State, plan: &Plan, holder: &Holder) -> Result<Text, serde_json::Error> {
        let header = Header {
            version: VERSION,
            lineage: state.lineage.clone(),
            serial: state.serial,
            begun: holder.clone(),
            plan: plan.clone(),
        };
        let mut chain = Chain::default();
        let bytes = chain.line(&serde_json::to_vec(&header)?);
        Ok(Text {
            chain,
            bytes,
            elsewhere: emergency::journal_name(plan),
        })
    }

    pub fn push(&mut self, record: &Record) -> Result<(), serde_json::Error> {
        self.add(&serde_json::to_vec(record)?);
        Ok(())
    }

    fn add(&mut self, entry: &[u8]) {
        let line = self.chain.line(entry);
        self.bytes.extend(line);
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The running checksum: 16 hex digits over the one before and the entry.
#[derive(Default)]
struct Chain {
    last: String,
}

const OPEN: &str = "{\"sum\":\"";
const BETWEEN: &str = "\",\"entry\":";
const CLOSE: &str = "}";

impl Chain {
    /// `{"sum":"…","entry":…}` and a newline.
    fn line(&mut self, entry: &[u8]) -> Vec<u8> {
        let sum = self.sum(entry);
        let line = [
            OPEN.as_bytes(),
            sum.as_bytes(),
            BETWEEN.as_bytes(),
            entry,
            CLOSE.as_bytes(),
            b"\n",
        ]
        .concat();
        self.last = sum;
        line
    }

    /// The entry of a line that is whole and follows the one before.
    fn entry<'a>(&mut self, line: &'a [u8]) -> Option<&'a [u8]> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let rest = line.strip_prefix(OPEN.as_bytes())?;
        let (sum, rest) = rest.split_at_checked(16)?;
        let entry = rest
            .strip_prefix(BETWEEN.as_bytes())?
            .strip_suffix(CLOSE.as_bytes())?;
        let expected = self.sum(entry);
        (sum == expected.as_bytes()).then(|| {
            self.last = expected;
            entry
        })
    }

    fn sum(&self, entry: &[u8]) -> String {
        let digest = Sha256::new()
            .chain_update(&self.last)
            .chain_update(entry)
            .finalize();
        hex(&digest).chars().take(16).collect()
    }
}

/// Reads a journal; `None` where there is none. A torn last line, one without its newline, is
/// dropped: nobody was told that it was written. Anything else that is wrong is refused by line.
pub(super) fn read(disk: &Disk, path: &Path) -> Result<Option<Replay>, StateError> {
    let bytes = disk
        .read(path)
        .map_err(|error| StateError::io(path, "be read", error))?;
    bytes.map(|bytes| parse(path, &bytes)).transpose()
}

/// Reads a journal in any file, sealed or not.
pub(super) async fn read_any(path: &Path, seal: &Seal) -> Result<Replay, StateError> {
    parse(path, &file::read_any(path, seal).await?)
}

pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Replay, StateError> {
    let damaged = |line: usize, what: &str| StateError::JournalDamaged {
        path: path.to_owned(),
        line,
        what: what.into(),
    };
    let mut chain = Chain::default();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let Some((first, rest)) = lines.split_first() else {
        return Err(damaged(
            1,
            "it is empty: the plan that it began with is lost",
        ));
    };
    let header = chain
        .entry(first)
        .ok_or_else(|| damaged(1, "the plan that it began with is cut off or damaged"))?;
    let mut replay = parse_header(path, header)?;
    for (at, line) in rest.iter().enumerate() {
        let Some(entry) = chain.entry(line) else {
            match line.ends_with(b"\n") {
                false => break,
                true => {
                    return Err(damaged(
                        at + 2,
                        "this record is damaged (its checksum is wrong)",
                    ));
                }
            }
        };
        let record = serde_json::from_slice(entry).map_err(|_| {
            damaged(
                at + 2,
                "this record is none that this slp knows; use the slp that wrote it",
            )
        })?;
        replay.records.push(record);
    }
    Ok(replay)
}

/// Whole lines around these entries.
#[cfg(any(test, fuzzing))]
pub(super) fn lines<'a>(entries: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut chain = Chain::default();
    entries.flat_map(|entry| chain.line(entry)).collect()
}

fn parse_header(path: &Path, entry: &[u8]) -> Result<Replay, StateError> {
    let damaged = |error: serde_json::Error| StateError::JournalDamaged {
        path: path.to_owned(),
        line: 1,
        what: format!("its plan is none that this slp knows ({error}); use the slp that wrote it"),
    };
    let Envelope { version } = serde_json::from_slice(entry).map_err(damaged)?;
    if version != u64::from(VERSION) {
        return Err(StateError::Newer {
            path: path.to_owned(),
            found: version,
            known: VERSION,
        });
    }
    let header: Header = serde_json::from_slice(entry).map_err(damaged)?;
    Ok(Replay {
        lineage: header.lineage,
        serial: header.serial,
        holder: header.begun,
        plan: header.plan,
        records: Vec::new(),
    })
}

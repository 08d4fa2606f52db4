use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use proptest::prelude::*;

use super::super::disk::{Disk, Step};
use super::super::journal::{Journal, parse, read};
use super::*;

fn begin(disk: &Disk, path: &Path) -> (State, Plan, Journal) {
    let state = sample(Path::new("."));
    let plan = plan(
        &state,
        vec![
            change("role.a", Action::Update),
            change("role.b", Action::Create),
        ],
    );
    let journal =
        Journal::begin(disk, path, &state, &plan, &Holder::this_process("apply")).unwrap();
    (state, plan, journal)
}

/// The bytes of a journal with these records.
async fn bytes_of(records: &[Record]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.journal");
    let (_, _, journal) = begin(&Disk::default(), &path);
    for record in records {
        journal.append(record, true).await.unwrap();
    }
    std::fs::read(&path).unwrap()
}

fn records() -> Vec<Record> {
    vec![
        made("role.a", 1, false, None),
        made("role.b", 1, false, Some("b\n")),
        done("role.b", "b"),
        Record::Gone {
            addr: addr("role.a"),
        },
        Record::Failed {
            addr: addr("role.a"),
        },
    ]
}

#[tokio::test]
async fn what_was_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.journal");
    let disk = Disk::default();
    assert_eq!(read(&disk, &path).unwrap(), None);
    let (state, plan, journal) = begin(&disk, &path);
    let begun = read(&disk, &path).unwrap().unwrap();
    assert_eq!(
        (&begun.lineage, begun.serial),
        (&state.lineage, state.serial)
    );
    assert_eq!((&begun.plan, begun.records.len()), (&plan, 0));
    for (at, record) in records().iter().enumerate() {
        journal.append(record, at % 2 == 0).await.unwrap();
        assert_eq!(
            read(&disk, &path).unwrap().unwrap().records,
            records()[..=at]
        );
    }
}

#[tokio::test]
async fn every_line_is_json() {
    let text = String::from_utf8(bytes_of(&records()).await).unwrap();
    assert_eq!(text.lines().count(), 1 + records().len());
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert!(value["entry"].is_object());
    }
}

#[tokio::test]
async fn cut_anywhere_it_gives_a_prefix_or_is_refused() {
    let bytes = bytes_of(&records()).await;
    let header = bytes.iter().position(|b| *b == b'\n').unwrap();
    let path = Path::new("x.journal");
    for end in 0..=bytes.len() {
        match parse(path, &bytes[..end]) {
            Ok(replay) => {
                let newlines = bytes[..end].iter().filter(|b| **b == b'\n').count();
                let complete = bytes.get(end) == Some(&b'\n');
                assert_eq!(
                    replay.records,
                    records()[..newlines + usize::from(complete) - 1],
                    "cut at {end}"
                );
            }
            Err(StateError::JournalDamaged { line: 1, .. }) => {
                assert!(end < header, "cut at {end}")
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_damaged_line_that_is_not_torn_is_refused_by_number() {
    let bytes = bytes_of(&records()).await;
    for at in 0..bytes.len() - 1 {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        let line = 1 + bytes[..at].iter().filter(|b| **b == b'\n').count();
        match parse(Path::new("x.journal"), &damaged) {
            Err(StateError::JournalDamaged { line: named, .. }) => {
                assert_eq!(named, line, "byte {at}")
            }
            other => panic!("byte {at}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_line_that_was_taken_out_is_missed() {
    let bytes = bytes_of(&records()).await;
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    lines.remove(2);
    let error = parse(Path::new("x.journal"), &lines.concat()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("x.journal, line 3: this record is damaged"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_append_at_once_and_none_loses_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.journal");
    let (_, _, journal) = begin(&Disk::default(), &path);
    let journal = Arc::new(journal);
    let task = |task: usize| {
        let journal = journal.clone();
        tokio::spawn(async move {
            for step in 0..50 {
                let record = made(&format!("role.t{task}"), step, false, None);
                journal.append(&record, step % 3 == 0).await.unwrap();
            }
        })
    };
    for task in (0..8).map(task).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let replay = read(&Disk::default(), &path).unwrap().unwrap();
    assert_eq!(replay.records.len(), 8 * 50);
    for task in 0..8 {
        let own = addr(&format!("role.t{task}"));
        let steps: Vec<usize> = replay
            .records
            .iter()
            .filter(|record| *record.addr() == own)
            .map(|record| match record {
                Record::Made { step, .. } => *step,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(steps, (0..50).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_wait_share_one_sync() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.journal");
    let syncs = Arc::new(AtomicUsize::new(0));
    let (entered, first_sync) = mpsc::channel::<()>();
    let (go, may_go) = mpsc::channel::<()>();
    let gate = Mutex::new(Some((entered, may_go)));
    let (counted, own) = (syncs.clone(), path.clone());
    let disk = Disk {
        fault: Some(Arc::new(move |step, path| {
            if step == Step::Sync && path == own {
                counted.fetch_add(1, Ordering::SeqCst);
                if let Some((entered, may_go)) = gate.lock().unwrap().take() {
                    entered.send(()).unwrap();
                    may_go.recv().unwrap();
                }
            }
            Ok(())
        })),
        ..Disk::default()
    };
    let (_, _, journal) = begin(&disk, &path);
    let one = journal.append(&made("role.a", 1, false, None), true);
    first_sync.recv().unwrap();
    let rest: Vec<_> = (2..52)
        .map(|step| journal.append(&made("role.a", step, false, None), true))
        .collect();
    go.send(()).unwrap();
    one.await.unwrap();
    for answer in rest {
        answer.await.unwrap();
    }
    assert_eq!(syncs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn after_a_failure_nothing_more_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.journal");
    let full = Arc::new(AtomicUsize::new(0));
    let seen = full.clone();
    let disk = Disk {
        fault: Some(Arc::new(move |step, _| {
            match (step, seen.load(Ordering::SeqCst)) {
                (Step::Append, 1) => Err(std::io::ErrorKind::StorageFull.into()),
                _ => Ok(()),
            }
        })),
        ..Disk::default()
    };
    let (_, _, journal) = begin(&disk, &path);
    journal.append(&done("role.b", "b"), true).await.unwrap();
    full.store(1, Ordering::SeqCst);
    let refused = journal.append(&done("role.c", "c"), false).await;
    assert!(
        matches!(refused, Err(StateError::Journal { .. })),
        "{refused:?}"
    );
    full.store(0, Ordering::SeqCst);
    assert!(journal.append(&done("role.d", "d"), true).await.is_err());
    drop(journal);
    assert_eq!(
        read(&disk, &path).unwrap().unwrap().records,
        [done("role.b", "b")]
    );
}

#[tokio::test]
async fn another_version_is_named() {
    let bytes = bytes_of(&[]).await;
    let replay = parse(Path::new("x.journal"), &bytes).unwrap();
    assert_eq!(replay.records, []);
    let text = String::from_utf8(bytes).unwrap();
    let entry = text
        .split_once("\"entry\":")
        .unwrap()
        .1
        .trim_end()
        .strip_suffix('}')
        .unwrap();
    let newer = entry.replacen("\"version\":1", "\"version\":7", 1);
    let line = super::super::journal::lines(std::iter::once(newer.as_bytes()));
    let error = parse(Path::new("x.journal"), &line).unwrap_err();
    assert!(
        matches!(
            error,
            StateError::Newer {
                found: 7,
                known: 1,
                ..
            }
        ),
        "{error}"
    );
}

proptest! {
    #[test]
    fn noise_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(parse(Path::new("x.journal"), &bytes).is_err());
    }
}

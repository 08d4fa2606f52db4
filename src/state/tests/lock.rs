use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use super::*;
use crate::event::Event;

fn store(folder: &Path) -> LocalStore {
    LocalStore::beside_manifest(&scope(folder))
}

#[tokio::test]
async fn the_second_is_told_who_and_the_third_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let first = lock(&store).await.unwrap();
    let told = lock(&store).await.err().unwrap();
    let StateError::Locked {
        holder: Some(holder),
        ..
    } = &told
    else {
        panic!("{told}")
    };
    assert_eq!(
        (holder.pid, holder.operation.as_str()),
        (std::process::id(), "apply")
    );
    assert!(
        told.to_string().contains(&holder.since) && told.to_string().contains("--lock-timeout"),
        "{told}"
    );
    drop(first);
    lock(&store).await.unwrap();
}

#[tokio::test]
async fn whoever_waits_is_told_for_whom_and_then_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let first = Mutex::new(Some(lock(&store).await.unwrap()));
    let notes = Arc::new(Mutex::new(Vec::new()));
    let heard = notes.clone();
    let events = Listener::new(move |event| {
        let Event::Note(note) = event else { return };
        heard.lock().unwrap().push(note);
        drop(first.lock().unwrap().take());
    });
    let patient = LockRequest {
        timeout: Duration::from_secs(3600),
        ..request("destroy")
    };
    store.lock(patient, &events).await.unwrap();
    let notes = notes.lock().unwrap();
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("apply, since"), "{notes:?}");
}

const CHILD: &str = "state::tests::lock::another_process";

#[tokio::test]
#[ignore = "the other process of a_killed_process_leaves_no_lock"]
async fn another_process() {
    let folder = std::env::var("SLP_TEST_FOLDER").unwrap();
    let held = lock(&store(Path::new(&folder))).await;
    let said = held
        .as_ref()
        .map_or_else(|error| error.to_string(), |_| "held".into());
    std::io::stdout()
        .write_all(format!("\n{said}\n").as_bytes())
        .unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[tokio::test]
async fn a_killed_process_leaves_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", CHILD])
        .env("SLP_TEST_FOLDER", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    assert!(said.lines().any(|line| line.unwrap() == "held"));

    let store = store(folder.path());
    let told = lock(&store).await.err().unwrap();
    let StateError::Locked {
        holder: Some(holder),
        ..
    } = told
    else {
        panic!("{told}")
    };
    assert_eq!(holder.pid, child.id());
    let refused = store.unlock(&holder.id).await.unwrap_err();
    assert!(
        matches!(&refused, StateError::Locked { holder: Some(h), .. } if *h == holder),
        "{refused}"
    );

    child.kill().unwrap();
    child.wait().unwrap();
    let refused = store.unlock("another").await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains(&format!("the lock's id is {}, not another", holder.id)),
        "{refused}"
    );
    assert_eq!(
        store.unlock(&holder.id).await.unwrap(),
        Unlocked::Cleared(*holder)
    );
    assert_eq!(store.unlock("any").await.unwrap(), Unlocked::WasFree);
    lock(&store).await.unwrap();
}

#[tokio::test]
async fn unlocking_what_nobody_locked_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        store(folder.path()).unlock("x").await.unwrap(),
        Unlocked::WasFree
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

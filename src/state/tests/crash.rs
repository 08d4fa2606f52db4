//! The process dies between any two file operations: whatever is on the disk then is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::disk::Disk;
use super::super::seal::{Seal, Source};
use super::*;

/// A store whose process dies after so many more file operations: none of the later ones happens.
struct Mortal {
    folder: tempfile::TempDir,
    store: LocalStore,
    seal: Seal,
    left: Arc<AtomicUsize>,
}

impl Mortal {
    fn new(seal: &Seal) -> Mortal {
        let folder = tempfile::tempdir().unwrap();
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let budget = left.clone();
        let mut store = LocalStore::beside_manifest(&scope(folder.path()));
        store.disk = Disk {
            fault: Some(Arc::new(move |_, _| {
                let spend = |left: usize| left.checked_sub(1);
                match budget.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend) {
                    Ok(_) => Ok(()),
                    Err(_) => Err(std::io::Error::other("the process is dead")),
                }
            })),
            seal: seal.clone(),
        };
        Mortal {
            folder,
            store,
            seal: seal.clone(),
            left,
        }
    }

    fn dies_after(&self, operations: usize) {
        self.left.store(operations, Ordering::SeqCst);
    }

    /// What the next process finds.
    async fn next(&self) -> Snapshot {
        let store = LocalStore::beside_manifest(&scope(self.folder.path()));
        let store = store.sealed(self.seal.clone());
        let seen = store.load().await.unwrap();
        let session = lock(&store).await.unwrap();
        assert_eq!(session.load().await.unwrap(), seen);
        if seen.replay.is_none() {
            assert!(!store.journal().exists());
        }
        seen
    }
}

/// Sealed or not, a state is as safe.
fn seals() -> [Seal; 2] {
    let key = Source::File(vec![1; 32].into());
    [Seal::default(), Seal::new(Some(key), vec![])]
}

#[tokio::test]
async fn killed_anywhere_while_it_saves_nothing_is_lost() {
    for seal in seals() {
        killed_while_it_saves(&seal).await;
    }
}

async fn killed_while_it_saves(seal: &Seal) {
    let (mut old_seen, mut new_seen) = (0, 0);
    for operations in 0.. {
        let mortal = Mortal::new(seal);
        let session = lock(&mortal.store).await.unwrap();
        let mut state = session.finish(sample(mortal.folder.path())).await.unwrap();
        state.outputs.insert(
            "x".into(),
            crate::plan::Output {
                value: "1".into(),
                secret: false,
            },
        );
        let state = session.finish(state).await.unwrap();
        session
            .begin(
                &state,
                &plan(&state, vec![change("role.b", Action::Create)]),
            )
            .await
            .unwrap();
        session.record(&done("role.b", "b"), true).await.unwrap();
        let mut after = state.clone();
        after
            .resources
            .insert(addr("role.b"), stored("role", "b", &[]));

        mortal.dies_after(operations);
        let ended = session.finish(after.clone()).await;
        let lived = mortal.left.load(Ordering::SeqCst) > 0;
        drop(session);

        let found = mortal.next().await;
        match found.replay {
            Some(replay) => {
                old_seen += 1;
                assert_eq!(found.state.as_ref(), Some(&state));
                assert_eq!(replay.settle(state), (after, vec![]));
            }
            None => {
                new_seen += 1;
                assert_eq!(
                    found.state,
                    Some(State {
                        serial: state.serial + 1,
                        ..after
                    })
                );
            }
        }
        if lived {
            ended.unwrap();
            break;
        }
    }
    eprintln!(
        "{} kills at a file operation of a save",
        old_seen + new_seen
    );
    assert!(
        old_seen >= 8 && new_seen >= 3,
        "{old_seen} before the rename, {new_seen} after"
    );
}

#[tokio::test]
async fn killed_anywhere_while_it_begins_there_is_the_whole_plan_or_none() {
    for seal in seals() {
        killed_while_it_begins(&seal).await;
    }
}

async fn killed_while_it_begins(seal: &Seal) {
    let (mut none, mut whole) = (0, 0);
    for operations in 0.. {
        let mortal = Mortal::new(seal);
        let session = lock(&mortal.store).await.unwrap();
        let state = sample(mortal.folder.path());
        let plan = plan(&state, vec![change("role.b", Action::Create)]);
        mortal.dies_after(operations);
        let begun = session.begin(&state, &plan).await;
        let lived = mortal.left.load(Ordering::SeqCst) > 0;
        drop(session);

        match mortal.next().await {
            Snapshot {
                state: found,
                replay: None,
            } => {
                none += 1;
                assert!(begun.is_err());
                assert!(found.is_none() || found.as_ref() == Some(&state));
            }
            Snapshot {
                state: found,
                replay: Some(replay),
            } => {
                whole += 1;
                assert_eq!((found, replay.plan), (Some(state), plan));
            }
        }
        if lived {
            begun.unwrap();
            break;
        }
    }
    eprintln!("{} kills at a file operation of a begin", none + whole);
    assert!(
        none >= 8 && whole >= 2,
        "{none} without the plan, {whole} with it"
    );
}

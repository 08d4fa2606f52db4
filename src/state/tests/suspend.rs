//! A run that ends with something open leaves its journal; where that cannot be written, a file
//! beside the manifest holds all of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::disk::Disk;
use super::*;

/// A store whose own folder takes nothing any more once it is full.
fn store(folder: &Path) -> (LocalStore, Arc<AtomicBool>) {
    let full = Arc::new(AtomicBool::new(false));
    let (is_full, states) = (full.clone(), folder.join("state"));
    let mut store = LocalStore::beside_manifest(&scope(folder));
    store.disk = Disk {
        fault: Some(Arc::new(move |_, path| {
            match is_full.load(Ordering::SeqCst) && path.starts_with(&states) {
                true => Err(std::io::Error::other("no space left")),
                false => Ok(()),
            }
        })),
        ..Disk::default()
    };
    (store, full)
}

/// A run whose first outcome its full disk does not take.
async fn begun(store: &LocalStore, full: &AtomicBool, folder: &Path) -> Box<dyn Session> {
    let session = lock(store).await.unwrap();
    let state = session.finish(sample(folder)).await.unwrap();
    let plan = plan(&state, vec![change("role.b", Action::Create)]);
    session.begin(&state, &plan).await.unwrap();
    full.store(true, Ordering::SeqCst);
    let lost = session.record(&made("role.b", 1, false, Some("b")), true);
    assert!(matches!(lost.await, Err(StateError::Journal { .. })));
    session
}

#[tokio::test]
async fn what_the_disk_does_not_take_is_put_beside_the_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let (store, full) = store(folder.path());
    let session = begun(&store, &full, folder.path()).await;
    let suspended = session.suspend().await.unwrap_err();
    assert!(suspended.to_string().contains("slp recover"), "{suspended}");
    let StateError::Suspended {
        emergency: Some(file),
        ..
    } = suspended
    else {
        panic!("{suspended}");
    };
    let rescued = store.read_journal(&file).await.unwrap();
    assert_eq!(rescued.records, [made("role.b", 1, false, Some("b"))]);
    let kept = store.load().await.unwrap().replay.unwrap();
    assert_eq!((kept.records, kept.holder), (vec![], rescued.holder));
}

#[tokio::test]
async fn where_there_is_room_again_the_journal_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (store, full) = store(folder.path());
    let session = begun(&store, &full, folder.path()).await;
    full.store(false, Ordering::SeqCst);
    session.suspend().await.unwrap();
    drop(session);
    let kept = store.load().await.unwrap().replay.unwrap();
    assert_eq!(kept.records, [made("role.b", 1, false, Some("b"))]);
}

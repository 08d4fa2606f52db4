//! A run that ends with something open leaves its journal; where the bucket does not take it, a
//! file beside the manifest holds all of it.

use super::*;
use crate::state::Record;

const JOURNAL: &str = "shop.json.journal";

fn outcome() -> Record {
    made("role.b", 1, false, Some("b"))
}

/// A run whose first outcome the bucket does not take, though it may have it.
async fn begun(place: &Place, fault: Fault) -> Box<dyn Session> {
    let session = place.lock().await.unwrap();
    let state = session.finish(place.sample()).await.unwrap();
    let plan = plan(&state, vec![change("role.b", Action::Create)]);
    session.begin(&state, &plan).await.unwrap();
    place.memory.fail(0, fault);
    let lost = session.record(&outcome(), true).await;
    assert!(matches!(lost, Err(StateError::Remote { .. })), "{lost:?}");
    session
}

#[tokio::test(start_paused = true)]
async fn what_the_bucket_does_not_take_is_put_beside_the_manifest() {
    let place = Place::new();
    let session = begun(&place, Fault::Before).await;
    let suspended = session.suspend().await.unwrap_err();
    assert!(suspended.to_string().contains("slp recover"), "{suspended}");
    let StateError::Suspended {
        emergency: Some(file),
        ..
    } = suspended
    else {
        panic!("{suspended}");
    };
    let rescued = place.store.read_journal(&file).await.unwrap();
    assert_eq!(rescued.records, [outcome()]);
}

#[tokio::test(start_paused = true)]
async fn where_the_bucket_is_back_the_journal_is_whole() {
    for fault in [Fault::Before, Fault::After] {
        let place = Place::new();
        let session = begun(&place, fault).await;
        place.memory.heal();
        session.suspend().await.unwrap();
        session.release().await.unwrap();
        let kept = place.store.load().await.unwrap().replay.unwrap();
        assert_eq!(kept.records, [outcome()], "{fault:?}");
    }
}

/// Somebody else has taken the lock over, and has begun.
#[tokio::test(start_paused = true)]
async fn a_journal_of_somebody_else_is_not_written_over() {
    let place = Place::new();
    let session = begun(&place, Fault::Before).await;
    place.memory.heal();
    let theirs = b"theirs".to_vec();
    let key = || JOURNAL.to_owned();
    place
        .memory
        .objects
        .lock()
        .unwrap()
        .insert(key(), (theirs.clone(), 0));
    let suspended = session.suspend().await.unwrap_err();
    assert!(matches!(
        suspended,
        StateError::Suspended {
            emergency: Some(_),
            ..
        }
    ));
    assert_eq!(place.memory.objects.lock().unwrap()[JOURNAL].0, theirs);
}

use std::io::ErrorKind;
use std::sync::Arc;

use super::super::disk::{Disk, Step};
use super::super::file::decode;
use super::*;

struct Place {
    folder: tempfile::TempDir,
    store: LocalStore,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::beside_manifest(&scope(folder.path()));
        Place { folder, store }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("state").join(name)
    }

    /// A state at serial 2, with a backup of serial 1.
    async fn saved(&self) -> State {
        let session = lock(&self.store).await.unwrap();
        let mut state = session.finish(sample(self.folder.path())).await.unwrap();
        state.resources.remove("function.F");
        session.finish(state).await.unwrap()
    }

    async fn refused(&self) -> StateError {
        self.store.load().await.unwrap_err()
    }
}

#[tokio::test]
async fn a_state_is_saved_beside_its_backup_and_out_of_git() {
    let place = Place::new();
    assert_eq!(place.store.load().await.unwrap(), Snapshot::default());
    let state = place.saved().await;
    assert_eq!(state.serial, 2);
    assert_eq!(place.store.load().await.unwrap().state, Some(state));
    let backup = decode(&std::fs::read(place.path("shop@prod.json.backup")).unwrap()).unwrap();
    assert_eq!((backup.serial, backup.resources.len()), (1, 2));
    let ignored = std::fs::read_to_string(place.path(".gitignore")).unwrap();
    assert!(ignored.contains("\n*\n!.gitignore\n!README.md\n"));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_what_is_saved() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let state = place.saved().await;
    let session = lock(&place.store).await.unwrap();
    session.begin(&state, &plan(&state, vec![])).await.unwrap();
    for ending in ["", ".backup", ".lock", ".journal"] {
        let file = std::fs::metadata(place.path(&format!("shop@prod.json{ending}"))).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{ending}");
    }
}

#[tokio::test]
async fn none_of_it_is_ever_packed() {
    use crate::package::{Cache, Folder, list};
    let place = Place::new();
    let state = place.saved().await;
    let session = lock(&place.store).await.unwrap();
    let planned = plan(&state, vec![]);
    session.begin(&state, &planned).await.unwrap();
    write_plan(&place.path("../saved"), &planned).unwrap();
    std::fs::write(place.path("../index.js"), "").unwrap();
    let folder = Folder {
        root: place.folder.path().to_owned(),
        ..Folder::default()
    };
    let listing = list(&folder, &Cache::none()).unwrap();
    let names: Vec<&String> = listing.files.keys().collect();
    assert_eq!(names, ["index.js"]);
}

#[tokio::test]
async fn a_folder_that_was_there_keeps_its_rules() {
    let place = Place::new();
    std::fs::create_dir(place.path("")).unwrap();
    place.saved().await;
    assert!(!place.path(".gitignore").exists());
}

#[tokio::test]
async fn a_state_that_did_not_change_keeps_its_serial() {
    let place = Place::new();
    let state = place.saved().await;
    let session = lock(&place.store).await.unwrap();
    session.begin(&state, &plan(&state, vec![])).await.unwrap();
    assert_eq!(session.finish(state.clone()).await.unwrap(), state);
    assert_eq!(
        place.store.load().await.unwrap(),
        Snapshot {
            state: Some(state),
            replay: None
        }
    );
}

#[tokio::test]
async fn a_damaged_state_is_refused_with_the_command_that_mends_it() {
    let place = Place::new();
    place.saved().await;
    let path = place.path("shop@prod.json");
    std::fs::write(&path, "").unwrap();
    let told = place.refused().await.to_string();
    let (path, backup) = (path.display(), place.path("shop@prod.json.backup"));
    assert!(
        told.starts_with(&format!("{path}: is empty (0 bytes)\n")),
        "{told}"
    );
    assert!(
        told.contains(&format!(
            "(serial 1). Put it back with `cp {} {path}`",
            backup.display()
        )),
        "{told}"
    );
    std::fs::write(&backup, "{").unwrap();
    assert!(
        place
            .refused()
            .await
            .to_string()
            .contains("There is no usable backup")
    );
}

#[tokio::test]
async fn a_state_that_went_missing_is_not_an_empty_one() {
    let place = Place::new();
    place.saved().await;
    std::fs::remove_file(place.path("shop@prod.json")).unwrap();
    let told = place.refused().await;
    assert!(matches!(&told, StateError::Missing { .. }), "{told}");
    let session = lock(&place.store).await.unwrap();
    assert!(session.create(&sample(place.folder.path())).await.is_err());
}

#[tokio::test]
async fn a_newer_state_is_left_as_it_is() {
    let place = Place::new();
    place.saved().await;
    let path = place.path("shop@prod.json");
    let newer = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\"version\": 1", "\"version\": 9");
    std::fs::write(&path, &newer).unwrap();
    let told = place.refused().await.to_string();
    assert!(
        told.contains("format version 9; this slp knows versions up to 1"),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), newer);
}

#[tokio::test]
async fn a_plan_of_another_state_or_serial_is_refused_before_anything_is_written() {
    let place = Place::new();
    let state = place.saved().await;
    let session = lock(&place.store).await.unwrap();
    let stale = Plan {
        serial: 1,
        ..plan(&state, vec![])
    };
    let refused = session.begin(&state, &stale).await.unwrap_err();
    assert_eq!(
        (
            refused.exit_code(),
            matches!(refused, StateError::StalePlan { plan: 1, state: 2 })
        ),
        (4, true)
    );
    let foreign = sample(place.folder.path());
    let refused = session
        .begin(&state, &plan(&foreign, vec![]))
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains(&foreign.lineage)
            && refused.to_string().contains(&state.lineage)
    );
    let mine = session.begin(&foreign, &plan(&foreign, vec![])).await;
    assert!(
        matches!(mine, Err(StateError::OtherLineage { .. })),
        "{mine:?}"
    );
    assert!(!place.path("shop@prod.json.journal").exists());
}

#[tokio::test]
async fn a_journal_of_another_past_is_refused() {
    let place = Place::new();
    let state = place.saved().await;
    let session = lock(&place.store).await.unwrap();
    session.begin(&state, &plan(&state, vec![])).await.unwrap();
    drop(session);
    let (path, backup) = (
        place.path("shop@prod.json"),
        place.path("shop@prod.json.backup"),
    );
    std::fs::copy(&backup, &path).unwrap();
    let ahead = place.refused().await;
    assert!(
        matches!(
            ahead,
            StateError::JournalAhead {
                journal: 2,
                state: 1,
                ..
            }
        ),
        "{ahead}"
    );
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(&state.lineage, "other")).unwrap();
    let other = place.refused().await;
    assert!(matches!(other, StateError::OtherLineage { .. }), "{other}");
}

#[tokio::test]
async fn an_unsettled_journal_is_not_written_over() {
    let place = Place::new();
    let state = place.saved().await;
    let plan = plan(&state, vec![change("role.a", Action::Update)]);
    lock(&place.store)
        .await
        .unwrap()
        .begin(&state, &plan)
        .await
        .unwrap();
    let session = lock(&place.store).await.unwrap();
    let refused = session.begin(&state, &plan).await.unwrap_err();
    assert!(matches!(refused, StateError::Unsettled { .. }), "{refused}");
    let replay = session.load().await.unwrap().replay.unwrap();
    let (settled, open) = replay.settle(state);
    assert_eq!(open.len(), 1);
    let saved = session.finish(settled).await.unwrap();
    assert_eq!(
        place.store.load().await.unwrap(),
        Snapshot {
            state: Some(saved),
            replay: None
        }
    );
}

/// A store whose disk is full for everything under `state/`, and for `also`.
fn full(place: &Place, also: &'static str) -> LocalStore {
    let mut store = place.store.clone();
    let folder = place.path("");
    store.disk = Disk {
        fault: Some(Arc::new(move |step, path| {
            let hit = path.starts_with(&folder) || path.to_string_lossy().contains(also);
            match step {
                Step::Write if hit && !path.to_string_lossy().contains(".journal") => {
                    Err(ErrorKind::StorageFull.into())
                }
                _ => Ok(()),
            }
        })),
        ..Disk::default()
    };
    store
}

#[tokio::test]
async fn a_full_disk_leaves_the_old_state_an_emergency_file_and_the_journal() {
    let place = Place::new();
    let state = place.saved().await;
    let before = std::fs::read(place.path("shop@prod.json")).unwrap();
    let session = lock(&full(&place, "nowhere")).await.unwrap();
    session
        .begin(
            &state,
            &plan(&state, vec![change("role.b", Action::Create)]),
        )
        .await
        .unwrap();
    session.record(&done("role.b", "b"), true).await.unwrap();
    let mut new = state.clone();
    new.resources
        .insert(addr("role.b"), stored("role", "b", &[]));
    let told = session.finish(new.clone()).await.unwrap_err();

    let emergency = place.folder.path().join("slp-emergency-shop@prod-3.json");
    assert_eq!(told.exit_code(), 1);
    assert!(
        told.to_string().contains(&emergency.display().to_string()),
        "{told}"
    );
    assert_eq!(std::fs::read(place.path("shop@prod.json")).unwrap(), before);
    let kept = decode(&std::fs::read(&emergency).unwrap()).unwrap();
    assert_eq!(
        kept,
        State {
            serial: 3,
            ..new.clone()
        }
    );

    drop(session);
    let Snapshot { state, replay } = place.store.load().await.unwrap();
    assert_eq!(replay.unwrap().settle(state.unwrap()), (new, vec![]));
    std::fs::copy(&emergency, place.path("shop@prod.json")).unwrap();
    assert_eq!(
        place.store.load().await.unwrap(),
        Snapshot {
            state: Some(kept),
            replay: None
        }
    );
}

#[tokio::test]
async fn where_nothing_can_be_written_the_journal_still_tells() {
    let place = Place::new();
    let state = place.saved().await;
    let session = lock(&full(&place, "slp-emergency")).await.unwrap();
    session.begin(&state, &plan(&state, vec![])).await.unwrap();
    let changed = State {
        packages: [("d".into(), json!({}))].into(),
        ..state
    };
    let told = session.finish(changed).await.unwrap_err();
    assert!(
        matches!(
            &told,
            StateError::NotSaved {
                emergency: None,
                ..
            }
        ),
        "{told}"
    );
    assert!(place.path("shop@prod.json.journal").exists());
}

#[tokio::test]
async fn a_state_that_someone_else_replaced_is_not_written_over() {
    let place = Place::new();
    let state = place.saved().await;
    let session = lock(&place.store).await.unwrap();
    session.begin(&state, &plan(&state, vec![])).await.unwrap();
    let path = place.path("shop@prod.json");
    let theirs = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\"serial\": 2", "\"serial\": 7");
    std::fs::write(&path, &theirs).unwrap();
    let told = session
        .finish(State {
            resources: [].into(),
            ..state
        })
        .await
        .unwrap_err();
    assert!(
        told.to_string().contains("it is at serial 7, not 2"),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), theirs);
}

#[tokio::test]
async fn a_record_without_a_plan_is_refused() {
    let place = Place::new();
    let session = lock(&place.store).await.unwrap();
    let refused = session.record(&done("role.a", "a"), true).await;
    assert!(
        matches!(refused, Err(StateError::NotBegun { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_state_of_somewhere_else_is_refused_with_both() {
    let state = sample(Path::new("."));
    state.guard(&scope(Path::new("elsewhere"))).unwrap();
    let here = Scope {
        account: "111122223333".into(),
        endpoint: Some("http://localhost:5000".into()),
        env: None,
        ..scope(Path::new("."))
    };
    let told = state.guard(&here).unwrap_err().to_string();
    for both in [
        "  account: 604370441254 in the state, 111122223333 here",
        "  endpoint: AWS itself in the state, http://localhost:5000 here",
        "  environment: prod in the state, none here",
    ] {
        assert!(told.contains(both), "{told}");
    }
    assert!(!told.contains("region:"), "{told}");
}

#[test]
fn a_plan_file_is_read_back_and_refused_when_a_byte_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.plan");
    let state = sample(Path::new("."));
    let plan = plan(&state, vec![change("role.a", Action::Update)]);
    write_plan(&path, &plan).unwrap();
    assert_eq!(read_plan(&path).unwrap(), plan);
    let bytes = std::fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut edited = bytes.clone();
        edited[at] ^= 1;
        std::fs::write(&path, edited).unwrap();
        let refused = read_plan(&path).unwrap_err();
        assert!(
            matches!(refused, StateError::PlanFile { .. }),
            "byte {at}: {refused}"
        );
    }
}

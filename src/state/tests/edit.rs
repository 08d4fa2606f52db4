use super::*;

fn state() -> State {
    let mut state = sample(Path::new("."));
    let resources = &mut state.resources;
    resources.insert(
        addr("function.F.alias.live"),
        stored("function.alias", "live", &["function.F"]),
    );
    resources.insert(addr("function.F2"), stored("function", "F2", &[]));
    resources.insert(
        addr("api.shop"),
        stored("api", "x1", &["function.F.alias.live"]),
    );
    state
}

#[test]
fn a_list_can_be_of_one_thing_and_what_stands_under_it() {
    let state = state();
    assert_eq!(list(&state, None).len(), 5);
    let under: Vec<&str> = list(&state, Some(&addr("function.F")))
        .iter()
        .map(|(a, _)| a.as_str())
        .collect();
    assert_eq!(under, ["function.F", "function.F.alias.live"]);
}

#[test]
fn what_is_not_there_is_told_with_the_nearest() {
    let error = show(&state(), &addr("api.shoop")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "api.shoop is not in the state; did you mean api.shop?\n`slp state list` shows what is."
    );
}

#[test]
fn forgetting_takes_children_and_references_along() {
    let mut state = state();
    let gone = forget(&mut state, &addr("function.F")).unwrap();
    assert_eq!(gone, [addr("function.F"), addr("function.F.alias.live")]);
    assert_eq!(state.resources["api.shop"].needs, [].into());
    assert_eq!(state.resources.len(), 3);
    assert!(forget(&mut state, &addr("function.F")).is_err());
}

#[test]
fn renaming_takes_children_and_references_along() {
    let mut state = state();
    let moved = rename(&mut state, &addr("function.F"), &addr("function.G")).unwrap();
    assert_eq!(moved.len(), 2);
    assert_eq!(
        state.resources["function.G.alias.live"].needs,
        [addr("function.G")].into()
    );
    assert_eq!(
        state.resources["api.shop"].needs,
        [addr("function.G.alias.live")].into()
    );
    assert!(state.resources.contains_key("function.F2"));
    assert!(!state.resources.contains_key("function.F"));
}

#[test]
fn a_rename_that_makes_no_sense_changes_nothing() {
    let cases = [
        (
            "function.F",
            "function.F2",
            "function.F2 is in the state already",
        ),
        (
            "function.F",
            "role.F",
            "one is a function, the other a role",
        ),
        (
            "function.F.alias.live",
            "function.F2.alias.live",
            "cannot move under another",
        ),
        ("function.X", "function.Y", "is not in the state"),
    ];
    for (from, to, why) in cases {
        let mut state = state();
        let before = state.clone();
        let error = rename(&mut state, &addr(from), &addr(to)).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(state, before);
    }
}

#[tokio::test]
async fn an_edit_is_saved_and_refused_while_a_run_is_unsettled() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::beside_manifest(&scope(folder.path()));
    let session = lock(&store).await.unwrap();
    let edit = |state: &mut State| forget(state, &addr("function.F"));
    let refused = amend(&*session, &store.describe(), edit).await.unwrap_err();
    assert!(matches!(refused, StateError::NoState { .. }), "{refused}");

    let state = session.finish(sample(folder.path())).await.unwrap();
    amend(&*session, &store.describe(), edit).await.unwrap();
    let saved = store.load().await.unwrap().state.unwrap();
    assert_eq!((saved.serial, saved.resources.len()), (state.serial + 1, 1));

    session
        .begin(
            &saved,
            &plan(&saved, vec![change("role.a", Action::Update)]),
        )
        .await
        .unwrap();
    let refused = amend(&*session, &store.describe(), edit).await.unwrap_err();
    assert!(matches!(refused, StateError::Unsettled { .. }), "{refused}");
}

use super::*;

fn replay(state: &State, changes: Vec<Change>, records: Vec<Record>) -> Replay {
    Replay {
        lineage: state.lineage.clone(),
        serial: state.serial,
        holder: Holder::this_process("apply"),
        plan: plan(state, changes),
        records,
    }
}

fn settle(change: Change, records: Vec<Record>) -> (State, Vec<OpenOperation>) {
    let state = sample(Path::new("."));
    replay(&state, vec![change], records).settle(state)
}

#[test]
fn what_was_done_is_in_the_state_and_not_open() {
    let (state, open) = settle(
        change("role.b", Action::Create),
        vec![made("role.b", 1, false, Some("b")), done("role.b", "b")],
    );
    assert_eq!(open, []);
    assert_eq!(state.resources["role.b"], stored("role", "b", &[]));
    let (state, open) = settle(
        change("function.F", Action::Delete),
        vec![Record::Gone {
            addr: addr("function.F"),
        }],
    );
    assert_eq!(open, []);
    assert!(!state.resources.contains_key("function.F"));
}

#[test]
fn a_create_that_made_its_thing_is_kept_with_its_id_and_open() {
    let (state, open) = settle(
        change("role.b", Action::Create),
        vec![made("role.b", 1, false, Some("b"))],
    );
    assert_eq!(
        (open.len(), open[0].calls_done, open[0].removed),
        (1, 1, false)
    );
    assert_eq!(open[0].made.as_ref().unwrap().id.as_deref(), Some("b"));
    let kept = &state.resources["role.b"];
    assert_eq!(
        (kept.kind.as_str(), kept.id.as_str(), &kept.spec),
        ("role", "b", &None)
    );
    assert_eq!(kept.needs, [addr("role.a")].into());
}

#[test]
fn a_create_without_a_note_is_open_and_not_in_the_state() {
    let (state, open) = settle(change("role.b", Action::Create), vec![]);
    assert_eq!(
        (open.len(), open[0].calls_done, &open[0].made),
        (1, 0, &None)
    );
    assert!(!state.resources.contains_key("role.b"));
}

#[test]
fn an_open_change_of_what_exists_leaves_it_unknown() {
    for action in [Action::Update, Action::Delete, Action::Replace] {
        let (state, open) = settle(change("role.a", action), vec![]);
        assert_eq!(open.len(), 1, "{action:?}");
        let kept = &state.resources["role.a"];
        assert_eq!((&kept.spec, kept.id.as_str()), (&None, "a"));
        assert_eq!(kept.outputs["arn"], "arn:aws:x:::a");
    }
}

#[test]
fn a_failure_is_open_until_it_is_read() {
    let failed = Record::Failed {
        addr: addr("role.a"),
    };
    let (state, open) = settle(change("role.a", Action::Update), vec![failed.clone()]);
    assert_eq!((open.len(), &state.resources["role.a"].spec), (1, &None));
    let (state, open) = settle(
        change("role.a", Action::Update),
        vec![failed, done("role.a", "a")],
    );
    assert_eq!(open, []);
    assert!(state.resources["role.a"].spec.is_some());
}

#[test]
fn a_replacement_is_open_until_its_second_half_is_done() {
    let gone = Record::Gone {
        addr: addr("role.a"),
    };
    let removing = made("role.a", 1, true, Some("a"));
    let (_, open) = settle(change("role.a", Action::Replace), vec![removing.clone()]);
    assert_eq!((open[0].removed, open[0].calls_done), (false, 1));

    let (state, open) = settle(
        change("role.a", Action::Replace),
        vec![removing.clone(), gone.clone()],
    );
    assert_eq!(
        (open[0].removed, open[0].calls_done, &open[0].made),
        (true, 0, &None)
    );
    assert!(!state.resources.contains_key("role.a"));

    let making = made("role.a", 1, false, Some("a2"));
    let (state, open) = settle(
        change("role.a", Action::Replace),
        vec![removing.clone(), gone.clone(), making.clone()],
    );
    assert_eq!((open[0].removed, open[0].calls_done), (true, 1));
    assert_eq!(
        (
            state.resources["role.a"].id.as_str(),
            &state.resources["role.a"].spec
        ),
        ("a2", &None)
    );

    let (state, open) = settle(
        change("role.a", Action::Replace),
        vec![removing, gone, making, done("role.a", "a2")],
    );
    assert_eq!(open, []);
    assert_eq!(state.resources["role.a"].id, "a2");
}

#[test]
fn a_move_takes_the_old_address_with_it() {
    let moved = Change {
        moved_from: Some(addr("role.a")),
        ..change("role.b", Action::Move)
    };
    let (state, open) = settle(moved.clone(), vec![done("role.b", "a")]);
    assert_eq!(open, []);
    assert!(!state.resources.contains_key("role.a") && state.resources.contains_key("role.b"));
    let (state, open) = settle(moved, vec![]);
    assert_eq!((open.len(), &state.resources["role.a"].spec), (1, &None));
}

#[test]
fn what_makes_no_call_is_not_open() {
    for action in [Action::Learn, Action::Forget] {
        let (state, open) = settle(change("role.a", action), vec![]);
        assert_eq!(open, []);
        assert!(state.resources["role.a"].spec.is_some());
    }
}

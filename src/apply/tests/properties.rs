//! What holds whatever is asked for, whatever others do, and wherever a run ends.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::wishes::{Wishes, wishes};
use super::*;
use crate::plan::Change;

/// What somebody else does to one thing.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Deletes,
    Changes,
    Adds,
}

/// Another deed and the thing that it is done to.
fn deeds() -> impl Strategy<Value = Vec<(Deed, Index)>> {
    let deed = prop_oneof![Just(Deed::Deletes), Just(Deed::Changes), Just(Deed::Adds)];
    vec((deed, any::<Index>()), 0..4)
}

fn done_to(world: &World, deeds: &[(Deed, Index)]) {
    let mut inner = world.lock();
    for (deed, index) in deeds {
        let keys: Vec<world::Key> = inner.things.keys().cloned().collect();
        if keys.is_empty() {
            return;
        }
        let key = index.get(&keys);
        match deed {
            Deed::Deletes => inner.remove(key),
            Deed::Changes => {
                let thing = inner.things.get_mut(key).unwrap();
                for field in ["memory", "trust", "description", "variables", "allow"] {
                    if thing.spec.get(field).is_some() {
                        thing.spec[field] = json!("theirs");
                    }
                }
            }
            Deed::Adds => {
                let thing = inner.things.get_mut(key).unwrap();
                thing.spec["added"] = json!("theirs");
            }
        }
    }
}

/// What the cloud holds where nothing ever went wrong.
fn expected(desired: &Desired) -> Vec<String> {
    Project::with(desired).world.picture()
}

/// Nothing is left to do, and the cloud holds exactly what was asked for.
fn is_as_wanted(project: &Project, desired: &Desired) {
    let plan = project.plan(desired);
    assert_eq!(lines(&plan), Vec::<String>::new(), "{plan:#?}");
    assert_eq!(project.world.picture(), expected(desired));
    assert!(project.disk.is_settled());
    let known: Vec<Addr> = project.disk.state().resources.into_keys().collect();
    let wanted: Vec<Addr> = desired.resources.keys().cloned().collect();
    assert_eq!(known, wanted);
}

/// A call of the plan from the one to the other.
fn some_call(project: &Project, desired: &Desired, index: &Index) -> usize {
    index.index(project.plan(desired).calls().max(1)) + 1
}

/// Everything that waits for the failed, by any of the plan's edges.
fn waiting_for(plan: &Plan, failed: &BTreeSet<Addr>) -> BTreeSet<Addr> {
    let causes = |change: &Change| -> BTreeSet<Addr> {
        let lists = [
            &change.needs,
            &change.removed_after_removal,
            &change.removed_after_making,
            &change.made_after_removal,
        ];
        lists.into_iter().flatten().cloned().collect()
    };
    let mut waiting = failed.clone();
    loop {
        let more = plan.changes.iter().filter(|change| {
            !waiting.contains(&change.addr) && !causes(change).is_disjoint(&waiting)
        });
        let more: Vec<Addr> = more.map(|change| change.addr.clone()).collect();
        if more.is_empty() {
            return waiting;
        }
        waiting.extend(more);
    }
}

/// Only what waits for something that failed was not done.
fn stops_only_dependants(plan: &Plan, outcome: &Outcome) {
    let failed: BTreeSet<Addr> = outcome.failed.iter().map(|f| f.addr.clone()).collect();
    let skipped: BTreeSet<Addr> = outcome.skipped.iter().map(|(a, _)| a.clone()).collect();
    let done: BTreeSet<Addr> = outcome.done.iter().map(|(a, _)| a.clone()).collect();
    let waiting = waiting_for(plan, &failed);
    assert!(skipped.is_subset(&waiting), "{skipped:?} {waiting:?}");
    for change in &plan.changes {
        let addr = &change.addr;
        let told = [&failed, &skipped, &done];
        let told = told.into_iter().filter(|set| set.contains(addr)).count();
        assert_eq!(told, 1, "{addr} in {outcome:#?}");
        assert!(waiting.contains(addr) || done.contains(addr), "{addr}");
    }
}

/// From one manifest to the next, through runs that end at some call.
fn through(
    first: &Wishes,
    deeds: &[(Deed, Index)],
    second: &Wishes,
    ends: &[(Fault, Index, usize)],
) {
    let (first, second) = (wants(&first.manifest()), wants(&second.manifest()));
    let project = Project::with(&first);
    done_to(&project.world, deeds);
    for (fault, index, lost) in ends {
        let call = some_call(&project, &second, index);
        let ended = project.try_apply(&second, &Options::default(), Some((call, *fault)));
        assert_eq!(project.world.lock().broken, Vec::<String>::new());
        match ended {
            Some((plan, outcome)) => stops_only_dependants(&plan, &outcome),
            None => project.disk.crash(*lost),
        }
    }
    project.applied(&second);
    is_as_wanted(&project, &second);
    project.applied(&nothing());
    is_as_wanted(&project, &nothing());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_was_applied_leaves_nothing_to_do_and_goes_without_a_rest(
        first in wishes(), second in wishes(),
    ) {
        through(&first, &[], &second, &[]);
    }

    #[test]
    fn what_others_did_is_mended(first in wishes(), deeds in deeds(), second in wishes()) {
        through(&first, &deeds, &first, &[]);
        through(&first, &deeds, &second, &[]);
    }

    #[test]
    fn a_failure_stops_only_what_waits_for_it_and_the_next_run_does_the_rest(
        first in wishes(),
        deeds in deeds(),
        second in wishes(),
        ends in vec((prop::sample::select(vec![Fault::Refused, Fault::Lost]), any::<Index>(), Just(0)), 1..3),
    ) {
        through(&first, &deeds, &second, &ends);
    }

    #[test]
    fn a_run_that_died_anywhere_is_finished_by_the_next(
        first in wishes(),
        deeds in deeds(),
        second in wishes(),
        ends in vec(
            (prop::sample::select(vec![Fault::DiesBefore, Fault::DiesAfter]), any::<Index>(), 0..3_usize),
            1..4,
        ),
    ) {
        through(&first, &deeds, &second, &ends);
    }

    #[test]
    fn things_of_others_are_left_alone(first in wishes(), second in wishes()) {
        let (first, second) = (wants(&first.manifest()), wants(&second.manifest()));
        let theirs = || {
            let stranger = Project::default();
            let desired = wants("[role.theirs]\nname = \"theirs\"\ntrust = \"x\"\n[api.theirs]\n");
            stranger.applied(&desired);
            std::mem::take(&mut stranger.world.lock().things)
        };
        let project = Project::default();
        project.world.lock().things = theirs()
            .into_iter()
            .map(|((kind, id), thing)| ((kind, format!("their-{id}")), thing))
            .collect();
        let before = project.world.picture();
        project.applied(&first);
        project.applied(&second);
        project.applied(&nothing());
        prop_assert_eq!(project.world.picture(), before);
    }

    #[test]
    fn a_plan_is_the_same_for_the_same_and_survives_its_json(
        first in wishes(), deeds in deeds(), second in wishes(),
    ) {
        let (first, second) = (wants(&first.manifest()), wants(&second.manifest()));
        let project = Project::with(&first);
        done_to(&project.world, &deeds);
        let plan = project.plan(&second);
        prop_assert_eq!(without_ids(&project.plan(&second)), without_ids(&plan));
        let text = serde_json::to_string(&plan).unwrap();
        let again: Plan = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(again, plan);
    }
}

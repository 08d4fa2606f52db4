use super::*;
use crate::addr::Addr;
use crate::event::Failure;

fn addr(text: &str) -> Addr {
    Addr::parse(text).unwrap()
}

fn summarised(outcome: &Outcome) -> String {
    summary(outcome, "apply", false, &Style::default())
}

#[test]
fn success_is_one_line() {
    let outcome = Outcome {
        done: vec![
            (addr("role.x"), Action::Create),
            (addr("function.y"), Action::Create),
            (addr("api.z"), Action::Update),
            (addr("api.w"), Action::Learn),
        ],
        calls: 9,
        seconds: 12.34,
        ..Outcome::default()
    };
    assert_eq!(
        summarised(&outcome),
        "Done: 2 created, 1 updated · 9 AWS calls · 12.3 s\n"
    );
}

#[test]
fn failure_says_what_why_and_what_next() {
    let outcome = Outcome {
        done: vec![(addr("role.x"), Action::Create)],
        failed: vec![Failure {
            addr: addr("function.y"),
            action: Action::Create,
            operation: "CreateFunction".into(),
            code: None,
            error: "CreateFunction: no such handler".into(),
            hint: Some("set `handler`".into()),
        }],
        skipped: vec![(addr("api.z"), addr("function.y"))],
        calls: 2,
        seconds: 1.0,
        ..Outcome::default()
    };
    assert_eq!(
        summarised(&outcome),
        "\
✗ function.y  could not create: CreateFunction: no such handler
    set `handler`
  api.z  not tried, because function.y failed

Failed: 1 created, 1 failed, 1 not tried · 2 AWS calls · 1.0 s
What was done is saved in the state. Mend what failed, then run `slp apply` again: it does the rest.
"
    );
    let told = summary(&outcome, "apply", true, &Style::default());
    assert!(told.starts_with("Failed: 1 created, 1 failed"), "{told}");
}

#[test]
fn an_interruption_is_no_failure() {
    let outcome = Outcome {
        interrupted: true,
        not_started: vec![addr("api.z")],
        ..Outcome::default()
    };
    assert_eq!(
        summarised(&outcome),
        "  api.z  not started

Interrupted: nothing changed, 1 not tried · 0 AWS calls · 0.0 s
What was done is saved in the state. Run `slp apply` again to do the rest, or `slp plan` to see it.
"
    );
}

#[test]
fn a_wait_that_was_ended_is_not_finished_and_not_failed() {
    let outcome = Outcome {
        interrupted: true,
        stopped: vec![addr("function.y")],
        ..Outcome::default()
    };
    let next = "What was done is saved in the state. Run `slp apply` again to do the rest, or `slp plan` to see it.\n";
    let totals = "Interrupted: nothing changed, 1 not finished · 0 AWS calls · 0.0 s\n";
    assert_eq!(
        summarised(&outcome),
        format!("  function.y  stopped before it was finished\n\n{totals}{next}")
    );
    let dev = summary(&outcome, "dev", true, &Style::default());
    assert!(
        dev.ends_with("state. The next round does the rest.\n"),
        "{dev}"
    );
}

#[test]
fn an_interrupted_destroy_is_not_told_to_apply() {
    let outcome = Outcome {
        interrupted: true,
        not_started: vec![addr("api.z")],
        ..Outcome::default()
    };
    let said = summary(&outcome, "destroy", false, &Style::default());
    let next = said.lines().last().unwrap();
    assert_eq!(
        next,
        "What was done is saved in the state. Run `slp destroy` again to do the rest, \
         or `slp plan --destroy` to see it."
    );
}

#[test]
fn a_signal_that_came_too_late_leaves_nothing_to_run() {
    let outcome = Outcome {
        done: vec![(addr("role.x"), Action::Create)],
        interrupted: true,
        calls: 1,
        ..Outcome::default()
    };
    assert_eq!(
        summarised(&outcome),
        "Interrupted: 1 created · 1 AWS call · 0.0 s\n"
    );
}

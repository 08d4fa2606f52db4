//! What AWS answered, against what the embedded cloud answers: the scripts of
//! `tests/recordings` are played against a new cloud each, and every answer is compared with
//! the one recorded from live AWS. `tests/recordings/README.md` tells the form of the scripts.
//!
//! The recordings are not part of this repository. Without `SLP_AWS_RECORDINGS`, which names
//! their folder, nothing is compared, and a line says so.

mod account;
mod list;
mod play;
mod recording;
mod script;

pub use recording::{Id, Recordings, all as recorded};

use crate::harness::root;

/// What must hold at least, so that what was reached is not lost.
const SCENARIOS: usize = 206;
/// In percent of the recorded steps of those scenarios.
const STEPS: usize = 90;

#[test]
fn the_cloud_answers_as_aws_did() {
    let Some(recordings) = recording::all() else {
        eprintln!("skipped: SLP_AWS_RECORDINGS does not name the recorded answers of AWS");
        return;
    };
    let mut scripts = script::all(&root().join("tests/recordings"));
    if let Ok(part) = std::env::var("SLP_SCENARIO") {
        scripts.retain(|script| script.id.name.contains(&part));
        return play::all(&recordings, scripts).iter().for_each(play::tell);
    }
    let account = account::settle(&recordings, &play::all(&recordings, scripts));
    eprintln!("{account}");
    list::check(&account);
    assert!(!account.surprises(), "what differs is not what is listed");
    assert!(
        account.counted() >= SCENARIOS,
        "scenarios: {}",
        account.counted()
    );
    let (agree, steps) = account.steps();
    assert!(agree * 100 >= steps * STEPS, "steps: {agree} of {steps}");
}

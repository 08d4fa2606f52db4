//! A state that its place does not take: where it is put, and how it comes back.

use std::fs;

use crate::harness::{Counter, Emulator, example};

#[test]
fn a_state_that_cannot_be_saved_is_put_beside_the_manifest_and_recovered() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = example("hello-world", "emergency").at(counter.endpoint());
    sandbox.slp("apply --yes").ok();
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    counter.reset();
    counter.hold("UpdateFunctionConfiguration");
    let run = sandbox.begin("apply --yes");
    counter.held();
    // Whatever happens to a disk: no file can be made where the state is.
    let (state, away) = (sandbox.path("state"), sandbox.path("away"));
    fs::rename(&state, &away).expect("moved");
    fs::write(&state, "").expect("a file in the folder's place");
    counter.release();
    let run = run.end();
    let file = sandbox.path("slp-emergency-emergency-2.json");
    assert_ne!(run.code, 0, "{run}");
    assert!(file.exists(), "{run}");
    run.says(&["slp-emergency-emergency-2.json", "slp recover"]);
    fs::remove_file(&state).expect("removed");
    fs::rename(&away, &state).expect("moved back");
    counter.reset();
    let recovered = sandbox.slp("recover").ok();
    recovered.says(&["was merged: the state is at serial 2"]);
    assert_eq!(counter.changing(), 0);
    assert!(!file.exists());
    let idle = sandbox.slp("plan --exit-code").ok();
    idle.says(&["Nothing to do"]);
    sandbox.slp("recover").ok().says(&["Nothing was open."]);
}

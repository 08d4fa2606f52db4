//! `plan --rehearse` against AWS as an emulator has it, behind the proxy that counts.

use serde_json::Value;

use crate::harness::{self, Counter, Sandbox, example, transcript};

/// The rehearsal of a plan; no call that changes anything is made.
fn rehearsed(sandbox: &Sandbox, counter: &Counter, line: &str) -> Value {
    counter.reset();
    let run = sandbox.slp(&format!("--json {line} --rehearse")).ok();
    assert_eq!(counter.changing(), 0, "{line}");
    let plan: Value = serde_json::from_str(&run.stdout).expect("JSON");
    plan["rehearsal"].clone()
}

/// The rehearsal of `plan` counts the calls that `work` then makes.
fn as_rehearsed(sandbox: &Sandbox, counter: &Counter, plan: &str, work: &str) {
    let rehearsal = rehearsed(sandbox, counter, plan);
    for none in ["failures", "not_tried", "not_rehearsed", "assumed"] {
        assert_eq!(rehearsal[none], Value::Array(Vec::new()), "{rehearsal:#}");
    }
    counter.reset();
    sandbox.slp(work).ok();
    assert_eq!(rehearsal["calls"], counter.changing(), "{work}");
}

#[test]
fn what_is_rehearsed_is_what_apply_does() {
    let counter = Counter::before(harness::moto().endpoint());
    let sandbox = example("hello-world", "t-rehearse").at(counter.endpoint());
    as_rehearsed(&sandbox, &counter, "plan", "apply --yes");
    sandbox
        .change_in("src/index.js", "Hello world", "Hello moon")
        .change("code = \"src\"", "code = \"src\"\nmemory = 512")
        .change(
            "[api.hello-world.routes]",
            "[api.hello-world.routes]\n\"GET /status\" = { mock = { status = 204 } }",
        );
    as_rehearsed(&sandbox, &counter, "plan", "apply --yes");
    sandbox.slp("plan --rehearse").ok().says(&["Nothing to do"]);
    as_rehearsed(&sandbox, &counter, "plan --destroy", "destroy --yes");
}

#[test]
fn what_would_fail_is_told_and_nothing_is_changed() {
    let counter = Counter::before(harness::moto().endpoint());
    let sandbox = example("hello-world", "t-refused").at(counter.endpoint());
    let trust = "[role.basic-lambda-logging]\ntrust = \"lambda.amazonaws.com\"";
    let good = sandbox.slp("plan --rehearse --exit-code").exits(3);
    sandbox.change(trust, &trust.replace("lambda.a", "ec2.a"));
    let lines = [
        "plan --rehearse",
        "plan --rehearse --target role.basic-lambda-logging",
    ];
    let mut runs = vec![good];
    runs.extend(lines.map(|line| sandbox.slp(line)));
    assert_eq!(counter.changing(), 0);
    transcript("rehearse", &sandbox, &runs);
    let codes: Vec<i32> = runs.iter().map(|run| run.code).collect();
    assert_eq!(codes, [3, 1, 0]);
    let json = sandbox.slp("--json plan --rehearse --exit-code").exits(1);
    let plan: Value = serde_json::from_str(&json.stdout).expect("JSON");
    let failure = &plan["rehearsal"]["failures"][0];
    assert_eq!(failure["addr"], "function.HelloWorld");
    assert_eq!(failure["operation"], "CreateFunction");
    assert_eq!(failure["code"], "InvalidParameterValueException");
}

#[test]
fn the_embedded_cloud_is_rehearsed_on_a_copy_as_well() {
    let sandbox = example("standard-and-premium", "t-local");
    let line = "plan --local --rehearse";
    sandbox
        .slp(line)
        .ok()
        .says(&["Rehearsal: ", "Nothing would fail."]);
    sandbox.slp("plan --local --exit-code").exits(3);
    sandbox.slp("apply --local --yes").ok();
    sandbox.slp(line).ok().says(&["Nothing to do"]);
    let line = "plan --local --destroy --rehearse";
    sandbox.slp(line).ok().says(&["Nothing would fail."]);
}

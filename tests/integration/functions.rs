//! `slp invoke` and `slp logs`, on an emulator that we did not write.

use crate::harness::{self, Sandbox, example};

fn applied(name: &str) -> Sandbox {
    let sandbox = example("hello-world", name).at(harness::ministack().endpoint());
    sandbox.slp("apply --yes").ok();
    sandbox
}

#[test]
fn a_function_is_called_by_the_manifests_name() {
    let sandbox = applied("invoke");
    for line in [
        "invoke HelloWorld",
        "invoke function.HelloWorld --payload {\"a\":1}",
    ] {
        let run = sandbox.slp(line).ok();
        let answer: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(answer["body"], "Hello world");
    }
    sandbox.slp("invoke HelloWorld --payload {").exits(2);
    let wrong = sandbox.slp("invoke HeloWorld").exits(1);
    wrong.says(&["did you mean `HelloWorld`?"]);
    sandbox.slp("invoke HelloWorld:a --qualifier b").exits(2);
}

#[test]
fn a_functions_own_error_is_a_failure_and_its_answer_still_printed() {
    let sandbox = applied("invoke-error");
    sandbox.write(
        "src/index.js",
        "exports.helloworld = async () => { throw new TypeError('broken'); };\n",
    );
    sandbox.slp("apply --yes").ok();
    let run = sandbox.slp("invoke HelloWorld").exits(1);
    assert!(run.stdout.contains("broken"), "{run}");
    assert!(run.stderr.contains("HelloWorld failed"), "{run}");
}

#[test]
fn what_a_function_wrote_is_found_in_its_log() {
    let sandbox = applied("logs");
    sandbox.slp("logs HelloWorld").ok();
    sandbox.write(
        "src/index.js",
        "exports.helloworld = async () => { console.log('a line of its own'); return 1; };\n",
    );
    sandbox.slp("apply --yes").ok();
    sandbox.slp("invoke HelloWorld").ok();
    let run = sandbox.slp("logs --since 1h").ok();
    let own = run
        .stdout
        .lines()
        .find(|line| line.contains("a line of its own"));
    assert!(
        own.is_some_and(|line| line.starts_with("HelloWorld  ")),
        "{run}"
    );
    sandbox.slp("logs Nobody").exits(1);
}

//! `apply --json` and `destroy --json`: one event a line, each as `schema/events.json` says.

use serde_json::Value;

use crate::harness::{Counter, Emulator, Run, Sandbox, example, root};

/// The lines of a run, each of which fits the schema.
fn events(run: &Run) -> Vec<Value> {
    let schema = std::fs::read_to_string(root().join("schema/events.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let lines = run.stdout.lines().map(|line| {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let errors: Vec<String> = schema.iter_errors(&event).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{line}");
        event
    });
    lines.collect()
}

/// `started function.HelloWorld`, in the order of the lines.
fn types(events: &[Value]) -> Vec<String> {
    let word = |event: &Value| {
        let kind = event["type"].as_str().expect("a type");
        match event["address"].as_str() {
            Some(address) => format!("{kind} {address}"),
            None => kind.to_owned(),
        }
    };
    events.iter().map(word).collect()
}

/// The last two, if they are what a run ends with that was begun.
fn ended(events: &[Value]) -> (&Value, &Value) {
    let [.., result, outputs] = events else {
        panic!("{events:?}");
    };
    assert_eq!(result["type"], "result", "{result}");
    assert_eq!(outputs["type"], "outputs", "{outputs}");
    (result, &outputs["outputs"])
}

const APPLY: &str = "apply --local --json --yes --parallelism 1";

const HUSH: &str = "hush-hush-1234";

/// Hello-world with a secret among its outputs.
fn place() -> Sandbox {
    let sandbox = example("hello-world", "events").env("SLP_VAR_token", HUSH);
    let manifest = sandbox.read("slp.toml");
    let secret = "[variables]\ntoken = { secret = true }\n";
    let manifest = format!("{manifest}\ntoken = {{ value = \"${{var.token}}\", secret = true }}\n");
    let manifest = manifest.replacen("[role.", &format!("{secret}\n[role."), 1);
    sandbox.write("slp.toml", &manifest);
    sandbox
}

#[test]
fn an_apply_tells_its_plan_its_changes_its_result_and_its_outputs() {
    let sandbox = place();
    let run = sandbox.slp(APPLY).ok().never_says(&[HUSH]);
    let told = events(&run);
    let expected = [
        "plan",
        "started role.basic-lambda-logging",
        "finished role.basic-lambda-logging",
        "started function.HelloWorld",
        "finished function.HelloWorld",
    ];
    assert_eq!(types(&told)[..5], expected, "{run}");
    assert_eq!(told[0]["plan"]["format"], 1);
    let (result, outputs) = ended(&told);
    assert_eq!(result["done"].as_array().map(Vec::len), Some(6), "{result}");
    assert_eq!(
        (&result["calls"], &result["exit_code"]),
        (&12.into(), &0.into())
    );
    assert_eq!(outputs["token"], Value::Null);
    assert!(
        outputs["url"]
            .as_str()
            .is_some_and(|url| url.ends_with("/hello"))
    );
    // People read the other stream, and are told nothing twice.
    let people =
        "nothing is served yet: `slp dev` and `slp local` serve it, and say at which port\n";
    assert_eq!(run.stderr, people);

    let nothing = sandbox.slp(APPLY).ok();
    let told = events(&nothing);
    assert_eq!(types(&told), ["plan", "result", "outputs"], "{nothing}");
    assert_eq!(ended(&told).0["calls"], 0);

    let accepted = sandbox.slp("apply --local --json --refresh-only").ok();
    assert_eq!(types(&events(&accepted)), ["note", "result", "outputs"]);

    let destroyed = sandbox.slp("destroy --local --json --yes").ok();
    let told = events(&destroyed);
    assert_eq!(told[0]["plan"]["destroy"], true);
    assert_eq!(ended(&told).0["command"], "destroy");
}

#[test]
fn a_failure_is_an_event_and_what_hangs_on_it_is_skipped() {
    let sandbox = place();
    let managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    sandbox.change(managed, "arn:aws:iam::000000000000:policy/missing");
    let run = sandbox.slp(APPLY).exits(1);
    let told = events(&run);
    let failed = told.iter().find(|event| event["type"] == "failed");
    let failed = failed.expect("a failure");
    assert_eq!(failed["address"], "role.basic-lambda-logging");
    assert!(
        failed["error"]
            .as_str()
            .is_some_and(|e| e.contains("missing"))
    );
    assert!(types(&told).contains(&"skipped function.HelloWorld".to_owned()));
    let (result, _) = ended(&told);
    assert_eq!(result["failed"][0], "role.basic-lambda-logging");
    assert_eq!(result["exit_code"], 1);
}

#[test]
fn what_keeps_a_run_from_its_plan_is_its_last_event() {
    let sandbox = place();
    let run = sandbox.slp("apply --local --json").exits(2);
    let told = events(&run);
    assert_eq!(types(&told), ["plan", "error"], "{run}");
    assert_eq!(told[1]["exit_code"], 2);
    assert!(
        told[1]["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("--yes"))
    );
    assert!(run.stderr.starts_with("error: `slp apply` asks"), "{run}");
    sandbox.change("handler = ", "handlr = ");
    let run = sandbox.slp(APPLY).exits(2);
    let told = events(&run);
    assert_eq!(types(&told), ["error"], "{run}");
    let problem = told[0]["problems"][0]["message"].as_str();
    assert!(problem.is_some_and(|text| text.contains("handlr")), "{run}");
}

#[test]
fn a_wait_that_ctrl_c_ended_is_stopped_and_not_failed() {
    let moto = Emulator::moto();
    let sandbox = example("hello-world", "ended").at(moto.endpoint());
    sandbox.change(
        "[outputs]",
        "[api.second.routes]\n\"GET /\" = { mock = { status = 200 } }\n\n[outputs]",
    );
    sandbox.slp("apply --yes").ok();
    // AWS takes one DeleteRestApi in 30 s: the second of them waits.
    let mut run = sandbox.begin("destroy --yes --json --parallelism 1 --pace always");
    run.prints("\"type\":\"waiting\"");
    run.signal("INT");
    let told = events(&run.end().exits(130));
    assert!(!types(&told).iter().any(|kind| kind.starts_with("failed ")));
    let stopped = told.iter().find(|event| event["type"] == "stopped");
    let stopped = stopped.expect("what was stopped");
    assert_eq!(stopped["why"], "AWS's rate limit");
    let (result, _) = ended(&told);
    assert_eq!(result["stopped"][0], stopped["address"]);
    assert_eq!(result["failed"].as_array().map(Vec::len), Some(0));
    assert_eq!(result["interrupted"], true);
}

#[test]
fn a_command_line_that_is_wrong_is_an_event_too() {
    let sandbox = Sandbox::empty("usage");
    for (line, error) in [
        (
            "apply --json --bogus",
            "unexpected argument '--bogus' found",
        ),
        ("dev --json --bogus", "unexpected argument '--bogus' found"),
        ("destroy --parallelism x --json", "invalid value 'x'"),
        ("dev --json", "the manifest is not sound: 1 problem"),
    ] {
        let run = sandbox.slp(line).exits(2);
        let told = events(&run);
        assert_eq!(types(&told), ["error"], "{run}");
        let text = told[0]["error"].as_str().expect("a text");
        assert!(text.contains(error), "{run}");
        assert_eq!(told[0]["exit_code"], 2);
        let human = if line == "dev --json" {
            "slp.toml"
        } else {
            error
        };
        assert!(run.stderr.contains(human), "{run}");
    }
    let help = sandbox.slp("apply --json --help").ok();
    assert!(!help.stdout.starts_with('{'), "{help}");
    let other = sandbox.slp("show --json --bogus").exits(2);
    assert_eq!(other.stdout, "");
}

#[test]
fn an_interruption_is_told_with_what_was_not_started() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = example("hello-world", "int").at(counter.endpoint());
    counter.hold("CreatePolicy");
    let mut run = sandbox.begin("apply --yes --json --parallelism 1");
    counter.held();
    run.signal("INT");
    run.hears("stopping: calls in flight are finished and saved, waits end now");
    counter.release();
    let told = events(&run.end().exits(130));
    let (result, _) = ended(&told);
    assert_eq!(result["interrupted"], true);
    assert_eq!(result["exit_code"], 130);
    assert!(
        result["not_started"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
    );
}

//! The first `[env.*]` of a project: what was applied without one goes over to an environment,
//! and nothing is made, renamed or deleted.

use crate::harness::{Counter, Emulator, Sandbox, When, example, moto};

/// Without an API: neither moto nor ministack tags one that is there. The embedded cloud does.
const SMALL: &str = r#"
[role.run]
trust = "lambda.amazonaws.com"

[function.HelloWorld]
runtime = "nodejs22.x"
handler = "index.helloworld"
role = "run"
code = "src"
"#;

fn small(name: &str, more: &str) -> Sandbox {
    let sandbox = example("hello-world", name);
    let project = format!("[project]\nname = \"{name}\"\nname_prefix = \"{name}-\"\n");
    sandbox.write("slp.toml", &format!("{project}{more}{SMALL}"));
    sandbox
}

/// Applied without an environment; then the manifest gets two.
fn applied(sandbox: Sandbox) -> Sandbox {
    sandbox.slp("apply --yes").ok();
    with_environments(&sandbox);
    sandbox
}

fn with_environments(sandbox: &Sandbox) {
    let dev = format!("dev-{}", sandbox.prefix());
    let text = sandbox.read("slp.toml");
    let more = format!("\n[env.prod]\n[env.dev.project]\nname_prefix = \"{dev}\"\n");
    sandbox.write("slp.toml", &format!("{text}{more}"));
}

fn env_tag(emulator: &Emulator, sandbox: &Sandbox) -> String {
    let name = sandbox.named("HelloWorld");
    let function = emulator.aws().function(&name).expect("the function");
    let tag = function["Tags"]["slp:env"].as_str().expect("a tag");
    tag.to_owned()
}

#[test]
fn what_was_applied_without_an_environment_goes_over_to_one() {
    let sandbox = applied(small("adopt-all", "").at(moto().endpoint()));
    let before = moto().inventory(&sandbox.prefix());
    // Nobody is left without a way.
    for line in ["plan", "plan --env="] {
        let run = sandbox.slp(line).exits(2);
        run.says(&["slp state adopt --env NAME", "name_prefix"]);
    }
    let run = sandbox.slp("plan --env prod").exits(1);
    run.says(&["slp state adopt --env NAME", "name_prefix"]);
    assert_eq!(env_tag(moto(), &sandbox), "-");
    let asked = sandbox.slp("state adopt --env prod").exits(2);
    asked.says(&["function.HelloWorld", "--yes"]);
    let given = sandbox.slp("state adopt --env prod --yes").ok();
    given.says(&["the environment `prod` has it now", "@prod.json"]);
    assert_eq!(env_tag(moto(), &sandbox), "prod");
    assert_eq!(moto().inventory(&sandbox.prefix()), before);
    let idle = sandbox.slp("plan --env prod --exit-code").ok();
    idle.says(&["Nothing to do"]);
    sandbox.slp("state adopt --env prod --yes").ok();
    sandbox.slp("apply --env dev --yes").ok();
    sandbox.slp("destroy --env prod --yes").ok();
    assert_eq!(moto().inventory(&sandbox.prefix()), Vec::<String>::new());
    sandbox.slp("destroy --env dev --yes").ok();
}

#[test]
fn an_environment_of_other_names_takes_nothing_over() {
    let sandbox = applied(small("adopt-names", "").at(moto().endpoint()));
    let run = sandbox.slp("state adopt --env dev --yes").exits(2);
    run.says(&["has other names", "name_prefix", "[env.dev.project]"]);
    assert_eq!(env_tag(moto(), &sandbox), "-");
    sandbox.slp("state adopt --yes").exits(2);
    let none = small("adopt-none", "").at(moto().endpoint());
    with_environments(&none);
    none.slp("state adopt --env prod --yes")
        .exits(4)
        .says(&["there is no state yet"]);
}

#[test]
fn what_is_nobodys_is_given_to_nobody() {
    let sandbox = applied(small("adopt-nobody", "").at(moto().endpoint()));
    let role = sandbox.named("run");
    let tags = "slp:project slp:env slp:address slp:region slp:op";
    let untag = format!("iam untag-role --role-name {role} --tag-keys {tags}");
    moto().aws().run(&untag);
    let run = sandbox.slp("state adopt --env prod --yes").exits(1);
    run.says(&["role.run", "its ownership tags are gone"]);
    assert_eq!(env_tag(moto(), &sandbox), "-");
}

#[test]
fn a_run_that_was_killed_is_run_again() {
    let emulator = Emulator::moto();
    for call in 1..=2 {
        let counter = Counter::before(emulator.endpoint());
        let name = format!("adopt-kill{call}");
        let sandbox = applied(small(&name, "").at(counter.endpoint()));
        counter.reset();
        counter.kill_at(call, When::After);
        sandbox.slp("state adopt --env prod --yes");
        assert!(counter.has_killed());
        counter.reset();
        sandbox.slp("recover --env prod").ok();
        sandbox.slp("state adopt --env prod --yes").ok();
        assert_eq!(env_tag(&emulator, &sandbox), "prod");
        let idle = sandbox.slp("plan --env prod --exit-code").ok();
        idle.says(&["Nothing to do"]);
    }
}

#[test]
fn a_state_in_a_bucket_goes_over_too() {
    let emulator = Emulator::moto();
    emulator
        .aws()
        .run("s3api create-bucket --bucket adopt-states");
    let state = "\n[state]\nbackend = \"s3\"\nbucket = \"adopt-states\"\n";
    let sandbox = applied(small("adopt-s3", state).at(emulator.endpoint()));
    sandbox.slp("state adopt --env prod --yes").ok();
    assert_eq!(env_tag(&emulator, &sandbox), "prod");
    sandbox
        .slp("plan --env prod --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    let listed = emulator
        .aws()
        .run("s3api list-objects-v2 --bucket adopt-states");
    let listed = listed.to_string();
    assert!(listed.contains("slp/adopt-s3@prod.json"), "{listed}");
}

#[test]
fn the_embedded_clouds_state_goes_over_too() {
    let sandbox = example("hello-world", "adopt-local");
    sandbox.slp("apply --local --yes").ok();
    with_environments(&sandbox);
    sandbox.slp("plan --local --env prod").exits(1);
    sandbox.slp("state adopt --local --env prod --yes").ok();
    sandbox
        .slp("plan --local --env prod --exit-code")
        .ok()
        .says(&["Nothing to do"]);
}

/// The permission that slp adds for a route has the environment in its id.
#[test]
fn an_api_that_calls_a_function_goes_over_too() {
    let sandbox = small("adopt-api", "");
    let text = sandbox.read("slp.toml");
    let api = "[api.web.routes]\n\"GET /x\" = { function = \"HelloWorld\" }\n[api.web.stage.v1]\n";
    sandbox.write("slp.toml", &format!("{text}\n{api}"));
    sandbox.slp("apply --yes --local").ok();
    with_environments(&sandbox);
    sandbox.slp("state adopt --env prod --yes --local").ok();
    let plan = sandbox.slp("plan --env prod --local").ok();
    plan.never_says(&["to replace", "-/+"]);
    sandbox.slp("apply --env prod --yes --local").ok();
    let idle = sandbox.slp("plan --env prod --exit-code --local").ok();
    idle.says(&["Nothing to do"]);
    sandbox.slp("destroy --env prod --yes --local").ok();
    assert_eq!(sandbox.slp("state list --env prod --local").ok().stdout, "");
}

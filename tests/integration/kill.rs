//! A run that is killed with SIGKILL at one of its AWS calls loses nothing and makes nothing
//! twice. Three schedules, with the process really killed; the exhaustive ones, over three
//! examples and both sides of each call, run on the embedded cloud: `src/cli/tests/kill.rs`.

use crate::harness::{Counter, Emulator, Sandbox, When, example};

const SIGKILL: i32 = -9;

#[test]
fn an_apply_killed_after_any_of_its_calls_is_finished_by_the_next() {
    everywhere("apply --yes", fresh, When::After, finished);
}

#[test]
fn a_change_killed_before_any_of_its_calls_is_finished_by_the_next() {
    everywhere("apply --yes", changed, When::Before, finished);
}

#[test]
fn a_destroy_killed_after_any_of_its_calls_is_finished_by_the_next() {
    everywhere("destroy --yes", deployed, When::After, gone);
}

/// Where a run is killed: a moto of its own, the counter before it.
struct Place {
    moto: Emulator,
    counter: Counter,
}

/// Kills `line` at its first changing call, its second, and so on until it is not killed.
fn everywhere(line: &str, begin: fn(&Place) -> Sandbox, when: When, end: fn(&Place, &Sandbox)) {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let place = Place { moto, counter };
    for n in 1.. {
        place.moto.reset();
        let sandbox = begin(&place);
        place.counter.reset();
        place.counter.kill_at(n, when);
        let run = sandbox.slp(line);
        let killed = place.counter.has_killed();
        place.counter.reset();
        eprintln!("call {n}, {when:?}: killed: {killed}");
        if !killed {
            assert!(n > 3, "there were no calls to die at:\n{run}");
            run.ok();
            return end(&place, &sandbox);
        }
        run.exits(SIGKILL);
        let again = sandbox.slp(line).ok();
        eprintln!("{again}");
        end(&place, &sandbox);
    }
}

fn fresh(place: &Place) -> Sandbox {
    example("hello-world", "kill").at(place.counter.endpoint())
}

fn deployed(place: &Place) -> Sandbox {
    let sandbox = fresh(place);
    sandbox.slp("apply --yes").ok();
    sandbox
}

/// Deployed, then code, memory and a route changed in the manifest.
fn changed(place: &Place) -> Sandbox {
    let sandbox = deployed(place);
    let route = r#""ANY /{hello+}" = { function = "HelloWorld", credentials = "hello-world-api-gateway-role" }"#;
    let second = route.replace("ANY /{hello+}", "GET /status");
    sandbox
        .change_in("src/index.js", "Hello world", "Hello moon")
        .change("code = \"src\"", "code = \"src\"\nmemory = 256")
        .change(route, &format!("{route}\n{second}"));
    sandbox
}

/// Everything is there, once, and nothing is left to do; then all of it can go.
fn finished(place: &Place, sandbox: &Sandbox) {
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    let once = [
        "api kill-Hello World Api",
        "function kill-HelloWorld",
        "policy kill-hello-world-invoke-lambda-policy",
        "role kill-basic-lambda-logging",
        "role kill-hello-world-api-gateway-role",
    ];
    assert_eq!(place.moto.inventory(""), once);
    one_deployment(place, sandbox);
    sandbox.slp("destroy --yes").ok();
    gone(place, sandbox);
}

/// What a dead run left beside the deployment that is served has gone by now.
fn one_deployment(place: &Place, sandbox: &Sandbox) {
    let state = std::fs::read_to_string(sandbox.state()).expect("the state");
    let state: serde_json::Value = serde_json::from_str(&state).expect("JSON");
    let api = state["resources"]["api.hello-world"]["id"].as_str();
    let left = place.moto.deployments(api.expect("the API's id"));
    assert_eq!(left.len(), 1, "{left:?}");
}

fn gone(place: &Place, sandbox: &Sandbox) {
    let state = std::fs::read_to_string(sandbox.state()).expect("the state");
    assert!(state.contains("\"resources\": {}"), "{state}");
    assert_eq!(place.moto.inventory(""), Vec::<String>::new());
}

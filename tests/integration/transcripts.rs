//! What a person sees, command by command, whole.

use crate::harness::{self, Sandbox, example, transcript};

/// One at a time, so that the lines come in one order.
const APPLY: &str = "apply --yes --parallelism 1";

#[test]
fn without_a_cloud() {
    let sandbox = example("hello-world", "hello-world");
    let lines = ["validate", "graph", "graph --format mermaid", "package", "output"];
    let runs = lines.map(|line| sandbox.slp(line));
    transcript("offline", &sandbox, &runs);
}

#[test]
fn the_help() {
    let sandbox = Sandbox::empty("help");
    let lines = ["--help", "plan --help", "apply --help", "destroy --help", "no-such-command"];
    transcript("help", &sandbox, &lines.map(|line| sandbox.slp(line)));
}

#[test]
fn a_new_project() {
    let sandbox = Sandbox::empty("new").at(harness::moto().endpoint());
    let lines = ["init hello --name t-new", "-C hello validate", "-C hello plan"];
    transcript("init", &sandbox, &lines.map(|line| sandbox.slp(line)));
}

#[test]
fn the_life_of_hello_world() {
    let sandbox = example("hello-world", "t-life").at(harness::moto().endpoint());
    let lines = ["plan", "apply", APPLY, "plan --exit-code", APPLY];
    transcript("create", &sandbox, &lines.map(|line| sandbox.slp(line)));
    let lines = [
        "output",
        "output url --raw",
        "--json output",
        "show function.HelloWorld",
        "show",
        "state list",
        "state show policy.hello-world-invoke-lambda-policy",
        "state show function.HelloWorl",
    ];
    transcript("saved", &sandbox, &lines.map(|line| sandbox.slp(line)));
    change(&sandbox);
    let lines = ["plan", "plan --exit-code -v --target function.HelloWorld", APPLY];
    transcript("change", &sandbox, &lines.map(|line| sandbox.slp(line)));
    let lines = ["plan --destroy", "destroy --yes --parallelism 1", "destroy --yes"];
    transcript("destroy", &sandbox, &lines.map(|line| sandbox.slp(line)));
}

/// A bit of everything.
fn change(sandbox: &Sandbox) {
    let route = r#""ANY /{hello+}" = { function = "HelloWorld", credentials = "hello-world-api-gateway-role" }"#;
    let status = r#""GET /status" = { mock = { status = 204 } }"#;
    sandbox
        .change_in("src/index.js", "Hello world", "Hello moon")
        .change(
            "code = \"src\"",
            "code = \"src\"\nmemory = 512\nenvironment = { GREETING = \"Bonjour\" }",
        )
        .change(route, &format!("{route}\n{status}"))
        .change(
            "[policy.hello-world-invoke-lambda-policy]",
            "allow = [{ actions = [\"s3:GetObject\"], resources = [\"arn:aws:s3:::assets/*\"] }]\n\n\
             [policy.hello-world-invoke-lambda-policy]",
        );
}

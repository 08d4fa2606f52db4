//! Layers that somebody else published.

use std::process::Command;

use crate::harness::Sandbox;

const LAYER: &str =
    "arn:aws:lambda:eu-central-1:017000801446:layer:AWSLambdaPowertoolsTypeScriptV2:20";

fn layered() -> Sandbox {
    let sandbox = Sandbox::empty("layered");
    sandbox.write("src/index.js", "exports.handler = async () => 'ok';\n");
    let manifest = format!(
        r#"[project]
name = "layered"
region = "eu-central-1"

[role.run]
trust = "lambda.amazonaws.com"

[function.F]
runtime = "nodejs22.x"
handler = "index.handler"
role = "run"
code = "src"
layers = ["{LAYER}"]

[api.web.routes]
"GET /" = {{ function = "F" }}
[api.web.stage.test]

[outputs]
url = "${{api.web.stage.test.url}}"
"#
    );
    sandbox.write("slp.toml", &manifest);
    sandbox
}

#[test]
fn public_layer_in_dev() {
    let sandbox = layered();
    let absent = format!(
        "function.F: the local cloud does not have the layer {LAYER}; the function runs without it"
    );
    sandbox
        .slp("plan --local --rehearse")
        .ok()
        .says(&[&absent, "Nothing would fail"]);
    let mut dev = sandbox.begin("dev --ephemeral --port 0");
    dev.hears(&absent);
    dev.hears("page: http://127.0.0.1:");
    dev.signal("INT");
    dev.end().exits(130);
    sandbox.slp("apply --local --yes").ok().says(&[&absent]);
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("skipped: there is no node here");
        return;
    }
    let answer = sandbox.slp("invoke F --local").ok();
    assert_eq!(answer.stdout.trim_end(), "\"ok\"");
    // What is there already is told once, when it changes.
    sandbox.slp("plan --local").ok().never_says(&[LAYER]);
}

/// A layer of one's own is known, and must be there.
#[test]
fn own_layer_that_is_missing() {
    let sandbox = layered();
    sandbox.change("017000801446", "000000000000");
    let run = sandbox.slp("apply --local --yes").exits(1);
    run.says(&["Layer version", "does not exist"]);
}

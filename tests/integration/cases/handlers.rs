//! Handlers: each runtime finds its own in its own way.

use super::wide;
use crate::harness::Sandbox;

fn function(fields: &str, files: &[(&str, &str)]) -> Sandbox {
    let sandbox = wide();
    let head = "[project]\nname = \"case\"\nregion = \"eu-central-1\"\n[role.r]\ntrust = \"lambda.amazonaws.com\"\n[function.F]\nrole = \"r\"\ncode = \"src\"\n";
    sandbox.write("slp.toml", &format!("{head}{fields}\n"));
    for (file, text) in files {
        sandbox.write(&format!("src/{file}"), text);
    }
    sandbox
}

const NODE: &str = "runtime = \"nodejs22.x\"\n";
const LAYER: &str = "layers = [\"arn:aws:lambda:eu-central-1:464622532012:layer:Wrapper:112\"]\n";

#[test]
fn handler_in_layer() {
    let index = [("index.js", "exports.handler = async () => 1;\n")];
    for (runtime, handler) in [
        (
            "nodejs22.x",
            "/opt/nodejs/node_modules/wrapper/handler.handler",
        ),
        ("nodejs22.x", "wrapper-of-lambda.handler"),
        ("python3.13", "wrapper_lambda.handler.handler"),
        ("ruby3.4", "wrapper.handler"),
    ] {
        let fields = format!("runtime = \"{runtime}\"\nhandler = \"{handler}\"\n");
        let sound = function(&format!("{fields}{LAYER}"), &index);
        sound.slp("validate").ok().says(&["is sound"]);
        // Without a layer nothing can bring it.
        let wrong = function(&fields, &index).slp("validate").exits(2);
        wrong.says(&["the package holds no `", "slp.toml:10:11"]);
    }
}

/// A module's exports may stand inside one another; so they run, too.
#[test]
fn handler_nested_export() {
    let text = "exports.users = { list: async () => 'listed' };\n";
    let sandbox = function(
        &format!("{NODE}handler = \"index.users.list\""),
        &[("index.js", text)],
    );
    sandbox.slp("validate").ok().never_says(&["warning"]);
    sandbox.slp("--local apply --yes").ok();
    let told = sandbox.slp("--local invoke F").ok().stdout;
    assert_eq!(told.trim(), "\"listed\"");
}

#[test]
fn handler_dotted_file() {
    let text = "exports.handler = async () => 1;\n";
    let sandbox = function(
        &format!("{NODE}handler = \"users.list.handler\""),
        &[("users.list.js", text)],
    );
    for command in ["validate", "--local apply --yes"] {
        sandbox.slp(command).exits(2).says(&[
            "the package holds no `users.js` for the handler `users.list.handler`",
            "so it looks for `users`: rename the file",
        ]);
    }
}

#[test]
fn programs_of_their_own_need_a_bootstrap_that_runs() {
    let own = "runtime = \"provided.al2023\"\nhandler = \"anything\"";
    let without = function(own, &[("main", "")]);
    without
        .slp("validate")
        .exits(2)
        .says(&["the package holds no `bootstrap`"]);
    let sandbox = function(own, &[("bootstrap", "#!/bin/sh\n")]);
    sandbox
        .slp("validate")
        .exits(2)
        .says(&["`bootstrap` in the package is not executable"]);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(sandbox.path("src/bootstrap"), mode).expect("a mode");
    sandbox.slp("validate").ok();
}

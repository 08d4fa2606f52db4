//! What is packed: links, and never what is slp's own.

use std::os::unix::fs::symlink;

use super::runtimes::{function, has};
use crate::harness::{Sandbox, ministack};

#[test]
fn symlinks_pnpm() {
    if !has("node") {
        return;
    }
    let sandbox = function("symlinks-pnpm", "nodejs20.x", "");
    let store = "src/node_modules/.pnpm";
    sandbox
        .write(
            "src/index.js",
            "exports.handler = async () => require('first')();\n",
        )
        .write(
            &format!("{store}/first@2.1.0/node_modules/first/index.js"),
            "const second = require('second'); module.exports = () => `first, ${second()}`;\n",
        )
        .write(
            &format!("{store}/second@0.3.0/node_modules/second/index.js"),
            "module.exports = () => 'second';\n",
        );
    let link = |to: &str, at: &str| symlink(to, sandbox.path(at)).expect("a link");
    link(
        ".pnpm/first@2.1.0/node_modules/first",
        "src/node_modules/first",
    );
    link(
        "../../second@0.3.0/node_modules/second",
        &format!("{store}/first@2.1.0/node_modules/second"),
    );
    sandbox.slp("validate").ok();
    sandbox.slp("--local apply --yes").ok();
    let run = sandbox.slp("--local invoke F").ok();
    assert_eq!(run.stdout, "\"first, second\"\n");
    sandbox.slp("--local plan").ok().says(&["Nothing to do"]);
}

/// A manifest whose code is its own folder, with everything of slp's in it.
fn at_home(name: &str) -> Sandbox {
    let sandbox = function(name, "nodejs20.x", "");
    let more = "code = \".\"\nenvironment = { TOKEN = \"${var.token}\" }";
    sandbox.change("code = \"src\"", more);
    let variables = "[variables]\ntoken = { secret = true }\n\n[env.dev]\n[env.prod]\n\n[role.run]";
    sandbox.change("[role.run]", variables);
    sandbox
        .write(
            "index.js",
            "exports.handler = async () => require('fs').readdirSync('.');\n",
        )
        .write("dev.toml", "token = 'd3v'\n")
        .write("prod.toml", "token = 'pr0d'\n")
        .write(".env", "TOKEN=d3v\n")
        .write(".git/HEAD", "ref: refs/heads/main\n");
    sandbox
}

#[test]
fn code_in_the_manifests_own_folder() {
    let sandbox = at_home("own-folder").at(ministack().endpoint());
    let own = "--env dev --var-file dev.toml";
    sandbox.slp(&format!("apply --yes {own}")).ok();
    assert!(sandbox.state().exists());
    sandbox
        .slp(&format!("plan {own}"))
        .ok()
        .says(&["Nothing to do"]);
    // The first apply left a state, a lock and a backup, and a plan may be saved beside them.
    for (step, plan) in ["a.plan", "b.plan"].into_iter().enumerate() {
        sandbox.write(
            "index.js",
            &format!("exports.handler = async () => {step};\n"),
        );
        sandbox.slp(&format!("plan {own} --out {plan}")).ok();
        sandbox.slp(&format!("apply {plan} --yes {own}")).ok();
    }
    sandbox
        .slp(&format!("plan {own}"))
        .ok()
        .says(&["Nothing to do"]);
    sandbox.slp(&format!("package {own} --out zips")).ok();
    let bytes = std::fs::read(sandbox.path("zips/F.zip")).expect("a zip");
    let text = String::from_utf8_lossy(&bytes);
    for name in ["toml", ".env", ".git", "state", "plan", ".slp"] {
        assert!(!text.contains(name), "{name} is packed");
    }
    assert!(text.contains("index.js"));
    sandbox.slp(&format!("destroy --yes {own}")).ok();
}

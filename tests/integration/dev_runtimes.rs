//! `slp dev` and the runtimes that functions declare: what runs instead, said first; exactly what
//! is declared, where the manifest asks for it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::{Sandbox, get, transcript};

const MANIFEST: &str = r#"[project]
name = "declared"
region = "eu-west-1"

[role.run]
trust = "lambda.amazonaws.com"

[defaults.function]
role = "run"
code = "src"
handler = "index.handler"

[function.Same]
runtime = "nodejs24.x"

[function.Front]
runtime = "nodejs22.x"

[function.Back]
runtime = "nodejs22.x"

[function.Worker]
runtime = "python3.13"

[function.Old]
runtime = "java21"
handler = "com.example.Old::handle"

[api.declared.routes]
"GET /" = { function = "Front" }
[api.declared.stage.live]

[outputs]
url = "${api.declared.stage.live.url}"
"#;

const EXACT: &str = "\n[dev]\nruntimes = \"exact\"\n";

/// A machine with Node.js 24 and Python 3.11, which no function is called on.
fn machine(name: &str) -> Sandbox {
    let sandbox = Sandbox::empty(name);
    for (name, version) in [
        ("node", "v24.1.0"),
        ("python3", "Python 3.11.7"),
        ("python3.13", ""),
    ] {
        let path = sandbox.path(&format!("bin/{name}"));
        // Asked where it is, as launchers are, it names itself.
        let script = "#!/bin/sh\ncase $1 in --version) echo VERSION ;; *) echo \"$0\" ;; esac\n";
        let script = match version {
            // As pyenv has it for a version that is not chosen.
            "" => "#!/bin/sh\nexit 127\n".to_owned(),
            version => script.replace("VERSION", version),
        };
        sandbox.write(&format!("bin/{name}"), &script);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a program");
    }
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    let sandbox = sandbox
        .env("PATH", &path)
        .env("npm_config_registry", "http://127.0.0.1:1");
    sandbox.write(
        "src/index.js",
        "exports.handler = async () => process.version;\n",
    );
    sandbox.write(
        "src/index.py",
        "def handler(event, context):\n    return 1\n",
    );
    sandbox.write("src/com/example/Old.class", "x");
    sandbox
}

#[test]
fn what_runs_instead_is_said_once_a_runtime_and_how_to_get_the_right_one() {
    let sandbox = machine("declared");
    sandbox.write("slp.toml", MANIFEST);
    let mut running = sandbox.begin("dev --port 0");
    running.hears("page: http://127.0.0.1:");
    // Nothing of it is said again for a change.
    sandbox.change(
        "handler = \"index.handler\"\n",
        "handler = \"index.handler\"\nmemory = 256\n",
    );
    running.hears("Done: ");
    running.signal("INT");
    transcript("dev-runtimes", &sandbox, &[running.end().exits(130)]);
    let mut local = sandbox.begin("local --port 0");
    local.hears("nodejs22.x: Node.js 22 is declared, and Node.js 24.1.0 is what is here");
    local.hears("help: for that version write `runtimes = \"exact\"` under [dev] in slp.toml");
    local.hears("python3.13: Python 3.13 is declared");
    local.signal("INT");
    local.end().exits(130).never_says(&["nodejs24.x"]);
}

#[test]
fn what_cannot_be_had_exactly_is_refused_before_anything_is_done() {
    let sandbox = machine("declared-exact");
    sandbox.write("slp.toml", &format!("{MANIFEST}{EXACT}"));
    let mut running = sandbox.begin("dev --port 0");
    running.hears("java21: calls of its functions fail");
    let line = running.hears("error: nodejs22.x of function.Back (slp.toml:");
    assert!(line.contains("function.Front (slp.toml:"), "{line}");
    let why = "Node.js 22 is not on this machine, and http://127.0.0.1:1/node-";
    assert!(line.contains(why), "{line}");
    running.hears("  help: connect to a network that reaches the registry");
    let fixed = format!("{MANIFEST}{EXACT}").replace("nodejs22.x", "nodejs24.x");
    sandbox.write("slp.toml", &fixed);
    running.hears("error: python3.13 of function.Worker (slp.toml:");
    running.hears("help: install it (`uv python install 3.13`");
    sandbox.write("slp.toml", &fixed.replace("python3.13", "python3.11"));
    running.hears("page: http://127.0.0.1:");
    running.signal("INT");
    running.end().exits(130).never_says(&["is declared, and"]);
}

#[test]
fn a_slip_in_dev_is_told_with_what_is_meant() {
    let sandbox = machine("declared-slip");
    sandbox.write(
        "slp.toml",
        &format!("{MANIFEST}\n[dev]\nruntimes = \"exactly\"\n"),
    );
    sandbox.slp("validate").exits(2).says(&["exact"]);
    sandbox.write(
        "slp.toml",
        &format!("{MANIFEST}\n[dev]\nruntime = \"exact\"\n"),
    );
    sandbox
        .slp("validate")
        .exits(2)
        .says(&["did you mean `runtimes`?"]);
    sandbox.write(
        "slp.toml",
        &format!("{MANIFEST}\n[env.prod.dev]\nruntimes = \"exact\"\n"),
    );
    sandbox.slp("validate --env prod").ok();
    sandbox.write(
        "slp.toml",
        &format!("{MANIFEST}\n[dev]\nruntimes    =   \"exact\"\n"),
    );
    sandbox.slp("fmt").ok();
    assert!(
        sandbox.read("slp.toml").ends_with(EXACT),
        "{}",
        sandbox.read("slp.toml")
    );
}

/// With npm's real registry; where none answers, it says so and is over.
#[test]
fn node_comes_from_the_registry_and_then_from_the_cache() {
    let manifest = MANIFEST
        .split("\n[function.Worker]")
        .next()
        .expect("a part");
    let api = MANIFEST.split_once("[api.").expect("an API").1;
    let manifest = manifest.replace("\n[function.Same]\nruntime = \"nodejs24.x\"\n", "");
    let sandbox = machine("fetched");
    // Outside of the project, whose files are followed.
    let kept = Sandbox::empty("fetched-cache");
    let cache = kept.path("").display().to_string();
    let registry = std::env::var("npm_config_registry");
    let registry = registry.unwrap_or_else(|_| "https://registry.npmjs.org".to_owned());
    let sandbox = sandbox
        .env("SLP_CACHE", &cache)
        .env("npm_config_registry", &registry);
    sandbox.write("slp.toml", &format!("{manifest}\n[api.{api}{EXACT}"));
    let code = "exports.handler = async () => ({ statusCode: 200, body: process.version });\n";
    sandbox.write("src/index.js", code);
    let mut running = sandbox.begin("dev --port 0");
    let line = running.hears("Node.js 22");
    if line.contains("cannot be read") {
        eprintln!("skipped: no registry answers here: {line}");
        return;
    }
    assert!(line.contains("fetching Node.js 22."), "{line}");
    running.hears("page: http://127.0.0.1:");
    let url = |sandbox: &Sandbox| sandbox.slp("output url --raw --local").ok().stdout;
    let version = get(url(&sandbox).trim_end()).body;
    assert!(version.starts_with("v22."), "{version}");
    running.signal("INT");
    running.end().exits(130);
    // Without a network it runs as well.
    let sandbox = sandbox.env("npm_config_registry", "http://127.0.0.1:1");
    let mut running = sandbox.begin("dev --port 0");
    running.hears("page: http://127.0.0.1:");
    assert_eq!(get(url(&sandbox).trim_end()).body, version);
    running.signal("INT");
    running.end().exits(130).never_says(&["fetching"]);
}

#[test]
fn a_call_by_hand_runs_with_what_is_demanded_as_well() {
    let sandbox = machine("declared-invoke");
    sandbox.write("slp.toml", &format!("{MANIFEST}{EXACT}"));
    sandbox.slp("apply --local --yes").ok();
    let run = sandbox.slp("invoke Front --local").exits(1);
    run.says(&[
        "error: nodejs22.x of function.Front: Node.js 22 is not on this machine, and http://127.0.0.1:1/node-",
        "  help: connect to a network that reaches the registry",
    ]);
}

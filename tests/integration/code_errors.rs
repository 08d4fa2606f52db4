//! Errors of a function's code: the message, and the places in the user's own files, whichever
//! command tells them.

use crate::dev_told::{ended, is_there};
use crate::harness::{Run, Sandbox, get, request};

/// A function for each way in which code cannot be read or found.
const FUNCTIONS: [(&str, &str, &str); 7] = [
    ("Syntax", "nodejs20.x", "syntax.run"),
    ("Nested", "nodejs20.x", "nested.run"),
    ("Missing", "nodejs20.x", "missing.run"),
    ("Module", "nodejs20.x", "module.run"),
    ("Imported", "nodejs20.x", "imported.run"),
    ("Late", "nodejs20.x", "late.run"),
    ("Python", "python3.13", "app.run"),
];

const FILES: [(&str, &str); 9] = [
    (
        "syntax.js",
        "exports.run = async () => {\n  return {;\n};\n",
    ),
    (
        "nested.js",
        "const all = require('./lib/all');\nexports.run = all.run;\n",
    ),
    ("lib/all.js", "\nexports.run = require('../syntax').run;\n"),
    ("missing.js", "exports.run = require('./lib/needs').run;\n"),
    (
        "lib/needs.js",
        "const pad = require('left-padd');\nexports.run = pad;\n",
    ),
    (
        "module.mjs",
        "export const run = async () => {\n  retur 1;\n};\n",
    ),
    (
        "imported.mjs",
        "import { run } from './module.mjs';\nexport { run };\n",
    ),
    (
        "late.mjs",
        "import './lib/gone.mjs';\nexport const run = async () => 1;\n",
    ),
    (
        "app.py",
        "import json\n\n\ndef run(event, context)\n    return 1\n",
    ),
];

fn sandbox(name: &str) -> Sandbox {
    let sandbox = Sandbox::empty(name);
    let role = "[defaults.function]\ncode = \"src\"\n\n[role.run]\ntrust = \"lambda.amazonaws.com\"\nattach = [\"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole\"]\n";
    let functions = FUNCTIONS.map(|(name, runtime, handler)| {
        format!(
            "\n[function.{name}]\nruntime = \"{runtime}\"\nhandler = \"{handler}\"\nrole = \"run\"\n"
        )
    });
    let manifest = format!(
        "[project]\nname = \"{name}\"\n\n{role}{}",
        functions.concat()
    );
    sandbox.write("slp.toml", &manifest);
    for (file, text) in FILES {
        sandbox.write(&format!("src/{file}"), text);
    }
    sandbox
}

#[test]
fn code_that_cannot_be_loaded_names_the_users_files() {
    if !is_there("node") || !is_there("python3") {
        return;
    }
    let sandbox = sandbox("code");
    sandbox.slp("apply --local --yes").ok();
    let stderr = |run: Run| {
        let (line, told) = (&run.line, &run.stderr);
        let told = told.lines().filter(|line| !line.contains(" declared"));
        let told = told.filter(|line| !line.contains("under [dev] in "));
        let told: Vec<&str> = told.collect();
        format!("$ slp {line}\n{}\n", told.join("\n"))
    };
    let mut text = String::new();
    for (name, ..) in FUNCTIONS {
        let run = sandbox.slp(&format!("invoke {name} --local")).exits(1);
        let own = "node.cjs";
        assert!(!run.stderr.contains(own), "{run}");
        text.push_str(&stderr(run));
    }
    crate::harness::told(
        "tests/integration/transcripts/code-errors.txt",
        &sandbox,
        &text,
    );
    let all = sandbox.slp("invoke Missing --local -v").exits(1);
    all.says(&[
        "src/lib/needs.js  required by /var/task/lib/needs.js",
        "node.cjs",
    ]);
    for line in [
        "logs Missing --local",
        "logs Missing --local --filter left-padd",
    ] {
        let run = sandbox.slp(line).ok();
        let run = run.says(&[
            "Cannot find module 'left-padd'\nMissing    src/lib/needs.js\nMissing    src/missing.js\n",
        ]);
        run.never_says(&["node.cjs", "errorType", "Require stack"]);
    }
    let own = sandbox.slp("logs Missing --local --filter REPORT").ok();
    own.says(&["REPORT RequestId: "]);
}

/// What a function throws may hold what it was given to keep.
#[test]
fn a_secret_that_is_thrown_is_not_told() {
    if !is_there("node") {
        return;
    }
    const HUSH: &str = "hush-hush-4321";
    let sandbox = Sandbox::empty("thrown").env("SLP_VAR_token", HUSH);
    sandbox.write(
        "slp.toml",
        r#"[project]
name = "thrown"

[variables]
token = { secret = true }

[role.run]
trust = "lambda.amazonaws.com"
attach = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]

[function.Throws]
runtime = "nodejs20.x"
handler = "index.run"
role = "run"
code = "src"
environment = { TOKEN = "${var.token}" }

[api.thrown.routes]
"GET /" = { function = "Throws" }

[api.thrown.stage.live]

[outputs]
url = "${api.thrown.stage.live.url}"
"#,
    );
    let code = "exports.run = async () => {\n  console.log(process.env.TOKEN);\n  throw new Error(`no: ${process.env.TOKEN}`);\n};\n";
    sandbox.write("src/index.js", code);
    let mut dev = sandbox.begin("dev --port 0");
    dev.hears("page: http://127.0.0.1:");
    let line = dev.prints("url = ");
    get(line.split('"').nth(1).expect("a URL"));
    dev.prints("GET /  502");
    dev.prints("  Error: no: (secret)");
    let invoked = sandbox.slp("invoke Throws --local --tail").exits(1);
    let invoked = invoked.says(&["Error: no: (secret)"]).never_says(&[HUSH]);
    assert!(invoked.stdout.contains("no: (secret)"), "{invoked}");
    for line in ["logs --local", "logs --local --all", "logs --local --json"] {
        let run = sandbox.slp(line).ok();
        run.says(&["no: (secret)"]).never_says(&[HUSH]);
    }
    let note = sandbox.read(".slp/local/server.json");
    let note: serde_json::Value = serde_json::from_str(&note).expect("JSON");
    let token = format!("x-slp-token: {}", note["token"].as_str().expect("a token"));
    let page = format!("{}/_slp/recent", note["url"].as_str().expect("a URL"));
    let recent = request("GET", &page, &[&token], "").body;
    assert!(recent.contains("Error: no: (secret)"), "{recent}");
    assert!(recent.contains("\"  src/index.js:3\""), "{recent}");
    assert!(!recent.contains(HUSH), "{recent}");
    ended(dev).says(&["Throws  (secret)"]).never_says(&[HUSH]);
}

//! A secret in every place where one can stand is found in no file, no output and no error of
//! slp's: not when all goes well, not when AWS refuses or a run is killed, not in a bucket.

use std::fs;

use crate::harness::{Aws, Counter, Emulator, Run, Sandbox, When};

/// The second is what the secret is changed to.
const SECRETS: [&str; 2] = ["s3cr3t-the-first-value", "s3cr3t-the-second-value"];

const MANIFEST: &str = r#"
[project]
name = "canary"
name_prefix = "canary-"

[state]
backend = "s3"
bucket = "canary-states"

[variables]
token = { from = "env:CANARY", secret = true }

[role.run]
trust = "lambda.amazonaws.com"
[[role.run.allow]]
actions = ["s3:GetObject"]
resources = ["arn:aws:s3:::${var.token}/*", "arn:aws:s3:::aaa/*", "arn:aws:s3:::zzz/*"]

[policy.own]
[[policy.own.allow]]
actions = ["s3:GetObject"]
resources = ["arn:aws:s3:::${var.token}/*", "arn:aws:s3:::aaa/*", "arn:aws:s3:::zzz/*"]

[function.Front]
description = "with ${var.token}"
runtime = "nodejs22.x"
handler = "index.handler"
role = "run"
code = "src"
environment = { TOKEN = "${var.token}", URL = "https://x:${var.token}@example.com/" }

[api.shop]
description = "with ${var.token}"
[api.shop.routes]
"GET /front" = { function = "Front" }
[api.shop.stage.live]
description = "with ${var.token}"

[outputs]
token = { value = "${var.token}", secret = true }
"#;

struct Place {
    moto: Emulator,
    counter: Counter,
    sandbox: Sandbox,
    runs: Vec<Run>,
}

impl Place {
    fn new() -> Place {
        let moto = Emulator::moto();
        let counter = Counter::before(moto.endpoint());
        let sandbox = Sandbox::empty("canary").at(counter.endpoint());
        sandbox.write("slp.toml", MANIFEST);
        sandbox.write("src/index.js", "exports.handler = async () => 1;\n");
        let aws = Aws::at(moto.endpoint());
        aws.run("s3api create-bucket --bucket canary-states");
        Place {
            moto,
            counter,
            sandbox,
            runs: Vec::new(),
        }
    }

    fn with(mut self, secret: &str) -> Place {
        self.sandbox = self.sandbox.env("CANARY", secret);
        self
    }

    fn runs(&mut self, lines: &[&str]) {
        for line in lines {
            let run = self.sandbox.slp(line);
            self.runs.push(run.ok());
        }
    }

    fn environment(&self) -> serde_json::Value {
        let function = self.moto.aws().function("canary-Front");
        function.expect("the function")["Configuration"]["Environment"]["Variables"].clone()
    }
}

#[test]
fn a_secret_is_nowhere_but_in_aws() {
    let mut place = Place::new().with(SECRETS[0]);
    // Killed, and unlocked by the id that the next one names.
    place.counter.kill_at(9, When::After);
    place.runs.push(place.sandbox.slp("apply --yes"));
    assert!(place.counter.has_killed());
    place.counter.reset();
    let locked = place.sandbox.slp("apply --yes");
    let id = locked.stderr.split("lock id ").nth(1).expect("an id");
    let id = id.split([',', '\n']).next().expect("an id").to_owned();
    place.runs.push(locked);
    place.runs(&[&format!("state unlock {id}"), "recover", "apply --yes"]);
    assert_eq!(place.environment()["TOKEN"], SECRETS[0]);
    place = place.with(SECRETS[1]);
    place.runs(&["validate", "plan", "plan -v", "--json plan"]);
    place.runs(&["apply --yes", "plan --exit-code"]);
    assert_eq!(place.environment()["TOKEN"], SECRETS[1]);
    place.runs(&[
        "show",
        "--json show",
        "output",
        "--json output",
        "state list",
        "state pull",
        "state history",
        "graph",
        "package",
        "plan --destroy",
    ]);
    let kept = place.sandbox.slp("output token --raw").exits(1);
    place.runs.push(kept.says(&["slp keeps no secrets"]));
    nowhere(&place);
    let place = half_done(place);
    nowhere(&place);
}

/// Another secret under another name, of which nobody knows whether it arrived.
fn half_done(mut place: Place) -> Place {
    place = place.with(SECRETS[0]);
    place.sandbox.change("{ TOKEN = ", "{ API_TOKEN = ");
    place.counter.reset();
    place.counter.kill_at(5, When::After);
    place.runs.push(place.sandbox.slp("apply --yes"));
    assert!(place.counter.has_killed());
    place.counter.reset();
    let locked = place.sandbox.slp("plan");
    place.runs.push(locked);
    let unfinished = place.sandbox.slp("drift").exits(3);
    place.runs.push(unfinished);
    place.runs(&["plan -v", "why function.Front", "state pull"]);
    let locked = place.sandbox.slp("apply --refresh-only --yes");
    let id = locked.stderr.split("lock id ").nth(1).expect("an id");
    let id = id.split([',', '\n']).next().expect("an id").to_owned();
    place.runs.push(locked);
    place.runs(&[
        &format!("state unlock {id}"),
        "recover",
        "plan --out half.plan",
        "show half.plan",
        "show half.plan --format json",
        "show half.plan --format markdown",
        "show half.plan --format html",
        "show half.plan --format github",
        "why function.Front",
        "why role.run",
        "state pull",
        "apply --refresh-only --yes",
        "plan --out half.plan",
        "state pull",
        "apply --yes",
        "plan --exit-code",
        "drift",
        "destroy --yes",
    ]);
    place
}

fn nowhere(place: &Place) {
    let shown = place.runs.iter();
    assert!(shown.clone().any(|run| run.stdout.contains("(secret")));
    for run in shown {
        for secret in SECRETS {
            let said = run.stdout.contains(secret) || run.stderr.contains(secret);
            assert!(!said, "{run}");
        }
    }
    let bucket = place.sandbox.path("bucket");
    let aws = place.moto.aws();
    let words = [
        "s3",
        "sync",
        "s3://canary-states",
        bucket.to_str().expect("a path"),
        "--quiet",
    ];
    aws.with(&words);
    let files = place.sandbox.files();
    assert!(files.iter().any(|file| file.starts_with(&bucket)));
    for file in files {
        let text = String::from_utf8_lossy(&fs::read(&file).expect("a file")).into_owned();
        for secret in SECRETS {
            assert!(!text.contains(secret), "{}", file.display());
        }
    }
}

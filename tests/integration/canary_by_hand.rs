//! What others put into AWS where secrets may stand, and what the manifest calls a secret, is
//! shown and kept by no command in any form; what is to stay as AWS has it stays so.

use std::fs;

use serde_json::Value;

use crate::harness::{Aws, Counter, Emulator, Run, Sandbox, When};

/// Added by hand to a function, to one whose environment is ignored, and to a stage.
const BY_HAND: [&str; 3] = ["canary-of-a-hand", "canary-that-stays", "canary-of-a-stage"];
/// Declared secrets, of a parameter and of a secret.
const DECLARED: [&str; 2] = ["canary-parameter", "canary-kept-by-aws"];

const MANIFEST: &str = r#"
[project]
name = "hand"
name_prefix = "hand-"

[variables]
token = { from = "ssm:/hand/token", secret = true }
db = { from = "secretsmanager:hand-db", secret = true }

[role.run]
trust = "lambda.amazonaws.com"

[function.Front]
runtime = "nodejs22.x"
handler = "index.handler"
role = "run"
code = "src"
environment = { TOKEN = "${var.token}", URL = "https://x:${var.db}@example.com/", DB = "${var.db}" }

[function.Kept]
runtime = "nodejs22.x"
handler = "index.handler"
role = "run"
code = "src"
ignore = ["environment"]

[api.shop.routes]
"GET /front" = { function = "Front" }
[api.shop.stage.live]
variables = { told = "plain" }
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
        let sandbox = Sandbox::empty("hand").at(counter.endpoint());
        sandbox.write("slp.toml", MANIFEST);
        sandbox.write("src/index.js", "exports.handler = async () => 1;\n");
        let aws = moto.aws();
        let [token, db] = DECLARED;
        aws.run(&format!(
            "ssm put-parameter --name /hand/token --type SecureString --value {token}"
        ));
        aws.run(&format!(
            "secretsmanager create-secret --name hand-db --secret-string {db}"
        ));
        Place {
            moto,
            counter,
            sandbox,
            runs: Vec::new(),
        }
    }

    fn aws(&self) -> Aws {
        self.moto.aws()
    }

    fn environment(&self, function: &str) -> Value {
        let found = self.aws().function(function).expect("the function");
        found["Configuration"]["Environment"]["Variables"].clone()
    }

    /// Every place in which a hand can put something that only a few may know.
    fn changed_by_hand(&self) {
        let ([front, kept, stage], [token, db]) = (BY_HAND, DECLARED);
        let mut variables = self.environment("hand-Front");
        variables["BY_HAND"] = front.into();
        variables["COPY"] = token.into();
        self.configure("hand-Front", &variables, &format!("its password is {db}"));
        self.configure("hand-Kept", &serde_json::json!({ "BY_HAND": kept }), "");
        let aws = self.aws();
        let api = aws.apis("hand-shop")[0]["id"].clone();
        let patch = format!("op=replace,path=/variables/by_hand,value={stage}");
        let api = api.as_str().expect("an id");
        aws.run(&format!(
            "apigateway update-stage --rest-api-id {api} --stage-name live --patch-operations {patch}"
        ));
    }

    fn configure(&self, function: &str, variables: &Value, description: &str) {
        let environment = serde_json::json!({ "Variables": variables }).to_string();
        let mut words: Vec<&str> = "lambda update-function-configuration --function-name"
            .split(' ')
            .collect();
        words.extend([function, "--environment", &environment]);
        words.extend(["--description", description]);
        self.aws().with(&words);
    }

    /// Each of them, in text and as JSON, whatever it ends with.
    fn runs(&mut self, lines: &[&str]) {
        for line in lines {
            for line in [(*line).to_owned(), format!("--json {line}")] {
                self.runs.push(self.sandbox.slp(&line));
            }
        }
    }

    fn in_each_form(&mut self, line: &str) {
        for form in ["human", "json", "markdown", "html", "github"] {
            let run = self.sandbox.slp(&format!("{line} --format {form}"));
            assert!([0, 3].contains(&run.code), "{run}");
            assert!(run.stdout.len() > 40, "{run}");
            self.runs.push(run);
        }
    }

    fn nowhere(&self) {
        let canaries = BY_HAND.iter().chain(&DECLARED);
        for canary in canaries {
            for run in &self.runs {
                let said = run.stdout.contains(canary) || run.stderr.contains(canary);
                assert!(!said, "{canary}: {run}");
            }
            for file in self.sandbox.files() {
                let text = String::from_utf8_lossy(&fs::read(&file).expect("a file")).into_owned();
                assert!(!text.contains(canary), "{canary}: {}", file.display());
            }
        }
    }
}

#[test]
fn what_a_hand_added_is_shown_in_no_form() {
    let mut place = Place::new();
    place.sandbox.slp("apply --yes").ok();
    place.changed_by_hand();
    looked_at(&mut place);
    place.nowhere();
    // What AWS has of a field under `ignore` is sent back as it is, by a kept plan as well.
    place.sandbox.change(
        "ignore = [\"environment\"]",
        "memory = 256\nignore = [\"environment\"]",
    );
    place.runs.push(
        place
            .sandbox
            .slp("plan --target function.Kept --out kept.plan")
            .ok(),
    );
    place.in_each_form("show kept.plan");
    place
        .runs
        .push(place.sandbox.slp("apply kept.plan --yes").ok());
    assert_eq!(place.environment("hand-Kept")["BY_HAND"], BY_HAND[1]);
    killed(&mut place);
    let last = place.sandbox.slp("apply --yes").ok();
    place.runs.push(last);
    let idle = place.sandbox.slp("plan --exit-code").ok();
    place.runs.push(idle.says(&["Nothing to do"]));
    assert_eq!(place.environment("hand-Kept")["BY_HAND"], BY_HAND[1]);
    assert!(place.environment("hand-Front")["BY_HAND"].is_null());
    place.nowhere();
}

fn looked_at(place: &mut Place) {
    place.in_each_form("plan");
    place.in_each_form("drift");
    place.in_each_form("plan --destroy");
    place
        .runs
        .push(place.sandbox.slp("plan --out all.plan").ok());
    place.in_each_form("show all.plan");
    let drift = place.sandbox.slp("--json drift").exits(3);
    for name in ["BY_HAND", "COPY", "by_hand"] {
        assert!(drift.stdout.contains(name), "{drift}");
    }
    place.runs(&[
        "plan -v",
        "plan --refresh fast",
        "why function.Front",
        "why function.Kept",
        "why api.shop.live",
        "destroy",
        "show",
        "show function.Front",
        "state pull",
        "permissions --for-plan",
    ]);
}

/// A run that dies half way leaves a journal; what AWS has becomes what the state knows.
fn killed(place: &mut Place) {
    place.counter.reset();
    place.counter.kill_at(1, When::After);
    let run = place.sandbox.slp("apply --yes");
    place.runs.push(run);
    assert!(place.counter.has_killed());
    place.counter.reset();
    place.runs(&["plan", "drift", "state pull", "show"]);
    place.nowhere();
    let recover = place.sandbox.slp("recover").ok();
    place.runs.push(recover);
    place.changed_by_hand();
    place.runs(&[
        "apply --refresh-only --yes",
        "show",
        "state pull",
        "drift",
        "plan",
        "destroy",
    ]);
    place.nowhere();
}

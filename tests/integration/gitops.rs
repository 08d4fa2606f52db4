//! What a pipeline asks beside plans: gates, drift, why, and which manifests of a repository.

use std::process::Command;

use crate::harness::{Aws, Counter, Emulator, Sandbox, When, example};

#[test]
fn a_gate_refuses_until_a_waiver_says_who_agreed() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = example("hello-world", "gates").at(counter.endpoint());
    sandbox.slp("apply --yes").ok();
    let text = sandbox.read("slp.toml");
    let gates = "[gates]\nrefuse = [\"destroy\", \"breaking-api\"]\n";
    let routed = text.replace("\"ANY /{hello+}\"", "\"GET /{hello+}\"");
    sandbox.write("slp.toml", &format!("{routed}\n{gates}"));
    counter.reset();
    let planned = sandbox.slp("plan --exit-code --out x.plan").exits(5);
    let planned = planned.says(&["breaking-api refuses", "loses its route ANY /{hello+}"]);
    planned.says(&["refused by a gate (breaking-api)", "[[gates.waiver]]"]);
    let markdown = sandbox.slp("show x.plan --format markdown").ok().stdout;
    assert!(markdown.contains("Gates refuse this"), "{markdown}");
    for line in ["apply --yes", "apply x.plan --yes", "destroy --yes"] {
        sandbox.slp(line).exits(5);
    }
    assert_eq!(counter.changing(), 0, "nothing was changed");
    let waiver = "[[gates.waiver]]\ngate = \"breaking-api\"\naddress = \"api.hello-world\"\n\
                  reason = \"agreed with its callers\"\nuntil = \"2099-12-31\"\n";
    sandbox.write("slp.toml", &format!("{routed}\n{gates}{waiver}"));
    let passed = sandbox.slp("plan --exit-code").exits(3);
    passed.says(&["lets pass", "agreed with its callers, until 2099-12-31"]);
    for form in ["markdown", "html", "github"] {
        let told = sandbox.slp(&format!("plan --format {form}")).ok();
        told.says(&["Gates let this pass", "with its callers, until 2099-12-31"]);
    }
    sandbox.change("2099-12-31", "2020-12-31");
    let ended = sandbox.slp("plan").exits(5);
    ended.says(&["waiver ended on 2020-12-31"]);
    sandbox.change("2020-12-31", "2099-12-31");
    sandbox.slp("apply --yes").ok();
    // By hand, for one run.
    sandbox.write("slp.toml", &text);
    let by_hand = sandbox.slp("plan --gate widen").exits(5);
    by_hand.says(&["widen refuses", "ANY /{hello+}"]);
    sandbox
        .slp("plan --gate wide")
        .exits(2)
        .says(&["did you mean `widen`?"]);
    sandbox.slp("destroy --yes").ok();
}

#[test]
fn drift_is_told_whatever_the_manifest_says() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = example("hello-world", "drifting").at(counter.endpoint());
    sandbox.slp("drift").exits(4).says(&["no state yet"]);
    sandbox.change("code = \"src\"", "code = \"src\"\nignore = [\"memory\"]");
    sandbox.slp("apply --yes").ok();
    counter.reset();
    sandbox
        .slp("drift")
        .ok()
        .says(&["No drift: AWS is as the last apply left it"]);
    // Nor is what an apply that was cut off left half done.
    sandbox.change(
        "code = \"src\"",
        "code = \"src\"\ndescription = \"says hello\"",
    );
    counter.kill_at(1, When::After);
    sandbox.slp("apply --yes");
    assert!(counter.has_killed());
    counter.reset();
    let unfinished = sandbox.slp("drift").exits(3);
    unfinished
        .says(&["function.HelloWorld", "its last change did not end"])
        .never_says(&["delete", "No drift"]);
    sandbox.change("\ndescription = \"says hello\"", "");
    sandbox.slp("apply --yes").ok();
    counter.reset();
    // What the manifest wants is no drift.
    sandbox.change("code = \"src\"", "code = \"src\"\ntimeout = 30");
    sandbox
        .slp("drift")
        .ok()
        .says(&["No drift: AWS is as the last apply left it"]);
    let aws = Aws::at(moto.endpoint());
    let name = sandbox.named("HelloWorld");
    aws.run(&format!(
        "lambda update-function-configuration --function-name {name} --memory-size 512"
    ));
    let role = sandbox.named("basic-lambda-logging");
    aws.run(&format!(
        "iam attach-role-policy --role-name {role} --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess"
    ));
    let drifted = sandbox.slp("drift").exits(3);
    let drifted = drifted.says(&["function.HelloWorld", "512 → 128 MB", "ReadOnlyAccess"]);
    drifted.never_says(&["timeout"]);
    let markdown = sandbox.slp("drift --format markdown").exits(3).stdout;
    assert!(markdown.starts_with("## Drift of `"), "{markdown}");
    assert!(markdown.contains("role.basic-lambda-logging"), "{markdown}");
    // Edited, and never deployed.
    let api = aws.apis(&sandbox.named("Hello World Api")).remove(0);
    let id = api["id"].as_str().expect("an id");
    let root = api["rootResourceId"].as_str().map(str::to_owned);
    let resources = aws.run(&format!("apigateway get-resources --rest-api-id {id}"));
    let root = root.unwrap_or_else(|| {
        let items = resources["items"].as_array().expect("resources");
        let root = items
            .iter()
            .find(|item| item["path"] == "/")
            .expect("a root");
        root["id"].as_str().expect("an id").to_owned()
    });
    aws.run(&format!(
        "apigateway put-method --rest-api-id {id} --resource-id {root} --http-method GET --authorization-type NONE"
    ));
    let edited = sandbox.slp("drift").exits(3);
    let edited = edited.says(&["Worth knowing:", "GET /", "edited but never deployed"]);
    edited.never_says(&["left alone"]);
    assert_eq!(counter.changing(), 0, "it only looks");
    sandbox.slp("destroy --yes").ok();
}

#[test]
fn why_tells_the_three_values_and_the_way() {
    let moto = Emulator::moto();
    let sandbox = example("hello-world", "why").at(moto.endpoint());
    sandbox.slp("apply --yes").ok();
    let idle = sandbox.slp("why function.HelloWorld").ok();
    idle.says(&["function.HelloWorld  slp.toml:", "nothing to do"]);
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    let name = sandbox.named("HelloWorld");
    Aws::at(moto.endpoint()).run(&format!(
        "lambda update-function-configuration --function-name {name} --memory-size 512"
    ));
    sandbox.slp("why function.HelloWorld").ok().says(&[
        "~ update",
        "  memory\n    manifest    256\n    last apply  128\n    AWS         512\n",
    ]);
    let form = sandbox.slp("why function.HelloWorld --json").ok().stdout;
    let form: serde_json::Value = serde_json::from_str(&form).expect("JSON");
    assert_eq!(form["addr"], "function.HelloWorld");
    let field = &form["fields"][0];
    assert_eq!(field["path"], serde_json::json!(["memory"]), "{form}");
    assert_eq!(field["last_apply"], 128, "{form}");
    let shown = sandbox.slp("show --format json").ok().stdout;
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["function.HelloWorld"]["spec"]["memory"], 128);
    for form in ["markdown", "html", "github"] {
        let refused = sandbox.slp(&format!("show --format {form}")).exits(2);
        refused.says(&["only plans have this form", "`--format json`"]);
    }
    sandbox.change("\"ANY /{hello+}\"", "\"GET /{hello+}\"");
    let stage = sandbox.slp("why api.hello-world.stage.test").ok();
    stage.says(&["api.hello-world.stage.test → api.hello-world"]);
    let meant = sandbox.slp("why function.HelloWord").exits(1);
    meant.says(&["did you mean function.HelloWorld?"]);
}

fn git(sandbox: &Sandbox, line: &str) {
    let words = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "init.defaultBranch=main",
    ];
    let done = Command::new("git")
        .arg("-C")
        .arg(sandbox.path(""))
        .args(words)
        .args(line.split(' '))
        .output()
        .expect("git");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn the_manifests_of_a_repository_come_in_the_order_of_what_they_read() {
    let sandbox = Sandbox::empty("stacks");
    let manifest = |project: &str, reads: &str| {
        let from = match reads {
            "" => String::new(),
            reads => format!("[variables]\nx = {{ from = \"state:{reads}#role\" }}\n"),
        };
        format!("[project]\nname = \"{project}\"\n{from}")
    };
    sandbox.write("slp.toml", &manifest("top", "shop"));
    sandbox.write("base/slp.toml", &manifest("base", ""));
    sandbox.write("shop/slp.toml", &manifest("shop", "base"));
    sandbox.write(
        "shop/admin/slp.toml",
        &format!(
            "{}[function.A]\ncode = \"../../lib\"\n",
            manifest("admin", "base")
        ),
    );
    sandbox.write("lib/a.js", "1");
    sandbox.write("ignored/slp.toml", &manifest("ignored", ""));
    sandbox.write(".gitignore", "ignored/\n");
    git(&sandbox, "init --quiet");
    git(&sandbox, "add --all");
    git(&sandbox, "commit --quiet -m one");
    let all = sandbox.slp("stacks").ok();
    assert_eq!(
        all.stdout,
        "0  base/slp.toml  base\n1  shop/admin/slp.toml  admin\n1  shop/slp.toml  shop\n2  slp.toml  top\n"
    );
    let changed = |expected: &[&str]| {
        let run = sandbox.slp("stacks --changed-since HEAD --json").ok();
        let listed: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        let paths: Vec<&str> = listed
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["path"].as_str().expect("a path"))
            .collect();
        assert_eq!(paths, expected, "{run}");
    };
    changed(&[]);
    sandbox.write("shop/src/index.js", "1");
    changed(&["shop/slp.toml"]);
    sandbox.write("lib/a.js", "2");
    // The one at the top has all files that no other has.
    changed(&["shop/admin/slp.toml", "shop/slp.toml", "slp.toml"]);
    sandbox.write("base/slp.toml", &manifest("base", "top"));
    sandbox.slp("stacks").exits(2).says(&["in a circle"]);
    let unknown = sandbox.slp("stacks --changed-since nowhere").exits(2);
    unknown.says(&["circle"]);
    sandbox.write("base/slp.toml", &manifest("base", ""));
    let unknown = sandbox.slp("stacks --changed-since nowhere").exits(1);
    unknown.says(&["nowhere", "--changed-since"]);
    // None is left out in silence.
    sandbox.write("shop/slp.toml", "[project\nname = \"shop\"\n");
    let unread = sandbox.slp("stacks --json").exits(2);
    unread.says(&["shop/slp.toml", "not every manifest can be read"]);
    sandbox.write("shop/slp.toml", &manifest("base", ""));
    sandbox
        .slp("stacks")
        .exits(2)
        .says(&["two manifests are of the project base"]);
    sandbox.write("shop/slp.toml", &manifest("shop", "bass"));
    sandbox
        .slp("stacks")
        .ok()
        .says(&["reads an output of bass, which no manifest here is of"]);
    let alone = Sandbox::empty("stacks-alone");
    alone.write("slp.toml", &manifest("alone", ""));
    let run = alone.slp("stacks --changed-since HEAD").exits(2);
    run.says(&["is in no git repository"]);
}

//! The pipelines that `docs/pipelines` gives away: a change on its way from a branch to AWS and
//! what stops it, the action as a runner runs it, an install that believes no file. Whether
//! their files are valid is `tests/pipeline/check.py`'s business.

use std::fs;
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::harness::{self, CREDENTIALS, Run, Sandbox, example, root, told};

/// A script of the repository, with the folder to run it in; AWS is the emulator.
fn script(path: &str, sandbox: &Sandbox, words: &[&str]) -> Run {
    let kept = ["PATH", "HOME", "SLP_CACHE"].map(|name| (name, std::env::var_os(name)));
    let kept = kept
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let releases = format!("file://{}", sandbox.path("server").display());
    let output = Command::new(root().join(path))
        .args(words)
        .current_dir(sandbox.path(""))
        .env_clear()
        .envs(kept)
        .envs(CREDENTIALS)
        .env("AWS_ENDPOINT_URL", harness::moto().endpoint())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("SLP", env!("CARGO_BIN_EXE_slp"))
        .env(
            "SLP_RELEASES",
            format!("{releases}/OWNER/slp/releases/download"),
        )
        .env("GITHUB_SERVER_URL", releases)
        .output()
        .expect("the script runs");
    Run::of(&format!("({path} {})", words.join(" ")), output)
}

#[test]
fn a_change_goes_its_way_and_an_old_plan_is_refused() {
    let sandbox = Sandbox::empty("pipe");
    let folder = sandbox.path("").display().to_string();
    let run = script("tests/pipeline/run.sh", &sandbox, &[&folder]).ok();
    let apis = harness::moto().aws().apis("pipe-Hello World Api");
    assert_eq!(apis.len(), 1);
    let id = apis[0]["id"].as_str().expect("an id");
    let text = run.stdout.replace(id, "<api id>");
    told("docs/pipeline-transcript.txt", &sandbox, &text);
}

/// A release on a server: a program that runs ours, and the list of checksums. Its checksum.
fn release(sandbox: &Sandbox) -> String {
    let program = format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_slp"));
    let sum: Vec<String> = Sha256::digest(&program)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let sum = sum.concat();
    let name = format!("slp-{}-linux", std::env::consts::ARCH);
    let folder = "server/OWNER/slp/releases/download/v0.1.0";
    sandbox
        .write(&format!("{folder}/{name}"), &program)
        .write(&format!("{folder}/SHA256SUMS"), &format!("{sum}  {name}\n"));
    sum
}

/// The default one is of the server, which here is a folder.
const LINK: &str = "link=https://ci.example/7";

fn action(sandbox: &Sandbox, words: &str) -> Run {
    let words: Vec<&str> = words.split(", ").chain(["version=0.1.0", LINK]).collect();
    script("tests/pipeline/action.py", sandbox, &words)
}

#[test]
fn the_action_plans_applies_and_looks_for_drift() {
    let sandbox = example("hello-world", "action");
    let sum = release(&sandbox);
    action(&sandbox, "command=apply")
        .exits(2)
        .says(&["there is no plan in"]);
    let gated = action(&sandbox, "command=plan, args=--gate widen, out=gated");
    gated.exits(5).says(&["\nexit-code=5\n"]);
    let comment = sandbox.read("gated/comment.md");
    assert!(comment.contains("### Gates refuse this"), "{comment}");
    action(&sandbox, "command=apply, out=gated")
        .exits(5)
        .says(&["nothing was done"]);
    let planned = action(&sandbox, &format!("command=plan, sha256={sum}, out=kept"));
    planned.ok().says(&[
        "::notice file=slp.toml,line=",
        "\nexit-code=3\nplan-file=kept/plan\ncomment-file=kept/comment.md\npage-file=kept/plan.html\n",
    ]);
    let comment = sandbox.read("kept/comment.md");
    assert!(
        comment.starts_with("<!-- slp: . -->\n## Plan of `action`"),
        "{comment}"
    );
    assert!(comment.contains("(<https://ci.example/7>)"), "{comment}");
    assert!(sandbox.read("kept/plan.html").contains("<html"));
    action(&sandbox, "command=apply, out=kept")
        .ok()
        .says(&["6 created"]);
    action(&sandbox, "command=apply, out=kept")
        .exits(4)
        .says(&["\nexit-code=4\n"]);
    action(&sandbox, "command=plan, out=kept")
        .ok()
        .says(&["\nexit-code=0\n"]);
    action(&sandbox, "command=drift")
        .ok()
        .says(&["\nexit-code=0\n"]);
    let function = sandbox.named("HelloWorld");
    let line =
        format!("lambda update-function-configuration --function-name {function} --timeout 9");
    harness::moto().aws().run(&line);
    let drift = action(&sandbox, "command=drift, args=--parallelism 1");
    drift
        .ok()
        .says(&["\nexit-code=3\n", "comment-file=slp-out/drift.md"]);
    assert!(
        sandbox
            .read("slp-out/drift.md")
            .contains("function.HelloWorld")
    );
}

#[test]
fn each_changed_project_goes_its_way_after_those_that_it_reads() {
    let sandbox = Sandbox::empty("each");
    for name in ["a", "b", "c"] {
        let project = example("hello-world", &format!("each-{name}"));
        let mut manifest = project.read("slp.toml");
        if name == "a" {
            manifest += "\n[variables]\nb = { from = \"state:each-b#url\", default = \"\" }\n";
        }
        sandbox.write(&format!("{name}/slp.toml"), &manifest).write(
            &format!("{name}/src/index.js"),
            &project.read("src/index.js"),
        );
    }
    let git = |line: &str| {
        let words = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
        let words = words.into_iter().chain(line.split(' '));
        let words: Vec<&str> = words.collect();
        script("/usr/bin/env", &sandbox, &[&["git"], &words[..]].concat()).ok();
    };
    git("init --quiet");
    git("add --all");
    git("commit --quiet --message first");
    for name in ["a", "b"] {
        let manifest = sandbox.read(&format!("{name}/slp.toml"));
        sandbox.write(
            &format!("{name}/slp.toml"),
            &format!("# changed\n{manifest}"),
        );
    }
    let each = |words: &[&str]| {
        let words = [&["each", "HEAD"], words].concat();
        script("docs/pipelines/shell/pipeline.sh", &sandbox, &words)
    };
    let order = |run: &Run| -> Vec<String> {
        let lines = run.stdout.lines().filter(|line| line.starts_with("== "));
        lines.map(str::to_owned).collect()
    };
    // A gate holds up one, and the other's plan is made all the same.
    let gated = each(&["plan", "--gate", "widen"]).exits(5);
    assert_eq!(order(&gated), ["== b", "== a"]);
    assert_eq!(sandbox.read("slp-out/a/exit-code"), "5\n");
    assert_eq!(order(&each(&["apply"]).exits(5)), ["== b"]);
    assert_eq!(order(&each(&["plan"]).ok()), ["== b", "== a"]);
    let applied = each(&["apply"]).ok();
    assert_eq!(applied.stderr.matches("6 created").count(), 2, "{applied}");
    assert_eq!(order(&each(&["drift"]).ok()), ["== b", "== a"]);
}

#[test]
fn a_release_that_is_not_what_its_checksum_says_is_not_installed() {
    let sandbox = Sandbox::empty("install");
    let sum = release(&sandbox);
    let install = |sandbox: &Sandbox| {
        let words = ["0.1.0", "bin"];
        script("docs/pipelines/shell/install.sh", sandbox, &words)
    };
    install(&sandbox).ok().says(&["slp 0.1.0"]);
    fs::remove_dir_all(sandbox.path("bin")).expect("it was installed");
    let name = format!("slp-{}-linux", std::env::consts::ARCH);
    let folder = "server/OWNER/slp/releases/download/v0.1.0";
    let sums = format!("{folder}/SHA256SUMS");
    sandbox.write(&sums, &format!("{sum}  another\n"));
    install(&sandbox).exits(1).says(&["does not name slp-"]);
    sandbox.write(&sums, &format!("{}  {name}\n", "0".repeat(64)));
    install(&sandbox).exits(1).says(&["was not installed"]);
    // The release's own list says yes to what was put there with it; the one written down does not.
    sandbox.write(&format!("{folder}/{name}"), "#!/bin/sh\necho owned\n");
    let owned = action(&sandbox, &format!("command=plan, sha256={sum}"));
    owned
        .exits(1)
        .says(&["was not installed"])
        .never_says(&["owned"]);
    assert!(!sandbox.path("bin").exists());
}

//! What the AWS CLI made.

use super::{begun, hello_world};
use crate::harness::{self, Local, Sandbox};

/// Imported with one command; afterwards there is nothing to do, and it can be destroyed.
fn taken_over(sandbox: Sandbox, endpoint: &str, code: &str) -> Sandbox {
    let sandbox = sandbox.at(endpoint);
    let aws = harness::Aws::at(endpoint);
    let made = hello_world(&sandbox, &aws);
    let before = aws.inventory(&sandbox.prefix());
    let line = format!("import api.hello {} --follow {code}", made.api);
    let shown = sandbox.slp(&line).ok();
    shown.says(&["[api.hello]", "[[import]]", "nothing was changed"]);
    assert!(!sandbox.path("state").exists());
    let run = sandbox.slp(&format!("{line} --write")).ok();
    run.says(&["6 taken over", "Nothing to do"]);
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    sandbox.slp("fmt --check").ok();
    assert_eq!(aws.inventory(&sandbox.prefix()), before);
    let manifest = sandbox.read("slp.toml");
    let name = sandbox.named("Hello");
    for line in [
        format!(
            "\"ANY /{{hello+}}\" = {{ function = \"{name}\", credentials = \"{}\" }}",
            sandbox.named("gateway")
        ),
        format!("role = \"{}\"", sandbox.named("logging")),
        format!("resources = [\"${{function.{name}.arn}}\"]"),
    ] {
        assert!(manifest.contains(&line), "{line} in\n{manifest}");
    }
    sandbox
}

/// It is this project's now: destroy takes it away.
fn destroyed(sandbox: &Sandbox, endpoint: &str) {
    sandbox.slp("destroy --yes").ok();
    let left = harness::Aws::at(endpoint).inventory(&sandbox.prefix());
    assert_eq!(left, Vec::<String>::new());
}

/// moto serves no code: the folder is taken for it.
#[test]
fn a_hello_world_on_moto() {
    let endpoint = harness::moto().endpoint();
    let sandbox = taken_over(begun("imp-moto", "state"), endpoint, "--code made");
    destroyed(&sandbox, endpoint);
}

#[test]
fn a_hello_world_on_ministack() {
    let endpoint = harness::ministack().endpoint();
    let sandbox = taken_over(begun("imp-mini", "state"), endpoint, "");
    let name = sandbox.named("Hello");
    let code = sandbox.read(&format!("src/{name}/index.js"));
    assert_eq!(code, sandbox.read("made/index.js"));
    destroyed(&sandbox, endpoint);
}

/// With ownership tags, and an API that answers throughout.
#[test]
fn a_hello_world_at_slp_local() {
    let server = Sandbox::empty("imp-server");
    let local = Local::start(&server, "--ephemeral");
    let sandbox = taken_over(begun("imp-local", "tags"), &local.url, "");
    let aws = harness::Aws::at(&local.url);
    let role = sandbox.named("logging");
    let tags = aws.run(&format!("iam list-role-tags --role-name {role}"));
    assert!(tags.to_string().contains("slp:address"), "{tags}");
    destroyed(&sandbox, &local.url);
}

#[test]
fn what_cannot_be_taken_is_refused() {
    let endpoint = harness::ministack().endpoint();
    let sandbox = begun("imp-not", "state").at(endpoint);
    hello_world(&sandbox, &harness::Aws::at(endpoint));
    let role = sandbox.named("logging");
    let arn = format!(
        "arn:aws:lambda:us-east-1:000000000000:function:{}",
        sandbox.named("Hello")
    );
    sandbox
        .slp(&format!("import role.mine {role} --write"))
        .ok();
    for (line, code, says) in [
        (format!("role.mine {role}"), 1, "is in the state already"),
        (
            format!("role.other {role}"),
            1,
            "is role.mine in the state already",
        ),
        (
            "role.other imp-nobody".into(),
            1,
            "there is no role imp-nobody in AWS",
        ),
        (format!("role.other {arn}"), 2, "is a function, not a role"),
        ("queue.q q".into(), 2, "there is no kind `queue`"),
        ("api.a.stage.s a/s".into(), 2, "comes along with api.a"),
        ("role.other".into(), 2, "an address or an id is missing"),
    ] {
        for write in ["", " --write"] {
            sandbox
                .slp(&format!("import {line}{write}"))
                .exits(code)
                .says(&[says]);
        }
    }
    // There need be no manifest to look what it would be.
    let bare = Sandbox::empty("imp-bare").at(endpoint);
    let gateway = sandbox.named("gateway");
    let shown = bare.slp(&format!("import role.x {gateway}")).ok();
    shown.says(&["[project]\nname = ", "[role.x]", "put this into slp.toml"]);
    assert!(!bare.path("slp.toml").exists());
    let other = begun("imp-not-ours", "tags").at(endpoint);
    let tag = "slp:project,Value=imp-somebody";
    harness::Aws::at(endpoint).run(&format!(
        "iam tag-role --role-name {role} --tags Key={tag} Key=slp:env,Value=-"
    ));
    let refused = other.slp(&format!("import role.x {role} --write")).exits(1);
    refused.says(&["belongs to slp project imp-somebody"]);
    assert!(!other.read("slp.toml").contains("role"));
}

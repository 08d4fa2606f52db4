//! The same contract for every kind of resource: absent is none, what is made reads back as
//! it was wanted, making it again makes nothing, a change reads back, a fixed field replaces,
//! what is deleted is gone, and deleting it again is no error.

use std::collections::BTreeSet;

use crate::harness::{self, Sandbox};

/// One of each kind.
const EVERYTHING: &str = r#"
[project]
name = "t-contract"
name_prefix = "t-contract-"

[role.r]
trust = "lambda.amazonaws.com"
attach = ["p"]
max_session_duration = 3600
path = "/one/"

[policy.p]
path = "/one/"
[[policy.p.allow]]
actions = ["s3:GetObject"]
resources = ["*"]

[function.f]
name = "t-contract-f"
runtime = "nodejs22.x"
handler = "index.handler"
role = "r"
code = "src"
memory = 128
logging = { retention_days = 7 }
[function.f.alias.live]
description = "one"
[function.f.permission.s3]
principal = "s3.amazonaws.com"
source_arn = "arn:aws:s3:::one"

[api.a]
description = "one"
[api.a.routes]
"GET /" = { function = "f:live" }
[api.a.stage.s]
variables = { v = "one" }
"#;

/// Address, what stands there, what is written instead.
type Edit = (&'static str, &'static str, &'static str);

/// A change of each kind that AWS makes in place.
const IN_PLACE: &[Edit] = &[
    (
        "role.r",
        "max_session_duration = 3600",
        "max_session_duration = 7200",
    ),
    ("policy.p", "s3:GetObject", "s3:PutObject"),
    ("function.f", "memory = 128", "memory = 256"),
    (
        "function.f.log_group",
        "retention_days = 7",
        "retention_days = 14",
    ),
    (
        "function.f.alias.live",
        "[function.f.alias.live]\ndescription = \"one\"",
        "[function.f.alias.live]\ndescription = \"two\"",
    ),
    (
        "function.f.permission.s3",
        "arn:aws:s3:::one",
        "arn:aws:s3:::two",
    ),
    (
        "api.a",
        "[api.a]\ndescription = \"one\"",
        "[api.a]\ndescription = \"two\"",
    ),
    ("api.a.stage.s", "v = \"one\"", "v = \"two\""),
];

/// A change of a field that AWS cannot change.
const FIXED: &[Edit] = &[
    (
        "policy.p",
        "[policy.p]\npath = \"/one/\"",
        "[policy.p]\npath = \"/two/\"",
    ),
    ("role.r", "3600\npath = \"/one/\"", "3600\npath = \"/two/\""),
];

/// Another name: another thing, which is made before the old one goes.
const NAME: Edit = ("function.f", "t-contract-f\"", "t-contract-g\"");

fn one_of_each() -> Sandbox {
    let sandbox = Sandbox::empty("contract");
    sandbox.write("slp.toml", EVERYTHING);
    sandbox.write("src/index.js", "exports.handler = async () => ({});\n");
    sandbox
}

fn settled(sandbox: &Sandbox) {
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
}

#[test]
fn no_kind_is_forgotten() {
    let tried: BTreeSet<String> = IN_PLACE
        .iter()
        .map(|(addr, ..)| slp::addr::Addr::parse(addr).expect("an address").kind())
        .collect();
    let every: BTreeSet<String> = slp::aws::kinds()
        .iter()
        .map(|kind| kind.name().to_owned())
        .collect();
    assert_eq!(tried, every);
}

#[test]
fn every_kind_keeps_the_contract() {
    let moto = harness::Emulator::moto();
    let sandbox = one_of_each().at(moto.endpoint());
    let absent = sandbox.slp("plan --exit-code").exits(3).planned();
    assert!(
        absent.iter().all(|line| line.starts_with("+ ")),
        "{absent:?}"
    );
    sandbox.slp("apply --yes").ok();
    settled(&sandbox);
    sandbox.slp("apply --yes").ok().says(&["Nothing to do"]);
    for (addr, from, to) in IN_PLACE {
        sandbox.change(from, to);
        let planned = sandbox.slp("plan --exit-code").exits(3).planned();
        assert!(
            planned.contains(&format!("~ {addr}")),
            "{addr}: {planned:?}"
        );
        sandbox.slp("apply --yes").ok();
        settled(&sandbox);
        sandbox.change(to, from);
    }
    sandbox.slp("apply --yes").ok();
    for (addr, from, to) in FIXED {
        sandbox.change(from, to);
        let planned = sandbox.slp("plan").ok().says(&["forces replacement"]);
        assert!(
            planned.planned().contains(&format!("-/+ {addr}")),
            "{addr}: {planned}"
        );
        sandbox.slp("apply --yes").ok();
        settled(&sandbox);
    }
    let (addr, from, to) = NAME;
    sandbox.change(from, to);
    let planned = sandbox.slp("plan").ok().planned();
    for line in [format!("+ {addr}"), format!("- {addr}@old")] {
        assert!(planned.contains(&line), "{line}: {planned:?}");
    }
    sandbox.slp("apply --yes").ok();
    settled(&sandbox);
    sandbox.slp("destroy --yes").ok();
    sandbox.slp("destroy --yes").ok().says(&["Nothing to do"]);
    let left = moto.inventory("t-contract");
    assert!(left.is_empty(), "left behind: {left:?}");
}

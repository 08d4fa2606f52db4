//! Whoever takes everything away needs no variable that only resources use, and no manifest
//! without a slip; what says where everything is, and what must stay, is needed all the same.

use crate::harness::{Sandbox, moto};

const RESOURCES: &str = r#"
[variables]
size = { type = "integer" }
token = { from = "env:TOKEN", secret = true }
far = { from = "ssm:/leaving/far", default = "x" }

[role.run]
trust = "lambda.amazonaws.com"
description = "${var.far}"

[function.Front]
runtime = "nodejs22.x"
handler = "index.handler"
role = "run"
code = "src"
memory = "${var.size}"
environment = { TOKEN = "${var.token}" }
"#;

fn applied(name: &str, options: &str) -> Sandbox {
    let sandbox = Sandbox::empty(name).at(moto().endpoint());
    let project = format!("[project]\nname = \"{name}\"\nname_prefix = \"{name}-\"\n");
    sandbox.write("slp.toml", &format!("{project}{RESOURCES}"));
    sandbox.write("src/index.js", "exports.handler = async () => 1;\n");
    let line = format!("apply {options} --yes --var size=256 --var token=s3cr3t-of-the-leaving");
    sandbox.slp(&line).ok();
    sandbox
}

/// Slips that have nothing to do with what is there.
const SLIPS: &str =
    "\n[function.Other]\nmemry = 1\nhandler = 7\n[fnction.X]\n[outputs]\nx = \"${nope}\"\n";

#[test]
fn destroy_asks_for_no_variable_and_minds_no_slip() {
    for (name, options) in [("leaving-aws", ""), ("leaving-local", "--local")] {
        let sandbox = applied(name, options);
        let text = sandbox.read("slp.toml");
        sandbox.write("slp.toml", &format!("{text}{SLIPS}"));
        sandbox.slp("validate").exits(2);
        sandbox.slp(&format!("plan {options}")).exits(2);
        let planned = sandbox.slp(&format!("plan {options} --destroy")).ok();
        planned
            .says(&["- function.Front", "- role.run"])
            .never_says(&["s3cr3t"]);
        let drift = sandbox.slp(&format!("drift {options}")).ok();
        drift.never_says(&["s3cr3t"]);
        sandbox.slp(&format!("destroy {options} --yes")).ok();
        let again = sandbox.slp(&format!("plan {options} --destroy")).ok();
        again.says(&["Nothing to do"]);
    }
    assert_eq!(moto().inventory("leaving-aws-"), Vec::<String>::new());
}

#[test]
fn what_says_where_everything_is_must_be_right() {
    let sandbox = applied("leaving-where", "");
    let text = sandbox.read("slp.toml");
    let refused = |more: &str, says: &str| {
        sandbox.write("slp.toml", &format!("{more}{text}"));
        sandbox.slp("destroy --yes").exits(2).says(&[says]);
    };
    refused(
        "[state]\nbackend = \"s3\"\nbucket = \"${var.size}\"\n",
        "size",
    );
    refused("[state]\nbackand = \"s3\"\n", "backand");
    // Of the variables only those that say where it is.
    sandbox.slp("destroy --yes").never_says(&["`token`"]);
    refused("[[removed]]\naddres = \"role.run\"\n", "addres");
    refused(
        "[[moved]]\nfrom = \"role.old\"\nto = \"role.ran\"\n",
        "role.ran",
    );
    refused("x = [\n", "slp.toml");
    let protected = text.replace("[role.run]", "[role.run]\nprotect = true");
    sandbox.write("slp.toml", &format!("{protected}{SLIPS}"));
    let run = sandbox.slp("destroy --yes");
    assert_ne!(run.code, 0, "{run}");
    run.says(&["role.run", "protect"]);
    assert_eq!(moto().inventory("leaving-where-").len(), 2);
    // What is given to nobody any more is left where it is.
    let kept = text.replace("[role.run]", "[role.other]");
    let removed = "[[removed]]\naddress = \"role.run\"\n";
    sandbox.write("slp.toml", &format!("{removed}{kept}{SLIPS}"));
    sandbox.slp("destroy --yes").ok();
    let left = moto().inventory("leaving-where-");
    assert_eq!(left, ["role leaving-where-run"]);
}

#[test]
fn an_environment_is_left_without_its_variables() {
    let sandbox = applied("leaving-env", "");
    let text = sandbox.read("slp.toml");
    sandbox.slp("destroy --yes").ok();
    let more = "\n[env.prod]\nomit = [\"function.Nobody\"]\n[env.prod.project]\nname_prefix = \"leaving-env-p-\"\n";
    sandbox.write(
        "slp.toml",
        &format!("{text}\n[env.prod.project]\nname_prefix = \"leaving-env-p-\"\n"),
    );
    sandbox
        .slp("apply --env prod --yes --var size=256 --var token=abcdefgh")
        .ok();
    sandbox.write("slp.toml", &format!("{text}{more}"));
    sandbox.slp("destroy --env prod --yes").ok();
    assert_eq!(moto().inventory("leaving-env-"), Vec::<String>::new());
}

/// A slip there must not lead to another place, where there is no state.
#[test]
fn a_slip_in_the_states_place_is_told_by_whoever_looks_there() {
    let sandbox = applied("leaving-place", "");
    let text = sandbox.read("slp.toml");
    let slips = [
        ("backend = \"s3\"\nbuckt = \"b\"\n", "buckt"),
        ("backand = \"s3\"\n", "backand"),
        ("bucket = \"${var.size}\"\n", "size"),
    ];
    for (slip, says) in slips {
        sandbox.write("slp.toml", &format!("[state]\n{slip}{text}"));
        for command in [
            "state list",
            "state history",
            "state unlock 1",
            "state rm role.run",
            "output",
            "show",
            "logs Front",
        ] {
            let run = sandbox.slp(command).exits(2);
            run.says(&[says, "slp.toml"]).never_says(&["`token`"]);
        }
    }
    sandbox.write("slp.toml", &text);
    sandbox
        .slp("destroy --yes --var size=256 --var token=abcdefgh")
        .ok();
}

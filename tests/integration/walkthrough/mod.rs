//! Clients that we did not write, at `slp local`: what people do by hand with the AWS CLI, and
//! with Terraform, from nothing to an API that answers and back. No slp but the server.

mod awscli;
mod terraform;

use std::process::Command;

use crate::harness::Sandbox;

/// A handler that says this to whoever asks, and to whom.
fn handler(says: &str) -> String {
    format!(
        "exports.hello = async (event) => ({{ statusCode: 200, body: `{says}, ${{event.path || event.who}}` }});\n"
    )
}

/// A zip with this handler, made by Python as a person would.
fn zipped(sandbox: &Sandbox, says: &str) -> String {
    sandbox.write("index.js", &handler(says));
    let made = Command::new("python3")
        .args(["-m", "zipfile", "-c", "code.zip", "index.js"])
        .current_dir(sandbox.path(""))
        .status();
    assert!(made.expect("python3 runs").success());
    sandbox.path("code.zip").display().to_string()
}

/// Whether node is here; where not, that is said.
fn node() -> bool {
    let there = Command::new("node").arg("--version").output().is_ok();
    if !there {
        eprintln!("skipped: there is no node here");
    }
    there
}

//! What the environment of a run says, and what it only seems to say.

use crate::harness::{Sandbox, moto};

const MANIFEST: &str =
    "[project]\nname = \"empty-region\"\n\n[role.run]\ntrust = \"lambda.amazonaws.com\"\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty("empty-region").at(moto().endpoint());
    sandbox.write("slp.toml", MANIFEST);
    sandbox.env("AWS_REGION", "")
}

fn region(sandbox: &Sandbox) -> String {
    let run = sandbox.slp("--json plan").ok();
    let plan: serde_json::Value = serde_json::from_str(&run.stdout).expect("a plan");
    plan["region"].as_str().expect("a region").to_owned()
}

#[test]
fn empty_aws_region() {
    let by_variable = sandbox().env("AWS_DEFAULT_REGION", "us-east-2");
    assert_eq!(region(&by_variable), "us-east-2");
    let by_file = sandbox().env("AWS_DEFAULT_REGION", "");
    by_file.write(".aws/config", "[default]\nregion = eu-west-3\n");
    assert_eq!(region(&by_file), "eu-west-3");
    let nowhere = sandbox().env("AWS_DEFAULT_REGION", "");
    let run = nowhere.slp("plan").exits(1);
    run.says(&["no AWS region is set", "AWS_REGION"])
        .never_says(&["Interceptor", "ConstructionFailure"]);
}

#[test]
fn what_is_no_region_is_called_so() {
    let run = sandbox().env("AWS_REGION", "us east").slp("plan").exits(1);
    run.says(&["`us east` is not a region of AWS", "eu-central-1"])
        .never_says(&["Interceptor", "ConstructionFailure"]);
}

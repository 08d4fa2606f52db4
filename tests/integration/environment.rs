//! An empty variable is one that is not set, whoever reads it; a profile that is not there is
//! called so.

use crate::harness::{Sandbox, example, moto};

fn sandbox(name: &str) -> Sandbox {
    example("hello-world", name).at(moto().endpoint())
}

/// One with profiles and without keys in the environment.
fn profiled(name: &str) -> Sandbox {
    let sandbox = sandbox(name)
        .env("AWS_ACCESS_KEY_ID", "")
        .env("AWS_SECRET_ACCESS_KEY", "")
        .env("AWS_REGION", "")
        .env("AWS_DEFAULT_REGION", "");
    sandbox.write(
        ".aws/config",
        "[profile staging]\nregion = us-east-1\n[profile bare]\n",
    );
    let keys = "aws_access_key_id = test\naws_secret_access_key = test\n";
    sandbox.write(
        ".aws/credentials",
        &format!("[staging]\n{keys}[bare]\n{keys}"),
    );
    sandbox
}

#[test]
fn whatever_is_empty_is_not_set() {
    for name in [
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CA_BUNDLE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
        "AWS_MAX_ATTEMPTS",
        "AWS_RETRY_MODE",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_ENDPOINT_URL_STS",
        "AWS_SDK_UA_APP_ID",
        "SLP_ENV",
        "SLP_PACE",
    ] {
        let sandbox = sandbox("environment-empty").env(name, "");
        let run = sandbox.slp("plan").ok();
        run.says(&["Plan: "]);
    }
    let embedded = Sandbox::empty("environment-local").env("AWS_ENDPOINT_URL", "");
    embedded.slp("init .").ok();
    embedded.slp("plan --local").ok();
}

#[test]
fn a_profile_that_is_not_there_is_named_and_one_without_a_region_is_not_confused_with_it() {
    let good = profiled("environment-profile").env("AWS_PROFILE", "staging");
    good.slp("plan").ok();
    let missing = profiled("environment-profile").env("AWS_PROFILE", "stagin");
    missing
        .slp("plan")
        .exits(1)
        .says(&[
            "there is no AWS profile `stagin`",
            "did you mean `staging`?",
        ])
        .never_says(&["region"]);
    let written = profiled("environment-profile");
    written.change("[project]", "[project]\nprofile = \"prod\"");
    written.slp("plan").exits(1).says(&[
        "there is no AWS profile `prod`",
        "`profile` in [project]",
        "bare, staging",
    ]);
    let bare = profiled("environment-profile").env("AWS_PROFILE", "bare");
    bare.slp("plan")
        .exits(1)
        .says(&["no AWS region is set", "the profile `bare`"]);
    // Keys and a region do without a profile.
    let keys = sandbox("environment-profile").env("AWS_PROFILE", "nobody");
    keys.slp("plan").ok();
}

/// Who names an address means it: what else there is comes after it.
#[test]
fn an_address_that_nobody_answers_at_is_told_first() {
    let sandbox = example("hello-world", "nobody");
    sandbox.slp("apply --local --yes").ok();
    let sandbox = sandbox.at("http://127.0.0.1:1");
    let run = sandbox.slp("plan").exits(1);
    let helps: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("  help: "))
        .collect();
    assert_eq!(
        helps,
        [
            "  help: http://127.0.0.1:1 is what --endpoint-url (AWS_ENDPOINT_URL) names: start what should answer there, or leave it out for AWS",
            "  help: the embedded cloud has what `slp dev` left: add --local to ask that",
        ],
        "{run}"
    );
}

//! Limits of AWS: what it refuses is told when the manifest is read, what it takes is let through.

use super::wide;
use crate::harness::Sandbox;

fn project(tables: &str) -> Sandbox {
    let sandbox = wide();
    let head = "[project]\nname = \"case\"\nregion = \"eu-central-1\"\n";
    sandbox
        .write("slp.toml", &format!("{head}{tables}\n"))
        .write("src/index.js", "exports.handler = async () => ({});\n");
    sandbox
}

fn function(fields: &str) -> Sandbox {
    project(&format!(
        "[role.r]\ntrust = \"lambda.amazonaws.com\"\n[function.F]\nrole = \"r\"\nhandler = \"index.handler\"\ncode = \"src\"\n{fields}"
    ))
}

const NODE: &str = "runtime = \"nodejs22.x\"\n";

/// AWS measures the JSON of all variables: 100 variables of 38 bytes with seven signs each but one.
#[test]
fn environment_4kb_json() {
    let variables = |count: usize| -> String {
        let one = |n: usize| format!("VARIABLE_{n:03} = \"{}\"\n", "v".repeat(26));
        (0..count).map(one).collect()
    };
    let of = |count| {
        function(&format!(
            "{NODE}[function.F.environment]\n{}",
            variables(count)
        ))
    };
    let large = of(100);
    for command in ["validate", "--local plan --rehearse"] {
        large.slp(command).exits(2).says(&[
            "the environment has 4401 bytes as JSON",
            "AWS takes 4096 in all",
        ]);
    }
    // 44 bytes each, and the braces: 93 are 4,093 bytes.
    of(93).slp("validate").ok();
    of(94).slp("validate").exits(2);
    of(93).slp("--local apply --ephemeral --yes").ok();
}

#[test]
fn quotes_and_secrets_count_in_the_environment() {
    let quotes = "\\\"".repeat(2040);
    let quoted = function(&format!("{NODE}environment = {{ AB = \"{quotes}\" }}"));
    quoted.slp("validate").ok();
    let quotes = "\\\"".repeat(2046);
    let quoted = function(&format!("{NODE}environment = {{ AB = \"{quotes}\" }}"));
    quoted.slp("validate").exits(2).says(&["4101 bytes"]);
    let secret = function(&format!(
        "{NODE}environment = {{ AB = \"${{var.key}}\" }}\n[variables]\nkey = {{ secret = true }}"
    ));
    let secret = secret.env("SLP_VAR_key", &"s".repeat(4096));
    let told = secret.slp("validate").exits(2);
    told.says(&["4105 bytes"]).never_says(&["ssss"]);
}

#[test]
fn role_description_dash() {
    let of = |description: &str| {
        project(&format!(
            "[role.r]\ntrust = \"lambda.amazonaws.com\"\ndescription = \"{description}\""
        ))
    };
    for (wrong, told) in [
        ("a – b", "character 3 is '–' (U+2013)"),
        ("日本", "character 1 is '日' (U+65E5)"),
        ("\\u0001", "U+0001"),
    ] {
        let sandbox = of(wrong);
        for command in ["validate", "--local plan --rehearse", "--local apply --yes"] {
            sandbox.slp(command).exits(2).says(&[told, "slp.toml:6:"]);
        }
    }
    of("Größe, ¡ÿ! - ~")
        .slp("--local apply --ephemeral --yes")
        .ok();
}

#[test]
fn path_part_dollar() {
    let sandbox = project(
        "[api.a.routes]\n\"GET /users/$count\" = { mock = {} }\n\"GET /1,2\" = { mock = {} }\n[api.a.stage.live]",
    );
    sandbox.slp("validate").ok().never_says(&["warning"]);
    sandbox.slp("--local apply --ephemeral --yes").ok();
}

/// A refused route is one problem, and not also that the API has none.
#[test]
fn a_bad_part_of_a_path_is_one_problem() {
    let sandbox = project("[api.a.routes]\n\"GET /a*b\" = { mock = {} }\n[api.a.stage.live]");
    let told = sandbox.slp("validate").exits(2);
    told.says(&["`a*b` cannot be a part of a path", "1 problem\n"]);
}

#[test]
fn a_colon_before_a_variable_is_a_warning() {
    let sandbox = project("[api.a.routes]\n\"GET /todos/:id\" = { mock = {} }");
    let told = sandbox.slp("validate").ok();
    told.says(&["`:id` matches only `:id` itself", "`{id}`", "1 warning"]);
    let colon = project("[api.a.routes]\n\"GET /v1/things:batch\" = { mock = {} }");
    colon.slp("validate").ok().never_says(&["warning"]);
}

#[test]
fn tags_that_iam_refuses_are_told() {
    let of = |tags: &str| {
        project(&format!(
            "[role.r]\ntrust = \"lambda.amazonaws.com\"\ntags = {{ {tags} }}"
        ))
    };
    of("cost = \"a, b\"")
        .slp("validate")
        .exits(2)
        .says(&["',' cannot stand in the tag `cost`"]);
    of("Team = \"a\", team = \"b\"")
        .slp("validate")
        .exits(2)
        .says(&["differ only in case"]);
    of("\"Kosten Stelle\" = \"1/2+3=4@x:y\"")
        .slp("--local apply --ephemeral --yes")
        .ok();
    let function = function(&format!("{NODE}tags = {{ cost = \"a, b\" }}"));
    function.slp("validate").ok().says(&["1 warning"]);
    let table = "[project]\nname = \"case\"\nregion = \"eu-central-1\"\ntags = { Team = \"a\" }\n[role.r]\ntrust = \"lambda.amazonaws.com\"\ntags = { team = \"b\" }\n";
    let sandbox = wide();
    sandbox
        .write("slp.toml", table)
        .slp("validate")
        .exits(2)
        .says(&["differ only in case"]);
}

#[test]
fn an_empty_stage_variable_is_refused() {
    let sandbox = project(
        "[api.a.routes]\n\"GET /\" = { mock = {} }\n[api.a.stage.live]\nvariables = { empty = \"\" }",
    );
    sandbox
        .slp("validate")
        .exits(2)
        .says(&["the stage variable `empty` is empty", "slp.toml:7:23"]);
}

#[test]
fn paths_of_iam_are_judged_by_their_characters() {
    let role = |path: &str| {
        project(&format!(
            "[role.r]\ntrust = \"lambda.amazonaws.com\"\npath = \"{path}\""
        ))
    };
    for wrong in ["/team", "/a b/", "/größe/", "/aws-service-role/x/"] {
        role(wrong)
            .slp("validate")
            .exits(2)
            .says(&["slp.toml:6:8", "1 problem\n"]);
    }
    role("/a-b/c_d/")
        .slp("--local apply --ephemeral --yes")
        .ok();
}

/// An error only where AWS refuses it; else a warning that names the day.
#[test]
fn runtimes_that_aws_withdraws_are_told_with_the_day() {
    let of = |runtime: &str| function(&format!("runtime = \"{runtime}\""));
    let gone = of("nodejs12.x").slp("validate").exits(2);
    gone.says(&[
        "AWS has withdrawn `nodejs12.x`: since 2023-04-30",
        "`nodejs24.x`",
        "slp.toml:10:",
    ]);
    let old = of("nodejs18.x").slp("validate").ok();
    old.says(&[
        "AWS has deprecated `nodejs18.x` since 2025-09-01",
        "2027-02-01",
        "1 warning",
    ]);
    let last = of("nodejs14.x");
    last.slp("validate")
        .ok()
        .says(&["has refused to make functions with `nodejs14.x` since 2024-01-09"]);
    let refused = last.slp("--local plan").exits(1);
    refused.says(&[
        "function.F cannot be created: AWS has refused functions with the runtime `nodejs14.x`",
    ]);
    let new = of("nodejs40.x").slp("validate").ok();
    new.says(&["slp knows no runtime `nodejs40.x`", "1 warning"]);
    of("nodejs22")
        .slp("validate")
        .exits(2)
        .says(&["`nodejs22` is not a runtime of Lambda"]);
    of("nodejs26.x")
        .slp("validate")
        .ok()
        .never_says(&["warning"]);
}

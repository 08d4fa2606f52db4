//! Policies, and whom they name: wrong ones are told when the manifest is read.

use super::wide;
use crate::harness::Sandbox;

const API: &str = r#"
[project]
name = "case"
region = "eu-central-1"

[api.shop.routes]
"GET /" = { mock = {} }

[api.shop.stage.live]

[api.shop.policy]
Version = "2012-10-17"
"#;

fn api(statement: &str) -> Sandbox {
    let sandbox = wide();
    sandbox.write("slp.toml", &format!("{API}Statement = [{statement}]\n"));
    sandbox
}

/// Whatever is asked for, nothing comes before the error, and it stands under its cause.
#[test]
fn api_policy_typo() {
    let sandbox = api(
        r#"{ Effect = "Alow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" }"#,
    );
    for command in ["validate", "--local plan --rehearse", "--local apply --yes"] {
        sandbox.slp(command).exits(2).says(&[
            "\"Alow\" is not an effect",
            "slp.toml:13:25",
            "did you mean \"Allow\"?",
            "1 problem\n",
        ]);
    }
    assert!(!sandbox.path("state").exists());
}

#[test]
fn an_api_policy_is_read_like_a_roles() {
    let allow = r#"Effect = "Allow", Principal = "*", Action = "execute-api:Invoke""#;
    let on_all = format!(r#"{allow}, Resource = "execute-api:/*""#);
    for (statement, told) in [
        (
            r#"{ Effect = "Deni", Principal = "*", Action = "execute-api:Invoke", Resource = "*" }"#.to_owned(),
            "\"Deni\" is not an effect",
        ),
        (
            r#"{ Effect = "allow", Principal = "*", Action = "execute-api:Invoke", Resource = "*" }"#.to_owned(),
            "\"allow\" is not an effect",
        ),
        (
            r#"{ Effect = "Allow", Principle = "*", Action = "execute-api:Invoke", Resource = "*" }"#.to_owned(),
            "a policy has no `Principle` here",
        ),
        (format!("{{ {allow} }}"), "the statement has no `Resource`"),
        (
            format!(r#"{{ {on_all}, Condition = {{ IpAdress = {{ "aws:SourceIp" = "10.0.0.0/8" }} }} }}"#),
            "`IpAdress` is not a condition operator",
        ),
        (
            r#"{ Effect = "Allow", Principal = { AWS = "12345" }, Action = "execute-api:Invoke", Resource = "*" }"#.to_owned(),
            "AWS knows nobody called \"12345\"",
        ),
        (
            format!(r#"{{ Version = "2012-10-17", Statement = [{{ {on_all} }}] }}"#),
            "a whole policy stands where a statement belongs",
        ),
        (
            r#"{ Effect = "Allow", Principal = "*", Action = "Invoke", Resource = "*" }"#.to_owned(),
            "\"Invoke\" is not an action",
        ),
        (
            r#"{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "/GET/" }"#.to_owned(),
            "\"/GET/\" is not a resource",
        ),
    ] {
        // One mistake is one problem.
        let wrong = api(&statement);
        wrong.slp("validate").exits(2).says(&[told, "slp.toml:13:", "1 problem\n"]);
    }
    api(&format!("{{ {on_all} }}")).slp("validate").ok();
}

/// AWS takes such a policy, and it does not do what it says.
#[test]
fn what_can_never_count_in_an_api_policy_is_a_warning() {
    let of = |action: &str, resource: &str, condition: &str| {
        format!(
            r#"{{ Effect = "Deny", Principal = "*", Action = "{action}", Resource = "{resource}", Condition = {{ {condition} }} }}"#
        )
    };
    let (invoke, all) = ("execute-api:Invoke", "execute-api:/*");
    let lambda = "arn:aws:lambda:eu-central-1:111122223333:function:x";
    for (statement, told) in [
        (
            of("execute-api:Invok", all, ""),
            "did you mean \"execute-api:Invoke\"?",
        ),
        (
            of("lambda:InvokeFunction", all, ""),
            "is not an action of APIs",
        ),
        (of(invoke, lambda, ""), "is not an ARN of an API"),
        (
            of(
                invoke,
                all,
                r#"NotIpAddress = { "aws:SourceIp" = ["10.0.0.0/8", "10.0.0.0/33"] }"#,
            ),
            "\"10.0.0.0/33\" is none",
        ),
        (
            of(
                invoke,
                all,
                r#"BoolIfExists = { "aws:SecureTransport" = "flase" }"#,
            ),
            "compares with true or false",
        ),
        (
            of(
                invoke,
                all,
                r#"NumericLessThan = { "aws:MultiFactorAuthAge" = "1h" }"#,
            ),
            "compares with a number",
        ),
        (
            of(
                invoke,
                all,
                r#""ForAnyValue:DateLessThan" = { "aws:CurrentTime" = "soon" }"#,
            ),
            "compares with a time",
        ),
    ] {
        let doubt = api(&statement).slp("validate").ok();
        doubt.says(&[told, "slp.toml:13:", "1 warning"]);
    }
    for sound in [
        of(
            "execute-api:*",
            "*",
            r#"IpAddress = { "aws:SourceIp" = ["::1/128", "10.0.0.1"] }"#,
        ),
        of(
            "*",
            "arn:aws:execute-api:*:*:*",
            r#"Bool = { "aws:SecureTransport" = false }"#,
        ),
        of(
            invoke,
            all,
            r#"DateLessThan = { "aws:CurrentTime" = "2027-01-01" }"#,
        ),
        of(invoke, all, r#"NumericEquals = { "aws:x" = 3 }"#),
    ] {
        api(&sound).slp("validate").ok().never_says(&["warning"]);
    }
}

/// What an environment puts over the manifest is read as well.
#[test]
fn an_environments_policy_is_read_like_the_manifests() {
    let sandbox = wide();
    let statement = |effect: &str| {
        format!(
            r#"Statement = [{{ Effect = "{effect}", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" }}]"#
        )
    };
    let manifest = format!(
        "{API}{}\n[env.test]\n[env.prod.api.shop.policy]\n{}\n",
        statement("Allow"),
        statement("Denny")
    );
    sandbox.write("slp.toml", &manifest);
    sandbox.slp("validate --env test").ok();
    let wrong = sandbox.slp("validate --env prod").exits(2);
    wrong.says(&["\"Denny\" is not an effect", "slp.toml:16:"]);
}

fn role(fields: &str) -> Sandbox {
    let sandbox = wide();
    let head = "[project]\nname = \"case\"\nregion = \"eu-central-1\"\n\n[role.r]\n";
    sandbox.write("slp.toml", &format!("{head}{fields}\n"));
    sandbox
}

/// A slip in `trust` cost two minutes of waiting for IAM to see the principal.
#[test]
fn a_slip_in_trust_is_told_at_once() {
    let meant = "did you mean \"lambda.amazonaws.com\"?";
    for trust in [
        r#"trust = "lambda""#,
        r#"trust = "lamda.amazonaws.com""#,
        r#"trust = ["events.amazonaws.com", "lambda"]"#,
        r#"trust = { Statement = [{ Effect = "Allow", Principal = { Service = "lambda" }, Action = "sts:AssumeRole" }] }"#,
    ] {
        let wrong = role(trust).slp("validate").exits(2);
        wrong.says(&["AWS knows nobody called \"lam", meant, "1 problem\n"]);
    }
    let swapped = r#"trust = { Statement = [{ Effect = "Allow", Principal = { AWS = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] }"#;
    role(swapped)
        .slp("validate")
        .exits(2)
        .says(&["a service stands under `Service`"]);
    let action = r#"trust = { Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "lambda:InvokeFunction" }] }"#;
    role(action)
        .slp("validate")
        .exits(2)
        .says(&["cannot stand in a trust policy"]);
    let new = r#"trust = "hoverboards.amazonaws.com""#;
    let doubt = role(new).slp("validate").ok();
    doubt.says(&["slp knows no service", "is sound: 1 resource, 1 warning."]);
}

#[test]
fn a_managed_policy_that_aws_does_not_have_is_told_at_once() {
    let trust = "trust = \"lambda.amazonaws.com\"\n";
    let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    for wrong in [
        "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutonRole",
        "arn:aws:iam::aws:AWSLambdaBasicExecutionRole",
    ] {
        for field in [
            format!("attach = [\"{wrong}\"]"),
            format!("boundary = \"{wrong}\""),
        ] {
            let told = role(&format!("{trust}{field}")).slp("validate").exits(2);
            told.says(&[wrong, &format!("did you mean `{basic}`?"), "slp.toml:7:"]);
        }
    }
    for right in [basic, "arn:aws:iam::aws:policy/AmazonSQSFullAccess"] {
        let sound = role(&format!("{trust}attach = [\"{right}\"]"))
            .slp("validate")
            .ok();
        sound.never_says(&["warning"]);
    }
    let new = "arn:aws:iam::aws:policy/AmazonHoverboardFullAccess";
    let doubt = role(&format!("{trust}attach = [\"{new}\"]"))
        .slp("validate")
        .ok();
    doubt.says(&["1 warning"]);
}

/// A doubt is told wherever a person or a program looks before something is done.
#[test]
fn warnings_are_shown_in_every_form_of_a_plan() {
    let sandbox = role("trust = \"hoverboards.amazonaws.com\"");
    let told = "slp knows no service `hoverboards.amazonaws.com`";
    let plan = sandbox.slp("--local plan").ok();
    plan.says(&["Warnings:", "! role.r", "slp knows no service"]);
    for form in ["markdown", "html", "github"] {
        sandbox
            .slp(&format!("--local plan --format {form}"))
            .ok()
            .says(&["slp knows no service"]);
    }
    let json = sandbox.slp("--local plan --json").ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let text = json["warnings"][0]["text"].as_str().expect("a text");
    assert!(text.starts_with(told), "{text}");
    let json = sandbox.slp("validate --json").ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["problems"], serde_json::json!([]));
    assert_eq!(json["warnings"][0]["message"], told);
    assert_eq!(json["warnings"][0]["line"], 6);
}

/// An ARN is known before anything is there, so what a role may do needs no function first.
#[test]
fn a_role_may_name_the_function_that_runs_as_it() {
    let sandbox = role(
        r#"trust = "lambda.amazonaws.com"
[[role.r.allow]]
actions = ["lambda:InvokeFunction", "execute-api:Invoke"]
resources = ["${function.Self.arn}", "${api.web.arn}"]

[function.Self]
runtime = "nodejs22.x"
handler = "index.handler"
role = "r"
code = "src"

[api.web.routes]
"GET /" = { function = "Self" }
[api.web.stage.live]"#,
    );
    sandbox.write("src/index.js", "exports.handler = async () => 'ok';\n");
    sandbox.slp("validate").ok().never_says(&["warning"]);
    sandbox.slp("apply --local --yes").ok();
    sandbox
        .slp("plan --local --exit-code")
        .ok()
        .says(&["Nothing to do"]);
}

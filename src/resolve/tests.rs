//! From whole manifests to what is wanted, with small kinds.

use super::fakes::desired;
use super::*;
use crate::addr::Addr;

fn good(text: &str) -> Desired {
    desired(text).unwrap_or_else(|report| panic!("{report}"))
}

/// `line: message (help)`; three lines of `[project]` stand above.
fn wrong(text: &str) -> String {
    match desired(text) {
        Ok(_) => "nothing is wrong".into(),
        Err(report) => crate::manifest::tests::lines(&report),
    }
}

fn needs(desired: &Desired, addr: &str) -> String {
    let edges = desired.resources[addr].needs.iter();
    let edges: Vec<String> = edges.map(|(to, how)| format!("{to} {how:?}")).collect();
    edges.join(", ")
}

const HELLO: &str = r#"
[role.lambda]
trust = "lambda.amazonaws.com"
[role.gateway]
trust = "apigateway.amazonaws.com"
attach = ["invoke"]
[policy.invoke]
[[policy.invoke.allow]]
actions = ["lambda:InvokeFunction"]
resources = ["${function.HelloWorld.arn}"]
[function.HelloWorld]
role = "lambda"
retention_days = 7
[api.hello.routes]
"ANY /{hello+}" = { function = "HelloWorld", credentials = "gateway" }
[api.hello.stage.test]
[outputs]
url = "${api.hello.stage.test.url}/hello"
name = "${role.lambda.name}"
"#;

#[test]
fn the_example_everything_starts_from() {
    let desired = good(HELLO);
    assert_eq!(needs(&desired, "role.gateway"), "policy.invoke Hard");
    assert_eq!(needs(&desired, "policy.invoke"), "function.HelloWorld Soft");
    assert_eq!(needs(&desired, "api.hello"), "function.HelloWorld Soft");
    assert_eq!(needs(&desired, "api.hello.stage.test"), "api.hello Hard");
    assert_eq!(
        desired.outputs["url"].value.to_string(),
        "<api.hello.stage.test.url>/hello"
    );
    assert_eq!(desired.outputs["name"].value.known(), Some("p-lambda"));
    let spec = &desired.resources["policy.invoke"].spec;
    let arn = "arn:aws:lambda:eu-central-1:604370441254:function:HelloWorld";
    assert_eq!(spec["allow"][0]["resources"][0], arn);
    let order = crate::graph::order(&desired.needs()).unwrap();
    let at = |addr: &str| order.iter().position(|a| a.as_str() == addr).unwrap();
    assert!(at("role.lambda") < at("function.HelloWorld"));
    assert!(at("api.hello") < at("api.hello.stage.test"));
}

#[test]
fn what_slp_adds_stands_beside_what_was_written() {
    let desired = good(HELLO);
    let logs = &desired.resources["function.HelloWorld.log_group"];
    assert_eq!(
        needs(&desired, "function.HelloWorld.log_group"),
        "function.HelloWorld Hard"
    );
    assert_eq!(logs.line, desired.resources["function.HelloWorld"].line);
    assert_eq!(logs.line, Some(14));
    let no_role = HELLO.replace(", credentials = \"gateway\"", "");
    let desired = good(&no_role);
    assert_eq!(
        needs(&desired, "function.HelloWorld.permission.api-hello"),
        "api.hello Hard, function.HelloWorld Hard"
    );
    // The stage waits for the permission, and the permission outlives what the stage serves.
    assert_eq!(
        needs(&desired, "api.hello.stage.test"),
        "api.hello Hard, function.HelloWorld.permission.api-hello Soft"
    );
}

#[test]
fn tags_of_the_project_and_the_resource_come_together() {
    let desired = good(
        "tags = { a = \"1\", b = \"1\" }\n[role.r]\ntrust = \"x\"\ntags = { b = \"2\" }\n[role.s]\ntrust = \"x\"",
    );
    assert_eq!(
        desired.resources["role.r"].spec["tags"],
        serde_json::json!({ "a": "1", "b": "2" })
    );
    assert_eq!(
        desired.resources["role.s"].spec["tags"],
        serde_json::json!({ "a": "1", "b": "1" })
    );
}

#[test]
fn a_child_sees_its_parent() {
    let desired = good(
        "[role.r]\ntrust = \"x\"\n[function.F]\nrole = \"r\"\nname = \"n\"\n[function.F.alias.live]\n",
    );
    assert_eq!(desired.resources["function.F.alias.live"].spec["of"], "n");
}

#[test]
fn a_policy_may_name_the_function_whose_role_it_is_on() {
    let text = r#"
[role.r]
trust = "lambda.amazonaws.com"
attach = ["p"]
[policy.p]
[[policy.p.allow]]
actions = ["lambda:InvokeFunction"]
resources = ["${function.A.arn}", "${function.B.arn}"]
[function.A]
role = "r"
environment = { OTHER = "${function.B.arn}" }
[function.B]
role = "r"
environment = { OTHER = "${function.A.arn}" }
"#;
    let desired = good(text);
    let order = crate::graph::order(&desired.needs()).unwrap();
    let at = |addr: &str| order.iter().position(|a| a.as_str() == addr).unwrap();
    assert!(at("policy.p") < at("role.r") && at("role.r") < at("function.A"));
}

#[test]
fn a_function_that_holds_the_url_of_its_own_api_is_refused_well() {
    let text = r#"
[role.r]
trust = "x"
[function.F]
role = "r"
environment = { URL = "${api.a.stage.s.url}" }
[api.a.routes]
"GET /" = { function = "F" }
[api.a.stage.s]
"#;
    insta::assert_snapshot!(wrong(text), @r"7: these need each other: function.F → api.a.stage.s → api.a → function.F (a function cannot hold the URL or id of the API that routes to it: the request context holds it (`requestContext.domainName` and `.stage`), and a stage's variables, `${stageVariables.…}`, can hold the rest)");
}

#[test]
fn a_cycle_is_printed_with_its_path() {
    let text = "[role.a]\ntrust = \"x\"\ndepends_on = [\"role.b\"]\n[role.b]\ntrust = \"x\"\ndepends_on = [\"role.a\"]\n";
    insta::assert_snapshot!(wrong(text), @r"4: these need each other: role.a → role.b → role.a (take role.b out of the `depends_on` of role.a)");
}

#[test]
fn every_problem_of_every_block_comes_at_once() {
    let text = r#"
[role.R]
trust = 2012-10-17
atach = ["p"]
[role.r2]
name = "P-R3"
trust = "${function.Nope.arn} ${function.F.url} ${oops"
[role.r3]
trust = "x"
[policy.p]
[[policy.p.allow]]
actions = "s3:GetObject"
resources = ["*"]
path = "/x/"
[[policy.p.allow]]
actions = [1.5, true]
[function.F]
role = "R"
memory = 64
timeout = "3"
publish = "true"
architecture = "arm65"
name = "${role.r3.name}"
depends_on = ["role.nope", "role.r"]
[function.G]
role = "rr"
memory = -1
[function.G2]
name = "G"
role = "r3"
memory = "${role.r3.arn}"
[function.H]
[api.a]
routes = [1]
[api.b.routes]
"GET /" = { function = "F:live" }
"GET /x" = { fnction = "F" }
[outputs]
x = "${role.R.arm}"
"#;
    insta::assert_snapshot!(wrong(text), @r#"
    6: expected a text, found a date or time (put quotes around it: "2012-10-17" (unquoted, TOML reads a date))
    7: unknown key `atach` (did you mean `attach`?)
    10: `${oops` opens a reference that nothing closes (close it with `}`, or write `$${` for a literal `${`)
    10: there is no [function.Nope] (write its table, or `$${` for a literal `${`)
    10: function.F has no output `url` (did you mean `arn`?)
    11: the names of role.r3 and role.r2, `p-r3` and `P-R3`, differ only in case (role.r2 stands on line 8; IAM does not tell them apart: give one of them another `name`)
    15: expected a list, found a text (write ["s3:GetObject"])
    17: unknown key `path` (TOML counts every line after a [[…allow]] header as part of that entry: move `path` above the first [[…allow]])
    18: `resources` is missing
    19: expected a text, found a number (put quotes around it: "1.5")
    19: expected a text, found a boolean (put quotes around it: "true")
    22: memory is at least 128 MB
    23: expected a whole number, found a text (write it without quotes: 3)
    24: expected `true` or `false`, found a text (write it without quotes: true)
    25: `arm65` is not one of `arm64`, `x86_64` (did you mean `arm64`?)
    26: `role.r3.name` cannot stand here: names must be known before anything exists (only `${var.…}` of a variable that is not secret, and `${project.…}`, can stand here)
    27: there is no [role.nope] (`depends_on` takes headers, such as "function.X")
    27: there is no [role.r] (did you mean `role.R`?)
    29: there is no [role.rr] (did you mean `r2`?)
    30: -1 is out of range (this key takes a whole number, 0 or more)
    31: function.G2 and function.G have the same name in AWS, `G` (function.G stands on line 28; give one of them another `name`)
    34: expected a whole number, found a text (references to resources can stand in texts only)
    35: `role` is missing
    37: expected a table, found a list
    39: function.F has no alias `live` (write [function.F.alias.live])
    40: unknown key `fnction` (did you mean `function`?)
    42: role.R has no output `arm` (did you mean `arn`?)
    "#);
}

#[test]
fn a_secret_stays_a_hole_and_may_not_stand_everywhere() {
    let head = "[variables]\nt = { default = \"hush\", secret = true }\n[role.r]\ntrust = \"x\"\n[function.F]\nrole = \"r\"\n";
    let desired = good(&format!(
        "{head}environment = {{ T = \"a${{var.t}}\" }}\n[outputs]\nt = {{ value = \"${{var.t}}\", secret = true }}"
    ));
    assert_eq!(
        desired.resources["function.F"].spec["environment"]["T"],
        serde_json::json!({ "$template": ["a", { "var": "t" }] })
    );
    assert!(desired.outputs["t"].secret && !format!("{desired:?}").contains("hush"));
    insta::assert_snapshot!(wrong(&format!("{head}memory = \"${{var.t}}\"\nname = \"${{var.t}}\"\ntags = {{ a = \"${{var.t}}\" }}\n[outputs]\nt = \"${{var.t}}\"")), @r#"
    10: expected a whole number, found a text (a secret variable can stand in texts only, since its value is known to apply alone)
    11: `var.t` cannot stand here: names must be known before anything exists (only `${var.…}` of a variable that is not secret, and `${project.…}`, can stand here)
    12: `${var.t}` cannot stand in a tag (tags are known before anything exists: only `${var.…}` of a variable that is not secret, and `${project.…}`, can stand here)
    14: output `t` holds a secret (write t = { value = "…", secret = true }: it is then shown only when asked for by name)
    "#);
}

#[test]
fn moves_and_removals_are_handed_on() {
    let desired = good(
        "[role.new]\ntrust = \"x\"\n[[moved]]\nfrom = \"role.old\"\nto = \"role.new\"\n[[removed]]\naddress = \"role.gone\"\n",
    );
    assert_eq!(
        desired.moved,
        [(Addr::root_of("role", "old"), Addr::root_of("role", "new"))]
    );
    assert_eq!(desired.removed, [Addr::root_of("role", "gone")]);
}

#[test]
fn names_are_found_by_kind_by_name_and_under_a_parent() {
    let mut names = Names::default();
    for text in [
        "api.a.stage.s",
        "function.A",
        "function.A.alias.live",
        "function.B",
        "functions.C",
    ] {
        let name = text.replace('.', "-");
        let identity = crate::kind::Identity {
            id: None,
            known: [("name".to_owned(), name)].into(),
        };
        names.insert(Addr::parse(text).unwrap(), identity);
    }
    let list = |addrs: Vec<&Addr>| {
        addrs
            .iter()
            .map(|a| a.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        list(names.of_kind("function").collect()),
        "function.A function.B"
    );
    assert_eq!(
        list(names.of_kind("function.alias").collect()),
        "function.A.alias.live"
    );
    let a = Addr::root_of("function", "A");
    assert_eq!(
        list(names.children(&a, "alias").collect()),
        "function.A.alias.live"
    );
    assert_eq!(names.by_name("function", "function-A"), Some(&a));
    assert_eq!(names.by_name("function", "function-A-alias-live"), None);
}

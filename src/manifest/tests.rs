//! Reading whole manifests, with small kinds.

use std::path::PathBuf;

use super::*;
use crate::resolve::fakes::kinds;

fn options() -> Options {
    Options {
        file: PathBuf::from("slp.toml"),
        ..Options::default()
    }
}

fn declare(text: &str, options: &Options) -> Manifest {
    let draft = match read_text(Source::new("slp.toml", text), options, &kinds()) {
        Ok(draft) => draft,
        Err(report) => panic!("{report}"),
    };
    let scope = draft.scope("eu-central-1", None, None);
    draft.declare(&scope, &kinds())
}

fn good(text: &str, options: &Options) -> Manifest {
    let manifest = declare(text, options);
    let report = Report::new(manifest.found.clone());
    assert!(report.problems().is_empty(), "{report}");
    manifest
}

/// `line: message (help)`, in the order of the file.
fn wrong(text: &str, options: &Options) -> String {
    let report = match read_text(Source::new("slp.toml", text), options, &kinds()) {
        Ok(draft) => {
            let scope = draft.scope("eu-central-1", None, None);
            Report::new(draft.declare(&scope, &kinds()).found)
        }
        Err(report) => report,
    };
    lines(&report)
}

pub(crate) fn lines(report: &Report) -> String {
    let line = |found: &Found| {
        let problem = &found.problem;
        let at = match &problem.span {
            Some(span) => found.source.line(span.start).to_string(),
            None => "-".into(),
        };
        let help = problem.help.as_ref().map(|help| format!(" ({help})"));
        format!("{at}: {}{}\n", problem.message, help.unwrap_or_default())
    };
    report.problems().iter().map(line).collect()
}

fn block(manifest: &Manifest, addr: &str) -> String {
    let declared = &manifest.resources[addr];
    let value: toml::Value = decode(&declared.block).unwrap();
    value.to_string()
}

const HEAD: &str = "[project]\nname = \"shop\"\n";

#[test]
fn blocks_lose_what_every_resource_takes() {
    let text = r#"
        [project]
        name = "shop"
        [function.X]
        role = "r"
        tags = { team = "a" }
        protect = true
        ignore = ["memory"]
        depends_on = ["role.r"]
        [function.X.alias.live]
        [role.r]
        trust = "lambda.amazonaws.com"
    "#;
    let manifest = good(text, &options());
    assert_eq!(block(&manifest, "function.X"), "{ role = \"r\" }");
    let function = &manifest.resources["function.X"];
    assert_eq!(function.tags["team"], "a");
    assert_eq!((function.protect, function.ignore.len()), (Some(true), 1));
    assert_eq!(function.depends_on, [Addr::root_of("role", "r")]);
    assert!(manifest.resources.contains_key("function.X.alias.live"));
}

#[test]
fn a_lone_variable_keeps_its_type_and_others_become_text() {
    let text = r#"
        [project]
        name = "shop"
        name_prefix = "${project.env}-"
        default_env = "dev"
        [env.dev]
        [variables]
        t = 10
        who = "World"
        nets = ["a", "b"]
        [function.X]
        role = "r"
        timeout = "${var.t}"
        subnets = "${var.nets}"
        environment = { A = "Hello ${var.who} in ${var.t} s from ${project.region}", B = "${function.X.arn}" }
    "#;
    let manifest = good(text, &options());
    insta::assert_snapshot!(block(&manifest, "function.X"), @r#"{ environment = { A = "Hello World in 10 s from eu-central-1", B = "${function.X.arn}" }, role = "r", subnets = ["a", "b"], timeout = 10 }"#);
    assert_eq!(manifest.project.name_prefix, "dev-");
}

#[test]
fn what_was_put_in_is_not_read_again() {
    let text = r#"
        [project]
        name = "shop"
        [variables]
        a = "${role.x.arn}"
        dollar = "$"
        rest = "{role.x.arn}"
        [function.X]
        role = "r"
        environment = { A = "${var.a}", B = "x ${var.a}", C = "${var.dollar}${var.rest}", D = "$${var.a} ${aws:username} ${var.dollar}" }
    "#;
    let manifest = good(text, &options());
    let value: toml::Value = decode(&manifest.resources["function.X"].block).unwrap();
    let read = |key: &str| substitute::plain(value["environment"][key].as_str().unwrap());
    assert_eq!(read("A").unwrap(), "${role.x.arn}");
    assert_eq!(read("B").unwrap(), "x ${role.x.arn}");
    assert_eq!(read("C").unwrap(), "${role.x.arn}");
    assert_eq!(read("D").unwrap(), "${var.a} ${aws:username} $");
}

#[test]
fn values_from_outside_win_in_order_and_take_the_declared_type() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vars.toml");
    std::fs::write(&file, "b = 2\nc = 2\n").unwrap();
    std::fs::write(folder.path().join("secret.txt"), "s3cret\n").unwrap();
    let options = Options {
        file: folder.path().join("slp.toml"),
        vars: vec![("c".into(), "3".into())],
        var_files: vec![file],
        environment: [
            ("SLP_VAR_a", "1"),
            ("SLP_VAR_b", "1"),
            ("SLP_VAR_c", "1"),
            ("E", "5"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into(),
        ..Options::default()
    };
    let text = r#"
        [project]
        name = "shop"
        [variables]
        a = 0
        b = 0
        c = 0
        e = { type = "integer", from = "env:E" }
        token = { secret = true, from = "file:secret.txt" }
        [function.X]
        role = "r"
        environment = { V = "${var.a}${var.b}${var.c}${var.e}", T = "${var.token}" }
    "#;
    let manifest = good(text, &options);
    insta::assert_snapshot!(block(&manifest, "function.X"), @r#"{ environment = { T = "${var.token}", V = "1235" }, role = "r" }"#);
    assert_eq!(manifest.secrets["token"].reveal(), "s3cret");
    assert!(!format!("{:?}", manifest.secrets).contains("s3cret"));
}

#[test]
fn variables_that_are_wrong_are_told_once_each() {
    let options = Options {
        vars: vec![("tmeout".into(), "1".into()), ("n".into(), "many".into())],
        ..options()
    };
    let text = r#"[project]
name = "shop"
[variables]
n = 1
timeout = { type = "integer" }
far = { from = "vault:/x" }
token = { default = "x", secret = true }
odd = { default = "x", type = "integer" }
[function.X]
role = "r"
memory = "${var.n}"
timeout = "${var.timeout}"
name = "x${var.tokn}"
publish = "${var.n}"
"#;
    insta::assert_snapshot!(wrong(text, &options), @r#"
    -: --var tmeout: there is no variable `tmeout` (did you mean `timeout`?)
    4: --var n sets `n` to something that is not a whole number
    5: variable `timeout` has no value (set it with --var timeout=…, with SLP_VAR_timeout, in a --var-file, or write a default)
    6: `vault:/x` is not a source (sources are `env:NAME`, `file:PATH`, `ssm:NAME`, `secretsmanager:ID#KEY` and `state:PROJECT#OUTPUT`)
    8: the default of `odd` is not a whole number
    13: there is no variable `tokn` (did you mean `${var.token}`?)
    "#);
}

#[test]
fn an_environment_lies_over_the_manifest() {
    let text = r#"
        [project]
        name = "shop"
        [variables]
        who = { default = "World", description = "to greet" }
        [function.X]
        role = "r"
        code = "src"
        memory = 128
        environment = { A = "${var.who}", B = "b" }
        [function.Y]
        role = "r"
        [api.a.routes]
        "GET /x" = { http = "https://example.com" }
        [env.dev]
        omit = ["function.Y"]
        unset = ["function.X.memory", "function.X.environment.B"]
        [env.prod.variables]
        who = "Prod"
        [env.prod.function.X]
        zip = "x.zip"
        environment.C = "c"
        [env.prod.api.a.routes."GET /x"]
        function = "X"
        [env.prod.function.Z]
        role = "r"
    "#;
    let with = |env: &str| {
        let env = Some(env.to_owned());
        good(text, &Options { env, ..options() })
    };
    let (dev, prod) = (with("dev"), with("prod"));
    insta::assert_snapshot!(block(&dev, "function.X"), @r#"{ code = "src", environment = { A = "World" }, role = "r" }"#);
    insta::assert_snapshot!(block(&prod, "function.X"), @r#"{ environment = { A = "Prod", B = "b", C = "c" }, memory = 128, role = "r", zip = "x.zip" }"#);
    insta::assert_snapshot!(block(&prod, "api.a"), @r#"{ routes = { "GET /x" = { function = "X" } } }"#);
    let all = |m: &Manifest| {
        m.resources
            .keys()
            .map(|a| a.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(all(&dev), "api.a function.X");
    assert_eq!(all(&prod), "api.a function.X function.Y function.Z");
    assert_eq!(
        (dev.env.as_deref(), prod.env.as_deref()),
        (Some("dev"), Some("prod"))
    );
}

#[test]
fn an_environment_must_be_chosen_and_exist() {
    let text = "[project]\nname = \"shop\"\n[env.dev]\n[env.prod]\n";
    insta::assert_snapshot!(wrong(text, &options()), @r"-: this manifest has environments, and none is chosen (choose one with --env or SLP_ENV, or write `default_env` in [project]: `dev`, `prod`. What was applied before there were environments goes over to one with `slp state adopt --env NAME`; the others need a `name_prefix` of their own in [env.NAME.project])");
    let asked = |env: &str| Options {
        env: Some(env.into()),
        ..options()
    };
    insta::assert_snapshot!(wrong(text, &asked("prd")), @r"-: there is no environment `prd` (did you mean `prod`?)");
    insta::assert_snapshot!(wrong(HEAD, &asked("dev")), @r"-: there is no environment `dev` (write an [env.dev] table, it may be empty)");
    let by_default = format!("{HEAD}default_env = \"staging\"\n[env.dev]\nomit = [\"function.X\"]");
    insta::assert_snapshot!(wrong(&by_default, &options()), @r"3: there is no environment `staging` (the manifest has `dev`)");
    insta::assert_snapshot!(wrong(&by_default, &asked("dev")), @r"5: there is nothing at `function.X` to omit (write the address as the manifest's header, such as `function.X`)");
}

#[test]
fn defaults_stand_under_every_block_of_their_kind() {
    let text = r#"
        [project]
        name = "shop"
        [defaults.function]
        memory = 256
        code = "src"
        tags = { team = "a" }
        environment = { LOG = "info", A = "0" }
        [defaults.api.stage]
        variables = { x = "1" }
        [function.X]
        role = "r"
        environment = { A = "1" }
        [function.Y]
        role = "r"
        memory = 512
        zip = "y.zip"
        [api.a.stage.s]
    "#;
    let manifest = good(text, &options());
    insta::assert_snapshot!(block(&manifest, "function.X"), @r#"{ code = "src", environment = { A = "1", LOG = "info" }, memory = 256, role = "r" }"#);
    insta::assert_snapshot!(block(&manifest, "function.Y"), @r#"{ environment = { A = "0", LOG = "info" }, memory = 512, role = "r", zip = "y.zip" }"#);
    insta::assert_snapshot!(block(&manifest, "api.a.stage.s"), @r#"{ variables = { x = "1" } }"#);
    assert_eq!(manifest.resources["function.Y"].tags["team"], "a");
}

#[test]
fn an_image_takes_no_runtime_from_defaults_or_from_what_it_is_laid_over() {
    let text = r#"
        [project]
        name = "shop"
        default_env = "dev"
        [defaults.function]
        runtime = "nodejs22.x"
        handler = "index.handler"
        role = "r"
        [function.I]
        image = "uri"
        [function.X]
        runtime = "python3.13"
        code = "src"
        [env.dev.function.X]
        image = "uri"
    "#;
    let manifest = good(text, &options());
    assert_eq!(
        block(&manifest, "function.I"),
        r#"{ image = "uri", role = "r" }"#
    );
    assert_eq!(
        block(&manifest, "function.X"),
        r#"{ image = "uri", role = "r" }"#
    );
}

#[test]
fn what_is_wrong_around_blocks_is_told_at_once() {
    let text = r#"top = 1
[project]
name = "my shop"
acount = "1"
requires = ">=99"
account = 604370441254
[functon.X]
[function]
memory = 1
[function."a b"]
[function.X]
role = "r"
url = { auth = "none" }
tags = { "aws:x" = "1", ok = "${role.r.arn}" }
depends_on = ["X", "function.X"]
protect = "yes"
[function.X.log_group]
retention_days = 1
[function.X.permission.api-a]
principal = "x"
[function.X.alias]
live = "1"
[layer.l]
[defaults.functoin]
[state]
backend = "s3"
[outputs]
url = 1.5
long = { value = "x", secrt = true }
[[import]]
to = "function.X"
[[moved]]
from = "function.X"
to = "function.Y"
[[moved]]
from = "function.Old"
to = "function.Y"
[[removed]]
address = "function.X"
"#;
    insta::assert_snapshot!(wrong(text, &options()), @r#"
    1: unknown key `top` (known here: `role`, `policy`, `function`, `api`, `project`, `variables`, `env`, `defaults`, `outputs`, `moved`, `removed`, `import`, `state`, `gates`, `dev`)
    3: `my shop` cannot be a project's name (use letters, digits, `_` and `-`)
    4: unknown key `acount` (did you mean `account`?)
    5: this manifest needs slp >=99, and this is slp 0.1.0 (install a version of slp that fits)
    6: expected a text, found a whole number (put quotes around it: "604370441254")
    7: there is no kind `functon` (did you mean [function.X]?)
    9: `memory` stands right under [function], which holds tables (give it a name: [function.NAME])
    10: `a b` cannot name anything (use letters, digits, `_` and `-` in headers; the name in AWS can be set with `name`)
    13: `url` of a function is not supported by this version of slp
    14: tags that start with `aws:` are AWS's own
    14: `${role.r.arn}` cannot stand in a tag (tags are known before anything exists: only `${var.…}` of a variable that is not secret, and `${project.…}`, can stand here)
    15: `X` is not an address: write it as the manifest's header, such as `function.X` or `role.X` (did you mean `function.X`?)
    15: function.X cannot depend on itself
    16: expected `true` or `false`, found a text (write true or false, without quotes)
    17: slp adds function.X.log_group by itself (take this table out; the fields of its parent decide about it)
    19: the address function.X.permission.api-a is slp's own (choose a name that starts with something else than `api-`)
    22: `live` stands right under [function.X.alias], which holds tables (give it a name: [function.X.alias.NAME])
    23: [layer] is not supported by this version of slp
    24: there is no kind `functoin` (did you mean `function`?)
    26: a state in S3 needs a bucket (write bucket = "…"; slp does not make it)
    28: expected a text or a table, found a number (write name = "${…}", or { value = "…", description = "…" })
    29: unknown key `secrt` (did you mean `secret`?)
    30: `id` is missing
    33: function.X is still in the manifest (rename its table, or take this entry out)
    37: there is no [function.Y]
    39: function.X is still in the manifest (take its table out as well: [[removed]] forgets it and leaves it in AWS)
    "#);
}

#[test]
fn syntax_errors_come_all_at_once_and_alone() {
    let text = "[project]\nname = shop\n[function.X]\nrole = \"a\nmemory =\n[[policy.p.allow]]\nactions = [1,\n";
    insta::assert_snapshot!(wrong(text, &options()), @r#"
    2: a text needs quotes (write "…")
    4: a text that is not closed (close it with the quote that opened it; a text of several lines stands between """ and """)
    5: a text needs quotes (write "…")
    7: a list that is not closed (close it with `]`)
    "#);
}

/// Also the one that is read apart from the others.
#[test]
fn every_key_of_a_variable_is_known_where_one_is_wrong() {
    let text =
        "[project]\nname = \"shop\"\n[variables]\na = { defualt = \"x\" }\nb = { zzz = 1 }\n";
    insta::assert_snapshot!(wrong(text, &options()), @r"
    4: unknown key `defualt` (did you mean `default`?)
    5: unknown key `zzz` (known here: `type`, `required`, `secret`, `allow_empty`, `from`, `description`, `default`)
    ");
}

#[test]
fn a_list_of_tables_is_told_from_a_table_without_a_name() {
    let text = "[project]\nname = \"shop\"\n[[function.X]]\nmemory = 1\n";
    let told = "3: `X` is a list of tables, and one table is meant (write one pair of brackets: [function.X])";
    assert!(wrong(text, &options()).starts_with(told));
}

#[test]
fn a_table_written_twice_does_not_hide_the_rest() {
    let text = format!("{HEAD}[function.X]\nrole = \"a\"\n[function.X]\nmemory = 1\n[functon.Y]\n");
    insta::assert_snapshot!(wrong(&text, &options()), @r"
    5: `X` is written twice (it stands on line 3 already: merge the two, or give one another name)
    7: there is no kind `functon` (did you mean [function.Y]?)
    ");
}

#[test]
fn no_file_says_what_to_do() {
    let options = Options {
        file: PathBuf::from("/nowhere/slp.toml"),
        ..Options::default()
    };
    let report = read(&options, &kinds()).err().unwrap();
    assert!(lines(&report).contains("slp init"), "{report}");
}

#[test]
fn what_is_wrong_with_the_place_of_the_state_is_told_at_once() {
    let text = r#"
[project]
name = "shop"
[state]
backend = "s3"
bucket = "Shop_States"
key = "/shop"
regoin = "eu-central-1"
bucket_owner = "604"
lease_seconds = 5
"#;
    insta::assert_snapshot!(wrong(text, &options()), @r#"
    6: `Shop_States` cannot name a bucket (3 to 63 lower-case letters, digits, `-` and `.`)
    7: `/shop` cannot be the key of a state (such as `shop/state.json`, without `/` at either end)
    8: unknown key `regoin` (did you mean `region`?)
    9: `604` is not an account (an account is twelve digits, in quotes)
    10: a lease of 5 s is not supported (30 to 3600 seconds)
    "#);
    let upper = "[project]\nname = \"shop\"\n[state]\nbackend = \"S3\"\nbucket = \"x\"\n";
    insta::assert_snapshot!(wrong(upper, &options()), @"4: `S3` is not one of `local`, `s3` (did you mean `s3`?)");
    let local = "[project]\nname = \"shop\"\n[state]\nbackend = \"local\"\nbucket = \"x\"\n";
    insta::assert_snapshot!(wrong(local, &options()), @r#"5: `bucket` is for a state in a bucket (write backend = "s3", or take it out)"#);
}

#[test]
fn each_environment_has_a_key_of_its_own_in_the_bucket() {
    let key = |key: &str, env: Option<&str>| {
        let project = Project {
            name: "shop".into(),
            ..Project::default()
        };
        let place = StatePlace {
            key: (!key.is_empty()).then(|| key.to_owned()),
            ..StatePlace::default()
        };
        place.key(&project, env)
    };
    assert_eq!(key("", None), "slp/shop.json");
    assert_eq!(key("", Some("prod")), "slp/shop@prod.json");
    assert_eq!(key("a.b/shop", Some("prod")), "a.b/shop@prod");
    assert_eq!(key("x/state.json", Some("prod")), "x/state@prod.json");
}

//! What one project deployed and no state knows any more, taken over by another manifest that
//! `slp import` writes: the way from a manifest to AWS and back.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::cli::args::Command;
use crate::cli::import::{Import, carried_out};

/// Deploys without ownership tags, as somebody else would, and forgets it: the specs that the
/// state had, and pairs for the command line.
async fn forgotten(stand: &Stand, name: &str) -> (BTreeMap<String, Value>, Vec<String>) {
    let own = format!("name = \"{name}\"");
    stand.change("slp.toml", &own, &format!("{own}\nownership = \"state\""));
    stand.run(false).await.expect("deployed");
    let state: Vec<(String, Value)> = stand.state().iter().map(|line| parsed(line)).collect();
    let roots = state
        .iter()
        .filter(|(addr, _)| addr.matches('.').count() == 1);
    let pair = |(addr, stored): &(String, Value)| {
        [
            addr.clone(),
            stored["id"].as_str().expect("an id").to_owned(),
        ]
    };
    let pairs = roots.flat_map(pair).collect();
    std::fs::remove_dir_all(stand.path(".slp/local/state")).expect("forgotten");
    let specs = state
        .into_iter()
        .map(|(addr, stored)| (addr, stored["spec"].clone()));
    (specs.collect(), pairs)
}

fn parsed(line: &str) -> (String, Value) {
    let rest = line.strip_prefix("state ").expect("a resource");
    let (addr, stored) = rest.split_once(' ').expect("two words");
    (addr.to_owned(), serde_json::from_str(stored).expect("JSON"))
}

/// `slp import …`; its code, and all that it said.
async fn import(stand: &Stand, words: &[&str]) -> (Result<u8, Failure>, String) {
    let file = stand.path("slp.toml").display().to_string();
    let line = ["slp", "import", "--local", "--file", &file];
    let cli = Cli::parse_from(line.iter().chain(words));
    let Command::Import(args) = &cli.command else {
        panic!("another command");
    };
    let printer = Printer::mute();
    let ended = async {
        let (project, aws) = stand.open().await?;
        let events = printer.listener();
        let import = Import {
            global: &cli.global,
            args,
            project: &project,
            aws: &aws,
            events: &events,
            printer: &printer,
        };
        carried_out(&import).await
    };
    (ended.await, printer.said())
}

/// All that an import brings, of these functions, is as it was.
async fn comes_back(stand: Stand, name: &str, project: &str, functions: &[&str]) -> Stand {
    let (before, pairs) = forgotten(&stand, name).await;
    std::fs::write(stand.path("slp.toml"), project).expect("written");
    for function in functions {
        let to = match functions {
            [_] => stand.path("code"),
            _ => stand.path("code").join(function),
        };
        copy(&stand.path("src"), &to);
    }
    let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
    let (code, said) = import(
        &stand,
        &[&pairs[..], &["--write", "--code", "code"]].concat(),
    )
    .await;
    assert_eq!(code.expect("taken over"), 0, "{said}");
    assert!(said.contains("Nothing to do"), "{said}");
    for line in stand.state() {
        let (addr, stored) = parsed(&line);
        assert_eq!(keyless(&stored["spec"]), keyless(&before[&addr]), "{addr}");
    }
    let text = std::fs::read_to_string(stand.path("slp.toml")).expect("the manifest");
    assert_eq!(crate::manifest::format(&text).expect("TOML"), text);
    assert!(!text.contains("[[import]]"), "{text}");
    stand
}

/// A secret's digest is another in each state.
fn keyless(spec: &Value) -> Value {
    crate::text::map_texts(spec, &mut |text| match text {
        crate::text::Text::Masked(_) => crate::text::Text::Masked(String::new()),
        text => text,
    })
}

#[tokio::test]
async fn one_of_every_kind_comes_back_as_it_was_written() {
    let stand = Stand::of_every_kind();
    let on_alias = "[function.Front.permission.files]\nprincipal = \"s3.amazonaws.com\"\n\
                    source_arn = \"arn:aws:s3:::files\"\nalias = \"live\"\n\n";
    let after = "[function.Back.permission.bucket]";
    stand.change("slp.toml", after, &format!("{on_alias}{after}"));
    let project = "[project]\nname = \"everything\"\ntags = { team = \"shop\" }\n";
    let stand = comes_back(stand, "everything", project, &["Front", "Back"]).await;
    // A log group is AWS's unless the manifest says otherwise; the permissions that one project
    // gave an API are no business of another.
    let addrs: Vec<String> = stand.state().iter().map(|line| parsed(line).0).collect();
    let all = "api.back api.back.stage.v1 function.Back function.Back.permission.bucket \
               function.Front function.Front.alias.live function.Front.permission.files policy.limits policy.own role.admin role.run";
    assert_eq!(addrs.join(" "), all);
    let text = std::fs::read_to_string(stand.path("slp.toml")).expect("the manifest");
    assert!(!text.contains("open-sesame"), "{text}");
    insta::assert_snapshot!(text.replace(&api_id(&stand), "API"), @r#"
    [project]
    name = "everything"
    tags = { team = "shop" }

    [variables.front_token]
    secret = true

    [role.admin]
    trust = ["444455556666", "${role.run.arn}"]
    boundary = "limits"

    [role.run]
    trust = "lambda.amazonaws.com"
    attach = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "own"]
    description = "runs"

    [[role.run.allow]]
    actions = ["s3:GetObject"]
    resources = ["arn:aws:s3:::assets/*"]

    [policy.limits]
    [[policy.limits.allow]]
    actions = ["*"]
    resources = ["*"]

    [policy.own]
    path = "/teams/"

    [[policy.own.allow]]
    actions = ["s3:*"]
    resources = ["*"]

    [function.Back]
    runtime = "nodejs22.x"
    handler = "index.helloworld"
    role = "run"
    code = "code/Back"

    [function.Back.permission.bucket]
    principal = "s3.amazonaws.com"
    source_arn = "arn:aws:s3:::assets"

    [function.Front]
    runtime = "nodejs22.x"
    handler = "index.helloworld"
    role = "run"
    code = "code/Front"
    tracing = "active"
    reserved_concurrency = 3

    [function.Front.environment]
    BACK = "http://127.0.0.1:4566/_aws/execute-api/API/v1"
    TOKEN = "${var.front_token}"

    [function.Front.alias.live]

    [function.Front.permission.files]
    principal = "s3.amazonaws.com"
    source_arn = "arn:aws:s3:::files"
    alias = "live"

    [api.back]
    binary_media_types = ["image/png"]

    [api.back.routes]
    "ANY /old/{path+}" = { http = "https://example.com/{path}" }
    "GET /a/{id}" = { function = "Back", permission = false }
    "OPTIONS /a/{id}" = { mock = { status = 204, headers = { Access-Control-Allow-Headers = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token", Access-Control-Allow-Methods = "GET,OPTIONS", Access-Control-Allow-Origin = "*" } }, content_handling = "convert_to_text" }
    "OPTIONS /mock" = { mock = { status = 204, headers = { Access-Control-Allow-Headers = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token", Access-Control-Allow-Methods = "OPTIONS,POST", Access-Control-Allow-Origin = "*" } }, content_handling = "convert_to_text" }
    "OPTIONS /old/{path+}" = { mock = { status = 204, headers = { Access-Control-Allow-Headers = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token", Access-Control-Allow-Methods = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT", Access-Control-Allow-Origin = "*" } }, content_handling = "convert_to_text" }
    "POST /mock" = { mock = { status = 201, body = "{}" } }

    [api.back.stage.v1]
    throttle = { rate = 10.0, burst = 5 }

    [api.back.stage.v1.variables]
    colour = "red"
    "#);
}

fn api_id(stand: &Stand) -> String {
    let state = stand.state();
    let api = state
        .iter()
        .map(|line| parsed(line))
        .find(|(addr, _)| addr == "api.back");
    api.expect("an API").1["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

#[tokio::test]
async fn the_examples_come_back_as_they_were_written() {
    for (example, function) in [("hello-world", "HelloWorld"), ("many-routes", "Library")] {
        let project = format!("[project]\nname = \"{example}\"\n");
        comes_back(Stand::of(example), example, &project, &[function]).await;
    }
}

#[tokio::test]
async fn what_another_project_owns_is_not_taken() {
    let stand = Stand::of("hello-world");
    stand.run(false).await.expect("deployed");
    std::fs::remove_dir_all(stand.path(".slp/local/state")).expect("forgotten");
    std::fs::write(stand.path("slp.toml"), "[project]\nname = \"other\"\n").expect("written");
    let role = "basic-lambda-logging";
    for write in [&[][..], &["--write"]] {
        let words = [&["role.mine", role][..], write].concat();
        let (ended, _) = import(&stand, &words).await;
        let told = format!("{:?}", ended.expect_err("refused"));
        assert!(
            told.contains("belongs to slp project hello-world"),
            "{told}"
        );
    }
    assert_eq!(stand.state(), Vec::<String>::new());
}

#[tokio::test]
async fn without_write_nothing_is_changed() {
    let stand = Stand::of("hello-world");
    forgotten(&stand, "hello-world").await;
    let project = "[project]\nname = \"hello-world\"\n";
    std::fs::write(stand.path("slp.toml"), project).expect("written");
    let before = stand.picture();
    let (code, said) = import(&stand, &["role.r", "basic-lambda-logging"]).await;
    assert_eq!(code.expect("printed"), 0);
    assert!(
        said.contains("[role.r]\nname = \"basic-lambda-logging\"\n"),
        "{said}"
    );
    assert!(said.contains("[[import]]\nto = \"role.r\"\n"), "{said}");
    assert_eq!(stand.picture(), before);
    let text = std::fs::read_to_string(stand.path("slp.toml")).expect("the manifest");
    assert_eq!(text, project);
}

/// The example's own manifest, with an entry for everything in it.
async fn with_entries(stand: &Stand) -> Vec<String> {
    let text = std::fs::read_to_string(stand.path("slp.toml")).expect("the manifest");
    let (_, pairs) = forgotten(stand, "hello-world").await;
    let entry = |pair: &[String]| format!("\n[[import]]\nto = {:?}\nid = {:?}\n", pair[0], pair[1]);
    let entries: String = pairs.chunks(2).map(entry).collect();
    std::fs::write(stand.path("slp.toml"), format!("{text}{entries}")).expect("written");
    pairs
}

#[tokio::test]
async fn an_entry_takes_over_with_what_differs() {
    let stand = Stand::of("hello-world");
    with_entries(&stand).await;
    let trust = "[role.basic-lambda-logging]\n";
    stand.change(
        "slp.toml",
        trust,
        &format!("{trust}description = \"mine\"\n"),
    );
    let (code, said) = stand.told(false).await;
    assert_eq!(code.expect("applied"), 0, "{said}");
    assert!(
        said.contains("→ role.basic-lambda-logging  (taken over)\n"),
        "{said}"
    );
    assert!(said.contains("→ api.hello-world.stage.test"), "{said}");
    assert!(said.contains("description"), "{said}");
    assert!(said.contains("6 taken over"), "{said}");
    // Done entries harm nobody, and what was taken over is this project's.
    let (_, said) = stand.told(false).await;
    assert!(said.contains("Nothing to do"), "{said}");
    stand.run(true).await.expect("destroyed");
}

#[tokio::test]
async fn an_entry_that_cannot_be_done_is_refused() {
    for (from, to, why) in [
        (
            "id = \"HelloWorld\"",
            "id = \"Nobody\"",
            "there is no function Nobody in AWS",
        ),
        (
            "[role.basic-lambda-logging]\n",
            "[role.basic-lambda-logging]\npath = \"/other/\"\n",
            "AWS has another path, which cannot be changed without making it anew",
        ),
    ] {
        let stand = Stand::of("hello-world");
        with_entries(&stand).await;
        stand.change("slp.toml", from, to);
        let (ended, _) = stand.told(false).await;
        let told = format!("{:?}", ended.expect_err("refused"));
        assert!(told.contains(why), "{told}");
    }
}

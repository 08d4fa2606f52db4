//! What a person sees, command by command, whole.

use std::process::Command;

use crate::dev_told::ended;
use crate::harness::{self, Run, Sandbox, example, get, told, transcript};

/// One at a time, so that the lines come in one order.
const APPLY: &str = "apply --yes --parallelism 1";

#[test]
fn without_a_cloud() {
    let sandbox = example("hello-world", "hello-world");
    let lines = [
        "validate",
        "graph",
        "graph --format mermaid",
        "package",
        "output",
    ];
    let runs = lines.map(|line| sandbox.slp(line));
    transcript("offline", &sandbox, &runs);
}

#[test]
fn a_new_project() {
    let sandbox = Sandbox::empty("new").at(harness::moto().endpoint());
    let lines = [
        "init hello --name t-new",
        "-C hello validate",
        "-C hello plan",
    ];
    transcript("init", &sandbox, &lines.map(|line| sandbox.slp(line)));
}

#[test]
fn the_life_of_hello_world() {
    let sandbox = example("hello-world", "t-life").at(harness::moto().endpoint());
    let lines = ["plan", "apply", APPLY, "plan --exit-code", APPLY];
    transcript("create", &sandbox, &lines.map(|line| sandbox.slp(line)));
    let lines = [
        "output",
        "output url --raw",
        "--json output",
        "show function.HelloWorld",
        "show",
        "state list",
        "state show policy.hello-world-invoke-lambda-policy",
        "state show function.HelloWorl",
    ];
    transcript("saved", &sandbox, &lines.map(|line| sandbox.slp(line)));
    change(&sandbox);
    let lines = [
        "plan",
        "plan --exit-code -v --target function.HelloWorld",
        APPLY,
    ];
    transcript("change", &sandbox, &lines.map(|line| sandbox.slp(line)));
    let lines = [
        "plan --destroy",
        "destroy --yes --parallelism 1",
        "destroy --yes",
    ];
    transcript("destroy", &sandbox, &lines.map(|line| sandbox.slp(line)));
}

/// A bit of everything.
fn change(sandbox: &Sandbox) {
    let route = r#""ANY /{hello+}" = { function = "HelloWorld", credentials = "hello-world-api-gateway-role" }"#;
    let status = r#""GET /status" = { mock = { status = 204 } }"#;
    sandbox
        .change_in("src/index.js", "Hello world", "Hello moon")
        .change(
            "code = \"src\"",
            "code = \"src\"\nmemory = 512\nenvironment = { GREETING = \"Bonjour\" }",
        )
        .change(route, &format!("{route}\n{status}"))
        .change(
            "[policy.hello-world-invoke-lambda-policy]",
            "allow = [{ actions = [\"s3:GetObject\"], resources = [\"arn:aws:s3:::assets/*\"] }]\n\n\
             [policy.hello-world-invoke-lambda-policy]",
        );
}

/// A change in the manifest, and what somebody did by hand meanwhile: the README's picture.
#[test]
fn the_picture_in_the_readme() {
    let moto = harness::moto();
    let sandbox = example("hello-world", "shop").at(moto.endpoint());
    sandbox.slp("apply --yes").ok();
    change(&sandbox);
    let aws = moto.aws();
    let (function, role) = (
        sandbox.named("HelloWorld"),
        sandbox.named("basic-lambda-logging"),
    );
    aws.run(&format!(
        "lambda update-function-configuration --function-name {function} --timeout 60"
    ));
    aws.run(&format!(
        "iam attach-role-policy --role-name {role} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess"
    ));
    transcript("readme", &sandbox, &[sandbox.slp("plan")]);
    let root = harness::root();
    let picture = std::fs::read_to_string(root.join("tests/integration/transcripts/readme.txt"));
    let picture = picture.expect("the transcript");
    let picture = picture.split("--- stderr").next().expect("the plan");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README");
    assert!(
        readme.contains(picture),
        "the README's picture is not:\n{picture}"
    );
}

/// The policies in docs/deployer.md are those that are printed.
#[test]
fn the_rights_of_a_deployer() {
    let sandbox = example("hello-world", "hello-world");
    sandbox.change(
        "name_prefix = \"hello-world-\"",
        "account = \"123456789012\"\nregion = \"eu-central-1\"",
    );
    let lines = [
        "permissions",
        "permissions --plan",
        "permissions --trust github:octo-org/hello-world@main",
        "permissions --trust github:octo-org/hello-world:pull_request",
        "permissions --trust gitlab:octo-org/hello-world@main",
        "permissions --trust github:octo-org/hello-world",
        "permissions --trust octo-org/hello-world",
    ];
    let runs = lines.map(|line| sandbox.slp(line));
    transcript("permissions", &sandbox, &runs);
    let page = harness::root().join("docs/deployer.md");
    let page = std::fs::read_to_string(page).expect("the page");
    for run in &runs[..5] {
        assert!(
            page.contains(&run.stdout),
            "docs/deployer.md lacks:\n{}",
            run.stdout
        );
    }
}

/// From nothing to the first answer; and beside it each command that was meant for `--local`.
#[test]
fn the_first_minute() {
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("skipped: there is no node here");
        return;
    }
    let unset = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let sandbox = Sandbox::empty("first");
    let sandbox = unset
        .iter()
        .fold(sandbox, |sandbox, name| sandbox.env(name, ""));
    let slp = |line: &str| sandbox.slp(&format!("-C hello {line}"));
    let first = sandbox.slp("init hello").ok();
    let mut dev = sandbox.begin("-C hello dev --port 0");
    dev.hears("page: http://127.0.0.1:");
    let asked = slp("output url --local --raw").ok();
    let answer = get(asked.stdout.trim());
    let curl = format!("$ curl {}{}\n", asked.stdout, answer.body);
    let beside = [
        "show",
        "output",
        "state list",
        "state rm function.hello-hello",
        "invoke hello-hello",
        "logs",
        "drift",
        "why function.hello-hello",
        "plan",
        "destroy --yes",
    ];
    let beside: Vec<Run> = beside.map(slp).into();
    dev.prints("GET /hello  200  ");
    let dev = ended(dev);
    let after = slp("show");
    let runs = [first, dev, asked].into_iter().map(|run| run.to_string());
    let others = beside.into_iter().chain([after]).map(|run| run.to_string());
    let text: Vec<String> = runs.chain([curl]).chain(others).collect();
    let file = "tests/integration/transcripts/first-minute.txt";
    told(file, &sandbox, &text.join("\n"));
}

/// A slip in each name that the command line takes.
#[test]
fn the_guesses() {
    let sandbox = example("hello-world", "guess");
    sandbox.slp("apply --yes --local").ok();
    let lines = [
        "plan --local --target function.HeloWorld",
        "plan --local --exclude role.HelloWorld",
        "plan --local --replace functions.HelloWorld",
        "plan --local --target HelloWorld",
        "plan --local --gate widne",
        "why --local api.hello-world.stage.tset",
        "show --local function.HeloWorld",
        "show --local HelloWorld",
        "state show --local roles.basic-lambda-logging",
        "state rm --local policy.hello-world-invoke-lambda",
        "output --local ulr",
        "invoke --local HeloWorld",
        "logs --local HeloWorld",
        "package function.HeloWorld",
        "import --local functions.HelloWorld HelloWorld",
        "import --local aws_iam_role.lambda lambda",
        "validate --var greting=x",
        "validate --env prod",
    ];
    let mut runs: Vec<Run> = lines.map(|line| sandbox.slp(line)).into();
    sandbox.change(
        "[outputs]",
        "[variables]\ngreeting = \"x\"\n\n[env.prod]\n\n[outputs]",
    );
    runs.push(sandbox.slp("validate --env prd"));
    runs.push(sandbox.slp("validate --env prod --var greting=x"));
    transcript("guesses", &sandbox, &runs);
}

/// Where no environment is chosen all of them are looked at.
#[test]
fn every_environment() {
    let sandbox = example("hello-world", "every");
    sandbox.change(
        "[outputs]",
        "[env.dev]\n\n[env.prod.function.HelloWorld]\nmemory = 512\n\n[outputs]",
    );
    let mut runs: Vec<Run> = ["validate", "validate --json", "plan"]
        .map(|line| sandbox.slp(line))
        .into();
    sandbox
        .change("memory = 512", "memroy = 512")
        .change("code = \"src\"", "code = \"source\"");
    runs.extend(
        ["validate", "validate --env dev", "validate --json"].map(|line| sandbox.slp(line)),
    );
    transcript("environments", &sandbox, &runs);
}

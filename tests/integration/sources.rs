//! Variables that AWS holds, or another project's state: read many at once, kept nowhere.

use crate::harness::{Aws, Counter, Emulator, Sandbox, ministack};

const SECRET: &str = "s3cr3t-from-afar";

const MANIFEST: &str = r#"
[project]
name = "sources"
name_prefix = "sources-"

[variables]
greeting = { from = "ssm:/sources/greeting" }
memory = { from = "ssm:/sources/memory:1", type = "integer" }
token = { from = "ssm:/sources/token", secret = true }
password = { from = "secretsmanager:sources#password", secret = true }
whole = { from = "secretsmanager:sources-whole", secret = true }
absent = { from = "ssm:/sources/absent", default = "by default" }

[role.run]
trust = "lambda.amazonaws.com"

[function.Front]
runtime = "nodejs22.x"
handler = "index.handler"
role = "run"
code = "src"
memory = "${var.memory}"

[function.Front.environment]
GREETING = "${var.greeting}"
TOKEN = "${var.token}"
PASSWORD = "${var.password}"
WHOLE = "${var.whole}"
ABSENT = "${var.absent}"

[outputs]
arn = "${function.Front.arn}"
"#;

fn sandbox(endpoint: &str) -> Sandbox {
    let sandbox = Sandbox::empty("sources").at(endpoint);
    sandbox.write("slp.toml", MANIFEST);
    sandbox.write("src/index.js", "exports.handler = async () => 1;\n");
    sandbox
}

fn kept(aws: &Aws) {
    let put = "ssm put-parameter --overwrite --name";
    aws.run(&format!(
        "{put} /sources/greeting --type String --value Hello"
    ));
    aws.run(&format!("{put} /sources/memory --type String --value 256"));
    aws.run(&format!(
        "{put} /sources/token --type SecureString --value {SECRET}-1"
    ));
    let create = "secretsmanager create-secret --name";
    let object = format!("{{\"password\":\"{SECRET}-2\"}}");
    let mut words: Vec<&str> = create.split(' ').collect();
    words.extend(["sources", "--secret-string", &object]);
    aws.with(&words);
    aws.run(&format!(
        "{create} sources-whole --secret-string {SECRET}-3"
    ));
}

#[test]
fn parameters_and_secrets_come_from_moto() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    from_afar(moto.endpoint(), Some(&counter));
}

#[test]
fn parameters_and_secrets_come_from_ministack() {
    from_afar(ministack().endpoint(), None);
}

fn from_afar(endpoint: &str, counter: Option<&Counter>) {
    let aws = Aws::at(endpoint);
    let sandbox = sandbox(counter.map_or(endpoint, Counter::endpoint));
    let none = sandbox.slp("plan").exits(2);
    none.says(&[
        "`greeting`: there is no ssm:/sources/greeting",
        "--var greeting=…",
    ]);
    kept(&aws);
    // Nobody is asked, and what depends on the answers is not judged.
    sandbox.slp("validate").ok();
    sandbox.slp("apply --yes").ok();
    let function = aws.function("sources-Front").expect("the function");
    let configuration = &function["Configuration"];
    assert_eq!(configuration["MemorySize"], 256);
    let variables = &configuration["Environment"]["Variables"];
    assert_eq!(variables["GREETING"], "Hello");
    assert_eq!(variables["TOKEN"], format!("{SECRET}-1"));
    assert_eq!(variables["PASSWORD"], format!("{SECRET}-2"));
    assert_eq!(variables["WHOLE"], format!("{SECRET}-3"));
    assert_eq!(variables["ABSENT"], "by default");
    if let Some(counter) = counter {
        counter.reset();
    }
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    if let Some(counter) = counter {
        let asked = ["GetParameters", "BatchGetSecretValue"].map(|op| counter.count(op));
        assert_eq!(asked, [1, 1], "a call for many");
    }
    moved(&aws, &sandbox);
    for file in sandbox.files() {
        let text = String::from_utf8_lossy(&std::fs::read(&file).expect("a file")).into_owned();
        assert!(!text.contains(SECRET), "{}", file.display());
    }
    // What goes away asks for no source.
    aws.run("ssm delete-parameter --name /sources/greeting");
    sandbox.slp("destroy --yes").ok();
}

/// A secret that was changed at its source shows as changed, and by nothing else.
fn moved(aws: &Aws, sandbox: &Sandbox) {
    aws.run(&format!(
        "ssm put-parameter --overwrite --name /sources/token --type SecureString --value {SECRET}-4"
    ));
    let plan = sandbox.slp("plan --exit-code").exits(3);
    let plan = plan.says(&["TOKEN", "(secret, changed)"]);
    plan.never_says(&[SECRET]);
    sandbox.slp("apply --yes").ok().never_says(&[SECRET]);
}

#[test]
fn a_secret_at_its_source_must_be_one_in_the_manifest() {
    let moto = Emulator::moto();
    kept(&Aws::at(moto.endpoint()));
    let sandbox = sandbox(moto.endpoint());
    sandbox.change(
        "ssm:/sources/token\", secret = true",
        "ssm:/sources/token\"",
    );
    let refused = sandbox.slp("plan").exits(2);
    let refused = refused.says(&["kept as a secret there", "write `secret = true`"]);
    refused.never_says(&[SECRET]);
    // The embedded cloud keeps neither: what has no default is set by hand.
    let local = sandbox
        .slp("plan --local --var memory=128 --var token=x")
        .exits(2);
    local.says(&[
        "there is no ssm:/sources/greeting",
        "there is no secretsmanager:sources#password",
    ]);
}

#[test]
fn an_output_of_another_project_is_read_from_its_state() {
    let moto = Emulator::moto();
    let first = Sandbox::empty("one").at(moto.endpoint());
    first.write(".git/HEAD", "");
    first.write(
        "base/slp.toml",
        "[project]\nname = \"base\"\n[role.shared]\ntrust = \"lambda.amazonaws.com\"\n\
         [outputs]\nrole = \"${role.shared.arn}\"\n",
    );
    first.write(
        "shop/slp.toml",
        &MANIFEST
            .split_once("[variables]")
            .map(|(head, _)| {
                format!(
                    "{head}[variables]\nrole = {{ from = \"state:base#role\" }}\n\
                     [function.Front]\nruntime = \"nodejs22.x\"\nhandler = \"index.handler\"\n\
                     role = \"${{var.role}}\"\ncode = \"src\"\n"
                )
            })
            .expect("a manifest"),
    );
    first.write("shop/src/index.js", "exports.handler = async () => 1;\n");
    let early = first.slp("-C shop plan").exits(2);
    early.says(&["base was not applied yet"]);
    first.slp("-C shop validate").ok();
    first.slp("-C base apply --yes").ok();
    first.slp("-C shop apply --yes").ok();
    let function = Aws::at(moto.endpoint())
        .function("sources-Front")
        .expect("the function");
    let role = function["Configuration"]["Role"]
        .as_str()
        .expect("a role")
        .to_owned();
    assert!(role.ends_with(":role/shared"), "{role}");
    first.change_in("shop/slp.toml", "base#role", "base#rule");
    first
        .slp("-C shop plan")
        .exits(2)
        .says(&["there is no state:base#rule"]);
    first.change_in("shop/slp.toml", "base#rule", "nowhere#role");
    first
        .slp("-C shop plan")
        .exits(2)
        .says(&["is of the project nowhere"]);
}

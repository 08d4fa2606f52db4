//! The main story: nothing, deployed, changed thing by thing, taken away. The AWS CLI
//! confirms each step.

use serde_json::{Value, json};

use crate::harness::{self, Aws, Emulator, Sandbox, example, get, list};

const ROLE: &str = "basic-lambda-logging";
const POLICY: &str = "hello-world-invoke-lambda-policy";

#[test]
fn hello_world_on_moto() {
    story(harness::moto(), "life-moto", |_, _| ());
}

#[test]
fn hello_world_on_ministack() {
    story(harness::ministack(), "life-mini", |sandbox, body| {
        let url = sandbox.slp("output url --raw").ok().stdout;
        let answer = get(url.trim());
        assert_eq!((answer.status, answer.body.as_str()), (200, body));
    });
}

/// `serves` checks what the deployed API answers, where the emulator runs functions.
fn story(emulator: &Emulator, name: &str, serves: fn(&Sandbox, &str)) {
    let sandbox = example("hello-world", name).at(emulator.endpoint());
    let aws = emulator.aws();
    create(&sandbox, &aws);
    serves(&sandbox, "Hello world");
    code(&sandbox, &aws);
    serves(&sandbox, "Hello moon");
    memory(&sandbox, &aws);
    route(&sandbox, &aws);
    statement(&sandbox, &aws);
    rename(&sandbox, &aws);
    serves(&sandbox, "Hello moon");
    destroy(&sandbox, &aws);
}

fn create(sandbox: &Sandbox, aws: &Aws) {
    let every = [
        "+ api.hello-world",
        "+ api.hello-world.stage.test",
        "+ function.HelloWorld",
        "+ policy.hello-world-invoke-lambda-policy",
        "+ role.basic-lambda-logging",
        "+ role.hello-world-api-gateway-role",
    ];
    assert_eq!(sandbox.slp("plan --exit-code").exits(3).planned(), every);
    assert_eq!(aws.inventory(&sandbox.prefix()), Vec::<String>::new());
    let applied = sandbox.slp("apply --yes").ok();
    assert_eq!(applied.planned(), every);
    applied.says(&["Done: 6 created"]);
    idle(sandbox);
    assert_eq!(aws.inventory(&sandbox.prefix()), whole(sandbox));
}

/// What the AWS CLI finds of an applied hello-world.
fn whole(sandbox: &Sandbox) -> Vec<String> {
    let mut names = vec![
        format!("api {}", sandbox.named("Hello World Api")),
        format!("function {}", sandbox.named("HelloWorld")),
        format!("policy {}", sandbox.named(POLICY)),
        format!("role {}", sandbox.named(ROLE)),
        format!("role {}", sandbox.named("hello-world-api-gateway-role")),
    ];
    names.sort();
    names
}

fn idle(sandbox: &Sandbox) {
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
}

/// The manifest was changed: exactly this is planned, and applied, and then nothing is left.
fn applied(sandbox: &Sandbox, changes: &[&str], says: &[&str]) {
    let planned = sandbox.slp("plan --exit-code").exits(3);
    assert_eq!(planned.planned(), changes, "{planned}");
    let applied = sandbox.slp("apply --yes").ok();
    assert_eq!(applied.planned(), changes, "{applied}");
    planned.says(says).never_says(&["! "]);
    idle(sandbox);
}

fn code(sandbox: &Sandbox, aws: &Aws) {
    let digest = |aws: &Aws| configuration(sandbox, aws)["CodeSha256"].clone();
    let before = digest(aws);
    sandbox.change_in("src/index.js", "Hello world", "Hello moon");
    applied(sandbox, &["~ function.HelloWorld"], &["code", "~ index.js"]);
    assert_ne!(digest(aws), before);
}

fn configuration(sandbox: &Sandbox, aws: &Aws) -> Value {
    let function = aws.function(&sandbox.named("HelloWorld"));
    function.expect("the function")["Configuration"].clone()
}

fn memory(sandbox: &Sandbox, aws: &Aws) {
    assert_eq!(configuration(sandbox, aws)["MemorySize"], 128);
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    applied(sandbox, &["~ function.HelloWorld"], &["128 → 256 MB"]);
    assert_eq!(configuration(sandbox, aws)["MemorySize"], 256);
}

fn route(sandbox: &Sandbox, aws: &Aws) {
    let any = r#""ANY /{hello+}" = { function = "HelloWorld", credentials = "hello-world-api-gateway-role" }"#;
    let get = any.replace("ANY /{hello+}", "GET /status");
    sandbox.change(any, &format!("{any}\n{get}"));
    let changes = ["~ api.hello-world", "~ api.hello-world.stage.test"];
    let before = deployment(sandbox, aws);
    applied(sandbox, &changes, &["+ GET /status"]);
    assert_eq!(routes(sandbox, aws), ["ANY /{hello+}", "GET /status"]);
    assert_ne!(deployment(sandbox, aws), before);
}

fn routes(sandbox: &Sandbox, aws: &Aws) -> Vec<String> {
    let id = api_id(sandbox, aws, "Hello World Api");
    let resources = aws.run(&format!("apigateway get-resources --rest-api-id {id}"));
    let mut routes = Vec::new();
    for resource in list(&resources, "items") {
        let path = resource["path"].as_str().expect("a path");
        let methods = resource["resourceMethods"].as_object().cloned();
        routes.extend(
            methods
                .unwrap_or_default()
                .keys()
                .map(|m| format!("{m} {path}")),
        );
    }
    routes.sort();
    routes
}

fn api_id(sandbox: &Sandbox, aws: &Aws, name: &str) -> String {
    let apis = aws.apis(&sandbox.named(name));
    assert_eq!(apis.len(), 1, "{apis:?}");
    apis[0]["id"].as_str().expect("an id").to_owned()
}

fn deployment(sandbox: &Sandbox, aws: &Aws) -> Value {
    let id = api_id(sandbox, aws, "Hello World Api");
    let stages = list(
        &aws.run(&format!("apigateway get-stages --rest-api-id {id}")),
        "item",
    );
    let deployments = aws.run(&format!("apigateway get-deployments --rest-api-id {id}"));
    assert_eq!(stages.len(), 1);
    assert_eq!(list(&deployments, "items").len(), 1, "{deployments}");
    stages[0]["deploymentId"].clone()
}

fn statement(sandbox: &Sandbox, aws: &Aws) {
    sandbox.change(
        r#"actions = ["lambda:InvokeFunction"]"#,
        r#"actions = ["lambda:InvokeFunction", "lambda:GetFunction"]"#,
    );
    let changes = ["~ policy.hello-world-invoke-lambda-policy"];
    applied(sandbox, &changes, &["lambda:GetFunction"]);
    let found = aws.run("iam list-policies --scope Local");
    let policies = list(&found, "Policies").into_iter();
    let mut ours = policies.filter(|policy| policy["PolicyName"] == sandbox.named(POLICY));
    let policy = ours.next().expect("the policy");
    let (arn, version) = (&policy["Arn"], &policy["DefaultVersionId"]);
    let words = format!(
        "iam get-policy-version --policy-arn {} --version-id {}",
        arn.as_str().expect("an arn"),
        version.as_str().expect("a version")
    );
    let statement = &aws.run(&words)["PolicyVersion"]["Document"]["Statement"][0];
    let mut actions = statement["Action"].as_array().cloned().unwrap_or_default();
    actions.sort_by_key(Value::to_string);
    assert_eq!(
        json!(actions),
        json!(["lambda:GetFunction", "lambda:InvokeFunction"])
    );
}

fn rename(sandbox: &Sandbox, aws: &Aws) {
    let id = api_id(sandbox, aws, "Hello World Api");
    sandbox.change("Hello World Api", "Hello Again Api");
    applied(sandbox, &["~ api.hello-world"], &["Hello Again Api"]);
    assert_eq!(api_id(sandbox, aws, "Hello Again Api"), id, "not made anew");
}

fn destroy(sandbox: &Sandbox, aws: &Aws) {
    let planned = sandbox.slp("plan --destroy --exit-code").exits(3);
    let gone = sandbox.slp("destroy --yes").ok();
    assert_eq!(planned.planned(), gone.planned());
    gone.says(&["Done: 6 deleted"]);
    assert_eq!(aws.inventory(&sandbox.prefix()), Vec::<String>::new());
    sandbox.slp("destroy --yes").ok().says(&["Nothing to do"]);
}

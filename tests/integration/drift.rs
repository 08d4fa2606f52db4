//! What somebody else does to what slp made: the next plan names it, the next apply mends it.

use serde_json::Value;

use crate::harness::{self, Aws, Sandbox, example, list};

/// hello-world, applied under this name, and the AWS CLI.
fn deployed(name: &str) -> (Sandbox, Aws) {
    let moto = harness::moto();
    let sandbox = example("hello-world", name).at(moto.endpoint());
    sandbox.slp("apply --yes").ok();
    (sandbox, moto.aws())
}

/// The plan names exactly this, marked as drift; the apply leaves nothing of it.
fn mended(sandbox: &Sandbox, changes: &[&str], says: &[&str]) {
    let planned = sandbox.slp("plan --exit-code").exits(3);
    assert_eq!(planned.planned(), changes, "{planned}");
    planned.says(says);
    sandbox.slp("apply --yes").ok();
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
}

fn function(sandbox: &Sandbox, aws: &Aws) -> Value {
    let function = aws.function(&sandbox.named("HelloWorld"));
    function.expect("the function")["Configuration"].clone()
}

#[test]
fn a_function_deleted_outside_is_made_again() {
    let (sandbox, aws) = deployed("drift-gone");
    let name = sandbox.named("HelloWorld");
    aws.run(&format!("lambda delete-function --function-name {name}"));
    mended(&sandbox, &["+ function.HelloWorld"], &["gone from AWS"]);
    assert_eq!(function(&sandbox, &aws)["Handler"], "index.helloworld");
}

#[test]
fn memory_changed_outside_is_put_back() {
    let (sandbox, aws) = deployed("drift-memory");
    let name = sandbox.named("HelloWorld");
    aws.run(&format!(
        "lambda update-function-configuration --function-name {name} --memory-size 512"
    ));
    mended(
        &sandbox,
        &["~ function.HelloWorld"],
        &["512 → 128 MB", "! changed outside slp"],
    );
    assert_eq!(function(&sandbox, &aws)["MemorySize"], 128);
}

#[test]
fn an_environment_variable_added_outside_is_taken_out() {
    let (sandbox, aws) = deployed("drift-environment");
    let name = sandbox.named("HelloWorld");
    aws.run(&format!(
        "lambda update-function-configuration --function-name {name} --environment Variables={{EXTRA=1}}"
    ));
    mended(&sandbox, &["~ function.HelloWorld"], &["- EXTRA", "!"]);
    let environment = &function(&sandbox, &aws)["Environment"]["Variables"];
    assert!(environment["EXTRA"].is_null(), "{environment}");
}

#[test]
fn other_code_is_replaced_by_ours() {
    let (sandbox, aws) = deployed("drift-code");
    let other = example("hello-world", "drift-other");
    other.change_in("src/index.js", "Hello world", "Hello from elsewhere");
    other.slp("package --out zips").ok();
    let ours = function(&sandbox, &aws)["CodeSha256"].clone();
    let zip = other.path("zips/HelloWorld.zip");
    aws.run(&format!(
        "lambda update-function-code --function-name {} --zip-file fileb://{}",
        sandbox.named("HelloWorld"),
        zip.display()
    ));
    assert_ne!(function(&sandbox, &aws)["CodeSha256"], ours);
    mended(
        &sandbox,
        &["~ function.HelloWorld"],
        &["code", "! changed outside slp"],
    );
    assert_eq!(function(&sandbox, &aws)["CodeSha256"], ours);
}

#[test]
fn a_policy_attached_outside_is_detached() {
    let (sandbox, aws) = deployed("drift-attach");
    let role = sandbox.named("basic-lambda-logging");
    let foreign = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    aws.run(&format!(
        "iam attach-role-policy --role-name {role} --policy-arn {foreign}"
    ));
    mended(
        &sandbox,
        &["~ role.basic-lambda-logging"],
        &[&format!("- {foreign}"), "!"],
    );
    let attached = aws.run(&format!(
        "iam list-attached-role-policies --role-name {role}"
    ));
    assert_eq!(list(&attached, "AttachedPolicies").len(), 1, "{attached}");
}

#[test]
fn a_route_added_outside_and_not_deployed_is_removed() {
    let (sandbox, aws) = deployed("drift-route");
    let api = aws.apis(&sandbox.named("Hello World Api"))[0]["id"].clone();
    let api = api.as_str().expect("an id");
    let resources = aws.run(&format!("apigateway get-resources --rest-api-id {api}"));
    let top = list(&resources, "items")
        .into_iter()
        .find(|resource| resource["path"] == "/");
    let top = top.expect("the root")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let added = aws.run(&format!(
        "apigateway create-resource --rest-api-id {api} --parent-id {top} --path-part extra"
    ));
    let added = added["id"].as_str().expect("an id");
    let method = format!("--rest-api-id {api} --resource-id {added} --http-method GET");
    aws.run(&format!(
        "apigateway put-method {method} --authorization-type NONE"
    ));
    aws.run(&format!("apigateway put-integration {method} --type MOCK"));
    mended(&sandbox, &["~ api.hello-world"], &["- GET /extra", "!"]);
    let resources = aws.run(&format!("apigateway get-resources --rest-api-id {api}"));
    let paths = list(&resources, "items").into_iter();
    let paths: Vec<Value> = paths.map(|resource| resource["path"].clone()).collect();
    assert!(!paths.contains(&"/extra".into()), "{paths:?}");
}

#[test]
fn a_permission_added_outside_is_told_and_left_alone() {
    let (sandbox, aws) = deployed("drift-permission");
    let name = sandbox.named("HelloWorld");
    let theirs =
        "--statement-id theirs --action lambda:InvokeFunction --principal events.amazonaws.com";
    aws.run(&format!(
        "lambda add-permission --function-name {name} {theirs}"
    ));
    let planned = sandbox.slp("plan --exit-code").ok();
    assert_eq!(planned.planned(), Vec::<String>::new());
    planned.says(&["Found, and left alone", "theirs"]);
    sandbox.slp("apply --yes").ok();
    let policy = aws.run(&format!("lambda get-policy --function-name {name}"));
    assert!(
        policy["Policy"]
            .as_str()
            .expect("a policy")
            .contains("theirs")
    );
}

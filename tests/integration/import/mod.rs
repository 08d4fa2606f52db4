//! `slp import`: what the AWS CLI and Terraform made is taken over, and the plan is empty. moto
//! and ministack cannot tag an API that is there, so ownership stands in the state there; at
//! `slp local` it stands in tags.

mod by_hand;
mod terraform;

use crate::harness::{Aws, Sandbox};

/// A manifest of nothing.
fn begun(name: &str, ownership: &str) -> Sandbox {
    let sandbox = Sandbox::empty(name);
    let project = format!("[project]\nname = \"{name}\"\nownership = \"{ownership}\"\n");
    sandbox.write("slp.toml", &project);
    sandbox
}

/// What the AWS CLI made: the names begin as the sandbox's do.
struct Made {
    api: String,
}

const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

fn trust(service: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

/// The twenty calls of the classic post, as a person types them.
fn hello_world(sandbox: &Sandbox, aws: &Aws) -> Made {
    let named = |name: &str| sandbox.named(name);
    let account = aws.run("sts get-caller-identity")["Account"].clone();
    let account = account.as_str().expect("an account");
    let (logging, gateway) = (named("logging"), named("gateway"));
    for (role, service) in [(&logging, "lambda"), (&gateway, "apigateway")] {
        let document = trust(&format!("{service}.amazonaws.com"));
        let words = ["iam", "create-role", "--role-name", role];
        aws.with(&[&words[..], &["--assume-role-policy-document", &document]].concat());
    }
    let attach = |role: &str, arn: &str| {
        aws.run(&format!(
            "iam attach-role-policy --role-name {role} --policy-arn {arn}"
        ));
    };
    attach(&logging, BASIC);
    let function = function(sandbox, aws, account);
    let policy = named("invoke");
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"{function}"}}]}}"#
    );
    let words = ["iam", "create-policy", "--policy-name", &policy];
    aws.with(&[&words[..], &["--policy-document", &document]].concat());
    attach(&gateway, &format!("arn:aws:iam::{account}:policy/{policy}"));
    let role = format!("arn:aws:iam::{account}:role/{gateway}");
    Made {
        api: api(sandbox, aws, &function, &role),
    }
}

/// Its ARN.
fn function(sandbox: &Sandbox, aws: &Aws, account: &str) -> String {
    let code = "exports.hello = async () => ({ statusCode: 200, body: \"hi\" });\n";
    sandbox.write("made/index.js", code);
    let zipped = std::process::Command::new("python3")
        .args(["-m", "zipfile", "-c", "../made.zip", "index.js"])
        .current_dir(sandbox.path("made"))
        .status();
    assert!(zipped.expect("python3 runs").success());
    let zip = sandbox.path("made.zip").display().to_string();
    let (name, role) = (sandbox.named("Hello"), sandbox.named("logging"));
    let made = aws.run(&format!(
        "lambda create-function --function-name {name} --runtime nodejs22.x --handler index.hello \
         --role arn:aws:iam::{account}:role/{role} --zip-file fileb://{zip}"
    ));
    made["FunctionArn"].as_str().expect("an ARN").to_owned()
}

/// Its id.
fn api(sandbox: &Sandbox, aws: &Aws, function: &str, role: &str) -> String {
    let name = sandbox.named("Api");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let made = aws.run(&format!(
        "apigateway create-rest-api --name {name} --endpoint-configuration types=REGIONAL"
    ));
    let api = text(&made["id"]);
    let root = aws.run(&format!("apigateway get-resources --rest-api-id {api}"));
    let root = text(&root["items"][0]["id"]);
    let below = aws.run(&format!(
        "apigateway create-resource --rest-api-id {api} --parent-id {root} --path-part {{hello+}}"
    ));
    let at = format!(
        "--rest-api-id {api} --resource-id {} --http-method ANY",
        text(&below["id"])
    );
    aws.run(&format!(
        "apigateway put-method {at} --authorization-type NONE"
    ));
    aws.run(&format!(
        "apigateway put-integration {at} --type AWS_PROXY --integration-http-method POST \
         --credentials {role} --uri \
         arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    ));
    aws.run(&format!(
        "apigateway create-deployment --rest-api-id {api} --stage-name test"
    ));
    api
}

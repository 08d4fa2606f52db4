//! What an emulator has, asked over plain HTTP: the AWS CLI takes a second an answer, which
//! is too long where dozens of endings are looked at. Emulators check no signature.

use serde_json::Value;

use super::aws::list;
use super::http::request;

/// Everything whose name begins with the prefix, each as `role x`, `function y`, …, sorted.
pub fn inventory(endpoint: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut add = |kind: &str, found: Vec<String>| {
        let own = |name: &String| name.trim_start_matches("/aws/lambda/").starts_with(prefix);
        names.extend(
            found
                .into_iter()
                .filter(own)
                .map(|name| format!("{kind} {name}")),
        );
    };
    add(
        "api",
        of_json(&gateway(endpoint, "/restapis"), "item", "name"),
    );
    let functions = json(endpoint, "lambda", "/2015-03-31/functions");
    add("function", of_json(&functions, "Functions", "FunctionName"));
    let groups = answer(endpoint, "logs", "POST", "/", "{}");
    add(
        "log_group",
        of_json(&parsed(&groups), "logGroups", "logGroupName"),
    );
    add(
        "policy",
        of_xml(&iam(endpoint, "ListPolicies&Scope=Local"), "PolicyName"),
    );
    add("role", of_xml(&iam(endpoint, "ListRoles"), "RoleName"));
    names.sort();
    names
}

pub fn deployments(endpoint: &str, api: &str) -> Vec<String> {
    let found = gateway(endpoint, &format!("/restapis/{api}/deployments"));
    of_json(&found, "item", "id")
}

fn gateway(endpoint: &str, path: &str) -> Value {
    json(endpoint, "apigateway", path)
}

fn iam(endpoint: &str, action: &str) -> String {
    let question = format!("Action={action}&Version=2010-05-08");
    answer(endpoint, "iam", "POST", "/", &question)
}

fn json(endpoint: &str, service: &str, path: &str) -> Value {
    parsed(&answer(endpoint, service, "GET", path, ""))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn answer(endpoint: &str, service: &str, method: &str, path: &str, body: &str) -> String {
    let scope = format!("test/20260101/us-east-1/{service}/aws4_request");
    let signed = "SignedHeaders=host, Signature=0";
    let mut headers = vec![format!(
        "authorization: AWS4-HMAC-SHA256 Credential={scope}, {signed}"
    )];
    if service == "logs" {
        headers.push("x-amz-target: Logs_20140328.DescribeLogGroups".into());
        headers.push("content-type: application/x-amz-json-1.1".into());
    } else if !body.is_empty() {
        headers.push("content-type: application/x-www-form-urlencoded".into());
    }
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let answer = request(method, &format!("{endpoint}{path}"), &headers, body);
    assert_eq!(answer.status, 200, "{service} {path}: {}", answer.body);
    answer.body
}

fn of_json(value: &Value, items: &str, name: &str) -> Vec<String> {
    let items = list(value, items).into_iter();
    items
        .map(|item| item[name].as_str().expect("a name").to_owned())
        .collect()
}

fn of_xml(text: &str, name: &str) -> Vec<String> {
    let open = format!("<{name}>");
    let parts = text.split(open.as_str()).skip(1);
    parts
        .map(|part| part.split('<').next().unwrap_or_default().to_owned())
        .collect()
}

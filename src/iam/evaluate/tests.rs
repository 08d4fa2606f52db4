use serde_json::{Value, json};

use super::super::grammar;
use super::*;

fn document(statements: Value) -> Document {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    grammar::read(&text).expect("the test's document is one")
}

fn ask(document: &Document, action: &str, resource: &str, context: &Context) -> Decision {
    let request = Request {
        action,
        resource,
        context,
    };
    identity(std::slice::from_ref(document), request)
}

#[test]
fn something_must_allow_and_nothing_deny() {
    let both = document(json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::kept/*"},
    ]));
    let none = Context::new();
    assert!(ask(&both, "s3:GetObject", "arn:aws:s3:::kept/a", &none).allowed());
    assert_eq!(
        ask(&both, "s3:DeleteObject", "arn:aws:s3:::kept/a", &none),
        Decision::Denied(Why::Explicit)
    );
    assert_eq!(
        ask(&both, "sqs:SendMessage", "arn:aws:sqs:::q", &none),
        Decision::Denied(Why::Implicit)
    );
}

#[test]
fn what_is_not_listed_is_what_not_action_means() {
    let most = document(json!({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "x"}));
    let none = Context::new();
    assert!(ask(&most, "s3:GetObject", "y", &none).allowed());
    assert!(!ask(&most, "iam:GetRole", "y", &none).allowed());
    assert!(!ask(&most, "s3:GetObject", "x", &none).allowed());
}

/// Operator, its values, the request's values (none: the key is missing), does it hold.
fn table() -> Vec<(&'static str, Value, &'static [&'static str], bool)> {
    vec![
        ("StringEquals", json!("a"), &["a"], true),
        ("StringEquals", json!(["b", "a"]), &["a"], true),
        ("StringEquals", json!("A"), &["a"], false),
        ("StringEquals", json!("a"), &[], false),
        ("StringEqualsIfExists", json!("a"), &[], true),
        ("StringEqualsIfExists", json!("a"), &["b"], false),
        ("StringEqualsIgnoreCase", json!("A"), &["a"], true),
        ("StringNotEquals", json!("a"), &["a"], false),
        ("StringNotEquals", json!(["a", "b"]), &["c"], true),
        ("StringNotEquals", json!("a"), &[], true),
        ("StringLike", json!("a*"), &["abc"], true),
        ("StringNotLike", json!("a*"), &["abc"], false),
        (
            "ArnLike",
            json!("arn:aws:s3:::*"),
            &["arn:aws:s3:::b"],
            true,
        ),
        (
            "ArnEquals",
            json!("arn:aws:s3:::b*"),
            &["arn:aws:s3:::b"],
            true,
        ),
        (
            "ArnNotLike",
            json!("arn:aws:s3:::c"),
            &["arn:aws:s3:::b"],
            true,
        ),
        ("Bool", json!(true), &["true"], true),
        ("Bool", json!("false"), &["true"], false),
        ("NumericLessThan", json!(10), &["9"], true),
        ("NumericLessThan", json!(10), &["10"], false),
        ("NumericGreaterThanEquals", json!("10"), &["10"], true),
        ("NumericEquals", json!("10"), &["ten"], false),
        (
            "DateLessThan",
            json!("2026-01-01T00:00:00Z"),
            &["2025-12-31"],
            true,
        ),
        (
            "DateGreaterThan",
            json!("2026-01-01"),
            &["1700000000"],
            false,
        ),
        ("IpAddress", json!("203.0.113.0/24"), &["203.0.113.9"], true),
        (
            "IpAddress",
            json!("203.0.113.0/24"),
            &["203.0.114.9"],
            false,
        ),
        (
            "NotIpAddress",
            json!("2001:db8::/32"),
            &["2001:db8::1"],
            false,
        ),
        ("Null", json!("true"), &[], true),
        ("Null", json!(false), &["x"], true),
        (
            "ForAllValues:StringEquals",
            json!(["a", "b"]),
            &["a", "b"],
            true,
        ),
        (
            "ForAllValues:StringEquals",
            json!(["a"]),
            &["a", "b"],
            false,
        ),
        ("ForAllValues:StringEquals", json!(["a"]), &[], true),
        ("ForAnyValue:StringEquals", json!(["a"]), &["b", "a"], true),
        ("ForAnyValue:StringEquals", json!(["a"]), &[], false),
    ]
}

#[test]
fn operators() {
    for (operator, wanted, values, holds) in table() {
        let condition = json!({operator: {"aws:Key": wanted}});
        let one = document(
            json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}),
        );
        let context = values.iter().fold(Context::new(), |context, value| {
            context.with("AWS:KEY", *value)
        });
        let is = ask(&one, "a:B", "r", &context).allowed();
        assert_eq!(is, holds, "{operator} {wanted} {values:?}");
    }
}

#[test]
fn an_unknown_operator_never_allows_and_is_named() {
    let condition = json!({"StringSounds": {"k": "v"}});
    for effect in ["Allow", "Deny"] {
        let odd = document(json!([
            {"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition},
        ]));
        assert_eq!(
            ask(&odd, "a:B", "r", &Context::new()),
            Decision::Denied(Why::Operator("StringSounds".into()))
        );
    }
}

#[test]
fn variables_are_filled_from_the_request() {
    let own = document(json!(
        {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}/*"}
    ));
    let context = Context::new().with("aws:username", "ann");
    assert!(ask(&own, "s3:GetObject", "arn:aws:s3:::b/ann/x", &context).allowed());
    assert!(!ask(&own, "s3:GetObject", "arn:aws:s3:::b/bob/x", &context).allowed());
    assert!(!ask(&own, "s3:GetObject", "arn:aws:s3:::b//x", &Context::new()).allowed());
}

#[test]
fn a_resources_policy_names_who_may() {
    let context = Context::new().with("AWS:SourceArn", "arn:aws:execute-api:r:1:a/s/GET/x");
    let request = Request {
        action: "lambda:InvokeFunction",
        resource: "arn:f",
        context: &context,
    };
    let permission = |principal: Value, source: &str| {
        document(json!({
            "Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction",
            "Resource": "arn:f", "Condition": {"ArnLike": {"AWS:SourceArn": source}},
        }))
    };
    let gateway = Caller::Service("apigateway.amazonaws.com");
    let service = json!({"Service": "apigateway.amazonaws.com"});
    let all = "arn:aws:execute-api:r:1:a/*/GET/x";
    assert!(resource(&permission(service.clone(), all), gateway, request).allowed());
    assert!(resource(&permission(json!("*"), all), gateway, request).allowed());
    let other = permission(service.clone(), "arn:aws:execute-api:r:1:b/*");
    assert!(!resource(&other, gateway, request).allowed());
    let wrong = permission(json!({"Service": "s3.amazonaws.com"}), all);
    assert!(!resource(&wrong, gateway, request).allowed());
    let account = permission(json!({"AWS": "123456789012"}), all);
    let root = Caller::Aws("arn:aws:iam::123456789012:root");
    assert!(resource(&account, root, request).allowed());
    assert!(
        !resource(
            &account,
            Caller::Aws("arn:aws:iam::123456789012:role/x"),
            request
        )
        .allowed()
    );
}

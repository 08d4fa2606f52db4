use super::*;
use serde_json::json;

fn first(document: Value, used: Use) -> String {
    let problems = check_as(&document, 6144, used);
    let problem = problems.first().expect("a problem");
    format!("{}: {}", problem.path.join("."), problem.message)
}

fn with(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

#[test]
fn what_aws_takes_has_no_problem() {
    let identity = with(json!({
        "Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "lambda:InvokeFunction"],
        "Resource": ["arn:aws:s3:::b/*", {"$template": [{"ref": "api.x", "output": "execution_arn"}, "/*"]}],
        "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a"]}, "Bool": {"aws:SecureTransport": true}}
    }));
    let trust = with(json!({"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com", "AWS": ["604370441254"]}}));
    assert_eq!(check(&identity, 6144, false), []);
    assert_eq!(check(&trust, 2048, true), []);
}

#[test]
fn each_fault_is_named_where_it_stands() {
    let good = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    let but = |key: &str, value: Value| {
        let mut statement = good.clone();
        statement[key] = value;
        with(statement)
    };
    let table = [
        (json!("x"), ": this is not a policy document"),
        (
            json!({"Version": "2012-10-18", "Statement": [good]}),
            "Version: \"2012-10-18\" is not a version of the policy language",
        ),
        (
            json!({"Statement": []}),
            "Statement: the policy has no statement",
        ),
        (
            json!({"Statment": [good], "Statement": good}),
            "Statment: a policy has no `Statment` here",
        ),
        (
            but("Effect", json!("Permit")),
            "Statement.0.Effect: \"Permit\" is not an effect",
        ),
        (
            but("Actions", json!("s3:*")),
            "Statement.0.Actions: a policy has no `Actions` here",
        ),
        (
            but("Action", json!("GetObject")),
            "Statement.0.Action: \"GetObject\" is not an action",
        ),
        (
            but("Action", json!(["s3:*", 3])),
            "Statement.0.Action.1: 3 is not a text",
        ),
        (
            but("Action", json!([])),
            "Statement.0.Action: `Action` is empty",
        ),
        (
            but("NotAction", json!("s3:*")),
            "Statement.0.NotAction: a statement has `Action` or `NotAction`, not both",
        ),
        (
            but("Resource", json!("bucket")),
            "Statement.0.Resource: \"bucket\" is not a resource",
        ),
        (
            but("Resource", json!("arn:aws:s3")),
            "Statement.0.Resource: \"arn:aws:s3\" is not a resource",
        ),
        (
            but("Sid", json!("my-sid")),
            "Statement.0.Sid: the Sid \"my-sid\" has characters that IAM refuses",
        ),
        (
            but("Principal", json!("*")),
            "Statement.0.Principal: a policy of a role has no principal: the role is the principal",
        ),
        (
            but("Condition", json!({"StringEqual": {"a": "b"}})),
            "Statement.0.Condition.StringEqual: `StringEqual` is not a condition operator",
        ),
        (
            but("Condition", json!({"Bool": {"a": []}})),
            "Statement.0.Condition.Bool.a: `a` is compared with nothing",
        ),
        (
            but("Resource", json!("arn:aws:s3:::ключ")),
            "Statement.0.Resource: character 14 is 'к' (U+043A), which AWS takes in no policy",
        ),
    ];
    for (document, expected) in table {
        assert_eq!(first(document, Use::Identity), expected);
    }
}

#[test]
fn trust_needs_a_principal_and_takes_no_resource() {
    let table = [
        (
            json!({"Effect": "Allow", "Action": "sts:AssumeRole"}),
            "Statement.0: the statement has no `Principal`",
        ),
        (
            json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "x"}, "Resource": "*"}),
            "Statement.0.Resource: a trust policy names no resource: the role itself is the resource",
        ),
        (
            json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "lambda.amazonaws.com"}),
            "Statement.0.Principal: \"lambda.amazonaws.com\" is not a principal",
        ),
        (
            json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"service": "x"}}),
            "Statement.0.Principal.service: `service` is no sort of principal",
        ),
    ];
    for (statement, expected) in table {
        assert_eq!(first(with(statement), Use::Trust), expected);
    }
}

#[test]
fn a_resource_policy_needs_both_and_takes_any_sid() {
    let statement = json!({"Sid": "in our VPC", "Effect": "Deny", "Principal": "*",
        "Action": "execute-api:Invoke", "Resource": "*"});
    assert_eq!(check_as(&with(statement), 8192, Use::Resource), []);
    let no_one = json!({"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "*"});
    assert_eq!(
        first(with(no_one), Use::Resource),
        "Statement.0: the statement has no `Principal`"
    );
}

#[test]
fn white_space_does_not_count_and_every_other_character_does() {
    let document =
        with(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a b"}));
    let size = document.to_string().chars().filter(|c| *c != ' ').count();
    assert_eq!(check(&document, size, false), []);
    let problems = check(&document, size - 1, false);
    assert_eq!(
        problems[0].message,
        format!(
            "the policy has {size} characters, AWS takes at most {}",
            size - 1
        )
    );
}

#[test]
fn one_sid_for_two_statements_is_refused() {
    let statement = json!({"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let document = json!({"Statement": [statement, statement]});
    assert_eq!(
        first(document, Use::Identity),
        "Statement.1.Sid: two statements have the Sid \"A\""
    );
}

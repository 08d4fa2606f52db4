use super::*;
use proptest::prelude::*;
use serde_json::json;

/// A document of one statement: the good one, with some keys set.
fn with(changes: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "a"});
    for (key, value) in changes.as_object().unwrap() {
        statement[key] = value.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn of(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn equal_in_meaning() -> Vec<(&'static str, Value, Value)> {
    let s = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let t = json!({"Effect": "Deny", "Action": "sqs:*", "Resource": "*"});
    vec![
        ("one statement alone", of(s.clone()), of(json!([s]))),
        ("order of statements", of(json!([s, t])), of(json!([t, s]))),
        (
            "effect's case",
            with(json!({"Effect": "allow"})),
            with(json!({"Effect": "ALLOW"})),
        ),
        (
            "one action alone",
            with(json!({"Action": "s3:*"})),
            with(json!({"Action": ["s3:*"]})),
        ),
        (
            "order of actions",
            with(json!({"Action": ["a:B", "a:C"]})),
            with(json!({"Action": ["a:C", "a:B"]})),
        ),
        (
            "an action twice",
            with(json!({"Action": ["a:B", "a:B"]})),
            with(json!({"Action": "a:B"})),
        ),
        (
            "one resource alone",
            with(json!({"Resource": ["x"]})),
            with(json!({"Resource": "x"})),
        ),
        (
            "order of resources",
            with(json!({"Resource": ["x", "y"]})),
            with(json!({"Resource": ["y", "x"]})),
        ),
        (
            "order of NotAction",
            with(json!({"NotAction": ["x", "y"]})),
            with(json!({"NotAction": ["y", "x"]})),
        ),
        (
            "one NotResource alone",
            with(json!({"NotResource": "x"})),
            with(json!({"NotResource": ["x"]})),
        ),
        (
            "one principal alone",
            with(json!({"Principal": {"Service": "x"}})),
            with(json!({"Principal": {"Service": ["x"]}})),
        ),
        (
            "order of principals",
            with(json!({"Principal": {"AWS": ["x", "y"]}})),
            with(json!({"Principal": {"AWS": ["y", "x"]}})),
        ),
        (
            "an account and its root",
            with(json!({"Principal": {"AWS": "604370441254"}})),
            with(json!({"Principal": {"AWS": "arn:aws:iam::604370441254:root"}})),
        ),
        (
            "a root in another partition",
            with(json!({"Principal": {"AWS": ["604370441254"]}})),
            with(json!({"Principal": {"AWS": "arn:aws-cn:iam::604370441254:root"}})),
        ),
        (
            "no service at all",
            with(json!({"Principal": {"AWS": "x", "Service": []}})),
            with(json!({"Principal": {"AWS": "x"}})),
        ),
        (
            "everyone",
            with(json!({"Principal": "*"})),
            with(json!({"Principal": {"AWS": ["*"]}})),
        ),
        (
            "a boolean and its text",
            with(json!({"Condition": {"Bool": {"k": true}}})),
            with(json!({"Condition": {"Bool": {"k": "true"}}})),
        ),
        (
            "a number and its text",
            with(json!({"Condition": {"NumericEquals": {"k": 3}}})),
            with(json!({"Condition": {"NumericEquals": {"k": ["3"]}}})),
        ),
        (
            "order of condition values",
            with(json!({"Condition": {"StringEquals": {"k": ["a", "b"]}}})),
            with(json!({"Condition": {"StringEquals": {"k": ["b", "a"]}}})),
        ),
        (
            "an empty condition",
            with(json!({"Condition": {}})),
            with(json!({})),
        ),
        ("nothing", json!(""), json!({})),
        (
            "a document as text",
            Value::String(of(s.clone()).to_string()),
            of(s),
        ),
        (
            "a template in two pieces",
            with(json!({"Resource": {"$template": ["a", "b", {"ref": "api.x", "output": "id"}]}})),
            with(json!({"Resource": [{"$template": ["ab", {"ref": "api.x", "output": "id"}]}]})),
        ),
        (
            "a template without holes",
            with(json!({"Resource": {"$template": ["ab"]}})),
            with(json!({"Resource": "ab"})),
        ),
    ]
}

fn different_in_meaning() -> Vec<(&'static str, Value, Value)> {
    let s = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let v = |version: &str| json!({"Version": version, "Statement": [s]});
    vec![
        ("version", v("2012-10-17"), v("2008-10-17")),
        (
            "a version and none",
            v("2012-10-17"),
            json!({"Statement": [s]}),
        ),
        (
            "id",
            json!({"Id": "a", "Statement": [s]}),
            json!({"Id": "b", "Statement": [s]}),
        ),
        ("a statement twice", of(json!([s])), of(json!([s, s]))),
        ("no statement", of(json!([])), of(json!([s]))),
        (
            "effect",
            with(json!({"Effect": "Allow"})),
            with(json!({"Effect": "Deny"})),
        ),
        ("sid", with(json!({"Sid": "a"})), with(json!({"Sid": "A"}))),
        ("a sid and none", with(json!({"Sid": "a"})), with(json!({}))),
        (
            "an action more",
            with(json!({"Action": ["a:B", "a:C"]})),
            with(json!({"Action": "a:B"})),
        ),
        (
            "action and NotAction",
            of(json!({"Effect": "Allow", "Action": "a:B"})),
            of(json!({"Effect": "Allow", "NotAction": "a:B"})),
        ),
        (
            "resource's case",
            with(json!({"Resource": "arn:aws:s3:::A"})),
            with(json!({"Resource": "arn:aws:s3:::a"})),
        ),
        (
            "a wildcard and what it covers",
            with(json!({"Action": "s3:*"})),
            with(json!({"Action": ["s3:*", "s3:GetObject"]})),
        ),
        (
            "another account",
            with(json!({"Principal": {"AWS": "604370441254"}})),
            with(json!({"Principal": {"AWS": "arn:aws:iam::604370441255:root"}})),
        ),
        (
            "an account and a role in it",
            with(json!({"Principal": {"AWS": "604370441254"}})),
            with(json!({"Principal": {"AWS": "arn:aws:iam::604370441254:role/root"}})),
        ),
        (
            "service and account",
            with(json!({"Principal": {"Service": "x"}})),
            with(json!({"Principal": {"AWS": "x"}})),
        ),
        (
            "everyone, and everyone and more",
            with(json!({"Principal": "*"})),
            with(json!({"Principal": {"AWS": "*", "Service": "x"}})),
        ),
        (
            "a boolean",
            with(json!({"Condition": {"Bool": {"k": true}}})),
            with(json!({"Condition": {"Bool": {"k": false}}})),
        ),
        (
            "an operator",
            with(json!({"Condition": {"StringLike": {"k": "a"}}})),
            with(json!({"Condition": {"StringEquals": {"k": "a"}}})),
        ),
        (
            "a condition and none",
            with(json!({"Condition": {"Bool": {"k": true}}})),
            with(json!({})),
        ),
        (
            "a condition's value more",
            with(json!({"Condition": {"StringEquals": {"k": ["a"]}}})),
            with(json!({"Condition": {"StringEquals": {"k": ["a", "b"]}}})),
        ),
        (
            "two holes",
            with(json!({"Resource": {"$template": [{"ref": "api.x", "output": "id"}]}})),
            with(json!({"Resource": {"$template": [{"ref": "api.x", "output": "arn"}]}})),
        ),
    ]
}

#[test]
fn equal_meanings_share_a_form() {
    for (what, left, right) in equal_in_meaning() {
        assert_eq!(canonical(&left), canonical(&right), "{what}");
    }
}

#[test]
fn different_meanings_do_not() {
    for (what, left, right) in different_in_meaning() {
        assert_ne!(canonical(&left), canonical(&right), "{what}");
    }
}

#[test]
fn the_form_is_a_document_again() {
    let document = json!({"Version": "2012-10-17", "Id": "x", "Statement":
        {"Effect": "allow", "Action": "s3:*", "Resource": ["b", "a", "b"], "Principal": {"Service": "s"}}});
    assert_eq!(
        canonical(&document),
        json!({"Version": "2012-10-17", "Id": "x", "Statement": [
            {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["a", "b"], "Principal": {"Service": ["s"]}}]})
    );
}

fn leaf_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-c*:]{0,3}".prop_map(Value::String),
        Just(json!("604370441254")),
        Just(json!("arn:aws:iam::604370441254:root")),
        Just(json!({"$template": ["a", {"ref": "api.x", "output": "id"}]})),
        any::<bool>().prop_map(Value::Bool),
        (0..5i32).prop_map(|n| json!(n)),
    ]
}

fn leaf_list() -> impl Strategy<Value = Value> {
    prop_oneof![
        leaf_value(),
        prop::collection::vec(leaf_value(), 0..4).prop_map(Value::Array),
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![Just("Allow"), Just("deny"), Just("ALLOW")];
    (effect, leaf_list(), leaf_list(), leaf_list(), leaf_list()).prop_map(
        |(effect, action, resource, who, values)| {
            json!({"Effect": effect, "Action": action, "Resource": resource,
                   "Principal": {"AWS": who}, "Condition": {"StringEquals": {"k": values}}})
        },
    )
}

/// Statements, and the same in another order with every list turned round.
fn shuffled() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    prop::collection::vec(statement(), 0..4).prop_flat_map(|list| {
        let turned: Vec<Value> = list.iter().map(turn).collect();
        (Just(list), Just(turned).prop_shuffle())
    })
}

fn turn(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().cloned().collect(),
        Value::Object(map) if !map.contains_key(crate::text::TEMPLATE) => {
            map.iter().map(|(k, v)| (k.clone(), turn(v))).collect()
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn canonical_twice_is_canonical_once(list in prop::collection::vec(statement(), 0..4)) {
        let once = canonical(&of(Value::Array(list)));
        prop_assert_eq!(canonical(&once), once);
    }

    #[test]
    fn order_has_no_meaning((list, other) in shuffled()) {
        prop_assert_eq!(
            canonical(&of(Value::Array(list))),
            canonical(&of(Value::Array(other)))
        );
    }
}

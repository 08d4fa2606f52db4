use super::*;
use serde_json::json;

fn schema() -> Value {
    json!({
        "properties": {
            "name": { "type": "string", "x-replace": true },
            "memory": { "type": "integer", "x-unit": "MB", "default": 128 },
            "description": { "type": ["string", "null"] },
            "layers": { "type": "array" },
            "attach": { "type": "array", "uniqueItems": true },
            "environment": { "additionalProperties": { "$ref": "#/$defs/Text" } },
            "vpc": { "anyOf": [{ "$ref": "#/$defs/Vpc" }, { "type": "null" }] },
            "code": { "x-package": true },
            "trust": { "x-policy": true },
            "inline": { "additionalProperties": { "x-policy": true } },
            "routes": { "additionalProperties": { "$ref": "#/$defs/Route" } },
            "fixed": { "x-replace": true, "properties": { "inner": {} } }
        },
        "$defs": {
            "Text": { "oneOf": [{ "type": "string" }, { "properties": { "$template": {} } }] },
            "Vpc": { "properties": { "subnets": { "x-set": true }, "ipv6": { "default": false } } },
            "Route": { "properties": { "function": {}, "timeout_ms": { "x-unit": "ms" } }, "x-summary": ["function"] }
        }
    })
}

/// Each change as `path: before > after`.
fn diff(before: Option<Value>, after: Option<Value>) -> Vec<String> {
    fields(before.as_ref(), after.as_ref(), &schema())
        .iter()
        .map(line)
        .collect()
}

fn line(change: &FieldChange) -> String {
    let side = |value: &Option<Value>| value.as_ref().map_or("-".into(), Value::to_string);
    let (before, after) = (side(&change.before), side(&change.after));
    format!("{}: {before} > {after}", change.path.join("/"))
}

fn update(before: Value, after: Value) -> Vec<String> {
    diff(Some(before), Some(after))
}

#[test]
fn plain_fields_carry_unit_and_replacement() {
    let before = json!({"name": "a", "memory": 128, "fixed": {"inner": 1}});
    let after = json!({"name": "b", "memory": 512, "fixed": {"inner": 2}});
    let changes = fields(Some(&before), Some(&after), &schema());
    let told: Vec<(String, bool, Option<&str>)> = changes
        .iter()
        .map(|c| (line(c), c.replaces, c.unit.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("fixed/inner: 1 > 2".into(), true, None),
            ("memory: 128 > 512".into(), false, Some("MB")),
            ("name: \"a\" > \"b\"".into(), true, None),
        ]
    );
}

#[test]
fn null_is_absent_and_order_counts_in_lists_only() {
    let none: [String; 0] = [];
    assert_eq!(update(json!({"description": null}), json!({})), none);
    assert_eq!(
        update(json!({"attach": ["a", "b"]}), json!({"attach": ["b", "a"]})),
        none
    );
    assert_eq!(
        update(json!({"layers": ["a", "b"]}), json!({"layers": ["b", "a"]})),
        ["layers: [\"a\",\"b\"] > [\"b\",\"a\"]"]
    );
}

#[test]
fn sets_maps_and_tables_give_a_change_each() {
    assert_eq!(
        update(
            json!({"attach": ["a", "b"], "environment": {"A": "1", "B": "2"}, "vpc": {"subnets": ["x"], "ipv6": false}}),
            json!({"attach": ["b", "c"], "environment": {"A": "9", "C": {"$template": ["t"]}}, "vpc": {"subnets": [], "ipv6": true}}),
        ),
        [
            "attach: \"a\" > -",
            "attach: - > \"c\"",
            "environment/A: \"1\" > \"9\"",
            "environment/B: \"2\" > -",
            "environment/C: - > {\"$template\":[\"t\"]}",
            "vpc/ipv6: false > true",
            "vpc/subnets: \"x\" > -",
        ]
    );
}

#[test]
fn an_entry_on_both_sides_is_looked_into_and_a_new_one_is_whole() {
    let before = json!({"routes": {"GET /": {"function": "a", "timeout_ms": 1}}});
    let after = json!({"routes": {"GET /": {"function": "a", "timeout_ms": 2}, "GET /x": {"function": "b"}}});
    let changes = fields(Some(&before), Some(&after), &schema());
    let told: Vec<(String, Shape, usize)> = changes
        .iter()
        .map(|c| (line(c), c.shape, c.entry))
        .collect();
    assert_eq!(
        told,
        [
            ("routes/GET //timeout_ms: 1 > 2".into(), Shape::Value, 2),
            (
                "routes/GET /x: - > {\"function\":\"b\"}".into(),
                Shape::Entry,
                2
            ),
        ]
    );
    assert_eq!(changes[1].summary, ["function"]);
}

#[test]
fn policies_compare_by_meaning_and_statement() {
    let doc = |actions: Value| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}});
    let with =
        |actions: Value| json!({"trust": doc(json!("a:A")), "inline": {"slp": doc(actions)}});
    assert!(update(with(json!("a:A")), with(json!(["a:A"]))).is_empty());
    assert_eq!(
        update(with(json!("a:A")), with(json!(["a:A", "a:B"]))),
        ["inline/slp: - > {\"Action\":[\"a:B\"],\"Effect\":\"Allow\",\"Resource\":[\"*\"]}"]
    );
    assert_eq!(
        update(
            json!({"inline": {}}),
            json!({"inline": {"x": doc(json!("a:B"))}})
        ),
        ["inline/x: - > {\"Action\":[\"a:B\"],\"Effect\":\"Allow\",\"Resource\":[\"*\"]}"]
    );
    let mut older = doc(json!("a:A"));
    older["Version"] = json!("2008-10-17");
    assert_eq!(
        update(json!({"trust": older}), json!({"trust": doc(json!("a:A"))})),
        ["trust/Version: \"2008-10-17\" > \"2012-10-17\""]
    );
}

#[test]
fn a_create_lists_what_is_said_and_a_delete_nothing() {
    let spec = json!({"name": "a", "memory": 128, "description": "", "layers": [], "attach": ["p"],
        "environment": {"E": ""}, "vpc": {"subnets": ["x"], "ipv6": false}, "code": "d1", "routes": {}});
    assert_eq!(
        diff(None, Some(spec.clone())),
        [
            "attach: - > \"p\"",
            "code: - > \"d1\"",
            "environment/E: - > \"\"",
            "name: - > \"a\"",
            "vpc/subnets: - > \"x\"",
        ]
    );
    assert!(diff(Some(spec.clone()), None).is_empty());
    let created = fields(None, Some(&spec), &schema());
    assert!(created.iter().all(|change| !change.replaces));
}

#[test]
fn two_specs_that_differ_always_show_a_difference() {
    let pairs = [
        (json!({"vpc": null}), json!({"vpc": {"ipv6": false}})),
        (json!({"environment": null}), json!({"environment": {}})),
        (json!({"attach": null}), json!({"attach": []})),
        (json!({"description": null}), json!({"description": ""})),
        (json!({"code": {"a": 1}}), json!({"code": {"a": 2}})),
        (json!({"unknown": 1}), json!({"unknown": 2})),
    ];
    for (before, after) in pairs {
        assert_eq!(
            update(before.clone(), after.clone()).len(),
            1,
            "{before} {after}"
        );
        assert_eq!(update(after.clone(), before).len(), 1, "{after}");
    }
}

#[test]
fn a_policy_in_other_statements_is_told_in_one_row() {
    let allow = |on: &[&str]| json!({"Effect": "Allow", "Action": "a:*", "Resource": on});
    let of = |list: Value| json!({ "inline": { "own": { "Statement": list } } });
    let schema = json!({ "properties": {
        "inline": { "additionalProperties": { "x-policy": true } }
    } });
    let whole = of(json!([allow(&["p", "q"])]));
    let split = of(json!([allow(&["p"]), allow(&["q"])]));
    let told = fields(Some(&whole), Some(&split), &schema);
    let says: Vec<Option<&str>> = told.iter().map(|field| field.says.as_deref()).collect();
    assert_eq!(says, [Some("the same in other statements")]);
}

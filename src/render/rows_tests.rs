use super::*;
use crate::diff::{drift, fields};
use crate::render::packages::tests::Two;
use serde_json::json;

fn schema() -> Value {
    json!({
        "properties": {
            "name": { "x-replace": true },
            "memory": { "x-unit": "MB" },
            "serves": { "x-says": "the API as above" },
            "attach": { "x-set": true },
            "environment": { "additionalProperties": {} },
            "code": { "properties": { "package": { "x-package": true } } },
            "trust": { "x-policy": true },
            "inline": { "additionalProperties": { "x-policy": true } },
            "routes": { "additionalProperties": { "$ref": "#/$defs/Route" } }
        },
        "$defs": { "Route": {
            "properties": { "function": {}, "mock": {}, "timeout_ms": { "x-unit": "ms" },
                            "auth": { "default": "NONE" }, "api_key": {}, "type": { "x-implied": true },
                            "parameters": { "additionalProperties": {} } },
            "x-summary": ["function", "mock"]
        } }
    })
}

fn rows(state: Option<Value>, live: Option<Value>, wanted: Value) -> String {
    let mut changes = fields(live.as_ref(), Some(&wanted), &schema());
    drift(&mut changes, state.as_ref(), None, &schema());
    let style = Style::default();
    let rows = Rows {
        style: &style,
        packages: &Two,
        new: live.is_none(),
    };
    rows.text(&changes, 0)
}

fn update(live: Value, wanted: Value) -> String {
    rows(Some(live.clone()), Some(live), wanted)
}

#[test]
fn plain_rows_line_up_with_units_and_replacement() {
    assert_eq!(
        update(
            json!({"name": "a", "memory": 128, "role": null, "kms": "k", "layers": ["x"]}),
            json!({"name": "b", "memory": 512, "role": {"$template": [{"ref": "role.r", "output": "arn"}]}, "kms": null, "layers": []}),
        ),
        "\
kms           \"k\" → (none)
layers        [\"x\"] → []
memory        128 → 512 MB
name          \"a\" → \"b\"    forces replacement
role          (none) → <role.r.arn>
"
    );
}

#[test]
fn what_nobody_can_read_is_said_in_words() {
    assert_eq!(
        update(json!({"serves": "d1"}), json!({"serves": "d2"})),
        "serves        the API as above\n"
    );
}

#[test]
fn entries_members_and_secrets() {
    assert_eq!(
        update(
            json!({"attach": ["arn:a", "arn:b"], "environment": {"GREETING": "Hello", "TOKEN": {"$secret": "1"}, "OLD": "x"}}),
            json!({"attach": ["arn:b", "arn:c"], "environment": {"GREETING": "Bonjour", "TOKEN": {"$secret": "2"}, "NEW": {"$secret": "3"}}}),
        ),
        "\
attach
  - arn:a
  + arn:c
environment
  ~ GREETING  \"Hello\" → \"Bonjour\"
  + NEW       (secret)
  - OLD
  ~ TOKEN     (secret, changed)
"
    );
}

#[test]
fn statements_read_as_sentences_under_their_document() {
    let doc = |actions: &[&str]| json!({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::assets/*"}]});
    let trust = |service: &str| json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]});
    assert_eq!(
        update(
            json!({"inline": {"slp": doc(&["s3:PutObject"])}, "trust": trust("lambda.amazonaws.com")}),
            json!({"inline": {"slp": doc(&["s3:PutObject", "s3:GetObject"])}, "trust": trust("apigateway.amazonaws.com")}),
        ),
        "\
inline.slp
  + allow s3:GetObject on arn:aws:s3:::assets/*
trust
  - lambda.amazonaws.com may sts:AssumeRole
  + apigateway.amazonaws.com may sts:AssumeRole
"
    );
}

#[test]
fn routes_tell_where_they_lead() {
    assert_eq!(
        update(
            json!({"routes": {"GET /": {"function": "A", "timeout_ms": 29000, "parameters": {}}, "GET /old": {"function": "A"}}}),
            json!({"routes": {"GET /": {"function": "A", "timeout_ms": 5000, "parameters": {"q": true}},
                              "GET /status": {"function": "Status"}, "OPTIONS /": {"mock": {"status": 200}}}}),
        ),
        "\
~ GET /
    parameters
      + q  true
    timeout_ms    29000 → 5000 ms
- GET /old
+ GET /status → Status
+ OPTIONS / → mock
"
    );
}

#[test]
fn a_new_route_tells_who_may_call_it_as_a_changed_one_does() {
    let routes = json!({"GET /a": {"function": "A", "auth": "AWS_IAM", "api_key": true, "timeout_ms": 5000,
                                   "parameters": {"q": true}},
                        "GET /b": {"function": "A", "type": "AWS_PROXY", "auth": "NONE", "api_key": false},
                        "PUT /a": {"function": "A", "auth": "AWS_IAM", "api_key": true, "timeout_ms": 5000,
                                   "parameters": {"q": true}}});
    let told = "\
+ GET /a → A
    api_key       true
    auth          \"AWS_IAM\"
    parameters.q  true
    timeout_ms    5000 ms
+ GET /b → A
+ PUT /a → A
    the same as GET /a
";
    let new = json!({ "routes": routes });
    assert_eq!(update(json!({"routes": {}}), new.clone()), told);
    assert_eq!(rows(None, None, new), told);
}

#[test]
fn drift_is_told_in_the_row_that_drifted() {
    let state = json!({"description": "", "attach": ["arn:a"], "environment": {"A": "1"}, "code": {"package": "old"}});
    let live = json!({"description": "do not touch", "attach": ["arn:foreign"], "environment": {"A": "1", "B": "2"}, "code": {}});
    assert_eq!(
        rows(Some(state.clone()), Some(live), state),
        "\
attach
  - arn:foreign    ! added outside slp
  + arn:a    ! removed outside slp
code          3 files · 48.2 KB    ! changed outside slp
description   \"do not touch\" → \"\"    ! changed outside slp
environment
  - B    ! added outside slp
"
    );
}

#[test]
fn a_package_lists_its_files() {
    assert_eq!(
        update(
            json!({"code": {"package": "old"}}),
            json!({"code": {"package": "new"}})
        ),
        "\
code          4 of 4 files changed · 48.2 → 50.3 KB
  ~ index.js  +3 −1
  + lib/a.js  2.0 KB
  ~ logo.png  300 → 400 B
  - readme
"
    );
}

#[test]
fn a_new_resource_has_no_old_values() {
    assert_eq!(
        rows(
            None,
            None,
            json!({"name": "a", "memory": 128, "environment": {"A": "1"}, "code": {"package": "new"}})
        ),
        "\
code          3 files · 50.3 KB
environment
  + A  \"1\"
memory        128 MB
name          \"a\"
"
    );
}

#[test]
fn long_values_take_two_lines_and_long_texts_are_cut_where_they_differ() {
    let arn = |name: &str| json!({"role": format!("arn:aws:iam::604370441254:role/{name}")});
    assert_eq!(
        update(arn("first"), arn("second")),
        "\
role          \"arn:aws:iam::604370441254:role/first\"
            → \"arn:aws:iam::604370441254:role/second\"
"
    );
    let long =
        |c: char| json!({"description": format!("{}{c}{}", "a".repeat(100), "b".repeat(100))});
    let text = update(long('X'), long('Y'));
    assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
    assert!(text.contains('X') && text.contains('Y'), "{text}");
}

#[test]
fn a_new_value_goes_below_its_name_where_it_fits_only_there() {
    let arn = "arn:aws:execute-api:eu-central-1:604370441254:<api.library.id>/*/*";
    let key = format!(
        "arn:aws:kms:eu-central-1:604370441254:key/{}",
        "1".repeat(36)
    );
    assert_eq!(
        rows(
            None,
            None,
            json!({"source_arn": arn, "description": "d".repeat(190), "kms": key})
        ),
        format!(
            "description   \"{}…\nkms\n    \"{key}\"\nsource_arn\n    \"{arn}\"\n",
            "d".repeat(63)
        )
    );
}

#[test]
fn long_statements_break_at_spaces() {
    let doc = |n: usize| {
        let actions: Vec<String> = (0..n).map(|i| format!("dynamodb:Action{i}")).collect();
        json!({"trust": {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}})
    };
    let text = update(doc(0), doc(6));
    assert!(
        text.lines().count() > 2 && text.lines().all(|l| columns(l) <= 80),
        "{text}"
    );
}

#[test]
fn what_a_row_says_beside_its_values_stays_within_the_page() {
    let policy = |n: usize| format!("arn:aws:iam::604370441254:policy/{}", "p".repeat(n));
    let list = |n: usize| json!({ "attach": [policy(n)] });
    let text = rows(
        Some(json!({ "attach": [] })),
        Some(list(30)),
        json!({ "attach": [] }),
    );
    assert_eq!(
        text,
        format!("attach\n  - {}\n      ! added outside slp\n", policy(30))
    );
    let short = rows(
        Some(json!({ "attach": [] })),
        Some(list(9)),
        json!({ "attach": [] }),
    );
    assert!(
        short.ends_with(&format!("{}    ! added outside slp\n", policy(9))),
        "{short}"
    );
}

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::scope::Scope;

const OLD: &str = "hunter1-long-ago";
const NEW: &str = "hunter2-very-secret";

fn secrets(value: &str) -> BTreeMap<String, Secret> {
    BTreeMap::from([("tok".to_owned(), Secret::new(value.to_owned()))])
}

fn hole() -> Value {
    let pieces = ["arn:", "/*"].map(|text| Piece::Lit(text.into()));
    let [start, end] = pieces;
    text::to_value(&Text::Template(vec![
        start,
        Piece::Secret("tok".into()),
        end,
    ]))
}

/// What AWS has of it, with its lists in another order.
fn as_aws_has_it(wanted: &Value, value: &str) -> Value {
    let fill = |_: &Piece| Some(value.to_owned());
    match (text::from_value(wanted), wanted) {
        (Some(text), _) => text::to_value(&text.fill(&fill)),
        (_, Value::Array(items)) => {
            let items = items.iter().rev().map(|item| as_aws_has_it(item, value));
            Value::Array(items.collect())
        }
        (_, Value::Object(map)) => {
            let inner = map
                .iter()
                .map(|(key, item)| (key.clone(), as_aws_has_it(item, value)));
            Value::Object(inner.collect())
        }
        (None, other) => other.clone(),
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(map) => {
            let inner = map.iter().map(|(key, item)| (key.clone(), sorted(item)));
            Value::Object(inner.collect())
        }
        other => other.clone(),
    }
}

fn specs() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(hole()),
        "[a-z]{1,5}".prop_map(|text| json!(text)),
        any::<u8>().prop_map(|number| json!(number)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
            prop::collection::btree_map("[a-c]", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn no_secret_is_left_and_what_is_as_wanted_looks_so(spec in specs()) {
        let (state, known) = (State::new(&Scope::default()), secrets(NEW));
        let live = as_aws_has_it(&spec, NEW);
        let after = wanted_masked(&spec, &|_| None, &known, &state);
        for references in [vec![], vec![&spec], vec![&after]] {
            let seen = masked(&live, &references, &Value::Null, &known, &state);
            prop_assert!(!seen.to_string().contains(NEW), "{seen}");
            prop_assert_eq!(sorted(&seen), sorted(&after));
        }
    }

    #[test]
    fn what_was_secret_before_is_hidden_where_it_stood(spec in specs()) {
        let state = State::new(&Scope::default());
        let left = wanted_masked(&spec, &|_| None, &secrets(OLD), &state);
        let live = as_aws_has_it(&spec, OLD);
        let veil = veil(&left);
        for references in [vec![&left], veil.iter().collect()] {
            let seen = masked(&live, &references, &Value::Null, &secrets(NEW), &state);
            prop_assert!(!seen.to_string().contains(OLD), "{seen}");
        }
    }
}

#[test]
fn lists_are_compared_whatever_their_order() {
    let (state, known) = (State::new(&Scope::default()), secrets(NEW));
    let wanted = json!({ "resources": [hole(), "arn:aaa"] });
    let after = wanted_masked(&wanted, &|_| None, &known, &state);
    let live = json!({ "resources": ["arn:aaa", format!("arn:{NEW}/*"), "arn:zzz"] });
    let seen = masked(&live, &[&after], &Value::Null, &secrets("another"), &state);
    assert_eq!(seen["resources"][0], "arn:aaa");
    assert_eq!(seen["resources"][1], after["resources"][0]);
    // Nobody knows what it is: it may be a secret of before.
    assert!(is_secret(&seen["resources"][2]), "{seen}");
}

#[test]
fn what_the_manifest_says_in_plain_is_shown() {
    let (state, known) = (State::new(&Scope::default()), secrets("prod"));
    let live = json!({ "name": "shop-prod", "list": ["prod", "b"], "other": "x-prod" });
    let wanted = json!({ "name": "shop-prod", "list": ["b", "prod"], "other": "x-test" });
    let seen = masked(&live, &[&wanted], &Value::Null, &known, &state);
    assert_eq!(seen["name"], "shop-prod");
    assert_eq!(seen["list"], json!(["prod", "b"]));
    assert!(is_secret(&seen["other"]));
    // A text that is short may stand anywhere by chance.
    let seen = masked(&json!("a test"), &[], &Value::Null, &secrets("a"), &state);
    assert_eq!(seen, "a test");
    assert!(is_secret(&masked(
        &json!("a"),
        &[],
        &Value::Null,
        &secrets("a"),
        &state
    )));
}

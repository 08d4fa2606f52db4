//! The third value: what the last apply left.

use serde_json::Value;

use super::fields::{fields, present};
use super::policy;
use super::schema::Place;
use super::{FieldChange, Shape};

/// Marks the changes whose old value is not what the last apply left: AWS was changed
/// outside slp there. `changes` lead from live to wanted; without state nothing is drift.
///
/// A field that stored state does not have (another version of slp wrote it) is unknown,
/// not empty, and so never drift; an absent key of a map is absent.
pub fn drift(
    changes: &mut [FieldChange],
    state: Option<&Value>,
    live: Option<&Value>,
    schema: &Value,
) {
    let Some(state) = state else { return };
    for change in changes {
        let at = |spec| stored(spec, Place::root(schema), &change.path);
        change.drift = match (at(state), live.map(at)) {
            (Stored::Unknown, _) => false,
            // A statement that the document covers in other words was not taken away.
            (Stored::Known(stored), Some(Stored::Known(live))) if stored == live => false,
            (Stored::Known(stored), _) => drifts(change, stored),
        };
    }
}

/// What AWS has (`after`) that the last apply did not leave there (`before`).
pub fn drifted(state: &Value, live: &Value, schema: &Value) -> Vec<FieldChange> {
    let state = with_unknown(state, live, &Place::root(schema));
    let mut changes = fields(Some(&state), Some(live), schema);
    for change in &mut changes {
        change.drift = true;
        change.replaces = false;
    }
    changes
}

fn drifts(change: &FieldChange, stored: Option<&Value>) -> bool {
    let live = change.before.as_ref();
    match change.shape {
        Shape::Value | Shape::Entry | Shape::Package => present(live) != stored,
        Shape::Member => {
            let item = live.or(change.after.as_ref());
            let list = stored.and_then(Value::as_array);
            let had = list.is_some_and(|list| item.is_some_and(|item| list.contains(item)));
            had != live.is_some()
        }
        Shape::Statement => {
            let held = |statement| stored.is_some_and(|doc| policy::holds(doc, statement));
            match (live, change.after.as_ref()) {
                (Some(live), _) => !held(live),
                (None, Some(wanted)) => held(wanted),
                (None, None) => false,
            }
        }
    }
}

enum Stored<'v> {
    Known(Option<&'v Value>),
    Unknown,
}

fn stored<'v>(state: &'v Value, place: Place, path: &[String]) -> Stored<'v> {
    let Some((key, rest)) = path.split_first() else {
        return Stored::Known(present(Some(state)));
    };
    let field = place.field(key);
    match (state.get(key), &field) {
        (Some(Value::Null), _) => Stored::Known(None),
        (None, Some(_)) if !state.is_null() => Stored::Unknown,
        (None, _) => Stored::Known(None),
        (Some(inner), _) => {
            let nothing = Value::Null;
            let place = field.or_else(|| place.entries());
            let place = place.unwrap_or_else(|| Place::root(&nothing));
            stored(inner, place, rest)
        }
    }
}

/// State with live's value in every field that it does not know.
fn with_unknown(state: &Value, live: &Value, place: &Place) -> Value {
    let (Some(held), Some(found)) = (state.as_object(), live.as_object()) else {
        return state.clone();
    };
    let mut filled = held.clone();
    for (key, value) in found {
        let field = place.field(key);
        match (held.get(key), field.or_else(|| place.entries())) {
            (Some(inner), Some(place)) => {
                filled.insert(key.clone(), with_unknown(inner, value, &place));
            }
            (None, Some(_)) if place.field(key).is_some() => {
                filled.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
    Value::Object(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({ "properties": {
            "memory": { "type": "integer" },
            "tracing": { "type": "string" },
            "environment": { "additionalProperties": { "type": "string" } },
            "attach": { "type": "array", "x-set": true },
            "inline": { "additionalProperties": { "x-policy": true } }
        }})
    }

    /// The paths of (change, drift) for wanted, state, live.
    fn three(wanted: Value, state: Value, live: Value) -> Vec<(String, bool)> {
        let mut changes = fields(Some(&live), Some(&wanted), &schema());
        drift(&mut changes, Some(&state), Some(&live), &schema());
        changes
            .iter()
            .map(|change| (change.path.join("."), change.drift))
            .collect()
    }

    #[test]
    fn three_values_decide_what_is_drift() {
        let at = |n: i32| json!({"memory": n});
        assert_eq!(three(at(1), at(2), at(1)), []);
        assert_eq!(three(at(1), at(2), at(2)), [("memory".into(), false)]);
        assert_eq!(three(at(1), at(1), at(2)), [("memory".into(), true)]);
        assert_eq!(three(at(1), at(2), at(3)), [("memory".into(), true)]);
    }

    #[test]
    fn a_field_that_state_does_not_have_is_unknown_and_a_key_is_absent() {
        assert_eq!(
            three(json!({"tracing": "a"}), json!({}), json!({"tracing": "b"})),
            [("tracing".into(), false)]
        );
        let env = |keys: Value| json!({ "environment": keys });
        assert_eq!(
            three(env(json!({})), env(json!({})), env(json!({"X": "1"}))),
            [("environment.X".into(), true)]
        );
        assert_eq!(
            three(env(json!({"X": "1"})), env(json!({})), env(json!({}))),
            [("environment.X".into(), false)]
        );
    }

    #[test]
    fn a_statement_that_is_split_in_the_manifest_is_no_drift() {
        let allow = |on: &[&str]| json!({"Effect": "Allow", "Action": ["a:*"], "Resource": on});
        let inline = |list: Value| json!({"inline": {"own": {"Statement": list}}});
        let left = inline(json!([allow(&["x", "y"])]));
        let wanted = inline(json!([allow(&["x"]), allow(&["y"])]));
        let told = three(wanted.clone(), left.clone(), left.clone());
        assert!(told.iter().all(|(_, drift)| !drift), "{told:?}");
        let foreign = inline(json!([allow(&["x"])]));
        let told = three(wanted, left, foreign);
        assert!(told.iter().any(|(_, drift)| *drift), "{told:?}");
    }

    #[test]
    fn members_are_judged_one_by_one() {
        let attach = |list: &[&str]| json!({ "attach": list });
        assert_eq!(
            three(
                attach(&["a", "new"]),
                attach(&["a", "old"]),
                attach(&["old", "foreign"])
            ),
            [
                ("attach".into(), false), // old goes: a change
                ("attach".into(), true),  // foreign: added outside
                ("attach".into(), true),  // a: removed outside
                ("attach".into(), false), // new: a change
            ]
        );
    }

    #[test]
    fn statements_are_judged_one_by_one() {
        let doc = |actions: &[&str]| json!({"inline": {"slp": {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}}});
        let path = || "inline.slp".to_owned();
        assert_eq!(
            three(
                doc(&["s:A", "s:New"]),
                doc(&["s:A"]),
                doc(&["s:A", "s:Foreign"])
            ),
            [(path(), true), (path(), false)]
        );
        assert_eq!(
            three(doc(&["s:A", "s:B"]), doc(&["s:B", "s:A"]), doc(&["s:A"])),
            [(path(), true)]
        );
    }

    #[test]
    fn drifted_lists_what_aws_has_and_state_does_not() {
        let state = json!({"memory": 1, "environment": {"A": "1"}});
        let live = json!({"memory": 2, "environment": {"A": "1", "B": "2"}, "tracing": "x"});
        let changes = drifted(&state, &live, &schema());
        let paths: Vec<String> = changes.iter().map(|c| c.path.join(".")).collect();
        assert_eq!(paths, ["environment.B", "memory"]);
        assert!(changes.iter().all(|change| change.drift));
    }
}

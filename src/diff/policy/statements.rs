//! Two documents, statement by statement.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{canonical, leaves, statement_list};

/// One difference between two documents, in canonical statements. Where two statements
/// differ in their actions or their resources alone, only what came or went is here.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementChange {
    Added(Value),
    Removed(Value),
    Changed { before: Value, after: Value },
}

/// What was added, removed and changed; a statement finds its partner by `Sid`, else by
/// what they have in common.
pub fn statements(before: Option<&Value>, after: Option<&Value>) -> Vec<StatementChange> {
    let mut old = listed(before);
    let mut new = listed(after);
    cancel(&mut old, &mut new);
    let mut changes = Vec::new();
    for pair in [same_sid as fn(&Value, &Value) -> usize, overlap] {
        while let Some((i, j)) = best(&old, &new, pair) {
            compare(&old.remove(i), &new.remove(j), &mut changes);
        }
    }
    changes.extend(old.into_iter().map(StatementChange::Removed));
    changes.extend(new.into_iter().map(StatementChange::Added));
    without_moves(changes)
}

/// What went from one statement into another has neither come nor gone.
fn without_moves(mut changes: Vec<StatementChange>) -> Vec<StatementChange> {
    let moved = |changes: &[StatementChange]| {
        let gone = changes
            .iter()
            .enumerate()
            .filter_map(|(at, change)| match change {
                StatementChange::Removed(statement) => Some((at, statement.clone())),
                _ => None,
            });
        let mut pairs = gone.filter_map(|(at, statement)| {
            let came = StatementChange::Added(statement);
            let to = changes.iter().position(|change| *change == came)?;
            Some((at, to))
        });
        pairs.next()
    };
    while let Some((from, to)) = moved(&changes) {
        changes.remove(from.max(to));
        changes.remove(from.min(to));
    }
    changes
}

/// Does a document hold all that a statement (or a part of one) says?
pub(crate) fn holds(document: &Value, statement: &Value) -> bool {
    listed(Some(document)).iter().any(|held| {
        rest(held) == rest(statement)
            && ["Action", "Resource"]
                .iter()
                .all(|key| items(held, key).is_superset(&items(statement, key)))
    })
}

fn listed(document: Option<&Value>) -> Vec<Value> {
    let form = document.map(canonical).unwrap_or_default();
    statement_list(&form).into_iter().cloned().collect()
}

/// Takes out what both have, as often as both have it.
fn cancel(old: &mut Vec<Value>, new: &mut Vec<Value>) {
    old.retain(|statement| match new.iter().position(|n| n == statement) {
        Some(at) => {
            new.remove(at);
            false
        }
        None => true,
    });
}

fn best(
    old: &[Value],
    new: &[Value],
    score: fn(&Value, &Value) -> usize,
) -> Option<(usize, usize)> {
    let pairs = old.iter().enumerate().flat_map(|(i, o)| {
        new.iter()
            .enumerate()
            .map(move |(j, n)| (score(o, n), i, j))
    });
    let (score, i, j) =
        pairs.max_by_key(|&(score, i, j)| (score, std::cmp::Reverse(i), std::cmp::Reverse(j)))?;
    (score > 0).then_some((i, j))
}

fn same_sid(old: &Value, new: &Value) -> usize {
    let sid = |statement: &Value| statement.get("Sid").cloned();
    usize::from(sid(old).is_some() && sid(old) == sid(new))
}

/// How much two statements share: nothing unless effect and principal agree, and an
/// action, a resource or all the rest does.
fn overlap(old: &Value, new: &Value) -> usize {
    let same = |key: &str| old.get(key) == new.get(key);
    if !same("Effect") || !same("Principal") || !same("NotPrincipal") {
        return 0;
    }
    let shared = |key: &str| items(old, key).intersection(&items(new, key)).count();
    let actions = shared("Action") + shared("NotAction");
    let resources = shared("Resource") + shared("NotResource");
    let alike = usize::from(rest(old) == rest(new));
    match actions + resources {
        0 if old.get("Principal").is_some() => alike,
        0 => 0,
        shared => 2 * shared + alike,
    }
}

fn compare(old: &Value, new: &Value, changes: &mut Vec<StatementChange>) {
    let differing: Vec<&str> = ["Action", "Resource"]
        .into_iter()
        .filter(|key| old.get(key) != new.get(key))
        .collect();
    let [key] = differing.as_slice() else {
        return changes.push(changed(old, new));
    };
    let (had, has) = (items(old, key), items(new, key));
    if rest(old) != rest(new) || had.is_empty() || has.is_empty() {
        return changes.push(changed(old, new));
    }
    let gone: Vec<Value> = missing(old, &has, key);
    let came: Vec<Value> = missing(new, &had, key);
    if !gone.is_empty() {
        changes.push(StatementChange::Removed(part(old, key, gone)));
    }
    if !came.is_empty() {
        changes.push(StatementChange::Added(part(new, key, came)));
    }
}

fn changed(old: &Value, new: &Value) -> StatementChange {
    StatementChange::Changed {
        before: old.clone(),
        after: new.clone(),
    }
}

fn missing(from: &Value, other: &BTreeSet<String>, key: &str) -> Vec<Value> {
    let items = from.get(key).map(leaves).unwrap_or_default();
    items
        .into_iter()
        .filter(|item| !other.contains(&item.to_string()))
        .cloned()
        .collect()
}

fn part(statement: &Value, key: &str, items: Vec<Value>) -> Value {
    let mut part = statement.clone();
    if let Some(slot) = part.get_mut(key) {
        *slot = Value::Array(items);
    }
    part
}

fn items(statement: &Value, key: &str) -> BTreeSet<String> {
    let items = statement.get(key).map(leaves).unwrap_or_default();
    items.into_iter().map(Value::to_string).collect()
}

/// A statement without the two lists that are compared element by element.
fn rest(statement: &Value) -> Value {
    let mut rest = statement.clone();
    if let Some(map) = rest.as_object_mut() {
        map.remove("Action");
        map.remove("Resource");
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_only_split_or_joined_has_not_changed() {
        let allow = |actions: &[&str], on: &[&str]| json!({"Effect": "Allow", "Action": actions, "Resource": on});
        let of = |list: Value| json!({ "Statement": list });
        let whole = of(json!([allow(&["a:X", "a:Y"], &["p", "q"])]));
        for split in [
            json!([
                allow(&["a:X", "a:Y"], &["p"]),
                allow(&["a:X", "a:Y"], &["q"])
            ]),
            json!([allow(&["a:X"], &["p", "q"]), allow(&["a:Y"], &["p", "q"])]),
        ] {
            let split = of(split);
            assert_eq!(statements(Some(&whole), Some(&split)), []);
            assert_eq!(statements(Some(&split), Some(&whole)), []);
        }
        let less = of(json!([allow(&["a:X", "a:Y"], &["p"])]));
        assert_eq!(statements(Some(&whole), Some(&less)).len(), 1);
    }

    fn document(statements: Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn allow(actions: &[&str], resource: &str) -> Value {
        json!({"Effect": "Allow", "Action": actions, "Resource": [resource]})
    }

    #[test]
    fn an_action_more_is_one_addition() {
        let before = document(json!([
            allow(&["s3:PutObject"], "a"),
            allow(&["sqs:*"], "q")
        ]));
        let after = document(json!([
            allow(&["sqs:*"], "q"),
            allow(&["s3:PutObject", "s3:GetObject"], "a")
        ]));
        assert_eq!(
            statements(Some(&before), Some(&after)),
            [StatementChange::Added(allow(&["s3:GetObject"], "a"))]
        );
        assert_eq!(
            statements(Some(&after), Some(&before)),
            [StatementChange::Removed(allow(&["s3:GetObject"], "a"))]
        );
    }

    #[test]
    fn a_sid_pairs_before_likeness_does() {
        let with = |sid: &str, effect: &str| json!({"Sid": sid, "Effect": effect, "Action": ["s3:*"], "Resource": ["*"]});
        let before = document(json!([with("A", "Allow"), with("B", "Allow")]));
        let after = document(json!([with("B", "Deny"), with("A", "Allow")]));
        assert_eq!(
            statements(Some(&before), Some(&after)),
            [StatementChange::Changed {
                before: with("B", "Allow"),
                after: with("B", "Deny")
            }]
        );
    }

    #[test]
    fn strangers_are_removed_and_added() {
        let before = document(json!(allow(&["s3:GetObject"], "a")));
        let after = document(json!(allow(&["sqs:SendMessage"], "q")));
        assert_eq!(
            statements(Some(&before), Some(&after)),
            [
                StatementChange::Removed(allow(&["s3:GetObject"], "a")),
                StatementChange::Added(allow(&["sqs:SendMessage"], "q"))
            ]
        );
    }

    #[test]
    fn a_statement_twice_is_not_a_statement_once() {
        let once = document(json!([allow(&["s3:*"], "a")]));
        let twice = document(json!([allow(&["s3:*"], "a"), allow(&["s3:*"], "a")]));
        assert_eq!(statements(Some(&once), Some(&twice)).len(), 1);
        assert!(statements(Some(&twice), Some(&twice)).is_empty());
        assert_eq!(statements(None, Some(&once)).len(), 1);
    }

    #[test]
    fn both_lists_changed_is_a_change_of_the_whole() {
        let before = document(json!(allow(&["s3:GetObject"], "a")));
        let after = document(
            json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["a", "b"]}),
        );
        assert!(matches!(
            statements(Some(&before), Some(&after)).as_slice(),
            [StatementChange::Changed { .. }]
        ));
    }

    #[test]
    fn a_document_holds_the_parts_of_its_statements() {
        let held = document(json!(allow(&["s3:GetObject", "s3:PutObject"], "a")));
        assert!(holds(&held, &allow(&["s3:PutObject"], "a")));
        assert!(!holds(&held, &allow(&["s3:PutObject"], "b")));
    }
}

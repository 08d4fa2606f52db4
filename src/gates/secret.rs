//! Values that are called like a secret and stand there for everyone to read.

use serde_json::Value;

use crate::manifest::promises_secret;
use crate::plan::Change;

/// The maps of texts that kinds have, with what one entry is called.
const MAPS: [(&str, &str); 2] = [
    ("environment", "environment variable"),
    ("variables", "stage variable"),
];

/// What of a change puts such a value in place, for people; never the value.
pub fn unprotected(change: &Change) -> Vec<String> {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let entries = MAPS.iter().flat_map(|(map, called)| {
        let entries = after.and_then(|spec| spec.get(map)?.as_object());
        let was = before.and_then(|spec| spec.get(map));
        let new = move |(name, value): &(&String, &Value)| {
            was.and_then(|was| was.get(name.as_str())) != Some(*value)
        };
        let open = entries.into_iter().flatten().filter(new);
        let open = open.filter(|(name, value)| is_plain(value) && promises_secret(name));
        open.map(move |(name, _)| {
            format!("has the {called} {name}, which is no secret: take it from a variable with `secret = true`")
        })
    });
    entries.collect()
}

fn is_plain(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

//! What may break those who call an API.

use serde_json::Value;

use crate::plan::{Action, Change};

/// What of a change callers may stumble over, for people.
pub fn broken(change: &Change) -> Vec<String> {
    match (change.addr.kind().as_str(), change.action) {
        ("api" | "api.stage", Action::Delete) => vec!["is no longer there to be called".into()],
        ("api", Action::Replace) => vec!["is made anew, under another URL".into()],
        ("api", _) => routes(change),
        ("api.stage", _) => throttle(change).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn routes(change: &Change) -> Vec<String> {
    let of = |spec: &Option<Value>| spec.as_ref()?.get("routes")?.as_object().cloned();
    let (Some(before), Some(after)) = (of(&change.before), of(&change.after)) else {
        return Vec::new();
    };
    let told = before.iter().flat_map(|(name, was)| match after.get(name) {
        None => vec![format!("loses its route {name}")],
        Some(is) => route(name, was, is),
    });
    told.collect()
}

fn route(name: &str, was: &Value, is: &Value) -> Vec<String> {
    let mut told = Vec::new();
    let auth = |route: &Value| route["auth"].as_str().unwrap_or("NONE").to_owned();
    if auth(was) != auth(is) {
        told.push(format!(
            "asks callers of {name} for {}, not {}",
            auth(is),
            auth(was)
        ));
    }
    let key = |route: &Value| route["api_key"].as_bool() == Some(true);
    if key(was) != key(is) {
        let word = if key(is) {
            "now asks"
        } else {
            "no longer asks"
        };
        told.push(format!("{word} callers of {name} for an API key"));
    }
    let required = |route: &Value, name: &String| route["parameters"][name] == true;
    let parameters = is["parameters"].as_object().into_iter().flatten();
    let newly = parameters.filter(|(key, _)| required(is, key) && !required(was, key));
    told.extend(newly.map(|(key, _)| format!("requires {key} of callers of {name}")));
    told
}

fn throttle(change: &Change) -> Option<String> {
    let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
    let limit = |spec: &Value, key: &str| spec["throttle"][key].as_f64().unwrap_or(f64::INFINITY);
    let lower = ["rate", "burst"]
        .into_iter()
        .filter(|key| limit(after, key) < limit(before, key));
    let told: Vec<String> = lower
        .map(|key| match limit(before, key) {
            was if was.is_finite() => format!("{key} {was} → {}", limit(after, key)),
            _ => format!("{key} {}", limit(after, key)),
        })
        .collect();
    (!told.is_empty()).then(|| format!("lets fewer requests through ({})", told.join(", ")))
}

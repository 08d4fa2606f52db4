//! What a stage serves: a digest of the API as it is deployed, and the marker that carries
//! it in the deployment's description.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// What of an API no deployment holds.
const NOT_SERVED: &[&str] = &["tags", "name", "description"];

/// Shown where somebody else deployed.
pub const FOREIGN: &str = "a deployment that slp did not make";

/// Read of one that is taken over: what somebody else deployed, method by method as the API is now.
pub const AS_FOUND: &str = "the API as it was found";

/// 16 hexadecimal digits over everything that a deployment of the API would serve.
/// References stay holes, so that it is known before the API exists.
pub fn digest(api: Option<&Value>) -> String {
    let mut text = String::new();
    if let Some(Value::Object(api)) = api {
        let mut served: Vec<_> = api.iter().collect();
        served.retain(|(key, _)| !NOT_SERVED.contains(&key.as_str()));
        served.sort_by_key(|(key, _)| *key);
        for (key, value) in served {
            sorted(key, value, &mut text);
        }
    }
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Has the API no route to serve?
pub fn nothing(api: Option<&Value>) -> bool {
    let routes = api
        .and_then(|api| api.get("routes"))
        .and_then(Value::as_object);
    routes.is_some_and(|routes| routes.is_empty())
}

/// JSON with its keys in order, whatever map serde_json was built with. What is absent
/// and what is null is left out: a field that a newer slp adds must not deploy everything
/// anew as long as nobody sets it.
fn sorted(key: &str, value: &Value, out: &mut String) {
    let empty = match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    };
    if empty {
        return;
    }
    let _ = write!(out, "{}:", Value::from(key));
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (key, value) in entries {
                sorted(key, value, out);
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for (at, value) in list.iter().enumerate() {
                sorted(&at.to_string(), value, out);
            }
            out.push(']');
        }
        leaf => {
            let _ = write!(out, "{leaf},");
        }
    }
}

/// The description of a deployment.
pub fn marker(serves: &str, op: &str) -> String {
    format!("slp {serves} {op}")
}

/// What a deployment serves, by its description.
pub fn of_marker(description: &str) -> Option<&str> {
    let mut words = description.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("slp"), Some(serves), Some(_), None) => Some(serves),
        _ => None,
    }
}

/// Did this operation make it?
pub fn made_by(description: &str, op: &str) -> bool {
    of_marker(description).is_some() && description.ends_with(&format!(" {op}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_served_counts() {
        let api = json!({ "name": "a", "tags": {}, "routes": { "GET /": { "target": "x" } } });
        let renamed = json!({ "name": "b", "tags": { "t": "1" }, "routes": { "GET /": { "target": "x", "credentials": null } } });
        let moved = json!({ "name": "a", "tags": {}, "routes": { "GET /": { "target": "y" } } });
        assert_eq!(digest(Some(&api)), digest(Some(&renamed)));
        assert_ne!(digest(Some(&api)), digest(Some(&moved)));
        assert_eq!(digest(Some(&api)).len(), 16);
    }

    #[test]
    fn neighbours_do_not_run_together() {
        let a = json!({ "routes": { "a": { "x": "1" }, "b": {} } });
        let b = json!({ "routes": { "a": {}, "b": { "x": "1" } } });
        assert_ne!(digest(Some(&a)), digest(Some(&b)));
    }

    #[test]
    fn a_marker_is_read_back_and_nothing_else_is_taken_for_one() {
        let marker = marker("0123456789abcdef", "op7");
        assert_eq!(of_marker(&marker), Some("0123456789abcdef"));
        assert!(made_by(&marker, "op7"));
        assert!(!made_by(&marker, "p7"));
        assert_eq!(of_marker("slp is nice to have"), None);
        assert_eq!(of_marker(""), None);
    }
}

//! Inputs that steps share.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// By name.
pub type Inputs = BTreeMap<String, Map<String, Value>>;

/// A step whose input has the members of the input that it is `like`, but for its own; one that
/// is like nothing stays as it is.
pub fn like(step: &Value, inputs: &Inputs) -> Result<Value, String> {
    let mut step = step.clone();
    let like = step.as_object_mut().and_then(|map| map.remove("like"));
    if let Some(name) = like.as_ref().and_then(Value::as_str) {
        let shared = inputs.get(name).ok_or(format!("no input {name}"))?;
        let mut input = shared.clone();
        let own = step["input"].as_object().cloned().unwrap_or_default();
        input.extend(own);
        step["input"] = Value::Object(input);
    }
    Ok(step)
}

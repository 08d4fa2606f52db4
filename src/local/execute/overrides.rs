//! What templates set in `$context.requestOverride` and `$context.responseOverride`: a later
//! template of the same call sees all of it, and request and answer are made by it.

use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq)]
pub struct Overrides {
    pub request: Value,
    pub response: Value,
}

impl Default for Overrides {
    /// Templates set members of these; to members of nothing they set none.
    fn default() -> Overrides {
        Overrides {
            request: json!({"header": {}, "querystring": {}, "path": {}}),
            response: json!({"header": {}}),
        }
    }
}

impl Overrides {
    pub fn headers(&self) -> Vec<(String, String)> {
        pairs(&self.request["header"])
    }

    pub fn query(&self) -> Vec<(String, String)> {
        pairs(&self.request["querystring"])
    }

    pub fn path(&self) -> Vec<(String, String)> {
        pairs(&self.request["path"])
    }

    pub fn response_headers(&self) -> Vec<(String, String)> {
        pairs(&self.response["header"])
    }

    /// AWS leaves out what is no status.
    pub fn status(&self) -> Option<u16> {
        let status = text(&self.response["status"])?.parse().ok();
        status.filter(|status| (100..600).contains(status))
    }
}

fn pairs(map: &Value) -> Vec<(String, String)> {
    let members = map.as_object().into_iter().flatten();
    let filled = members.filter_map(|(name, value)| Some((name.clone(), text(value)?)));
    filled.collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

//! Why one resource changes: its place, its three values, the way that brings the change.

use serde_json::Value;

use super::style::Style;
use super::value::quoted;
use crate::addr::Addr;
use crate::plan::Change;

/// What is known of one resource.
pub struct Why<'a> {
    pub addr: &'a Addr,
    /// `slp.toml:12`; absent: the manifest does not name it any more.
    pub place: Option<&'a str>,
    pub change: Option<&'a Change>,
    /// What the last apply left.
    pub stored: Option<&'a Value>,
    /// From it to what changes and brings its change, or may.
    pub paths: &'a [Vec<Addr>],
}

/// All of it, for people.
pub fn why(why: &Why, style: &Style) -> String {
    let place = why.place.unwrap_or("not in the manifest");
    let mut text = format!("{}  {place}\n", why.addr);
    let Some(change) = why.change else {
        text.push_str("  nothing to do: AWS is as the manifest says\n");
        return text;
    };
    let reason = change.reason.as_ref().map(|reason| format!(": {reason}"));
    let symbol = style.symbol(change.action.symbol());
    let verb = change.action.verb();
    text.push_str(&format!(
        "  {symbol} {verb}{}\n",
        reason.unwrap_or_default()
    ));
    for field in &change.fields {
        text.push_str(&format!("\n  {}\n", field.path.join(".")));
        let stored = why.stored.and_then(|spec| at(spec, &field.path));
        let rows = [
            ("manifest", field.after.as_ref()),
            ("last apply", stored),
            ("AWS", field.before.as_ref()),
        ];
        for (name, value) in rows {
            text.push_str(&format!("    {name:<12}{}\n", shown(value)));
        }
    }
    if !why.paths.is_empty() {
        text.push_str("\n  what it needs, and that changes too\n");
    }
    for path in why.paths {
        let names: Vec<&str> = path.iter().map(Addr::as_str).collect();
        text.push_str(&format!("    {}\n", names.join(" → ")));
    }
    text
}

fn at<'a>(spec: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(spec, |value, key| value.get(key))
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "(nothing)".to_owned(),
        Some(value) => quoted(value),
    }
}

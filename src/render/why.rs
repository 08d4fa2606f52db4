//! Why one resource changes: its place, its three values, the way that brings the change.

use serde_json::{Value, json};

use super::style::{Style, wrapped};
use super::value::{printable, quoted};
use crate::addr::Addr;
use crate::cloud;
use crate::diff::{FieldChange, Shape, policy};
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

/// The column in which values begin.
const VALUES: usize = 16;

/// All of it, for people.
pub fn why(why: &Why, style: &Style) -> String {
    let place = printable(why.place.unwrap_or("not in the manifest"));
    let mut text = format!("{}  {place}\n", why.addr);
    let Some(change) = why.change else {
        text.push_str(&format!(
            "  nothing to do: {} is as the manifest says\n",
            cloud::name()
        ));
        return text;
    };
    let reason = change.reason.as_ref().map(|reason| format!(": {reason}"));
    let (symbol, verb) = (change.action.symbol(), change.action.verb());
    let told = printable(&format!("{verb}{}", reason.unwrap_or_default()));
    let told = wrapped(&told, 3 + symbol.len(), 6, style.width);
    text.push_str(&format!("  {} {told}\n", style.symbol(symbol)));
    for values in all_values(why) {
        text.push_str(&block(&values, style));
    }
    if !why.paths.is_empty() {
        text.push_str("\n  what it needs, and that changes too\n");
    }
    for path in why.paths {
        let names: Vec<&str> = path.iter().map(Addr::as_str).collect();
        let way = wrapped(&names.join(" → "), 4, 6, style.width);
        text.push_str(&format!("    {way}\n"));
    }
    text
}

/// The same for programs.
pub fn why_json(why: &Why) -> String {
    let fields = all_values(why).into_iter().map(|values| {
        json!({ "path": values.path, "manifest": values.manifest,
                "last_apply": values.stored, "aws": values.live })
    });
    let form = json!({
        "addr": why.addr,
        "place": why.place,
        "action": why.change.map(|change| change.action),
        "reason": why.change.and_then(|change| change.reason.as_ref()),
        "fields": fields.collect::<Vec<_>>(),
        "paths": why.paths,
    });
    format!("{form:#}\n")
}

/// One field's three values, each whole: a change tells of a list or a document only the part
/// that differs.
struct Values<'a> {
    path: &'a [String],
    manifest: Option<Value>,
    stored: Option<Value>,
    live: Option<Value>,
}

fn all_values<'a>(why: &Why<'a>) -> Vec<Values<'a>> {
    let Some(change) = why.change else {
        return Vec::new();
    };
    let one = |field: &'a FieldChange| {
        let of = |spec: Option<&Value>| at(spec?, field);
        Values {
            path: &field.path,
            manifest: of(change.after.as_ref()),
            stored: of(why.stored),
            live: of(change.before.as_ref()),
        }
    };
    let mut all: Vec<Values> = change.fields.iter().map(one).collect();
    all.dedup_by(|a, b| a.path == b.path);
    all
}

/// A spec's value, so written that equal ones look equal.
fn at(spec: &Value, field: &FieldChange) -> Option<Value> {
    let mut path = field.path.iter();
    let value = path.try_fold(spec, |value, key| value.get(key))?;
    Some(match (field.shape, value) {
        (_, Value::Null) => return None,
        (Shape::Statement, document) => policy::canonical(document),
        (Shape::Member, Value::Array(items)) => {
            let mut items = items.clone();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        (_, value) => value.clone(),
    })
}

fn block(values: &Values, style: &Style) -> String {
    let mut out = format!("\n  {}\n", printable(&values.path.join(".")));
    let rows = [
        ("manifest", &values.manifest),
        ("last apply", &values.stored),
        (cloud::label(), &values.live),
    ];
    for (number, (name, value)) in rows.iter().enumerate() {
        let before = rows.get(..number).unwrap_or_default();
        let text = row(value.as_ref(), before, style);
        out.push_str(&format!("    {name:<12}{text}\n"));
    }
    out
}

/// A value; a long one that stands above already is not written again, and two that only look
/// equal, as secrets do, are told apart.
fn row(value: Option<&Value>, above: &[(&str, &Option<Value>)], style: &Style) -> String {
    let text = shown(value);
    let whole = wrapped(&text, VALUES, VALUES + 2, style.width);
    let same = above.iter().find(|(_, other)| other.as_ref() == value);
    match same {
        Some((name, _)) if whole.contains('\n') => format!("(the same as the {name}'s)"),
        Some(_) => whole,
        None if above.iter().any(|(_, one)| shown(one.as_ref()) == text) => {
            format!("{text}, another one")
        }
        None => whole,
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "(nothing)".to_owned(), quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::fields;
    use crate::plan::Action;

    fn change(live: &Value, wanted: &Value) -> Change {
        let schema = json!({ "properties": {
            "attach": { "x-set": true }, "trust": { "x-policy": true }, "memory": {}, "token": {},
        }});
        let changes = fields(Some(live), Some(wanted), &schema);
        let form = json!({ "addr": "role.x", "action": Action::Update, "op": "o", "before": live,
                           "after": wanted, "fields": changes, "needs": [], "calls": [] });
        serde_json::from_value(form).unwrap()
    }

    fn trust(service: &str, action: &str) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action,
                "Principal": { "Service": service } }] })
    }

    fn told<R>(then: impl Fn(&Why) -> R) -> R {
        let assume = json!(["sts:AssumeRole"]);
        let mut listed = trust("lambda.amazonaws.com", "");
        listed["Statement"][0]["Action"] = assume;
        let wanted = json!({ "attach": ["arn:b", "arn:a"], "memory": 512, "token": { "$secret": "1" },
                             "trust": trust("lambda.amazonaws.com", "sts:AssumeRole") });
        let stored = json!({ "attach": ["arn:a", "arn:b"], "memory": 512, "token": { "$secret": "1" },
                             "trust": listed });
        let live = json!({ "attach": [], "memory": 128, "token": { "$secret": "2" },
                           "trust": trust("events.amazonaws.com", "sts:AssumeRole") });
        let addr = Addr::root_of("role", "x");
        then(&Why {
            addr: &addr,
            place: Some("slp.toml:3"),
            change: Some(&change(&live, &wanted)),
            stored: Some(&stored),
            paths: &[vec![addr.clone(), Addr::root_of("policy", "p")]],
        })
    }

    #[test]
    fn equal_values_look_equal_and_lines_fit() {
        let text = told(|it| why(it, &Style::default()));
        insta::assert_snapshot!(text, @r#"
    role.x  slp.toml:3
      ~ update

      attach
        manifest    ["arn:a", "arn:b"]
        last apply  ["arn:a", "arn:b"]
        AWS         []

      memory
        manifest    512
        last apply  512
        AWS         128

      token
        manifest    (secret)
        last apply  (secret)
        AWS         (secret), another one

      trust
        manifest    { Statement = [{ Action = ["sts:AssumeRole"], Effect = "Allow",
                      Principal = { Service = ["lambda.amazonaws.com"] } }], Version
                      = "2012-10-17" }
        last apply  (the same as the manifest's)
        AWS         { Statement = [{ Action = ["sts:AssumeRole"], Effect = "Allow",
                      Principal = { Service = ["events.amazonaws.com"] } }], Version
                      = "2012-10-17" }

      what it needs, and that changes too
        role.x → policy.p
    "#);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }

    #[test]
    fn programs_get_the_same_three_values() {
        let form: Value = serde_json::from_str(&told(why_json)).unwrap();
        assert_eq!(form["place"], "slp.toml:3");
        let memory = &form["fields"][1];
        let expected =
            json!({ "path": ["memory"], "manifest": 512, "last_apply": 512, "aws": 128 });
        assert_eq!(*memory, expected);
        assert_eq!(form["paths"], json!([["role.x", "policy.p"]]));
    }
}

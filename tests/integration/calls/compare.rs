//! An expected answer against the one that came: where they differ.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::{Bindings, hole};

/// Where the cloud's answer is another one.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// `/Role/Arn`.
    pub path: String,
    pub recorded: Value,
    pub got: Option<Value>,
}

/// What the recordings have in the place of values that are new each time.
const REPLACED: [&str; 5] = ["date", "datetime", "timestamp", "code-sha256", "log-result"];

/// How two answers are compared.
pub struct Comparison<'a> {
    /// Places of lists that may come in any order.
    pub any_order: &'a [String],
    pub bound: Bindings,
}

impl Comparison<'_> {
    /// Compares, and learns what the placeholders stand for.
    pub fn differences(&mut self, recorded: &Value, got: &Value) -> Vec<Difference> {
        self.learn(recorded, got);
        let mut found = Vec::new();
        self.value("", recorded, got, &mut found);
        found
    }

    /// Placeholders that stand alone are told by their value; those within a text then have
    /// but one way to fit.
    fn learn(&mut self, recorded: &Value, got: &Value) {
        match (recorded, got) {
            (Value::String(hole), Value::String(text)) if hole::is_lone(hole) => {
                if let Some(bound) = hole::fit(hole, text, &self.bound) {
                    self.bound = bound;
                }
            }
            (Value::Array(recorded), Value::Array(got)) => {
                for (recorded, got) in recorded.iter().zip(got) {
                    self.learn(recorded, got);
                }
            }
            (Value::Object(recorded), Value::Object(got)) => {
                for (name, recorded) in recorded {
                    if let Some(got) = got.get(name) {
                        self.learn(recorded, got);
                    }
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, path: &str, recorded: &Value, got: &Value, found: &mut Vec<Difference>) {
        let got = &shaped(recorded, got);
        let same = match (recorded, got) {
            (Value::Object(recorded), Value::Object(got)) => {
                return self.members(path, recorded, got, found);
            }
            (Value::Array(recorded), Value::Array(got)) if recorded.len() == got.len() => {
                return self.items(path, recorded, got, found);
            }
            (Value::String(recorded), Value::String(_) | Value::Number(_)) => {
                self.text(recorded, got)
            }
            (recorded, got) => recorded == got,
        };
        if !same {
            found.push(Difference {
                path: path.to_owned(),
                recorded: recorded.clone(),
                got: Some(got.clone()),
            });
        }
    }

    fn text(&mut self, recorded: &str, got: &Value) -> bool {
        if REPLACED.contains(&recorded) {
            return true;
        }
        let text = match got {
            Value::String(text) => text.clone(),
            // Only a placeholder may have replaced a number.
            number if recorded.starts_with('<') => number.to_string(),
            _ => return false,
        };
        match hole::fit(recorded, &text, &self.bound) {
            Some(bound) => {
                self.bound = bound;
                true
            }
            None => false,
        }
    }

    fn members(
        &mut self,
        path: &str,
        recorded: &Map<String, Value>,
        got: &Map<String, Value>,
        found: &mut Vec<Difference>,
    ) {
        let mut missing = got.clone();
        for (name, value) in recorded {
            let path = format!("{path}/{name}");
            // A name may hold a placeholder, such as the name of a map's key.
            match missing
                .remove(name)
                .or_else(|| missing.remove(&self.named(name)))
            {
                Some(got) => self.value(&path, value, &got, found),
                None => found.push(Difference {
                    path,
                    recorded: value.clone(),
                    got: None,
                }),
            }
        }
        for (name, value) in missing {
            found.push(Difference {
                path: format!("{path}/{name}"),
                recorded: Value::Null,
                got: Some(value),
            });
        }
    }

    fn named(&self, name: &str) -> String {
        let puts = |text: String, (hole, value): (&String, &String)| text.replace(hole, value);
        self.bound.iter().fold(name.to_owned(), puts)
    }

    fn items(
        &mut self,
        path: &str,
        recorded: &[Value],
        got: &[Value],
        found: &mut Vec<Difference>,
    ) {
        let mut left: Vec<&Value> = got.iter().collect();
        for (index, value) in recorded.iter().enumerate() {
            let path_of_item = format!("{path}/{index}");
            let same = match self.any_order.iter().any(|place| place == path) {
                true => left.iter().position(|got| self.is(value, got)),
                false => None,
            };
            let got = left.remove(same.unwrap_or(0));
            self.value(&path_of_item, value, got, found);
        }
    }

    fn is(&self, recorded: &Value, got: &Value) -> bool {
        let mut trial = Comparison {
            any_order: self.any_order,
            bound: self.bound.clone(),
        };
        trial.differences(recorded, got).is_empty()
    }
}

/// The answer in the shape that was recorded: XML knows only text, and the recordings show
/// text that is JSON (policies, payloads) as JSON.
fn shaped(recorded: &Value, got: &Value) -> Value {
    let Value::String(text) = got else {
        return got.clone();
    };
    let shaped = match recorded {
        Value::Array(items) if items.is_empty() && text.is_empty() => Some(json!([])),
        Value::Object(map) if map.is_empty() && text.is_empty() => Some(json!({})),
        Value::String(_) => None,
        _ => parsed(text).or_else(|| parsed(&percent_decode_str(text).decode_utf8_lossy())),
    };
    shaped.unwrap_or_else(|| got.clone())
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(recorded: Value, got: Value, any_order: &[String]) -> Vec<String> {
        let bound = Bindings::new();
        let mut comparison = Comparison { any_order, bound };
        let found = comparison.differences(&recorded, &got);
        found.into_iter().map(|it| it.path).collect()
    }

    #[test]
    fn every_member_counts_and_none_may_be_added() {
        let recorded = json!({"A": 1, "B": {"C": "x"}, "D": [1]});
        assert_eq!(paths(recorded.clone(), recorded.clone(), &[]), [""; 0]);
        let got = json!({"A": "2", "B": {"C": "x", "N": 1}, "D": [1, 2]});
        assert_eq!(paths(recorded, got, &[]), ["/A", "/B/N", "/D"]);
    }

    #[test]
    fn text_takes_the_recorded_shape() {
        let recorded = json!({"A": 1, "B": true, "C": {"k": "v"}, "D": {}, "E": [], "F": "1"});
        let got = json!({"A": "1", "B": "true", "C": "%7B%22k%22%3A%22v%22%7D", "D": "",
                         "E": "", "F": "1"});
        assert_eq!(paths(recorded, got, &[]), [""; 0]);
        assert_eq!(paths(json!("1"), json!(1), &[]), [""]);
        assert_eq!(paths(json!("<size>"), json!(1), &[]), [""; 0]);
    }

    #[test]
    fn a_lone_placeholder_decides_for_those_within_a_text() {
        let recorded = json!({"Arn": "role<path:1><name:1>", "Path": "<path:1>"});
        let got = json!({"Arn": "role/a/b", "Path": "/a/"});
        assert_eq!(paths(recorded.clone(), got, &[]), [""; 0]);
        let got = json!({"Arn": "role/x/b", "Path": "/a/"});
        assert_eq!(paths(recorded, got, &[]), ["/Arn"]);
    }

    #[test]
    fn only_where_it_is_said_the_order_does_not_count() {
        let (recorded, got) = (json!({"L": [1, 2]}), json!({"L": [2, 1]}));
        assert_eq!(
            paths(recorded.clone(), got.clone(), &["/L".into()]),
            [""; 0]
        );
        assert_eq!(paths(recorded, got, &[]), ["/L/0", "/L/1"]);
    }
}

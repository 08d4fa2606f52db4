//! The scripts: which requests were made in a scenario.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::recording::{Id, SERVICES};
use crate::calls::{Inputs, like};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: BTreeMap<String, Written>,
}

/// A scenario as it is written: `each` makes one of every entry, putting its values where
/// `$name` stands, in the scenario's name as well. Of lists of entries, it takes one of each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    each: Vec<Value>,
    steps: Value,
}

/// What scripts share: lists of steps, for `{ do = "…" }`, and inputs, for `like`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    steps: BTreeMap<String, Vec<Value>>,
    inputs: Inputs,
}

/// A scenario that can be played.
pub struct Script {
    pub id: Id,
    pub steps: Vec<Step>,
}

/// One request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The step's name in the recording; without one it prepares, and must succeed.
    pub step: Option<String>,
    /// `iam:CreateRole`.
    pub call: String,
    #[serde(default)]
    pub input: Value,
    /// Where in the recorded step this answer stands.
    #[serde(default)]
    pub at: String,
    /// What of the answer was recorded.
    #[serde(default)]
    pub pick: String,
    /// Placeholders, and where in the answer their values are.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// What an unrecorded step must be refused with.
    pub fails: Option<String>,
    /// Asks until these places of the answer hold these values.
    #[serde(default)]
    pub until: BTreeMap<String, Value>,
    /// Places of lists whose order AWS does not promise.
    #[serde(default)]
    pub any_order: Vec<String>,
    /// Recorded as code, count and list of validation errors.
    #[serde(default)]
    pub validation: bool,
    pub region: Option<String>,
}

/// Every script below the folder; a folder's name is the service.
pub fn all(folder: &Path) -> Vec<Script> {
    let shared = std::fs::read_to_string(folder.join("shared.toml")).expect("shared.toml");
    let shared: Shared =
        toml::from_str(&shared).unwrap_or_else(|error| panic!("shared.toml: {error}"));
    let mut scripts: Vec<Script> = Vec::new();
    for service in SERVICES {
        let entries = std::fs::read_dir(folder.join(service)).expect("a folder of scripts");
        let mut paths: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).expect("a script");
            let read = read(service, &text, &shared);
            scripts.extend(read.unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
    for (index, script) in scripts.iter().enumerate() {
        let again = scripts[index + 1..]
            .iter()
            .any(|other| other.id == script.id);
        assert!(!again, "scripted twice: {:?}", script.id);
    }
    scripts
}

fn read(service: &str, text: &str, shared: &Shared) -> Result<Vec<Script>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut scripts = Vec::new();
    for (name, written) in file.scenario {
        for values in entries(&written.each) {
            let steps = put(&written.steps, &values);
            let steps = shared
                .expanded(&steps)
                .map_err(|error| format!("{name}: {error}"))?;
            scripts.push(Script {
                id: Id {
                    service: service.to_owned(),
                    name: put_text(&name, &values),
                },
                steps: serde_json::from_value(steps).map_err(|error| format!("{name}: {error}"))?,
            });
        }
    }
    Ok(scripts)
}

fn entries(each: &[Value]) -> Vec<Map<String, Value>> {
    let maps = |list: &[Value]| -> Vec<Map<String, Value>> {
        list.iter().filter_map(Value::as_object).cloned().collect()
    };
    let lists: Vec<_> = match each.iter().all(Value::is_array) {
        true => each
            .iter()
            .filter_map(Value::as_array)
            .map(|list| maps(list))
            .collect(),
        false => vec![maps(each)],
    };
    lists.iter().fold(vec![Map::new()], |found, list| {
        let with = |one: &Map<String, Value>| {
            let both = list.iter().map(|other| {
                let mut both = one.clone();
                both.extend(other.clone());
                both
            });
            both.collect::<Vec<_>>()
        };
        found.iter().flat_map(with).collect()
    })
}

impl Shared {
    /// The steps with what they share put in.
    fn expanded(&self, steps: &Value) -> Result<Value, String> {
        let mut all = Vec::new();
        for step in steps.as_array().ok_or("steps are a list")? {
            match step.get("do").and_then(Value::as_str) {
                Some(name) => {
                    let shared = self.steps.get(name).ok_or(format!("no steps {name}"))?;
                    let shared = self.expanded(&Value::Array(shared.clone()))?;
                    all.extend(shared.as_array().cloned().unwrap_or_default());
                }
                None => all.push(like(step, &self.inputs)?),
            }
        }
        Ok(Value::Array(all))
    }
}

fn put(value: &Value, values: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('$').and_then(|name| values.get(name)) {
            Some(value) => value.clone(),
            None => Value::String(put_text(text, values)),
        },
        Value::Array(items) => items.iter().map(|item| put(item, values)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(name, item)| (put_text(name, values), put(item, values)))
            .collect(),
        plain => plain.clone(),
    }
}

fn put_text(text: &str, values: &Map<String, Value>) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        text.replace(&format!("${name}"), &value)
    })
}

#[test]
fn each_makes_a_scenario_of_every_entry() {
    let text = "[scenario.\"T[$op]\"]\neach = [{ op = \"a\", call = \"iam:A\" }, { op = \"b\", \
                call = \"iam:B\" }]\nsteps = [{ step = \"s\", call = \"$call\" }]\n";
    let shared = Shared::default();
    let scripts = read("iam", text, &shared).unwrap();
    let told: Vec<_> = scripts
        .iter()
        .map(|it| (it.id.name.as_str(), it.steps[0].call.as_str()))
        .collect();
    assert_eq!(told, [("T[a]", "iam:A"), ("T[b]", "iam:B")]);
    assert!(read("iam", "[scenario.T]\nsteps = [{ cal = \"x\" }]\n", &shared).is_err());
}

#[test]
fn steps_and_inputs_are_shared() {
    let shared: Shared = toml::from_str(
        "[steps]\ntwo = [{ call = \"iam:A\" }, { call = \"iam:B\", like = \"i\" }]\n\
         [inputs.i]\na = 1\nb = 2\n",
    )
    .unwrap();
    let text = "[scenario.T]\nsteps = [{ do = \"two\" }, { call = \"iam:C\", like = \"i\", \
                input = { a = 3 } }]\n";
    let steps = &read("iam", text, &shared).unwrap()[0].steps;
    let inputs: Vec<_> = steps.iter().map(|step| step.input.to_string()).collect();
    assert_eq!(inputs, ["null", "{\"a\":1,\"b\":2}", "{\"a\":3,\"b\":2}"]);
}

//! The recorded answers, as they lie in the folder that `SLP_AWS_RECORDINGS` names.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The services that were recorded.
pub const SERVICES: [&str; 3] = ["apigateway", "iam", "lambda"];

/// By service (`iam`) and name: the answers by step.
pub type Recordings = BTreeMap<Id, Map<String, Value>>;

/// A scenario: `lambda`, `TestLambdaAlias::test_alias_naming`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub service: String,
    pub name: String,
}

#[derive(Deserialize)]
struct Recorded {
    #[serde(rename = "recorded-content")]
    content: Map<String, Value>,
}

pub fn all() -> Option<Recordings> {
    let folder = std::env::var_os("SLP_AWS_RECORDINGS")?;
    let mut all = Recordings::new();
    for entry in std::fs::read_dir(folder).expect("the folder of recordings") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "json") {
            read(&path, &mut all);
        }
    }
    assert!(!all.is_empty(), "SLP_AWS_RECORDINGS holds no recordings");
    Some(all)
}

fn read(path: &Path, all: &mut Recordings) {
    let text = std::fs::read_to_string(path).expect("a recording");
    let scenarios: BTreeMap<String, Recorded> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = path
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a plain name");
    let service = file.split(['.', '_']).next().unwrap_or_default();
    for (name, recorded) in scenarios {
        let id = Id {
            service: service.to_owned(),
            name: short(&name),
        };
        assert!(!all.contains_key(&id), "twice: {id:?}");
        all.insert(id, recorded.content);
    }
}

/// Without the file that the test stood in, unless it is an unusual one.
fn short(name: &str) -> String {
    match name.split_once("::") {
        Some((file, rest)) if file.starts_with("tests/aws/services/") => rest.to_owned(),
        _ => name.to_owned(),
    }
}

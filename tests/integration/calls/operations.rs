//! Where the members of an operation's input go in HTTP, and those of its answer come from:
//! `tests/recordings/operations.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::harness::root;

/// An operation of a REST service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// `GET /restapis/{restApiId}?limit`: `{member}` of the input in the path, and after `?`
    /// members that go into the query, `name=member` where it has another name there.
    pub http: String,
    /// Members that are headers, and these headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The member that is the whole body.
    pub body: Option<String>,
    /// Members of the input that have another name in the JSON body.
    #[serde(default)]
    pub sent_as: BTreeMap<String, String>,
    /// Members of the answer that have another name in the JSON body.
    #[serde(default)]
    pub rename: BTreeMap<String, String>,
    /// Members of the answer that are headers; `:status` is the HTTP status.
    #[serde(default)]
    pub answer: BTreeMap<String, String>,
    /// The member of the answer that is the whole body.
    pub answer_body: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Short(String),
    Long(Operation),
}

/// The operation, or nothing where the file does not have it.
pub fn find(service: &str, name: &str) -> Option<&'static Operation> {
    static ALL: OnceLock<BTreeMap<String, BTreeMap<String, Operation>>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let path = root().join("tests/recordings/operations.toml");
        let text = std::fs::read_to_string(path).expect("operations.toml");
        let written: BTreeMap<String, BTreeMap<String, Written>> =
            toml::from_str(&text).unwrap_or_else(|error| panic!("operations.toml: {error}"));
        let service = |(name, operations): (String, BTreeMap<String, Written>)| {
            let operations = operations.into_iter().map(|(name, it)| (name, whole(it)));
            (name, operations.collect())
        };
        written.into_iter().map(service).collect()
    });
    all.get(service)?.get(name)
}

fn whole(written: Written) -> Operation {
    match written {
        Written::Short(http) => Operation {
            http,
            ..Operation::default()
        },
        Written::Long(operation) => operation,
    }
}

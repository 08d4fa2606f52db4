//! The state's file form: types of its own, versioned, apart from the domain's.
//!
//! A field that is absent is unknown, never a default; a field that is unknown here is
//! left out. Whoever changes this form raises `VERSION` and adds fixtures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::seal::{Seal, is_sealed};
use super::secret::SecretKey;
use super::{State, StateError, Stored};
use crate::addr::Addr;
use crate::files;
use crate::plan::Output;
use crate::text::Text;

/// The version of the file form that this slp writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// Why bytes are not a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// `at` is `, line 3, column 5 (byte 120)`, or empty.
    Damaged {
        what: String,
        at: String,
    },
    Newer {
        found: u64,
    },
}

/// The saved state of one environment of a project.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "State", title = "slp state", extend("properties.version.const" = 1))]
struct FileV1 {
    version: u32,
    lineage: String,
    serial: u64,
    project: String,
    #[serde(deserialize_with = "written")]
    env: Option<String>,
    account: String,
    region: String,
    /// Absent (null) for AWS itself.
    #[serde(deserialize_with = "written")]
    endpoint: Option<String>,
    secret_key: SecretKey,
    resources: BTreeMap<Addr, ResourceV1>,
    outputs: BTreeMap<String, OutputV1>,
    packages: BTreeMap<String, Value>,
}

/// One resource.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Resource")]
struct ResourceV1 {
    kind: String,
    id: String,
    /// Absent: unknown, since a killed or failed change left it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spec: Option<Value>,
    /// Of what is unknown: where secrets may stand in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    veils: Vec<Value>,
    outputs: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    facts: Value,
    needs: BTreeSet<Addr>,
    protect: bool,
    ignore: Vec<String>,
}

/// One output of the manifest.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Output")]
struct OutputV1 {
    value: Text,
    secret: bool,
}

impl Unreadable {
    /// The same, said of this file.
    pub fn at(self, path: PathBuf, remedy: String) -> StateError {
        match self {
            Unreadable::Newer { found } => StateError::Newer {
                path,
                found,
                known: VERSION,
            },
            Unreadable::Damaged { what, at } => StateError::Damaged {
                path,
                what,
                at,
                remedy,
            },
        }
    }
}

/// What every version of the file has, and no other tool's file has all of.
#[derive(Deserialize)]
struct Envelope {
    version: Option<u64>,
    lineage: Option<String>,
    serial: Option<u64>,
    project: Option<String>,
}

/// The JSON Schema of the state file.
pub fn state_schema() -> Value {
    schemars::SchemaGenerator::default()
        .into_root_schema_for::<FileV1>()
        .to_value()
}

/// The same bytes for the same state, on any machine.
pub(super) fn encode(state: &State) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(&FileV1::from(state))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A state as its file has it.
pub fn encode_state(state: &State) -> Result<String, StateError> {
    serde_json::to_string_pretty(&FileV1::from(state))
        .map_err(|error| StateError::io(Path::new("the state"), "be written", error.into()))
}

/// Reads a state from any file, sealed or not.
pub(super) async fn read_state(path: &Path, seal: &Seal) -> Result<State, StateError> {
    let bytes = read_any(path, seal).await?;
    decode(&bytes).map_err(|error| {
        let remedy = "Name a file that slp wrote.".to_owned();
        error.at(path.to_owned(), remedy)
    })
}

/// What any file says, sealed or not.
pub(super) async fn read_any(path: &Path, seal: &Seal) -> Result<Vec<u8>, StateError> {
    let mut bytes = files::bytes(path).map_err(|error| StateError::io(path, "be read", error))?;
    if is_sealed(&bytes) {
        let sealed = |why| StateError::Sealed {
            path: path.to_owned(),
            why,
        };
        seal.prepare(&[&bytes]).await.map_err(sealed)?;
        bytes = seal.open(bytes).map_err(sealed)?;
    }
    Ok(bytes)
}

/// Reads a whole state or says why it is none.
pub(super) fn decode(bytes: &[u8]) -> Result<State, Unreadable> {
    let text = text_of(bytes)?;
    let envelope: Envelope = parse(text)?;
    let Envelope {
        version: Some(version),
        lineage: Some(_),
        serial: Some(_),
        project: Some(_),
    } = envelope
    else {
        return Err(damaged("is JSON, but not a state that slp wrote", ""));
    };
    match version {
        1 => parse::<FileV1>(text).map(State::from),
        0 => Err(damaged("has version 0, which no slp ever wrote", "")),
        found => Err(Unreadable::Newer { found }),
    }
}

/// Lineage and serial of what looks like a state.
pub(super) fn peek(bytes: &[u8]) -> Option<(String, u64)> {
    let envelope: Envelope = parse(text_of(bytes).ok()?).ok()?;
    Some((envelope.lineage?, envelope.serial?))
}

fn text_of(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.is_empty() {
        return Err(damaged("is empty (0 bytes)", ""));
    }
    let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
    if marks.iter().any(|mark| bytes.starts_with(mark)) {
        let what = "starts with a byte order mark: an editor saved it in another encoding";
        return Err(damaged(what, ", line 1, column 1 (byte 0)"));
    }
    std::str::from_utf8(bytes)
        .map_err(|error| damaged("is not UTF-8", format!(" (byte {})", error.valid_up_to())))
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        let reason = told
            .rsplit_once(" at line ")
            .map_or(told.as_str(), |(reason, _)| reason);
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends too early: it was cut off".to_owned(),
            serde_json::error::Category::Data => format!("is not a state that slp wrote: {reason}"),
            _ => format!("is not JSON: {reason}"),
        };
        damaged(what, place(text, error.line(), error.column()))
    })
}

fn damaged(what: impl Into<String>, at: impl Into<String>) -> Unreadable {
    Unreadable::Damaged {
        what: what.into(),
        at: at.into(),
    }
}

/// serde_json counts lines from 1 and columns in bytes.
fn place(text: &str, line: usize, column: usize) -> String {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let byte = before + column.saturating_sub(1);
    format!(", line {line}, column {column} (byte {byte})")
}

/// An `Option` that must be written, if only as null.
fn written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

/// `Stored` inside a journal record has the state file's form.
pub(super) mod stored {
    use super::*;

    pub fn serialize<S: Serializer>(stored: &Stored, serializer: S) -> Result<S::Ok, S::Error> {
        ResourceV1::from(stored).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stored, D::Error> {
        ResourceV1::deserialize(deserializer).map(Stored::from)
    }
}

impl From<&State> for FileV1 {
    fn from(state: &State) -> FileV1 {
        FileV1 {
            version: VERSION,
            lineage: state.lineage.clone(),
            serial: state.serial,
            project: state.project.clone(),
            env: state.env.clone(),
            account: state.account.clone(),
            region: state.region.clone(),
            endpoint: state.endpoint.clone(),
            secret_key: state.secret_key.clone(),
            resources: state
                .resources
                .iter()
                .map(|(addr, stored)| (addr.clone(), stored.into()))
                .collect(),
            outputs: state
                .outputs
                .iter()
                .map(|(name, output)| {
                    let Output { value, secret } = output.clone();
                    (name.clone(), OutputV1 { value, secret })
                })
                .collect(),
            packages: state.packages.clone(),
        }
    }
}

impl From<FileV1> for State {
    fn from(file: FileV1) -> State {
        let resources = file.resources.into_iter();
        let outputs = file.outputs.into_iter();
        State {
            lineage: file.lineage,
            serial: file.serial,
            account: file.account,
            region: file.region,
            endpoint: file.endpoint,
            project: file.project,
            env: file.env,
            resources: resources
                .map(|(addr, stored)| (addr, stored.into()))
                .collect(),
            outputs: outputs
                .map(|(name, OutputV1 { value, secret })| (name, Output { value, secret }))
                .collect(),
            packages: file.packages,
            secret_key: file.secret_key,
        }
    }
}

impl From<&Stored> for ResourceV1 {
    fn from(stored: &Stored) -> ResourceV1 {
        let Stored {
            kind,
            id,
            spec,
            veils,
            outputs,
            facts,
            needs,
            protect,
            ignore,
        } = stored.clone();
        ResourceV1 {
            kind,
            id,
            spec,
            veils,
            outputs,
            facts,
            needs,
            protect,
            ignore,
        }
    }
}

impl From<ResourceV1> for Stored {
    fn from(file: ResourceV1) -> Stored {
        Stored {
            kind: file.kind,
            id: file.id,
            spec: file.spec,
            veils: file.veils,
            outputs: file.outputs,
            facts: file.facts,
            needs: file.needs,
            protect: file.protect,
            ignore: file.ignore,
        }
    }
}

//! The sequences as they are written.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::calls::{Inputs, like};
use crate::harness::root;

/// The folder of the sequences and of the table.
pub const FOLDER: &str = "tests/integration/conformance";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    /// What steps have in common that are `like` one of these.
    #[serde(default)]
    inputs: Inputs,
    step: Vec<Value>,
}

pub struct Sequence {
    /// The file's, without `.toml`.
    pub name: String,
    pub title: String,
    pub steps: Vec<Step>,
}

/// A call, and what AWS answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it tries, in words.
    pub step: String,
    /// `iam:CreateRole`.
    pub call: String,
    #[serde(default)]
    pub input: Value,
    pub region: Option<String>,
    /// The status, or code and status of a refusal: `NoSuchEntity 404`.
    pub is: String,
    /// Places of the answer and the whole value there; `<date>` and `<any>` fit any text.
    #[serde(default)]
    pub has: BTreeMap<String, Value>,
    /// Places where the answer has nothing.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// `<name>` for later steps, and where in the answer its value is.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// Asks until these places of the answer hold these values.
    #[serde(default)]
    pub until: BTreeMap<String, Value>,
    /// What moto does instead.
    pub moto: Option<String>,
    /// What ministack does instead.
    pub ministack: Option<String>,
    /// Why AWS answers so: `recorded SERVICE SCENARIO STEP`, a page of AWS's documentation, or
    /// `quoted` and where.
    pub source: Option<String>,
}

impl Step {
    /// Is it to be refused?
    pub fn is_bad(&self) -> bool {
        self.is.contains(' ')
    }
}

pub fn all() -> Vec<Sequence> {
    let entries = std::fs::read_dir(root().join(FOLDER)).expect("the folder of sequences");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "toml"))
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("a sequence");
        let name = path.file_stem().and_then(|name| name.to_str());
        read(name.expect("a plain name"), &text)
    };
    let read = paths.iter().map(read);
    read.collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn read(name: &str, text: &str) -> Result<Sequence, String> {
    let file: File = toml::from_str(text).map_err(|error| format!("{name}.toml: {error}"))?;
    let step = |written: &Value| -> Result<Step, String> {
        let error = |why: String| format!("{name}.toml: {}: {why}", written["step"]);
        let whole = like(written, &file.inputs).map_err(error)?;
        serde_json::from_value(whole).map_err(|why| error(why.to_string()))
    };
    let steps: Vec<Step> = file.step.iter().map(step).collect::<Result<_, _>>()?;
    let mut names = BTreeSet::new();
    let mut again = steps.iter().filter(|step| !names.insert(&step.step));
    if let Some(step) = again.next() {
        return Err(format!("{name}.toml: {:?} is there twice", step.step));
    }
    Ok(Sequence {
        name: name.to_owned(),
        title: file.title.clone(),
        steps,
    })
}

#[test]
fn an_unknown_key_and_a_second_step_of_a_name_are_refused() {
    let text = "title = \"T\"\n[[step]]\nstep = \"s\"\ncall = \"a:B\"\nis = \"C 400\"\n";
    assert!(read("t", text).unwrap().steps[0].is_bad());
    assert!(read("t", &format!("{text}hass = {{}}\n")).is_err());
    let step = text.split_once('\n').unwrap().1;
    assert!(read("t", &format!("{text}{step}")).is_err());
}

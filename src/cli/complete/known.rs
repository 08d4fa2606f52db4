//! The names that a manifest and its states hold, as far as they can be read: a manifest that is
//! half written gives what it can.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::line::Place;
use crate::aws;
use crate::files;
use crate::manifest::{self, Draft, Options};
use crate::state::LocalStore;

/// Sorted, each once.
#[derive(Debug, Default)]
pub struct Known {
    pub environments: Vec<String>,
    /// Addresses of the manifest.
    pub declared: BTreeSet<String>,
    /// Addresses of the state.
    pub saved: BTreeSet<String>,
    pub outputs: BTreeSet<String>,
}

impl Known {
    pub fn of(place: &Place) -> Known {
        let text = files::text(&place.file).unwrap_or_default();
        let mut known = Known {
            environments: environments(&text),
            ..Known::default()
        };
        let draft = draft(place, &known.environments);
        let states = match &draft {
            Some(draft) => vec![state(place, draft)],
            None => all(&states(place)),
        };
        for state in states {
            known.add(&state);
        }
        if let Some(draft) = draft {
            let scope = draft.scope("", None, None);
            let manifest = draft.declare(&scope, &aws::kinds());
            let addrs = manifest.resources.keys().map(ToString::to_string);
            known.declared.extend(addrs);
            known.outputs.extend(manifest.outputs.into_keys());
        }
        known
    }

    /// Of the manifest and of the state.
    pub fn addresses(&self) -> Vec<String> {
        self.declared.union(&self.saved).cloned().collect()
    }

    /// Adds what a state holds, if it can be read.
    fn add(&mut self, state: &Path) {
        let bytes = files::bytes(state).unwrap_or_default();
        let Ok(state) = serde_json::from_slice::<Value>(&bytes) else {
            return;
        };
        let names = |word: &str| {
            let names = state.get(word).and_then(Value::as_object);
            let names = names.into_iter().flat_map(|names| names.keys().cloned());
            names.collect::<Vec<_>>()
        };
        self.saved.extend(names("resources"));
        self.outputs.extend(names("outputs"));
    }
}

/// The tables under `[env]`.
fn environments(text: &str) -> Vec<String> {
    let parsed = manifest::parse_toml(text);
    let table = parsed.table.get_ref().get("env");
    let table = table.and_then(|env| env.get_ref().as_table());
    let names = table.into_iter().flat_map(|table| table.keys());
    let names: BTreeSet<String> = names.map(|name| name.get_ref().to_string()).collect();
    names.into_iter().collect()
}

/// The manifest in its environment; where none is chosen and one is needed, in any.
fn draft(place: &Place, environments: &[String]) -> Option<Draft> {
    let read = |env: Option<&String>| {
        let options = Options {
            file: place.file.clone(),
            env: env.cloned(),
            ..Options::default()
        };
        manifest::read(&options, &aws::kinds()).ok()
    };
    read(place.env.as_ref()).or_else(|| read(Some(environments.first()?)))
}

/// The folder of the states.
fn states(place: &Place) -> PathBuf {
    let root = place.file.parent().unwrap_or(Path::new(""));
    match place.local {
        true => root.join(".slp/local/state"),
        false => root.join("state"),
    }
}

fn state(place: &Place, draft: &Draft) -> PathBuf {
    let scope = draft.scope("", None, None);
    let store = LocalStore::in_folder(&states(place), &scope);
    store.path().to_owned()
}

/// The states in a folder.
fn all(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.extension() == Some(OsStr::new("json")))
        .collect()
}

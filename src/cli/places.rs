//! What messages about functions' runs name of the manifest: names, files, lines.

use std::collections::BTreeMap;

use crate::addr::Addr;
use crate::apply::redacted;
use crate::local::Manifested;
use crate::manifest::{Draft, Secret};
use crate::state::{State, Stored};
use crate::trace::{Sources, Trace};

/// The applied functions and APIs, by AWS's names and ids.
#[derive(Clone, Debug, Default)]
pub struct Places {
    functions: BTreeMap<String, Function>,
    /// The manifest's name, and the line of each route that has a timeout of its own.
    apis: BTreeMap<String, Api>,
    file: String,
    /// What is in none of those messages.
    secrets: BTreeMap<String, Secret>,
}

#[derive(Clone, Debug)]
struct Function {
    name: String,
    sources: Sources,
    /// The line of its header.
    header: Option<usize>,
    /// The line of its timeout, where it is written.
    timeout: Option<usize>,
}

#[derive(Clone, Debug)]
struct Api {
    name: String,
    header: Option<usize>,
    /// By method and path.
    timeouts: BTreeMap<String, usize>,
}

impl Places {
    /// `draft`: the manifest, where it can be read; without it only names are known.
    pub fn of(state: &State, draft: Option<&Draft>, file: &str) -> Places {
        let mut places = Places {
            file: file.to_owned(),
            ..Places::default()
        };
        for (addr, stored) in &state.resources {
            let (id, name) = (stored.id.clone(), addr.name().to_owned());
            match stored.kind.as_str() {
                "function" => drop(places.functions.insert(id, function(name, draft))),
                "api" => drop(places.apis.insert(id, api(addr, stored, draft))),
                _ => {}
            }
        }
        places
    }

    /// The same, which knows the values of secrets.
    pub fn hiding(self, secrets: BTreeMap<String, Secret>) -> Places {
        Places { secrets, ..self }
    }

    /// The manifest's name; a function that somebody else made goes by AWS's.
    pub fn shown<'a>(&'a self, function: &'a str) -> &'a str {
        let known = self.functions.get(function);
        known.map_or(function, |function| &function.name)
    }

    /// That a function took too long, and where it is written how long it may take; `None`: that
    /// is not how it failed.
    pub fn late(&self, function: &str, trace: &Trace) -> Option<String> {
        let seconds = trace.timed_out()?;
        let told = format!("timed out after {seconds} s");
        let file = &self.file;
        Some(match self.functions.get(function) {
            Some(Function {
                timeout: Some(line),
                ..
            }) => format!("{told}: `timeout` in {file}:{line}"),
            // What took longer than Lambda's default was called when the manifest said so.
            Some(Function {
                name,
                header: Some(line),
                ..
            }) if told.ends_with("after 3 s") => {
                format!("{told}, the default: set `timeout` of function.{name} ({file}:{line})")
            }
            _ => told,
        })
    }

    /// Where it is written how long an API waits for what is behind a route.
    pub fn waits(&self, api: &str, method: &str, resource: &str) -> Option<String> {
        let api = self.apis.get(api)?;
        let keys = [method, "ANY"].map(|method| format!("{method} {resource}"));
        let line = keys.iter().find_map(|key| api.timeouts.get(key));
        let file = &self.file;
        Some(match (line, api.header) {
            (Some(line), _) => format!("`timeout_ms` in {file}:{line}"),
            (None, Some(line)) => {
                format!(
                    "the default: set the route's `timeout_ms` (api.{}, {file}:{line})",
                    api.name
                )
            }
            (None, None) => return None,
        })
    }
}

impl Manifested for Places {
    fn sources(&self, function: &str) -> Sources {
        let known = self.functions.get(function);
        known.map(|known| known.sources.clone()).unwrap_or_default()
    }

    fn hidden(&self, text: &str) -> String {
        redacted(text, &self.secrets)
    }
}

fn function(name: String, draft: Option<&Draft>) -> Function {
    let line = |path: &[&str]| draft.and_then(|draft| draft.line(path));
    let text = |path: &[&str]| draft.and_then(|draft| draft.text(path));
    // What a function does not say itself, the defaults say for all.
    let places = [["function", &name], ["defaults", "function"]];
    let mut codes = places.iter().flat_map(|[table, name]| {
        let whole = text(&[table, name, "code"]);
        [whole, text(&[table, name, "code", "path"])]
    });
    let code = codes.find_map(|code| code);
    let mut timeouts = places.iter().map(|[a, b]| line(&[a, b, "timeout"]));
    Function {
        sources: Sources {
            // What has variables in it is no folder.
            code: code.filter(|code| !code.contains("${")).map(str::to_owned),
        },
        header: line(&["function", &name]),
        timeout: timeouts.find_map(|line| line),
        name,
    }
}

fn api(addr: &Addr, stored: &Stored, draft: Option<&Draft>) -> Api {
    let name = addr.name();
    let line = |path: &[&str]| draft.and_then(|draft| draft.line(path));
    let routes = stored
        .spec
        .as_ref()
        .and_then(|spec| spec.get("routes")?.as_object());
    let routes = routes.into_iter().flat_map(|routes| routes.keys());
    let timeouts = routes.filter_map(|route| {
        let line = line(&["api", name, "routes", route, "timeout_ms"])?;
        Some((route.clone(), line))
    });
    Api {
        name: name.to_owned(),
        header: line(&["api", name]),
        timeouts: timeouts.collect(),
    }
}

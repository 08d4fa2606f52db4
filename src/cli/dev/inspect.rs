//! `slp dev --inspect [NAME]`: which functions a debugger may attach to, and what to write in an
//! editor for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::super::args::Global;
use super::super::complete;
use super::super::failure::Failure;
use super::super::open::Project;
use super::super::printer::Printer;
use crate::addr::Addr;
use crate::local::{Cloud, Inspection};
use crate::problem::nearest;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    All,
    /// By the manifest's name.
    One(String),
}

/// Of `--inspect` and its value.
///
/// # Errors
/// The manifest, as far as it can be read by now, has no such function.
pub fn asked(global: &Global, value: Option<&str>) -> Result<Asked, Failure> {
    let Some(value) = value else {
        return Ok(Asked::All);
    };
    let name = value.strip_prefix("function.").unwrap_or(value);
    let known = complete::declared_functions(global);
    if known.is_empty() || known.iter().any(|function| function == name) {
        return Ok(Asked::One(name.to_owned()));
    }
    let failure = Failure::usage(format!(
        "--inspect: {} has no function `{name}`",
        global.file.display()
    ));
    let names = known.iter().map(String::as_str);
    Err(failure.hint(match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its functions are {}", known.join(", ")),
    }))
}

/// What editors have to know of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    /// The manifest's name.
    name: String,
    /// The folder of its code, below the project where it is there.
    source: Option<PathBuf>,
}

/// The inspection of one `slp dev`.
#[derive(Clone)]
pub struct Inspect {
    asked: Asked,
    /// By AWS's names.
    known: Arc<Mutex<BTreeMap<String, Known>>>,
}

impl Inspect {
    pub fn new(asked: Asked) -> Inspect {
        Inspect {
            asked,
            known: Arc::default(),
        }
    }

    /// Lets debuggers attach to what a project declares.
    pub fn declare(&self, cloud: &Cloud, project: &Project) {
        let wanted = project.desired.resources.values();
        let functions = wanted.filter(|wanted| {
            let name = wanted.addr.name();
            let is_asked = match &self.asked {
                Asked::All => true,
                Asked::One(one) => one == name,
            };
            is_asked && wanted.addr.kind() == "function"
        });
        let functions = functions.filter_map(|wanted| {
            let package = wanted.spec.pointer("/code/package").and_then(Value::as_str);
            let known = Known {
                name: wanted.addr.name().to_owned(),
                source: package.and_then(|package| project.shelf.source(package)),
            };
            Some((wanted.id.clone()?, known))
        });
        let known: BTreeMap<String, Known> = functions.collect();
        cloud.inspect(known.keys().cloned().collect());
        *self.lock() = known;
    }

    /// Starts what has no process yet: the versions of its aliases, or the newest.
    pub fn warm(&self, cloud: &Arc<Cloud>, project: &Project) {
        let ids: BTreeSet<String> = self.lock().keys().cloned().collect();
        for wanted in project.desired.resources.values() {
            let Some(id) = wanted.id.as_ref().filter(|id| ids.contains(*id)) else {
                continue;
            };
            if wanted.addr.kind() == "function" {
                let alias = alias(project, &wanted.addr);
                cloud.warm(&project.scope.region, id, alias.as_deref());
            }
        }
    }

    /// Prints where functions listen, each place once, until the cloud has gone.
    pub fn print(&self, cloud: &Cloud, printer: Printer) {
        let (mut said, own) = (cloud.inspections(), self.clone());
        std::thread::spawn(move || {
            let mut seen = BTreeSet::new();
            loop {
                let inspection = match said.blocking_recv() {
                    Ok(inspection) => inspection,
                    Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => return,
                };
                let text = own.text(&inspection);
                if seen.insert(text.clone()) {
                    printer.err(&text);
                }
            }
        });
    }

    fn text(&self, inspection: &Inspection) -> String {
        let known = |function: &String| self.lock().get(function).cloned();
        match inspection {
            Inspection::Impossible { function, why } => {
                let name = known(function).map_or_else(|| function.clone(), |known| known.name);
                format!("function.{name} cannot be inspected: {why}")
            }
            Inspection::Listening {
                function,
                is_node,
                port,
                task,
            } => {
                let known = known(function).unwrap_or_else(|| Known {
                    name: function.clone(),
                    source: None,
                });
                listening(&known, *is_node, *port, task)
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An alias of a function.
fn alias(project: &Project, function: &Addr) -> Option<String> {
    let addrs = project.desired.resources.keys();
    let mut aliases = addrs
        .filter(|addr| addr.kind() == "function.alias" && addr.parent().as_ref() == Some(function));
    aliases.next().map(|addr| addr.name().to_owned())
}

fn listening(known: &Known, is_node: bool, port: u16, task: &Path) -> String {
    let (name, language) = (&known.name, if is_node { "Node.js" } else { "Python" });
    let way = match is_node {
        true => "; Chrome finds it at chrome://inspect",
        false => "",
    };
    format!(
        "function.{name} ({language}) listens for a debugger at 127.0.0.1:{port}{way}\n\
         \x20 for VS Code, in \"configurations\" of .vscode/launch.json:\n{}",
        configuration(known, is_node, port, task)
    )
}

/// What VS Code is told, indented, in its usual order.
fn configuration(known: &Known, is_node: bool, port: u16, task: &Path) -> String {
    let local = local(known.source.as_deref());
    let mut lines = vec![
        pair("name", &json!(format!("slp: {}", known.name))),
        pair("type", &json!(if is_node { "node" } else { "debugpy" })),
        pair("request", &json!("attach")),
    ];
    if is_node {
        lines.push(pair("port", &json!(port)));
        lines.push(pair("restart", &json!(true)));
        lines.push(pair("localRoot", &json!(local)));
        lines.push(pair("remoteRoot", &json!(task)));
    } else {
        lines.push(pair(
            "connect",
            &json!({ "host": "127.0.0.1", "port": port }),
        ));
        let mapping = json!({ "localRoot": local, "remoteRoot": task });
        lines.push(pair("pathMappings", &json!([mapping])));
    }
    format!("    {{\n{}\n    }}", lines.join(",\n"))
}

fn pair(name: &str, value: &Value) -> String {
    format!("      \"{name}\": {value}")
}

/// The folder of the code as VS Code knows it, where it lies in the folder that is open there.
fn local(source: Option<&Path>) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let Some(source) = source else {
        return "${workspaceFolder}".to_owned();
    };
    let source = std::path::absolute(source).unwrap_or_else(|_| source.to_owned());
    match source.strip_prefix(&here) {
        Ok(below) if below == Path::new("") => "${workspaceFolder}".to_owned(),
        Ok(below) => format!("${{workspaceFolder}}/{}", below.display()),
        Err(_) => source.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_is_told_what_to_write() {
        let here = std::env::current_dir().unwrap();
        let known = Known {
            name: "Greet".to_owned(),
            source: Some(here.join("src")),
        };
        let task = Path::new("/tmp/slp-0/x/inspect/Greet/var/task");
        insta::assert_snapshot!(listening(&known, true, 9229, task), @r#"
        function.Greet (Node.js) listens for a debugger at 127.0.0.1:9229; Chrome finds it at chrome://inspect
          for VS Code, in "configurations" of .vscode/launch.json:
            {
              "name": "slp: Greet",
              "type": "node",
              "request": "attach",
              "port": 9229,
              "restart": true,
              "localRoot": "${workspaceFolder}/src",
              "remoteRoot": "/tmp/slp-0/x/inspect/Greet/var/task"
            }
        "#);
        let python = listening(&known, false, 5678, task);
        assert!(
            python.contains("\"connect\": {\"host\":\"127.0.0.1\",\"port\":5678}"),
            "{python}"
        );
        let whole = configuration(&known, false, 1, task);
        let json: Value = serde_json::from_str(&whole).unwrap();
        assert_eq!(json["type"], "debugpy");
    }
}

//! The tables that the manifest lacks.

use std::cell::RefCell;

use super::find::Found;
use super::{Import, code};
use crate::cli::failure::Failure;
use crate::import::{Hidden, Names, Raising, text};
use crate::state::State;

/// What the manifest lacks.
pub struct Tables {
    /// As TOML.
    pub text: String,
    /// The values of the variables in it.
    pub secrets: Vec<Hidden>,
}

/// The tables of everything that was found and that the manifest does not have.
pub async fn written(
    import: &Import<'_>,
    state: &State,
    found: &[Found],
) -> Result<Tables, Failure> {
    let names = names(import, state, found);
    let known = &import.project.desired.resources;
    let root = |found: &Found| found.addr.parent().unwrap_or_else(|| found.addr.clone());
    let missing: Vec<&Found> = found
        .iter()
        .filter(|found| !known.contains_key(&root(found)))
        .collect();
    let functions = missing
        .iter()
        .filter(|found| found.addr.kind() == "function")
        .count();
    let mut tables = Vec::new();
    let (mut unsaid, mut secrets) = (Vec::new(), Vec::new());
    for one in missing {
        let place = match one.addr.kind().as_str() {
            "function" => code::bring(import, one, functions == 1).await?,
            _ => None,
        };
        let parent = found
            .iter()
            .find(|other| one.addr.parent().as_ref() == Some(&other.addr));
        let raising = Raising {
            addr: &one.addr,
            scope: &import.project.scope,
            names: &names,
            tags: &import.project.tags,
            code: place.as_ref().map(|place| (place.key, place.path.as_str())),
            parent: parent.map(|parent| &parent.live.facts),
            secrets: RefCell::default(),
            unsaid: RefCell::default(),
        };
        let kind = import.project.kinds.of(&one.addr);
        let Some(fields) = kind.and_then(|kind| kind.raise(&one.live, &raising)) else {
            let message = format!("{} cannot be written: this is a bug in slp", one.addr);
            return Err(Failure::new(1, message));
        };
        tables.push(text(&one.addr, &fields));
        secrets.append(&mut raising.secrets.borrow_mut());
        let lost = raising.unsaid.into_inner().into_iter();
        unsaid.extend(lost.map(|what| format!("  {}: {what}", one.addr)));
    }
    match unsaid.is_empty() {
        true => {
            let variables = secrets.iter().map(variable);
            let text: Vec<String> = variables.chain(tables).collect();
            Ok(Tables {
                text: text.join("\n"),
                secrets,
            })
        }
        false => Err(Failure::new(
            1,
            format!(
                "no manifest can say this yet, and an apply would remove it\n{}",
                unsaid.join("\n")
            ),
        )
        .hint("leave it to what made it, and refer to it by its ARN or URL")),
    }
}

fn variable(secret: &Hidden) -> String {
    format!("[variables.{}]\nsecret = true\n", secret.variable)
}

/// What the manifest calls everything that it has, or will have.
fn names(import: &Import, state: &State, found: &[Found]) -> Names {
    let mut names = Names::default();
    for wanted in import.project.desired.resources.values() {
        names.learn(&wanted.addr, &wanted.known);
        if let Some(stored) = state.resources.get(&wanted.addr) {
            names.learn(&wanted.addr, &stored.outputs);
        }
    }
    for found in found {
        names.learn(&found.addr, &found.live.outputs);
    }
    names
}

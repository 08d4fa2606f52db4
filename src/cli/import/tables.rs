//! The tables that the manifest lacks.

use std::cell::RefCell;
use std::collections::BTreeSet;

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
    let variables = RefCell::new(variables(&import.text()?));
    let missing = missing(import, found);
    let is_function = |found: &&&Found| found.addr.kind() == "function";
    let alone = missing.iter().filter(is_function).count() == 1;
    let mut tables = Vec::new();
    let (mut unsaid, mut secrets) = (Vec::new(), Vec::new());
    for one in &missing {
        let place = match is_function(&one) {
            true => code::bring(import, one, alone).await?,
            false => None,
        };
        let above = one.addr.parent();
        let parent = found
            .iter()
            .find(|other| above.as_ref() == Some(&other.addr));
        let raising = Raising {
            addr: &one.addr,
            scope: &import.project.scope,
            names: &names,
            tags: &import.project.tags,
            code: place.as_ref().map(|place| (place.key, place.path.as_str())),
            parent: parent.map(|parent| &parent.live.facts),
            variables: &variables,
            secrets: RefCell::default(),
            unsaid: RefCell::default(),
        };
        tables.push(table(import, one, &raising)?);
        secrets.append(&mut raising.secrets.borrow_mut());
        let lost = raising.unsaid.into_inner().into_iter();
        unsaid.extend(lost.map(|what| format!("  {}: {what}", one.addr)));
    }
    refuse_unsaid(&unsaid)?;
    let declared = secrets.iter().map(declared);
    let text: Vec<String> = declared.chain(tables).collect();
    let text = text.join("\n");
    Ok(Tables { text, secrets })
}

/// What neither stands in the manifest nor under something that does.
fn missing<'a>(import: &Import, found: &'a [Found]) -> Vec<&'a Found> {
    let known = &import.project.desired.resources;
    let is_new = |found: &&Found| !known.contains_key(found.addr.root());
    found.iter().filter(is_new).collect()
}

fn table(import: &Import, found: &Found, raising: &Raising) -> Result<String, Failure> {
    let addr = &found.addr;
    let kind = import.project.kinds.of(addr);
    match kind.and_then(|kind| kind.raise(&found.live, raising)) {
        Some(fields) => Ok(text(addr, &fields)),
        None => {
            let message = format!("{addr} cannot be written: this is a bug in slp");
            Err(Failure::new(1, message))
        }
    }
}

fn refuse_unsaid(unsaid: &[String]) -> Result<(), Failure> {
    match unsaid.is_empty() {
        true => Ok(()),
        false => {
            let what = "no manifest can say this yet, and an apply would remove it";
            let failure = Failure::new(1, format!("{what}\n{}", unsaid.join("\n")));
            Err(failure.hint("leave it to what made it, and refer to it by its ARN or URL"))
        }
    }
}

fn declared(secret: &Hidden) -> String {
    format!("[variables.{}]\nsecret = true\n", secret.variable)
}

/// The variables that a manifest has.
fn variables(manifest: &str) -> BTreeSet<String> {
    let manifest = manifest.parse::<toml_edit::DocumentMut>().ok();
    let manifest = manifest.as_ref();
    let table = manifest.and_then(|manifest| manifest.get("variables")?.as_table_like());
    let names = table.into_iter().flat_map(|table| table.iter());
    names.map(|(name, _)| name.to_owned()).collect()
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

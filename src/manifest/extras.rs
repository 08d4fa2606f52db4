//! What stands beside the resources: `[outputs]`, `[[moved]]`, `[[removed]]`, `[[import]]`.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::de::DeValue;

use super::blocks::Declared;
use super::decode;
use super::tree::{self, Table};
use crate::addr::{Addr, is_name};
use crate::cloud;
use crate::kind::Block;
use crate::problem::{Guesses, Problem};

/// An output as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputDecl {
    /// A text with its references.
    pub value: String,
    pub description: Option<String>,
    pub secret: bool,
    pub span: Range<usize>,
}

/// The long form of an output.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Long {
    value: String,
    description: Option<String>,
    #[serde(default)]
    secret: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removed {
    address: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    to: String,
    id: String,
}

pub fn outputs(manifest: &mut Table, problems: &mut Vec<Problem>) -> BTreeMap<String, OutputDecl> {
    let mut outputs = BTreeMap::new();
    let Some(block) = manifest.remove("outputs") else {
        return outputs;
    };
    let span = block.span();
    let DeValue::Table(table) = block.into_inner() else {
        problems.push(Problem::spanned(span, "[outputs] is a table of texts"));
        return outputs;
    };
    for (key, block) in table {
        let name = key.get_ref().to_string();
        if !is_name(&name) {
            problems.push(
                Problem::spanned(key.span(), format!("`{name}` cannot name an output"))
                    .help("use letters, digits, `_` and `-`"),
            );
        }
        match output(&block) {
            Ok(output) => drop(outputs.insert(name, output)),
            Err(mut why) => problems.append(&mut why),
        }
    }
    outputs
}

fn output(block: &Block) -> Result<OutputDecl, Vec<Problem>> {
    let span = block.span();
    let plain = |value: String| OutputDecl {
        value,
        description: None,
        secret: false,
        span: span.clone(),
    };
    match block.get_ref() {
        DeValue::String(text) => Ok(plain(text.to_string())),
        DeValue::Integer(number) => Ok(plain(number.to_string())),
        DeValue::Boolean(truth) => Ok(plain(truth.to_string())),
        DeValue::Table(_) => decode::<Long>(block).map(|long| OutputDecl {
            value: long.value,
            description: long.description,
            secret: long.secret,
            span: tree::place(block, &["value".to_owned()]),
        }),
        other => {
            let found = tree::type_name(other);
            Err(vec![
                Problem::spanned(span, format!("expected a text or a table, found {found}"))
                    .help("write name = \"${…}\", or { value = \"…\", description = \"…\" }"),
            ])
        }
    }
}

pub fn moved(
    manifest: &mut Table,
    resources: &BTreeMap<Addr, Declared>,
    problems: &mut Vec<Problem>,
) -> Vec<(Addr, Addr)> {
    let mut moves: Vec<(Addr, Addr)> = Vec::new();
    let named = Named::of(resources);
    for block in list(manifest, "moved", problems) {
        let Some(entry) = read::<Moved>(&block, problems) else {
            continue;
        };
        let from = address(&block, "from", &entry.from, problems);
        let to = named.address(&block, &entry.to, problems);
        let (Some(from), Some(to)) = (from, to) else {
            continue;
        };
        let at = |key: &str| tree::place(&block, &[key.to_owned()]);
        if from.kind() != to.kind() {
            let message = format!("a {} cannot become a {}", from.kind(), to.kind());
            problems.push(Problem::spanned(at("to"), message));
        } else if resources.contains_key(&from) {
            let message = format!("{from} is still in the manifest");
            problems.push(
                Problem::spanned(at("from"), message)
                    .help("rename its table, or take this entry out"),
            );
        } else if !resources.contains_key(&to) {
            problems.push(named.absent(&block, &to));
        } else if moves.iter().any(|(f, t)| *f == from || *t == to) {
            problems.push(Problem::spanned(at("from"), "this is moved twice"));
        } else {
            moves.push((from, to));
        }
    }
    moves
}

pub fn removed(
    manifest: &mut Table,
    resources: &BTreeMap<Addr, Declared>,
    problems: &mut Vec<Problem>,
) -> Vec<Addr> {
    let mut addrs = Vec::new();
    for block in list(manifest, "removed", problems) {
        let Some(entry) = read::<Removed>(&block, problems) else {
            continue;
        };
        let Some(addr) = address(&block, "address", &entry.address, problems) else {
            continue;
        };
        if resources.contains_key(&addr) {
            let span = tree::place(&block, &["address".to_owned()]);
            problems.push(
                Problem::spanned(span, format!("{addr} is still in the manifest")).help(format!(
                    "take its table out as well: [[removed]] forgets it and leaves it in {}",
                    cloud::name()
                )),
            );
        }
        addrs.push(addr);
    }
    addrs
}

pub fn imports(
    manifest: &mut Table,
    resources: &BTreeMap<Addr, Declared>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<Addr, String> {
    let mut imports = BTreeMap::new();
    let named = Named::of(resources);
    for block in list(manifest, "import", problems) {
        let Some(entry) = read::<Import>(&block, problems) else {
            continue;
        };
        let Some(to) = named.address(&block, &entry.to, problems) else {
            continue;
        };
        let at = |key: &str| tree::place(&block, &[key.to_owned()]);
        if entry.id.trim().is_empty() {
            problems.push(
                Problem::spanned(at("id"), "nothing has an empty id")
                    .help("a role's or function's name, a policy's ARN, an API's id"),
            );
        } else if !resources.contains_key(&to) {
            let problem = named.absent(&block, &to);
            problems.push(match problem.help {
                Some(_) => problem,
                None => problem.help(format!("`slp import {to} {}` writes it", entry.id)),
            });
        } else if imports.insert(to, entry.id).is_some() {
            problems.push(Problem::spanned(at("to"), "this is imported twice"));
        }
    }
    imports
}

fn list(manifest: &mut Table, word: &str, problems: &mut Vec<Problem>) -> Vec<Block> {
    let Some(block) = manifest.remove(word) else {
        return Vec::new();
    };
    let span = block.span();
    match block.into_inner() {
        DeValue::Array(items) => items.into_iter().collect(),
        _ => {
            problems.push(
                Problem::spanned(span, format!("`{word}` is a list of tables"))
                    .help(format!("write [[{word}]], with two brackets")),
            );
            Vec::new()
        }
    }
}

fn read<D: serde::de::DeserializeOwned>(block: &Block, problems: &mut Vec<Problem>) -> Option<D> {
    decode::<D>(block)
        .map_err(|mut why| problems.append(&mut why))
        .ok()
}

fn address(block: &Block, key: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Addr> {
    let place = || tree::place(block, &[key.to_owned()]);
    let parsed = Addr::parse(text).map_err(|error| problems.push(Problem::spanned(place(), error)));
    parsed.ok()
}

/// The resources that an entry's `to` can name, and what all guesses at them may cost.
struct Named<'a> {
    resources: &'a BTreeMap<Addr, Declared>,
    guesses: Guesses,
}

impl<'a> Named<'a> {
    fn of(resources: &'a BTreeMap<Addr, Declared>) -> Named<'a> {
        Named {
            resources,
            guesses: Guesses::default(),
        }
    }

    /// The address of a resource that is to be there.
    fn address(&self, block: &Block, text: &str, problems: &mut Vec<Problem>) -> Option<Addr> {
        let parsed = Addr::parse(text).map_err(|error| {
            let problem = Problem::spanned(tree::place(block, &["to".to_owned()]), error);
            let meant = self.guesses.meant_addr(text, self.resources.keys());
            problems.push(match meant {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem,
            });
        });
        parsed.ok()
    }

    /// Says of one that is not there which is meant, if one is near.
    fn absent(&self, block: &Block, addr: &Addr) -> Problem {
        let at = tree::place(block, &["to".to_owned()]);
        let problem = Problem::spanned(at, format!("there is no [{addr}]"));
        match self.guesses.nearest_addr(addr, self.resources.keys()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem,
        }
    }
}

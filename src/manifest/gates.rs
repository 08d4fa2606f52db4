//! `[gates]`: what a plan must not do, and the waivers that let it for a time.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use toml::de::DeValue;

use super::{decode_in_part, tree};
use crate::addr::Addr;
use crate::kind::Block;
use crate::plan::Gate;
use crate::problem::{Problem, nearest};

/// What `[gates]` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gates {
    pub refuse: BTreeSet<Gate>,
    pub waivers: Vec<Waiver>,
}

/// Lets one thing pass a gate, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    pub gate: Gate,
    /// This resource, and what stands under it.
    pub address: Addr,
    pub reason: String,
    /// The last day.
    pub until: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decl {
    #[serde(default)]
    refuse: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverDecl {
    gate: String,
    address: String,
    reason: String,
    until: String,
}

/// Reads `[gates]`, texts filled.
pub fn read(block: Option<Block>, problems: &mut Vec<Problem>) -> Gates {
    let Some(mut block) = block else {
        return Gates::default();
    };
    let waivers = tree::table_mut(&mut block).and_then(|table| table.remove("waiver"));
    let refuse = decode_in_part::<Decl>(&block, problems).map(|decl| decl.refuse);
    let refuse = refuse.unwrap_or_default().into_iter().enumerate();
    let gates = refuse.filter_map(|(at, name)| {
        let path = ["refuse".to_owned(), at.to_string()];
        gate(&name, tree::place(&block, &path), problems)
    });
    let refuse = gates.collect();
    let waivers = match waivers.map(|waivers| (waivers.span(), waivers.into_inner())) {
        None => Vec::new(),
        Some((_, DeValue::Array(items))) => items
            .into_iter()
            .filter_map(|item| waiver(&item, problems))
            .collect(),
        Some((span, _)) => {
            let problem = Problem::spanned(span, "waivers are a list");
            problems.push(problem.help("write [[gates.waiver]], with two brackets"));
            Vec::new()
        }
    };
    Gates { refuse, waivers }
}

fn gate(name: &str, span: std::ops::Range<usize>, problems: &mut Vec<Problem>) -> Option<Gate> {
    let found = Gate::parse(name);
    if found.is_none() {
        let problem = Problem::spanned(span, format!("there is no gate `{name}`"));
        let names = Gate::ALL.map(Gate::name);
        problems.push(match nearest(name, names) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help(format!("gates are {}", names.join(", "))),
        });
    }
    found
}

fn waiver(block: &Block, problems: &mut Vec<Problem>) -> Option<Waiver> {
    let decl = decode_in_part::<WaiverDecl>(block, problems)?;
    let at = |key: &str| tree::place(block, &[key.to_owned()]);
    let gate = gate(&decl.gate, at("gate"), problems);
    let address = Addr::parse(&decl.address)
        .map_err(|error| problems.push(Problem::spanned(at("address"), error.to_string())));
    let until = decl.until.parse::<Date>().map_err(|_| {
        let message = format!("`{}` is no day", decl.until);
        problems.push(Problem::spanned(at("until"), message).help("such as \"2026-12-31\""));
    });
    if decl.reason.trim().is_empty() {
        let problem = Problem::spanned(at("reason"), "a waiver without a reason");
        problems.push(problem.help("say why, for whoever reads it later"));
        return None;
    }
    Some(Waiver {
        gate: gate?,
        address: address.ok()?,
        reason: decl.reason,
        until: until.ok()?,
    })
}

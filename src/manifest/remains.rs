//! A manifest of which nothing is wanted: what it still says of what is taken away, whatever else
//! is wrong with it. Whoever destroys needs no variable that only resources use, and no resource
//! without a slip.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeValue;

use super::tree::{self, Table};
use super::variables::Value;
use super::{Draft, Found, Report, Secret, blocks, extras};
use crate::addr::Addr;
use crate::kind::{Block, Kinds};
use crate::scope::Scope;

/// What counts when everything goes.
pub struct Remains {
    /// From the old address to the new one.
    pub moved: Vec<(Addr, Addr)>,
    /// What is left in AWS.
    pub removed: Vec<Addr>,
    /// What must not go.
    pub protected: BTreeSet<Addr>,
    /// The values of secret variables, as far as they are known.
    pub secrets: BTreeMap<String, Secret>,
}

impl Draft {
    /// What is wrong with what everybody needs: the syntax, `[project]`, `[state]`, `[gates]`, and
    /// the variables where those name one.
    pub fn unusable(&self) -> Option<Report> {
        (!self.needed.is_empty()).then(|| Report::new(self.needed.clone()))
    }

    /// Fails where an entry of `[[moved]]` or `[[removed]]` cannot be understood.
    pub fn remains(mut self, scope: &Scope, kinds: &Kinds) -> Result<Remains, Report> {
        self.fill(scope);
        let mut protected = protected(&self.manifest, kinds);
        protected.append(&mut self.guarded);
        let mut table = match self.manifest.into_inner() {
            DeValue::Table(table) => table,
            _ => Table::new(),
        };
        let mut gathering = blocks::Gathering::new(kinds);
        gathering.gather(&mut table);
        let mut problems = Vec::new();
        let moved = extras::moved(&mut table, &gathering.resources, &mut problems);
        let removed = extras::removed(&mut table, &gathering.resources, &mut problems);
        if !problems.is_empty() {
            let source = self.source;
            let found = problems.into_iter().map(|problem| Found {
                source: source.clone(),
                problem,
            });
            return Err(Report::new(found.collect()));
        }
        let secrets = self.variables.into_iter();
        let secrets = secrets.filter_map(|(name, value)| match value {
            Value::Secret(secret) => Some((name, secret)),
            _ => None,
        });
        Ok(Remains {
            moved,
            removed,
            protected,
            secrets: secrets.collect(),
        })
    }
}

/// Everything that says so, or of which nobody can tell whether it does.
fn protected(manifest: &Block, kinds: &Kinds) -> BTreeSet<Addr> {
    let mut found = BTreeSet::new();
    let Some(table) = tree::table(manifest) else {
        return found;
    };
    let defaults = table.get("defaults").and_then(tree::table);
    for kind in kinds.iter().filter(|kind| !kind.name().contains('.')) {
        let Some(things) = table.get(kind.name()).and_then(tree::table) else {
            continue;
        };
        let defaults = defaults.and_then(|all| tree::table(all.get(kind.name())?));
        for (name, block) in things {
            let addr = format!("{}.{}", kind.name(), name.get_ref());
            below(&addr, block, defaults, kinds, &mut found);
        }
    }
    found
}

fn below(
    addr: &str,
    block: &Block,
    defaults: Option<&Table>,
    kinds: &Kinds,
    found: &mut BTreeSet<Addr>,
) {
    let (Some(table), Ok(addr)) = (tree::table(block), Addr::parse(addr)) else {
        return;
    };
    let says = |table: &Table| {
        let word = table.get("protect")?.get_ref();
        Some(!matches!(word, DeValue::Boolean(false)))
    };
    if says(table).or_else(|| says(defaults?)) == Some(true) {
        found.insert(addr.clone());
    }
    for (word, _) in kinds.children_of(&addr.kind()) {
        let children = table.get(word).and_then(tree::table);
        let defaults = defaults.and_then(|all| tree::table(all.get(word)?));
        for (name, block) in children.into_iter().flatten() {
            let child = format!("{addr}.{word}.{}", name.get_ref());
            below(&child, block, defaults, kinds, found);
        }
    }
}

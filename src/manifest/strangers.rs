//! What stands at the top of a manifest and belongs to no table of it: slips, other tools' words,
//! what should stand under something.

use std::ops::Range;

use toml::de::DeValue;

use super::blocks::Gathering;
use super::tree::{self, Key, Table};
use crate::elsewhere::top::{self, Top};
use crate::kind::{Block, Kind, Kinds};
use crate::problem::{Problem, nearest};

/// Tables that are no kinds.
const OTHERS: [&str; 11] = [
    "project",
    "variables",
    "env",
    "defaults",
    "outputs",
    "moved",
    "removed",
    "import",
    "state",
    "gates",
    "dev",
];

/// Says of each what is meant. Under a slip of a kind the resources are read as that kind's: what
/// refers to them is not wrong, and what is wrong in them is told as well.
pub fn tell(manifest: &mut Table, text: &str, kinds: &Kinds, gathering: &mut Gathering<'_>) {
    let roots = roots(kinds);
    let known = |name: &str| roots.contains(&name) || OTHERS.contains(&name);
    let names = manifest.keys().map(|key| key.get_ref().to_string());
    let names: Vec<String> = names.filter(|name| !known(name)).collect();
    for name in names {
        let Some((key, block)) = manifest.remove_entry(name.as_str()) else {
            continue;
        };
        if let Some((kind, parent)) = child(&name, kinds).filter(|_| block.get_ref().is_table()) {
            gathering.wrong_parent(kind, parent, key.span(), &block);
            continue;
        }
        for (_, kind, name) in top::declared(block.get_ref()) {
            gathering.misplaced.insert((kind.to_owned(), name));
        }
        let (problem, meant) = told(&key, &block, &roots);
        let span = Some(with_bracket(key.span(), text));
        gathering.problems.push(Problem { span, ..problem });
        if let Some(kind) = meant.filter(|meant| roots.contains(meant)) {
            put_under(manifest, kind, &key, block);
        }
    }
}

fn roots(kinds: &Kinds) -> Vec<&'static str> {
    let roots = kinds.iter().map(Kind::name);
    roots.filter(|name| !name.contains('.')).collect()
}

/// The kind that stands under another by this word, and that other.
fn child(word: &str, kinds: &Kinds) -> Option<(&'static str, &'static str)> {
    kinds.iter().map(Kind::name).find_map(|kind| {
        let (parent, own) = kind.rsplit_once('.')?;
        (own == word).then_some((kind, parent))
    })
}

/// The problem, and the table that is meant.
fn told(key: &Key, block: &Block, roots: &[&'static str]) -> (Problem, Option<&'static str>) {
    let name = key.get_ref();
    let problem = match block.get_ref() {
        DeValue::Table(_) => Problem::spanned(key.span(), format!("there is no kind `{name}`")),
        _ => Problem::spanned(key.span(), format!("unknown key `{name}`")),
    };
    let known = || roots.iter().copied().chain(OTHERS);
    let meant = match top::find(name, block.get_ref()) {
        Some(Top::Way(way)) => return (problem.help(way), None),
        Some(Top::Table(table)) => Some(table),
        None => nearest(name, known()),
    };
    let help = match meant {
        Some(meant) => format!("did you mean [{}]?", header(meant, block, roots)),
        None => format!("known here: `{}`", Vec::from_iter(known()).join("`, `")),
    };
    (problem.help(help), meant)
}

/// `function.Hello`, with the first name under the key; `project` where the table has none.
fn header(meant: &str, block: &Block, roots: &[&str]) -> String {
    if !roots.contains(&meant) {
        return meant.to_owned();
    }
    let named = |(name, inner): (&Key, &Block)| {
        inner
            .get_ref()
            .is_table()
            .then(|| name.get_ref().to_string())
    };
    let first = tree::table(block).and_then(|table| table.iter().find_map(named));
    format!("{meant}.{}", first.unwrap_or_else(|| "NAME".to_owned()))
}

/// With the bracket before it, so that it comes before what else is wrong with the table.
fn with_bracket(key: Range<usize>, text: &str) -> Range<usize> {
    let before = text.get(..key.start).unwrap_or_default();
    let brackets = before.len() - before.trim_end_matches('[').len();
    key.start - brackets..key.end
}

/// Puts the tables under the kind that is meant; what stands there already stays.
fn put_under(manifest: &mut Table, kind: &str, key: &Key, block: Block) {
    let DeValue::Table(tables) = block.get_ref() else {
        return;
    };
    let tables = tables
        .iter()
        .filter(|(_, inner)| inner.get_ref().is_table());
    let tables: Vec<(Key, Block)> = tables
        .map(|(key, block)| (key.clone(), block.clone()))
        .collect();
    if !manifest.contains_key(kind) {
        manifest.insert(tree::key(kind, key.span()), tree::empty(block.span()));
    }
    let under = manifest.get_mut(kind).and_then(tree::table_mut);
    let Some(under) = under else { return };
    for (name, block) in tables {
        if !under.contains_key(&**name.get_ref()) {
            under.insert(name, block);
        }
    }
}

//! Tables → blocks: `[KIND.NAME]` and what stands under it, each with what every resource takes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::de::DeValue;

use super::overlay::underlay;
use super::substitute::plain;
use super::tree::{self, Key, Table};
use super::{decode_in_part, future, project};
use crate::addr::{Addr, NotAnAddr, is_name};
use crate::elsewhere::top;
use crate::kind::{Block, Kind, Kinds};
use crate::problem::{Guesses, Problem, nearest};

/// A resource as it was written.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The kind's own fields.
    pub block: Block,
    pub tags: BTreeMap<String, String>,
    /// Absent: not said.
    pub protect: Option<bool>,
    /// Fields whose differences are left alone.
    pub ignore: Vec<String>,
    pub depends_on: Vec<Addr>,
    /// The header.
    pub span: Range<usize>,
    /// The fields that the kind does not see, as they were written.
    pub(crate) common: Block,
}

impl Declared {
    /// The place of what stands at a path in the block.
    pub fn place(&self, path: &[String]) -> Range<usize> {
        tree::place(self.holder(path), path)
    }

    /// Where the caret of a problem goes.
    pub fn place_of(&self, problem: &Problem) -> Range<usize> {
        match problem.of_key {
            true => tree::key_place(self.holder(&problem.path), &problem.path),
            false => self.place(&problem.path),
        }
    }

    /// The place of one of its `depends_on`.
    pub fn place_of_need(&self, on: &Addr) -> Range<usize> {
        let list = tree::table(&self.common).and_then(|table| table.get("depends_on"));
        let items = list.and_then(|list| list.get_ref().as_array());
        let mut items = items.into_iter().flat_map(|items| items.iter());
        let own = items.find(|item| item.get_ref().as_str() == Some(on.as_str()));
        match own {
            Some(item) => item.span(),
            None => self.place(&["depends_on".to_owned()]),
        }
    }

    fn holder(&self, path: &[String]) -> &Block {
        let of_common = |first: &String| tree::table(&self.common)?.get(first.as_str());
        match path.first().and_then(of_common) {
            Some(_) => &self.common,
            None => &self.block,
        }
    }
}

/// What every resource takes beside its kind's fields.
pub const COMMON: [&str; 4] = ["tags", "protect", "ignore", "depends_on"];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    #[serde(default)]
    tags: BTreeMap<String, String>,
    protect: Option<bool>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Names that slp gives by itself, under the kind of a child.
const RESERVED: [(&str, &str); 1] = [("function.permission", "api-")];

/// A kind with what the manifest must know of it, gathered once.
struct Shape<'a> {
    kind: &'a dyn Kind,
    fields: BTreeSet<String>,
    /// Absent kinds are added by slp alone.
    written: bool,
    children: Vec<(&'static str, Shape<'a>)>,
}

/// Gathers the blocks of a manifest.
pub struct Gathering<'a> {
    kinds: &'a Kinds,
    pub resources: BTreeMap<Addr, Declared>,
    pub problems: Vec<Problem>,
    /// Kind and name of what stands where it cannot, which has been said: nothing that refers to
    /// it is wrong for that.
    pub misplaced: BTreeSet<(String, String)>,
    /// What stands in `depends_on` and is no address.
    nameless: Vec<(Range<usize>, String)>,
}

impl<'a> Gathering<'a> {
    pub fn new(kinds: &'a Kinds) -> Gathering<'a> {
        Gathering {
            kinds,
            resources: BTreeMap::new(),
            problems: Vec::new(),
            misplaced: BTreeSet::new(),
            nameless: Vec::new(),
        }
    }

    /// Takes every table of a kind out of the manifest; what is left nobody knows.
    pub fn gather(&mut self, manifest: &mut Table) {
        let mut defaults = self.defaults(manifest);
        let mut generator = schemars::SchemaGenerator::default();
        let kinds: Vec<&dyn Kind> = self.kinds.iter().collect();
        for kind in kinds.into_iter().filter(|kind| !kind.name().contains('.')) {
            let shape = shape(self.kinds, kind, &mut generator);
            let own = defaults.remove(kind.name());
            let own = own.as_ref().and_then(|(_, block)| tree::table(block));
            let Some(block) = manifest.remove(kind.name()) else {
                continue;
            };
            self.family(&shape, None, block, own);
        }
        for (name, (key, _)) in defaults {
            let problem = Problem::spanned(key, format!("there is no kind `{name}`"));
            self.problems.push(self.nearest_kind(problem, &name));
        }
        let guesses = Guesses::default();
        for (place, text) in std::mem::take(&mut self.nameless) {
            let problem = Problem::spanned(place, NotAnAddr(text.clone()));
            self.problems
                .push(match guesses.meant_addr(&text, self.resources.keys()) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None => problem,
                });
        }
    }

    fn defaults(&mut self, manifest: &mut Table) -> BTreeMap<String, (Range<usize>, Block)> {
        let Some(block) = manifest.remove("defaults") else {
            return BTreeMap::new();
        };
        let span = block.span();
        let DeValue::Table(table) = block.into_inner() else {
            self.problems.push(Problem::spanned(
                span,
                "write [defaults.KIND], such as [defaults.function]",
            ));
            return BTreeMap::new();
        };
        let entry = |(key, block): (Key, Block)| (key.get_ref().to_string(), (key.span(), block));
        table.into_iter().map(entry).collect()
    }

    pub fn nearest_kind(&self, problem: Problem, name: &str) -> Problem {
        let names: Vec<&str> = self
            .kinds
            .iter()
            .map(Kind::name)
            .filter(|kind| !kind.contains('.'))
            .collect();
        match top::kind(name, &names) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help(format!("the kinds are `{}`", names.join("`, `"))),
        }
    }

    /// All resources of one kind: the tables under `[KIND]`, or under `[KIND.NAME.WORD]`.
    fn family(
        &mut self,
        shape: &Shape<'_>,
        parent: Option<&Addr>,
        block: Block,
        defaults: Option<&Table>,
    ) {
        let word = word_of(shape.kind);
        let head = match parent {
            Some(parent) => format!("{parent}.{word}"),
            None => word.to_owned(),
        };
        let span = block.span();
        if !shape.written {
            self.problems.push(
                Problem::spanned(span, format!("slp adds {head} by itself"))
                    .help("take this table out; the fields of its parent decide about it"),
            );
            return;
        }
        let DeValue::Table(table) = block.into_inner() else {
            self.problems.push(
                Problem::spanned(span, format!("`{word}` holds tables, one for each name"))
                    .help(format!("write [{head}.NAME]")),
            );
            return;
        };
        for (key, block) in table {
            let name = key.get_ref().to_string();
            if block.get_ref().is_table() {
                self.named(shape, parent, (&name, key.span()), block, defaults);
            } else {
                self.problems
                    .push(no_table(&head, &name, key.span(), &block));
            }
        }
    }

    fn named(
        &mut self,
        shape: &Shape<'_>,
        parent: Option<&Addr>,
        (name, key): (&str, Range<usize>),
        mut block: Block,
        defaults: Option<&Table>,
    ) {
        if !is_name(name) {
            let kind = shape.kind.name().to_owned();
            self.misplaced.insert((kind, name.to_owned()));
            self.problems.push(
                Problem::spanned(key, format!("`{name}` cannot name anything"))
                    .help("use letters, digits, `_` and `-` in headers; the name in AWS can be set with `name`"),
            );
            return;
        }
        let kind = shape.kind.name();
        let addr = match parent {
            Some(parent) => parent.child(word_of(shape.kind), Some(name)),
            None => Addr::root_of(kind, name),
        };
        if RESERVED
            .iter()
            .any(|(of, prefix)| *of == kind && name.starts_with(prefix))
        {
            self.problems.push(
                Problem::spanned(key.clone(), format!("the address {addr} is slp's own"))
                    .help("choose a name that starts with something else than `api-`"),
            );
            return;
        }
        self.children(shape, &addr, &mut block, defaults);
        if let Some(defaults) = defaults {
            let children: Vec<&str> = shape.children.iter().map(|(word, _)| *word).collect();
            let mut path = vec![kind.to_owned(), name.to_owned()];
            underlay(&mut block, defaults, &children, &mut path);
        }
        let declared = self.declared(&addr, shape, block, key);
        self.resources.insert(addr, declared);
    }

    fn children(
        &mut self,
        shape: &Shape<'_>,
        addr: &Addr,
        block: &mut Block,
        defaults: Option<&Table>,
    ) {
        for (word, child) in &shape.children {
            let inner = tree::table_mut(block).and_then(|table| table.remove(*word));
            if let Some(inner) = inner {
                let defaults = defaults.and_then(|table| table.get(*word));
                self.family(child, Some(addr), inner, defaults.and_then(tree::table));
            }
        }
        if let Some(table) = tree::table_mut(block) {
            self.strangers(shape, table);
        }
    }

    /// What stands under a parent of another kind is taken out; of a slip in a child's word the
    /// names are noted.
    fn strangers(&mut self, shape: &Shape<'_>, table: &mut Table) {
        let own: Vec<&str> = shape.children.iter().map(|(word, _)| *word).collect();
        let unknown = |key: &&str| !shape.fields.contains(*key) && !COMMON.contains(key);
        let keys = table.keys().map(|key| &**key.get_ref());
        let keys: Vec<String> = keys.filter(unknown).map(str::to_owned).collect();
        for key in keys {
            let of_other = self.kinds.iter().map(Kind::name).find_map(|kind| {
                let (parent, word) = kind.rsplit_once('.')?;
                (word == key).then_some((kind, parent))
            });
            if let Some((kind, parent)) = of_other {
                if let Some((key, block)) = table.remove_entry(key.as_str()) {
                    self.wrong_parent(kind, parent, key.span(), &block);
                }
            } else if let Some(word) = nearest(&key, own.iter().copied()) {
                let kind = format!("{}.{word}", shape.kind.name());
                self.misplace(&kind, table.get(key.as_str()));
            }
        }
    }

    /// Says under what a table of a child stands, and notes the names in it.
    pub fn wrong_parent(&mut self, kind: &str, parent: &str, key: Range<usize>, block: &Block) {
        let word = kind.rsplit('.').next().unwrap_or(kind);
        let names = tree::table(block).into_iter().flat_map(Table::keys);
        let name = names.map(|name| name.get_ref().to_string()).next();
        let name = name.unwrap_or_else(|| "NAME".to_owned());
        let a = if parent.starts_with('a') { "an" } else { "a" };
        self.problems.push(
            Problem::spanned(key, format!("`{word}` does not stand here")).help(format!(
                "it stands under {a} {parent}: [{parent}.NAME.{word}.{name}]"
            )),
        );
        self.misplace(kind, Some(block));
    }

    fn misplace(&mut self, kind: &str, block: Option<&Block>) {
        let names = block
            .and_then(tree::table)
            .into_iter()
            .flat_map(Table::keys);
        let names = names.map(|name| (kind.to_owned(), name.get_ref().to_string()));
        self.misplaced.extend(names);
    }

    fn declared(
        &mut self,
        addr: &Addr,
        shape: &Shape<'_>,
        mut block: Block,
        key: Range<usize>,
    ) -> Declared {
        let mut common = tree::empty(block.span());
        if let Some(table) = tree::table_mut(&mut block) {
            for word in COMMON {
                if let Some((key, value)) = table.remove_entry(word)
                    && let Some(common) = tree::table_mut(&mut common)
                {
                    common.insert(key, value);
                }
            }
            self.problems.extend(future::refused_fields(
                shape.kind.name(),
                table,
                &shape.fields,
            ));
        }
        let taken = match tree::table(&common).is_none_or(|table| table.is_empty()) {
            true => Common::default(),
            false => self.common(&common),
        };
        let depends_on = self.depends_on(addr, taken.depends_on, &common);
        let span = match block.span() {
            span if span.is_empty() => key,
            span => span,
        };
        Declared {
            block,
            tags: taken.tags,
            protect: taken.protect,
            ignore: taken.ignore,
            depends_on,
            span,
            common,
        }
    }

    fn common(&mut self, block: &Block) -> Common {
        let mut common = decode_in_part::<Common>(block, &mut self.problems).unwrap_or_default();
        let at = |key: &str, inner: &str| tree::place(block, &[key.to_owned(), inner.to_owned()]);
        for (key, value) in &mut common.tags {
            match plain(value) {
                Ok(text) => *value = text,
                Err(reference) => self.problems.push(
                    Problem::spanned(at("tags", key), format!("`{reference}` cannot stand in a tag"))
                        .help("tags are known before anything exists: only `${var.…}` of a variable that is not secret, and `${project.…}`, can stand here"),
                ),
            }
        }
        for problem in project::tag_problems(&common.tags) {
            let inner = problem.path.first().cloned().unwrap_or_default();
            let span = Some(match problem.of_key {
                true => tree::key_place(block, &["tags".to_owned(), inner]),
                false => at("tags", &inner),
            });
            self.problems.push(Problem { span, ..problem });
        }
        common
    }

    fn depends_on(&mut self, own: &Addr, texts: Vec<String>, common: &Block) -> Vec<Addr> {
        let mut addrs = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let path = ["depends_on".to_owned(), index.to_string()];
            let place = || tree::place(common, &path);
            match Addr::parse(text) {
                Ok(addr) if addr == *own => self.problems.push(Problem::spanned(
                    place(),
                    format!("{own} cannot depend on itself"),
                )),
                Ok(addr) => addrs.push(addr),
                // What there is is known once all is gathered.
                Err(_) => self.nameless.push((place(), text.clone())),
            }
        }
        addrs
    }
}

fn word_of(kind: &dyn Kind) -> &'static str {
    let name = kind.name();
    name.rsplit_once('.').map_or(name, |(_, word)| word)
}

fn shape<'a>(
    kinds: &'a Kinds,
    kind: &'a dyn Kind,
    generator: &mut schemars::SchemaGenerator,
) -> Shape<'a> {
    let schema = kind.decl_schema(generator);
    let children = kinds.children_of(kind.name());
    let children: Vec<_> = children.collect();
    Shape {
        kind,
        written: schema.is_some(),
        fields: schema
            .map(|schema| super::schema::fields(&schema, generator))
            .unwrap_or_default(),
        children: children
            .into_iter()
            .map(|(word, child)| (word, shape(kinds, child, generator)))
            .collect(),
    }
}

/// What stands where a table with a name belongs.
fn no_table(head: &str, name: &str, at: Range<usize>, block: &Block) -> Problem {
    let is_list = |items: &DeValue<'_>| {
        let items = items.as_array();
        items.is_some_and(|items| !items.is_empty() && items.iter().all(|i| i.get_ref().is_table()))
    };
    if is_list(block.get_ref()) {
        let message = format!("`{name}` is a list of tables, and one table is meant");
        let help = format!("write one pair of brackets: [{head}.{name}]");
        return Problem::spanned(at, message).help(help);
    }
    let message = format!("`{name}` stands right under [{head}], which holds tables");
    Problem::spanned(at, message).help(format!("give it a name: [{head}.NAME]"))
}

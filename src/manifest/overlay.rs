//! `[env.NAME…]` over the manifest, `[defaults.KIND]` under its blocks.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::DeValue;

use super::tree::{self, Step, Table};
use crate::addr::Addr;
use crate::kind::Block;
use crate::problem::{Problem, meant_addr, nearest, nearest_addr};

/// Chooses the environment: what was asked for, else the manifest's default.
/// `Err` where nothing else can be judged before that is mended.
pub fn choose(
    asked: Option<&str>,
    default: Option<(&str, Range<usize>)>,
    environments: Option<&Table>,
) -> Result<Option<String>, Problem> {
    let names: Vec<&str> = environments
        .map(|table| table.keys().map(|key| &**key.get_ref()).collect())
        .unwrap_or_default();
    let (name, span) = match (asked, default) {
        (Some(asked), _) => (asked, None),
        (None, Some((name, span))) => (name, Some(span)),
        (None, None) if names.is_empty() => return Ok(None),
        (None, None) => {
            return Err(Problem::at(
                &[],
                "this manifest has environments, and none is chosen",
            )
            .help(format!(
                "choose one with --env or SLP_ENV, or write `default_env` in [project]: `{}`. What was \
                 applied before there were environments goes over to one with `slp state adopt --env NAME`; \
                 the others need a `name_prefix` of their own in [env.NAME.project]",
                names.join("`, `")
            )));
        }
    };
    if names.contains(&name) {
        return Ok(Some(name.to_owned()));
    }
    let help = match (nearest(name, names.iter().copied()), names.is_empty()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, true) => format!("write an [env.{name}] table, it may be empty"),
        (None, false) => format!("the manifest has `{}`", names.join("`, `")),
    };
    let problem = Problem::at(&[], format!("there is no environment `{name}`")).help(help);
    Err(Problem { span, ..problem })
}

/// Puts an environment's tables over the manifest: first what it takes away, then what it sets.
/// Gives what it leaves out though the manifest protects it.
pub fn apply(
    manifest: &mut Block,
    environment: Block,
    problems: &mut Vec<Problem>,
) -> BTreeSet<Addr> {
    let mut guarded = BTreeSet::new();
    let span = environment.span();
    let DeValue::Table(mut over) = environment.into_inner() else {
        problems.push(
            Problem::spanned(span, "an environment is a table")
                .help("write [env.NAME] and, under it, tables such as [env.NAME.function.X]"),
        );
        return guarded;
    };
    for word in ["omit", "unset"] {
        if let Some(list) = over.remove(word) {
            take_away(manifest, &list, word, &mut guarded, problems);
        }
    }
    if let Some((key, _)) = over.remove_entry("env") {
        problems.push(Problem::spanned(
            key.span(),
            "an environment cannot hold environments",
        ));
    }
    if let Some(base) = tree::table_mut(manifest) {
        merge(base, over, &mut Vec::new());
    }
    guarded
}

fn take_away(
    manifest: &mut Block,
    list: &Block,
    word: &str,
    guarded: &mut BTreeSet<Addr>,
    problems: &mut Vec<Problem>,
) {
    let Some(items) = list.get_ref().as_array() else {
        problems.push(
            Problem::spanned(list.span(), format!("`{word}` is a list of addresses"))
                .help(format!("write {word} = [\"function.X\"]")),
        );
        return;
    };
    for item in items.iter() {
        let text = item.get_ref().as_str().unwrap_or_default();
        let keys = toml_edit::Key::parse(text).unwrap_or_default();
        let path: Vec<Step> = keys
            .iter()
            .map(|key| Step::Key(key.get().to_owned()))
            .collect();
        let gone = match path.len() {
            0 | 1 => None,
            _ => tree::remove(manifest, &path),
        };
        match gone {
            Some(block) => protected(manifest, &path, &block, guarded),
            None => problems.push(nothing_there(manifest, item, text, word)),
        }
    }
}

/// What is protected of a block that is taken away, by itself or by the defaults of its kind.
fn protected(manifest: &Block, path: &[Step], block: &Block, guarded: &mut BTreeSet<Addr>) {
    let Some(table) = tree::table(block).filter(|_| path.len() <= 4) else {
        return;
    };
    let steps: Vec<String> = path.iter().map(Step::text).collect();
    let kind = steps.iter().step_by(2).cloned();
    let defaults = [String::from("defaults")].into_iter().chain(kind);
    let mut default = tree::table(manifest);
    for word in defaults {
        default = default.and_then(|table| tree::table(table.get(word.as_str())?));
    }
    let says = |table: &Table| table.get("protect").map(|word| word.get_ref().clone());
    let said = says(table).or_else(|| default.and_then(says));
    let is = said.is_some_and(|word| !matches!(word, DeValue::Boolean(false)));
    if is && path.len().is_multiple_of(2) {
        guarded.extend(Addr::parse(&steps.join(".")));
    }
    for (key, inner) in table.iter() {
        let key = Step::Key(key.get_ref().to_string());
        let path: Vec<Step> = path.iter().cloned().chain([key]).collect();
        protected(manifest, &path, inner, guarded);
    }
}

fn nothing_there(manifest: &Block, item: &Block, text: &str, word: &str) -> Problem {
    let problem = Problem::spanned(
        item.span(),
        format!("there is nothing at `{text}` to {word}"),
    );
    let addrs = addresses(manifest);
    let meant = Addr::parse(text).ok();
    let meant = match &meant {
        Some(addr) => nearest_addr(addr, &addrs),
        None => meant_addr(text, &addrs),
    };
    match meant {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help("write the address as the manifest's header, such as `function.X`"),
    }
}

fn addresses(manifest: &Block) -> Vec<Addr> {
    let mut addrs = Vec::new();
    for (kind, block) in tree::table(manifest).into_iter().flat_map(Table::iter) {
        let names = tree::table(block).into_iter().flat_map(Table::keys);
        addrs.extend(names.map(|name| Addr::root_of(kind.get_ref(), name.get_ref())));
    }
    addrs
}

/// Tables merge; everything else, lists included, is replaced whole.
fn merge(base: &mut Table, over: Table, path: &mut Vec<String>) {
    let set: Vec<String> = over.keys().map(|key| key.get_ref().to_string()).collect();
    for (key, value) in over {
        let name = key.get_ref().to_string();
        for rival in rivals(path, &name) {
            if !set.iter().any(|key| key == rival) {
                base.remove(*rival);
            }
        }
        let span = value.span();
        match (
            base.get_mut(name.as_str()).map(|old| old.get_mut()),
            value.into_inner(),
        ) {
            (Some(DeValue::Table(old)), DeValue::Table(new)) => {
                path.push(name);
                merge(old, new, path);
                path.pop();
            }
            (Some(DeValue::Table(old)), new) if let Some(field) = short_form(path) => {
                old.remove(field);
                old.insert(tree::key(field, key.span()), toml::Spanned::new(span, new));
            }
            (_, new) => {
                base.remove(name.as_str());
                base.insert(key, toml::Spanned::new(span, new));
            }
        }
    }
}

/// The field that a plain value stands for, where the manifest wrote the long form.
fn short_form(path: &[String]) -> Option<&'static str> {
    match path {
        [table] if table == "variables" => Some("default"),
        [table] if table == "outputs" => Some("value"),
        _ => None,
    }
}

/// Puts defaults under a block: what the block says, or says in another way, wins.
/// `children` have defaults of their own.
pub fn underlay(block: &mut Block, defaults: &Table, children: &[&str], path: &mut Vec<String>) {
    let Some(table) = tree::table_mut(block) else {
        return;
    };
    for (key, value) in defaults.iter() {
        let name = key.get_ref();
        if children.contains(&&**name) {
            continue;
        }
        let says = |key: &str| rivals(path, key).contains(&&**name);
        let otherwise = rivals(path, name)
            .iter()
            .any(|rival| table.contains_key(*rival))
            || table.keys().any(|key| says(key.get_ref()));
        match (table.get_mut(&**name), value.get_ref()) {
            (Some(own), DeValue::Table(defaults)) => {
                path.push(name.to_string());
                underlay(own, defaults, &[], path);
                path.pop();
            }
            (None, _) if !otherwise => {
                table.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
}

/// The keys that say the same as `key` in another way: setting one drops these.
fn rivals(path: &[String], key: &str) -> &'static [&'static str] {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (path.as_slice(), key) {
        (["function" | "layer", _], "code") => &["zip", "s3", "image"],
        (["function" | "layer", _], "zip") => &["code", "s3", "image"],
        (["function" | "layer", _], "s3") => &["code", "zip", "image"],
        (["function", _], "image") => &["code", "zip", "s3", "runtime", "handler"],
        (["policy", _], "allow" | "deny") => &["document", "file"],
        (["policy", _], "document") => &["allow", "deny", "file"],
        (["policy", _], "file") => &["allow", "deny", "document"],
        (["role", _, "inline", _], "file") => &["Version", "Statement"],
        (["role", _, "inline", _], "Statement") => &["file"],
        (["api", _], "routes") => &["openapi"],
        (["api", _], "openapi") => &["routes"],
        (["api", _, "routes", _], "function") => &["http", "mock", "aws"],
        (["api", _, "routes", _], "http") => &["function", "mock", "aws"],
        (["api", _, "routes", _], "mock") => &["function", "http", "aws"],
        (["api", _, "routes", _], "aws") => &["function", "http", "mock"],
        _ => &[],
    }
}

//! `[variables]`: where their values come from, and of which type they are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::de::DeValue;

use super::asked::{Asked, asked};
use super::guide::Guide;
use super::origin::From;
use super::read::unreadable;
use super::tree::{self, Table};
use super::typed::{Raw, Type, article, in_text, parsed, type_of};
use super::{Found, Options, Secret, Source, decode_guided};
use crate::addr::is_name;
use crate::files;
use crate::kind::Block;
use crate::problem::{Problem, nearest};

/// A variable with its value.
#[derive(Debug)]
pub enum Value {
    /// `text` stands inside other texts, `typed` where the variable stands alone.
    Plain {
        text: Option<String>,
        typed: DeValue<'static>,
    },
    Secret(Secret),
    /// Only AWS, or another project's state, knows it; not asked yet.
    Asked(Asked),
    /// It has no value, and this has been said of it.
    Broken(Vec<Problem>),
}

pub type Variables = BTreeMap<String, Value>;

/// What is wrong with a value, and the way out.
pub(super) type Wrong = (String, Option<String>);

/// Whether a variable is a secret. An empty one is refused unless it is allowed: that is how a
/// pipeline hands over one that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    Open,
    Secret { may_be_empty: bool },
}

impl Value {
    /// A value as it is used; a secret must be a text.
    pub(super) fn of(name: &str, typed: DeValue<'static>, how: Secrecy) -> Result<Value, Wrong> {
        let text = in_text(&typed);
        match (how, text) {
            (Secrecy::Open, text) => Ok(Value::Plain { text, typed }),
            (
                Secrecy::Secret {
                    may_be_empty: false,
                },
                Some(text),
            ) if text.is_empty() => Err((
                format!("the secret `{name}` is empty"),
                Some(format!(
                    "set it, where the value comes from or with SLP_VAR_{name}; or write `allow_empty = true` beside `secret`, if it may be empty"
                )),
            )),
            (Secrecy::Secret { .. }, Some(text)) => Ok(Value::Secret(Secret::new(text))),
            (Secrecy::Secret { .. }, None) => {
                Err((format!("`{name}` is secret, so it must be a text"), None))
            }
        }
    }
}

/// The long form; `default` may be of any type and is taken out before.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decl {
    r#type: Option<Type>,
    #[serde(default)]
    required: Option<bool>,
    #[serde(default)]
    pub secret: bool,
    /// May the secret be empty?
    #[serde(default)]
    allow_empty: bool,
    from: Option<String>,
    #[serde(rename = "description")]
    _description: Option<String>,
}

impl Decl {
    pub(super) fn secrecy(&self) -> Secrecy {
        match self.secret {
            true => Secrecy::Secret {
                may_be_empty: self.allow_empty,
            },
            false => Secrecy::Open,
        }
    }
}

/// A value from outside the manifest, and the way it came.
struct Given {
    raw: Raw,
    way: String,
}

/// Values every variable that `[variables]` declares.
pub fn read(
    block: Option<Block>,
    options: &Options,
    manifest: &Arc<Source>,
    found: &mut Vec<Found>,
) -> Variables {
    let mut problems = Vec::new();
    let declared = match block.map(|block| (block.span(), block.into_inner())) {
        Some((_, DeValue::Table(table))) => table,
        Some((span, _)) => {
            problems.push(Problem::spanned(span, "[variables] is a table"));
            Table::new()
        }
        None => Table::new(),
    };
    let mut given = from_files(options, &declared, found);
    for (name, text) in &options.vars {
        if !declared.contains_key(name.as_str()) {
            problems.push(undeclared(name, &declared, &format!("--var {name}")));
        }
        let way = format!("--var {name}");
        let raw = Raw::Text(text.clone());
        given.insert(name.clone(), Given { raw, way });
    }
    let mut variables = Variables::new();
    for (key, block) in declared {
        let name = key.get_ref().to_string();
        if !is_name(&name) {
            problems.push(
                Problem::spanned(key.span(), format!("`{name}` cannot name a variable"))
                    .help("use letters, digits, `_` and `-`"),
            );
        }
        let value = value_of((&name, key.span()), block, given.remove(&name), options);
        variables.insert(
            name,
            value.unwrap_or_else(|why| {
                problems.extend(why.iter().cloned());
                Value::Broken(why)
            }),
        );
    }
    let located = problems.into_iter().map(|problem| Found {
        source: manifest.clone(),
        problem,
    });
    found.extend(located);
    variables
}

fn undeclared(name: &str, declared: &Table, way: &str) -> Problem {
    let names = declared.keys().map(|key| &**key.get_ref());
    let problem = Problem::at(&[], format!("{way}: there is no variable `{name}`"));
    match nearest(name, names) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help("declare it in [variables]"),
    }
}

fn from_files(
    options: &Options,
    declared: &Table,
    found: &mut Vec<Found>,
) -> BTreeMap<String, Given> {
    let mut given = BTreeMap::new();
    for path in &options.var_files {
        let shown = path.display().to_string();
        let (text, unreadable) = match files::text(path) {
            Ok(text) => (text, None),
            Err(error) => (String::new(), Some(Problem::at(&[], unreadable(&error)))),
        };
        let source = Arc::new(Source::new(&shown, text));
        let file = super::depth::parse(&source.text);
        let mut problems: Vec<Problem> = unreadable.into_iter().chain(file.deep).collect();
        problems.extend(file.errors.iter().map(super::syntax::explain));
        for (key, value) in tree::owned_table(file.table.into_inner()) {
            let name = key.get_ref().to_string();
            if !declared.contains_key(name.as_str()) {
                let problem = undeclared(&name, declared, "this file");
                problems.push(Problem {
                    span: Some(key.span()),
                    ..problem
                });
            }
            let raw = Raw::Typed(value.into_inner());
            given.insert(
                name,
                Given {
                    raw,
                    way: shown.clone(),
                },
            );
        }
        found.extend(problems.into_iter().map(|problem| Found {
            source: source.clone(),
            problem,
        }));
    }
    given
}

/// What is wrong with the variable as such stands under its name.
fn value_of(
    (name, span): (&str, Range<usize>),
    block: Block,
    given: Option<Given>,
    options: &Options,
) -> Result<Value, Vec<Problem>> {
    let source = tree::place(&block, &["from".to_owned()]);
    let (decl, default) = split(block)?;
    let wrong = |message: String| vec![Problem::spanned(span.clone(), message)];
    let kind = match (decl.r#type, &default) {
        (Some(kind), _) => kind,
        (None, Some(default)) => type_of(default.get_ref())
            .ok_or_else(|| wrong("a date cannot be a variable's value".into()))?,
        (None, None) => Type::String,
    };
    if decl.allow_empty && !decl.secret {
        let problem = Problem::spanned(
            span.clone(),
            "`allow_empty` is for secrets: another variable may be empty",
        );
        return Err(vec![
            problem.help("take it out, or write `secret = true` beside it"),
        ]);
    }
    let from = from(&decl, &source)?;
    let given = match (given.or_else(|| exported(name, options)), &from) {
        (Some(given), _) => Some(given),
        (None, Some(From::Far(origin))) => {
            return asked(name, &decl, origin, default, kind, &span).map(Value::Asked);
        }
        (None, Some(from)) => fetch(from, options, &source)?,
        (None, None) => None,
    };
    let typed = match given {
        Some(Given { raw, way }) => parsed(raw, kind).ok_or_else(|| {
            let kind = article(kind);
            wrong(format!(
                "{way} sets `{name}` to something that is not {kind}"
            ))
        })?,
        None => by_default(name, &decl, default, kind, &span)?,
    };
    Value::of(name, typed, decl.secrecy()).map_err(|(message, help)| {
        let problem = Problem::spanned(span.clone(), message);
        vec![match help {
            Some(help) => problem.help(help),
            None => problem,
        }]
    })
}

/// `SLP_VAR_name`.
fn exported(name: &str, options: &Options) -> Option<Given> {
    let way = format!("SLP_VAR_{name}");
    let text = options.environment.get(&way)?;
    Some(Given {
        raw: Raw::Text(text.clone()),
        way,
    })
}

/// The declared source.
fn from(decl: &Decl, span: &Range<usize>) -> Result<Option<From>, Vec<Problem>> {
    let from = decl.from.as_deref().map(From::parse).transpose();
    from.map_err(|(message, help)| vec![Problem::spanned(span.clone(), message).help(help)])
}

pub(super) fn by_default(
    name: &str,
    decl: &Decl,
    default: Option<Block>,
    kind: Type,
    span: &Range<usize>,
) -> Result<DeValue<'static>, Vec<Problem>> {
    match default {
        Some(default) if decl.required != Some(true) => {
            let span = default.span();
            parsed(Raw::Typed(default.into_inner()), kind).ok_or_else(|| {
                let kind = article(kind);
                vec![Problem::spanned(
                    span,
                    format!("the default of `{name}` is not {kind}"),
                )]
            })
        }
        None if decl.required == Some(false) && kind == Type::String => {
            Ok(DeValue::String("".into()))
        }
        _ => {
            let problem = Problem::spanned(span.clone(), format!("variable `{name}` has no value"));
            let source = decl
                .from
                .as_deref()
                .and_then(|from| from.strip_prefix("env:"));
            let own = source.map_or_else(String::new, |source| {
                format!("set {source} in the environment, or ")
            });
            Err(vec![problem.help(format!(
                "{own}set it with --var {name}=…, with SLP_VAR_{name}, in a --var-file, or write a default"
            ))])
        }
    }
}

/// The long form and its default; a plain value is a default.
fn split(mut block: Block) -> Result<(Decl, Option<Block>), Vec<Problem>> {
    match tree::table_mut(&mut block) {
        Some(table) => {
            let default = table.remove("default");
            let guide = || Guide {
                also: &["default"],
                ..Guide::default()
            };
            Ok((decode_guided::<Decl>(&block, &guide)?, default))
        }
        None => Ok((Decl::default(), Some(block))),
    }
}

/// Reads a source of this machine.
fn fetch(
    from: &From,
    options: &Options,
    span: &Range<usize>,
) -> Result<Option<Given>, Vec<Problem>> {
    let given = |text: &str, way: String| {
        Some(Given {
            raw: Raw::Text(text.to_owned()),
            way,
        })
    };
    match from {
        From::Environment(name) => Ok(options
            .environment
            .get(name)
            .and_then(|text| given(text, format!("env:{name}")))),
        From::File(path) => match files::text(&options.root().join(Path::new(path))) {
            Ok(text) => Ok(given(
                text.trim_end_matches(['\r', '\n']),
                format!("file:{path}"),
            )),
            Err(error) => {
                let message = format!("`{path}`: {}", unreadable(&error));
                let problem = Problem::spanned(span.clone(), message);
                Err(vec![problem.help("paths start at the manifest's folder")])
            }
        },
        From::Far(_) => Ok(None),
    }
}

//! Text → declared resources with spans, and every diagnostic.
//!
//! The way in is [`read`]: the file, its environment's overlay, its variables and
//! `[project]`. What that says decides where to look (account, region); then
//! [`Draft::declare`] puts in the rest and splits the tables into blocks.
//!
//! Problems are gathered all the way and come out of `resolve` at once; only where nothing
//! else can be judged does [`read`] stop. What a field of a kind means is the kind's; what
//! a reference means is `resolve`'s. Nothing here talks to AWS.

mod blocks;
mod decode;
mod extras;
mod format;
mod future;
mod overlay;
mod project;
mod report;
mod schema;
mod secret;
mod substitute;
mod syntax;
mod tree;
mod variables;
mod wording;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use blocks::Declared;
use decode::decode_in_part;
pub use decode::{decode, mended};
pub use extras::OutputDecl;
pub use format::format;
pub use project::{Ownership, Project};
pub use report::{Found, Report, Source};
pub use schema::manifest_schema;
pub use secret::Secret;
pub(crate) use substitute::narrow;

use crate::addr::{Addr, is_name};
use crate::kind::{Block, Kinds};
use crate::problem::Problem;
use crate::provider::Caller;
use crate::scope::Scope;
use substitute::{Findings, Known};
use tree::Table;
use variables::{Value, Variables};

/// Where the manifest is, and what comes from outside it.
#[derive(Clone, Default)]
pub struct Options {
    pub file: PathBuf,
    /// `--env`, or `SLP_ENV`.
    pub env: Option<String>,
    /// `--var`; the last one of a name wins.
    pub vars: Vec<(String, String)>,
    pub var_files: Vec<PathBuf>,
    /// The process's environment: `SLP_VAR_x`, and what `from = "env:…"` reads.
    pub environment: BTreeMap<String, String>,
}

impl Options {
    /// The manifest's folder: every path in a manifest starts there.
    pub fn root(&self) -> PathBuf {
        match self.file.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        }
    }
}

/// A manifest of which environment, project and variables are known.
pub struct Draft {
    source: Arc<Source>,
    root: PathBuf,
    manifest: Block,
    project: Project,
    env: Option<String>,
    variables: Variables,
    found: Vec<Found>,
}

/// The declared resources, and everything that was wrong with them so far.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub source: Arc<Source>,
    pub project: Project,
    pub env: Option<String>,
    pub resources: BTreeMap<Addr, Declared>,
    pub outputs: BTreeMap<String, OutputDecl>,
    pub moved: Vec<(Addr, Addr)>,
    pub removed: Vec<Addr>,
    /// The values of secret variables.
    pub secrets: BTreeMap<String, Secret>,
    /// What is wrong; `resolve` adds to it and refuses.
    pub found: Vec<Found>,
    /// Places of values that could not be completed, which has been said.
    pub(crate) broken: Vec<Range<usize>>,
}

/// Reads a manifest's text, chooses its environment, values its variables, reads `[project]`.
/// Fails only where nothing else could be judged: no file, broken syntax, no environment.
pub fn read(options: &Options, kinds: &Kinds) -> Result<Draft, Report> {
    let name = options.file.display().to_string();
    let text = std::fs::read_to_string(&options.file).map_err(|error| {
        let problem = Problem::at(&[], format!("cannot be read: {error}"))
            .help("name the manifest with -f, its folder with -C, or start one with `slp init`");
        Report::single(&Arc::new(Source::new(&name, "")), problem)
    })?;
    read_text(Source::new(name, text), options, kinds)
}

/// As `read`, for a text that is at hand.
pub fn read_text(source: Source, options: &Options, _kinds: &Kinds) -> Result<Draft, Report> {
    let source = Arc::new(source);
    let mut problems = Vec::new();
    let mut manifest = parse(&source, &mut problems)?;
    let env = environment(&mut manifest, options, &source, &mut problems)?;
    let mut found = Vec::new();
    let declared = tree::table_mut(&mut manifest).and_then(|table| table.remove("variables"));
    let variables = variables::read(declared, options, &source, &mut found);
    let project = read_project(
        &mut manifest,
        env.as_deref(),
        &variables,
        &source,
        &mut problems,
    );
    found.extend(problems.into_iter().map(|problem| Found {
        source: source.clone(),
        problem,
    }));
    Ok(Draft {
        source,
        root: options.root(),
        manifest,
        project,
        env,
        variables,
        found,
    })
}

/// Every syntax error; those that leave the rest readable are kept for later.
fn parse(source: &Arc<Source>, problems: &mut Vec<Problem>) -> Result<Block, Report> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let explained = errors.iter().map(syntax::explain);
    if errors.iter().all(syntax::is_harmless) {
        problems.extend(explained);
        let span = table.span();
        let table = tree::owned_table(table.into_inner());
        return Ok(Spanned::new(span, DeValue::Table(table)));
    }
    let found = explained.map(|problem| Found {
        source: source.clone(),
        problem,
    });
    Err(Report::new(found.collect()))
}

/// Takes `[env.*]` out and puts the chosen one over the manifest.
fn environment(
    manifest: &mut Block,
    options: &Options,
    source: &Arc<Source>,
    problems: &mut Vec<Problem>,
) -> Result<Option<String>, Report> {
    let table = tree::table_mut(manifest);
    let mut all = match table.and_then(|table| table.remove("env")) {
        Some(block) => match block.into_inner() {
            DeValue::Table(table) => Some(table),
            _ => None,
        },
        None => None,
    };
    for key in all.iter().flat_map(|table| table.keys()) {
        if !is_name(key.get_ref()) {
            problems.push(
                Problem::spanned(
                    key.span(),
                    format!("`{}` cannot name an environment", key.get_ref()),
                )
                .help("use letters, digits, `_` and `-`"),
            );
        }
    }
    let default = tree::table(manifest)
        .and_then(|table| {
            table
                .get("project")?
                .get_ref()
                .as_table()?
                .get("default_env")
        })
        .and_then(|text| Some((text.get_ref().as_str()?, text.span())));
    let chosen = overlay::choose(options.env.as_deref(), default, all.as_ref())
        .map_err(|problem| Report::single(source, problem))?;
    if let Some(name) = &chosen
        && let Some(block) = all.as_mut().and_then(|table| table.remove(name.as_str()))
    {
        overlay::apply(manifest, block, problems);
    }
    Ok(chosen)
}

fn read_project(
    manifest: &mut Block,
    env: Option<&str>,
    variables: &Variables,
    source: &Source,
    problems: &mut Vec<Problem>,
) -> Project {
    let mut block = tree::table_mut(manifest).and_then(|table| table.remove("project"));
    let name = block
        .as_ref()
        .and_then(|block| block.get_ref().as_table()?.get("name")?.get_ref().as_str())
        .map(str::to_owned);
    let mut findings = Findings::default();
    if let Some(block) = &mut block {
        let known = Known {
            variables,
            project: BTreeMap::from([
                ("name", name.ok_or("[project] has no name")),
                ("env", env.map(str::to_owned).ok_or(NO_ENV)),
            ]),
            file: &source.text,
        };
        substitute::fill(block, &known, &mut findings);
    }
    problems.append(&mut findings.problems);
    let mut own = Vec::new();
    let project = project::read(block, &mut own);
    own.retain(|problem| {
        let span = problem.span.as_ref();
        !span.is_some_and(|span| findings.broken.contains(span))
    });
    problems.append(&mut own);
    project
}

const NO_ENV: &str = "no environment is chosen (--env, SLP_ENV or `default_env`)";

impl Draft {
    pub fn project(&self) -> &Project {
        &self.project
    }

    pub fn env(&self) -> Option<&str> {
        self.env.as_deref()
    }

    /// The manifest's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Is nothing wrong so far? Otherwise there is no point in asking AWS anything:
    /// `declare` and `resolve` with the scope of nobody give the whole report.
    pub fn is_sound(&self) -> bool {
        self.found.is_empty()
    }

    /// The scope of a run. Without a caller, account and partition are named holes.
    pub fn scope(&self, region: &str, caller: Option<&Caller>, endpoint: Option<String>) -> Scope {
        let project = &self.project;
        let account = match (caller, &project.account) {
            (Some(caller), _) => caller.account.clone(),
            (None, Some(account)) => account.clone(),
            (None, None) => "<project.account>".into(),
        };
        let partition = match caller {
            Some(caller) => caller.partition.clone(),
            None if region.starts_with("cn-") => "aws-cn".into(),
            None if region.starts_with("us-gov-") => "aws-us-gov".into(),
            None => "aws".into(),
        };
        Scope {
            project: project.name.clone(),
            env: self.env.clone(),
            account,
            region: region.to_owned(),
            partition,
            endpoint,
            name_prefix: project.name_prefix.clone(),
            root: self.root.clone(),
            artifacts: project.artifacts.clone(),
            tagged: project.ownership == Ownership::Tags,
            ignore_tags: project.ignore_tags.clone(),
        }
    }

    /// Puts variables and the project's facts in, and splits the tables into blocks.
    pub fn declare(mut self, scope: &Scope, kinds: &Kinds) -> Manifest {
        let mut findings = Findings::default();
        let known = Known {
            variables: &self.variables,
            project: facts(scope),
            file: &self.source.text,
        };
        substitute::fill(&mut self.manifest, &known, &mut findings);
        let mut table = match self.manifest.into_inner() {
            DeValue::Table(table) => table,
            _ => Table::new(),
        };
        let mut problems = future::refused_tables(&mut table);
        let mut gathering = blocks::Gathering::new(kinds);
        gathering.gather(&mut table);
        let resources = gathering.resources;
        problems.append(&mut gathering.problems);
        let outputs = extras::outputs(&mut table, &mut problems);
        let moved = extras::moved(&mut table, &resources, &mut problems);
        let removed = extras::removed(&mut table, &resources, &mut problems);
        extras::leftovers(&table, kinds, &mut problems);
        problems.retain(|problem| !is_noise(problem.span.as_ref(), &findings.broken));
        problems.append(&mut findings.problems);
        let mut found = self.found;
        found.extend(problems.into_iter().map(|problem| Found {
            source: self.source.clone(),
            problem,
        }));
        let secrets = self
            .variables
            .into_iter()
            .filter_map(|(name, value)| match value {
                Value::Secret(secret) => Some((name, secret)),
                _ => None,
            });
        Manifest {
            source: self.source,
            project: self.project,
            env: self.env,
            resources,
            outputs,
            moved,
            removed,
            secrets: secrets.collect(),
            found,
            broken: findings.broken,
        }
    }
}

/// Is a problem at this place only what follows from another that has been said?
pub(crate) fn is_noise(span: Option<&Range<usize>>, broken: &[Range<usize>]) -> bool {
    span.is_some_and(|span| broken.contains(span))
}

/// Does something stand at this path?
pub(crate) fn stands(block: &Block, path: &[String]) -> bool {
    tree::steps(block, path).is_some()
}

/// What `${project.…}` can name.
fn facts(scope: &Scope) -> BTreeMap<&'static str, Result<String, &'static str>> {
    BTreeMap::from([
        ("name", Ok(scope.project.clone())),
        ("env", scope.env.clone().ok_or(NO_ENV)),
        ("region", Ok(scope.region.clone())),
        ("account", Ok(scope.account.clone())),
        ("partition", Ok(scope.partition.clone())),
    ])
}

//! The first half: text, environment, variables, `[project]`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use super::draft::{Draft, NO_ENV};
use super::hidden::Declared;
use super::substitute::{self, Findings, Known};
use super::variables::{self, Value, Variables};
use super::{
    Dev, Found, Gates, Options, Project, Report, Source, StatePlace, depth, dev, gates, overlay,
    place, project, syntax, tree,
};
use crate::addr::{Addr, is_name};
use crate::files;
use crate::kind::{Block, Kinds};
use crate::problem::Problem;

/// Reads a manifest's text, chooses its environment, values its variables, reads `[project]`.
/// Fails only where nothing else could be judged: no file, broken syntax, no environment.
pub fn read(options: &Options, kinds: &Kinds) -> Result<Draft, Report> {
    let name = options.file.display().to_string();
    let text = files::text(&options.file).map_err(|error| {
        let mut problem = Problem::at(&[], unreadable(&error));
        if error.kind() == std::io::ErrorKind::NotFound {
            problem = problem.help(
                "name the manifest with -f, its folder with -C, or start one with `slp init`",
            );
        }
        Report::single(&Arc::new(Source::new(&name, "")), problem)
    })?;
    read_text(Source::new(name, text), options, kinds)
}

/// The environments of a manifest of which none is chosen, by the options or by `default_env`.
/// Empty also where the text cannot be read: `read` says why.
pub fn unchosen(options: &Options) -> Vec<String> {
    let text = files::text(&options.file).unwrap_or_default();
    let parsed = depth::parse(&text);
    let table = parsed.table.get_ref();
    let inner = |key: &str| table.get(key)?.get_ref().as_table();
    let default = inner("project").and_then(|project| project.get("default_env"));
    if options.env.is_some() || default.is_some() {
        return Vec::new();
    }
    let names = inner("env").into_iter().flat_map(|all| all.keys());
    let names = names.map(|name| name.get_ref().to_string());
    names.filter(|name| is_name(name)).collect()
}

/// As `read`, for a text that is at hand.
pub fn read_text(source: Source, options: &Options, _kinds: &Kinds) -> Result<Draft, Report> {
    let source = Arc::new(source);
    let mut problems = Vec::new();
    let mut manifest = parse(&source, &mut problems)?;
    let mut needed = problems.clone();
    let chosen = environment(&mut manifest, options, &source, &mut problems)?;
    let Chosen { env, guarded } = chosen;
    let mut found = Vec::new();
    let declared = tree::table_mut(&mut manifest).and_then(|table| table.remove("variables"));
    let files = Declared::of(declared.as_ref());
    let variables = variables::read(declared, options, &source, &mut found);
    let Early {
        project,
        place,
        gates,
        dev,
        wrong,
        misplaced,
        local,
    } = read_early(&mut manifest, env.as_deref(), &variables, &source);
    needed.extend(wrong.all());
    problems.extend(wrong.problems);
    problems.extend(local.problems);
    let told = |problem| Found {
        source: source.clone(),
        problem,
    };
    found.extend(problems.into_iter().map(told));
    Ok(Draft {
        needed: needed.into_iter().map(told).collect(),
        misplaced: misplaced.all().map(told).collect(),
        hidden: files.files(options, &place),
        source,
        root: options.root(),
        manifest,
        project,
        place,
        gates,
        dev,
        env,
        variables,
        found,
        guarded,
    })
}

/// Why a file gives no text.
pub fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        _ => format!("cannot be read: {error}"),
    }
}

/// Every syntax error; those that leave the rest readable are kept for later.
fn parse(source: &Arc<Source>, problems: &mut Vec<Problem>) -> Result<Block, Report> {
    let parsed = depth::parse(&source.text);
    if let Some(problem) = parsed.deep {
        return Err(Report::single(source, problem));
    }
    let (table, errors) = (parsed.table, parsed.errors);
    let span = table.span();
    let table = tree::owned_table(table.into_inner());
    let manifest = Spanned::new(span, DeValue::Table(table));
    let harmless = errors.iter().all(syntax::is_harmless);
    let mut explained = syntax::without_echoes(errors.iter().map(syntax::explain), &manifest);
    syntax::with_first_places(&mut explained, source);
    if harmless {
        problems.extend(explained);
        return Ok(manifest);
    }
    let found = explained.into_iter().map(|problem| Found {
        source: source.clone(),
        problem,
    });
    Err(Report::new(found.collect()))
}

/// The environment, and what it leaves out though the manifest protects it.
struct Chosen {
    env: Option<String>,
    guarded: BTreeSet<Addr>,
}

/// Takes `[env.*]` out and puts the chosen one over the manifest.
fn environment(
    manifest: &mut Block,
    options: &Options,
    source: &Arc<Source>,
    problems: &mut Vec<Problem>,
) -> Result<Chosen, Report> {
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
    let mut guarded = BTreeSet::new();
    if let Some(name) = &chosen
        && let Some(block) = all.as_mut().and_then(|table| table.remove(name.as_str()))
    {
        guarded = overlay::apply(manifest, block, problems);
    }
    Ok(Chosen {
        env: chosen,
        guarded,
    })
}

/// What is known before anybody is asked anything.
struct Early {
    project: Project,
    place: StatePlace,
    gates: Gates,
    dev: Dev,
    wrong: Wrong,
    /// The part of it that is about `[state]`.
    misplaced: Wrong,
    /// What is wrong with `[dev]`, which matters to nobody who deletes.
    local: Wrong,
}

/// What is wrong with a table.
#[derive(Default)]
struct Wrong {
    problems: Vec<Problem>,
    /// With the variables that it names: said where the variables are read.
    said: Vec<Problem>,
}

impl Wrong {
    fn all(&self) -> impl Iterator<Item = Problem> + '_ {
        self.problems.iter().chain(&self.said).cloned()
    }
}

/// Reads `[project]`, `[state]`, `[gates]` and `[dev]`.
fn read_early(
    manifest: &mut Block,
    env: Option<&str>,
    variables: &Variables,
    source: &Source,
) -> Early {
    let mut take = |word| tree::table_mut(manifest).and_then(|table| table.remove(word));
    let (block, state, held) = (take("project"), take("state"), take("gates"));
    let bench = take("dev");
    let name = block
        .as_ref()
        .and_then(|block| block.get_ref().as_table()?.get("name")?.get_ref().as_str())
        .map(str::to_owned);
    let known = Known {
        variables,
        project: BTreeMap::from([
            ("name", name.ok_or("[project] has no name")),
            ("env", env.map(str::to_owned).ok_or(NO_ENV)),
        ]),
        early: true,
        file: &source.text,
    };
    let (project, mut wrong) = read_one(block, &known, project::read);
    let (place, misplaced) = read_one(state, &known, place::read);
    let (gates, other) = read_one(held, &known, gates::read);
    let (dev, local) = read_one(bench, &known, dev::read);
    for more in [&misplaced, &other] {
        wrong.problems.extend(more.problems.iter().cloned());
        wrong.said.extend(more.said.iter().cloned());
    }
    Early {
        project,
        place,
        gates,
        dev,
        wrong,
        misplaced,
        local,
    }
}

/// Fills and reads one of them.
fn read_one<T>(
    mut block: Option<Block>,
    known: &Known<'_>,
    read: impl FnOnce(Option<Block>, &mut Vec<Problem>) -> T,
) -> (T, Wrong) {
    let mut findings = Findings::default();
    if let Some(block) = &mut block {
        substitute::fill(block, known, &mut findings);
    }
    let mut own = Vec::new();
    let read = read(block, &mut own);
    own.retain(|problem| {
        let span = problem.span.as_ref();
        !span.is_some_and(|span| findings.broken.contains(span))
    });
    let lacking = findings.lacking.iter();
    let said = lacking.filter_map(|name| match known.variables.get(name) {
        Some(Value::Broken(why)) => Some(why.clone()),
        _ => None,
    });
    let wrong = Wrong {
        said: said.flatten().collect(),
        problems: findings.problems.into_iter().chain(own).collect(),
    };
    (read, wrong)
}

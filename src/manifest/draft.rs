//! The second half: what the project's facts complete, and the tables as blocks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeValue;

use super::substitute::{self, Findings, Known};
use super::tree::Table;
use super::variables::{Value, Variables};
use super::{
    Answer, Dev, Found, Gates, Manifest, Origin, Ownership, Project, Report, Secret, Source,
    StatePlace, blocks, extras, future, is_noise, strangers,
};
use crate::addr::Addr;
use crate::kind::{Block, Kinds};
use crate::provider::Caller;
use crate::scope::Scope;

/// A manifest of which environment, project and variables are known.
pub struct Draft {
    pub(super) source: Arc<Source>,
    pub(super) root: PathBuf,
    pub(super) hidden: Vec<PathBuf>,
    pub(super) manifest: Block,
    pub(super) project: Project,
    pub(super) place: StatePlace,
    pub(super) gates: Gates,
    pub(super) dev: Dev,
    pub(super) env: Option<String>,
    pub(super) variables: Variables,
    pub(super) found: Vec<Found>,
    /// What it protects and the environment leaves out.
    pub(super) guarded: BTreeSet<Addr>,
    /// Of these, what nobody can do without.
    pub(super) needed: Vec<Found>,
    /// Of these, what leaves open where the state is.
    pub(super) misplaced: Vec<Found>,
}

impl Draft {
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Where its state is kept, as far as that can be understood; see [`Draft::misplaced`].
    pub fn place(&self) -> &StatePlace {
        &self.place
    }

    /// What is wrong with `[state]`: whoever only looks into the state needs nothing else.
    pub fn misplaced(&self) -> Option<Report> {
        (!self.misplaced.is_empty()).then(|| Report::new(self.misplaced.clone()))
    }

    /// The secret variables whose values are known: those with a source are once it was asked.
    pub fn secrets(&self) -> impl Iterator<Item = (&String, &Secret)> {
        self.variables
            .iter()
            .filter_map(|(name, value)| match value {
                Value::Secret(secret) => Some((name, secret)),
                _ => None,
            })
    }

    pub fn gates(&self) -> &Gates {
        &self.gates
    }

    /// What only the embedded cloud needs.
    pub fn dev(&self) -> &Dev {
        &self.dev
    }

    pub fn env(&self) -> Option<&str> {
        self.env.as_deref()
    }

    /// The manifest's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The files that no package may hold: the manifest, keys, values.
    pub fn hidden(&self) -> &[PathBuf] {
        &self.hidden
    }

    /// Is nothing wrong so far? Otherwise there is no point in asking AWS anything:
    /// `declare` and `resolve` with the scope of nobody give the whole report.
    pub fn is_sound(&self) -> bool {
        self.found.is_empty()
    }

    /// The variables whose sources are to be asked, in order of name.
    pub fn asked(&self) -> Vec<(String, Origin)> {
        let asked = self
            .variables
            .iter()
            .filter_map(|(name, value)| match value {
                Value::Asked(asked) => Some((name.clone(), asked.origin.clone())),
                _ => None,
            });
        asked.collect()
    }

    /// Values the variables whose sources have answered; one that could not is a problem.
    pub fn answer(&mut self, answers: BTreeMap<String, Result<Answer, String>>) {
        for (name, answer) in answers {
            let Some(Value::Asked(asked)) = self.variables.remove(&name) else {
                continue;
            };
            let value = asked.value(&name, answer).unwrap_or_else(|problem| {
                let source = self.source.clone();
                let why = vec![problem.clone()];
                self.found.push(Found { source, problem });
                Value::Broken(why)
            });
            self.variables.insert(name, value);
        }
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
            adopts: false,
        }
    }

    /// Puts variables and the project's facts in, and splits the tables into blocks.
    pub fn declare(mut self, scope: &Scope, kinds: &Kinds) -> Manifest {
        let findings = self.fill(scope);
        let mut table = match self.manifest.into_inner() {
            DeValue::Table(table) => table,
            _ => Table::new(),
        };
        let mut problems = future::refused_tables(&mut table);
        let mut gathering = blocks::Gathering::new(kinds);
        strangers::tell(&mut table, &self.source.text, kinds, &mut gathering);
        gathering.gather(&mut table);
        let resources = gathering.resources;
        problems.append(&mut gathering.problems);
        let outputs = extras::outputs(&mut table, &mut problems);
        let moved = extras::moved(&mut table, &resources, &mut problems);
        let removed = extras::removed(&mut table, &resources, &mut problems);
        let imports = extras::imports(&mut table, &resources, &mut problems);
        problems.retain(|problem| !is_noise(problem.span.as_ref(), &findings.broken));
        problems.extend(findings.problems);
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
            imports,
            guarded: self.guarded,
            secrets: secrets.collect(),
            found,
            misplaced: gathering.misplaced,
            broken: findings.broken,
        }
    }

    pub(super) fn fill(&mut self, scope: &Scope) -> Findings {
        let mut findings = Findings::default();
        let known = Known {
            variables: &self.variables,
            project: facts(scope),
            early: false,
            file: &self.source.text,
        };
        substitute::fill(&mut self.manifest, &known, &mut findings);
        findings
    }
}

pub(super) const NO_ENV: &str = "no environment is chosen (--env, SLP_ENV or `default_env`)";

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

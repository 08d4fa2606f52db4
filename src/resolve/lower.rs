//! Blocks → specs: every kind reads and lowers its blocks, every problem of every block at once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value;

use super::{Added, Ctx, Desired, Gathered, Names, Strength, Wanted, Warning, checks, ignored};
use crate::addr::Addr;
use crate::kind::{AnyDecl, Block, Identity, Kind, Kinds};
use crate::manifest::{COMMON, Declared, Found, Manifest, Report, is_noise, mended, stands};
use crate::package::Shelf;
use crate::plan::Output;
use crate::problem::{Problem, nearest_addr};
use crate::scope::Scope;
use crate::text::{Token, scan};

/// Turns what was declared into what is wanted, or says everything that is wrong.
pub fn resolve(
    manifest: &Manifest,
    scope: &Scope,
    kinds: &Kinds,
    shelf: &Shelf,
) -> Result<Desired, Report> {
    let mut work = Resolving {
        manifest,
        scope,
        kinds,
        shelf,
        problems: Vec::new(),
        faulty: BTreeSet::new(),
        warnings: Vec::new(),
        mended: BTreeMap::new(),
    };
    let (decls, names) = work.declare();
    let (mut resources, added) = work.lower(&decls, &names);
    work.merge(&mut resources, added);
    let (outputs, told_of) = work.outputs(&names);
    let known = Known {
        manifest,
        names: &names,
        resources: &resources,
    };
    work.problems.extend(checks::all(&known));
    let desired = work.finish(resources, outputs)?;
    Ok(Desired { told_of, ..desired })
}

/// What the checks look at.
pub struct Known<'a> {
    pub manifest: &'a Manifest,
    pub names: &'a Names,
    pub resources: &'a BTreeMap<Addr, Wanted>,
}

type Decls<'a> = BTreeMap<&'a Addr, AnyDecl>;
type Resources = BTreeMap<Addr, Wanted>;
/// Kind → the keys that its blocks take beside its own.
type Beside = BTreeMap<&'static str, Vec<&'static str>>;
type ToldOf = BTreeMap<String, BTreeSet<Addr>>;

struct Resolving<'a> {
    manifest: &'a Manifest,
    scope: &'a Scope,
    kinds: &'a Kinds,
    shelf: &'a Shelf,
    problems: Vec<Problem>,
    /// Resources of which something is wrong.
    faulty: BTreeSet<Addr>,
    /// What is not certain, and of which resource.
    warnings: Vec<(Addr, Problem)>,
    /// Blocks of which something had to be cut out, and where.
    mended: BTreeMap<&'a Addr, (Block, Vec<Vec<String>>)>,
}

impl<'a> Resolving<'a> {
    /// Every block by its kind's type. What cannot be read still has a name, so that
    /// references to it are not called wrong as well.
    fn declare(&mut self) -> (Decls<'a>, Names) {
        let mut decls = Decls::new();
        let mut names = Names::beside(&self.manifest.misplaced);
        let mut beside = Beside::new();
        for (addr, declared) in &self.manifest.resources {
            let Some(kind) = self.kinds.of(addr) else {
                continue;
            };
            let also = beside
                .entry(kind.name())
                .or_insert_with(|| also(kind, self.kinds));
            let identity = match kind.declare(&declared.block, also) {
                Ok(decl) => {
                    let identity = kind.identity(&decl, addr.name(), self.scope);
                    decls.insert(addr, decl);
                    identity
                }
                Err(problems) => {
                    // What is left of it may refer to what is not there: that is told now, too.
                    let rest = mended(&declared.block, &problems);
                    let cut = problems.iter().map(|problem| problem.path.clone());
                    let cut: Vec<Vec<String>> = cut.collect();
                    self.note(addr, declared, problems);
                    match rest.and_then(|rest| Some((kind.declare(&rest, also).ok()?, rest))) {
                        Some((decl, rest)) => {
                            let identity = kind.identity(&decl, addr.name(), self.scope);
                            decls.insert(addr, decl);
                            self.mended.insert(addr, (rest, cut));
                            identity
                        }
                        None => Identity::default(),
                    }
                }
            };
            names.insert(addr.clone(), identity);
        }
        (decls, names)
    }

    /// Parents before children: an address sorts after that of its parent.
    fn lower(&mut self, decls: &Decls<'a>, names: &Names) -> (Resources, Vec<(Addr, Added)>) {
        let mut resources = Resources::new();
        let mut added = Vec::new();
        for (addr, declared) in &self.manifest.resources {
            let (Some(kind), Some(decl)) = (self.kinds.of(addr), decls.get(addr)) else {
                continue;
            };
            let parent = addr.parent();
            let above = parent.as_ref().and_then(|parent| resources.get(parent));
            if parent.is_some() && above.is_none() {
                // Its parent could not be read, which has been said.
                continue;
            }
            let tags = self.tags(declared);
            let ctx = Ctx {
                addr,
                scope: self.scope,
                names,
                kinds: self.kinds,
                shelf: self.shelf,
                tags: tags.as_ref().unwrap_or(&self.manifest.project.tags),
                secrets: &self.manifest.secrets,
                parent: above.map(|wanted| &wanted.spec),
                parent_is_whole: parent.is_none_or(|parent| !self.faulty.contains(&parent)),
                gathered: RefCell::default(),
            };
            let spec = kind.lower(decl, &ctx);
            let gathered = ctx.gathered.into_inner();
            added.extend(gathered.added.into_iter().map(|new| (addr.clone(), new)));
            let problems = self.told_by_rest(addr, gathered.problems);
            self.note(addr, declared, problems);
            self.check_ignored(addr, declared);
            match spec {
                Some(spec) => {
                    let wanted = self.wanted(addr, declared, spec, names, gathered.needs);
                    resources.insert(addr.clone(), wanted);
                }
                // Without a word it would be left out, and what exists deleted.
                None if self.problems.is_empty() => self.problems.push(Problem::spanned(
                    declared.span.clone(),
                    format!("{addr} cannot be turned into what AWS takes: this is a bug in slp"),
                )),
                None => {}
            }
        }
        (resources, added)
    }

    /// Of a block that was mended, only what is said about something that stands in it counts:
    /// what is missing may be what was cut out.
    fn told_by_rest(&self, addr: &Addr, mut problems: Vec<Problem>) -> Vec<Problem> {
        if let Some((rest, cut)) = self.mended.get(addr) {
            let around = |path: &[String]| cut.iter().any(|cut| cut.starts_with(path));
            problems.retain(|problem| !around(&problem.path) && stands(rest, &problem.path));
        }
        let above = addr.parent();
        if above.is_some_and(|parent| self.mended.contains_key(&parent)) {
            problems.retain(|problem| !problem.path.is_empty());
        }
        problems
    }

    /// A field under `ignore` that the kind does not have protects nothing.
    fn check_ignored(&mut self, addr: &Addr, declared: &Declared) {
        let Some(kind) = self.kinds.of(addr) else {
            return;
        };
        for (at, path) in declared.ignore.iter().enumerate() {
            if let Some(problem) = ignored::check(kind, path) {
                let span = Some(declared.place(&["ignore".to_owned(), at.to_string()]));
                self.problems.push(Problem { span, ..problem });
            }
        }
    }

    fn tags(&self, declared: &Declared) -> Option<BTreeMap<String, String>> {
        let project = &self.manifest.project.tags;
        (!declared.tags.is_empty()).then(|| {
            let mut tags = project.clone();
            tags.extend(declared.tags.clone());
            tags
        })
    }

    fn wanted(
        &self,
        addr: &Addr,
        declared: &Declared,
        spec: Value,
        names: &Names,
        mut needs: BTreeMap<Addr, Strength>,
    ) -> Wanted {
        let identity = names.get(addr).cloned().unwrap_or_default();
        needs.extend(addr.parent().map(|parent| (parent, Strength::Hard)));
        needs.extend(
            declared
                .depends_on
                .iter()
                .map(|on| (on.clone(), Strength::Hard)),
        );
        Wanted {
            addr: addr.clone(),
            id: identity.id,
            spec,
            known: identity.known,
            needs,
            protect: declared.protect,
            ignore: declared.ignore.clone(),
            added_for: None,
            line: Some(self.manifest.source.line(declared.span.start)),
        }
    }

    /// Puts what slp adds by itself beside what was written.
    fn merge(&mut self, resources: &mut Resources, added: Vec<(Addr, Added)>) {
        let mut children: BTreeMap<Addr, Vec<&Addr>> = BTreeMap::new();
        for addr in self.manifest.resources.keys() {
            if let Some(parent) = addr.parent() {
                children.entry(parent).or_default().push(addr);
            }
        }
        for (by, mut new) in added {
            if let Some(declared) = self.manifest.resources.get(&new.addr) {
                self.problems.push(
                    Problem::spanned(
                        declared.span.clone(),
                        format!(
                            "{by} adds {} by itself, so nobody else can write it",
                            new.addr
                        ),
                    )
                    .help("give this table another name, or take it out"),
                );
                continue;
            }
            if let Some(parent) = new.addr.parent() {
                // The kind may know that its parent need not stand first.
                new.needs.entry(parent).or_insert(Strength::Hard);
            }
            // A stage serves only once its API may call the functions, and what it serves
            // may call them until it is moved on.
            for child in children.get(&by).into_iter().flatten() {
                if let Some(wanted) = resources.get_mut(*child) {
                    wanted
                        .needs
                        .entry(new.addr.clone())
                        .or_insert(Strength::Soft);
                }
            }
            let line = resources.get(&by).and_then(|wanted| wanted.line);
            resources.entry(new.addr.clone()).or_insert(Wanted {
                addr: new.addr,
                id: new.id,
                spec: new.spec,
                known: BTreeMap::new(),
                needs: new.needs,
                protect: None,
                ignore: Vec::new(),
                added_for: Some(by),
                line,
            });
        }
    }

    /// The outputs, and what each tells of.
    fn outputs(&mut self, names: &Names) -> (BTreeMap<String, Output>, ToldOf) {
        let mut outputs = BTreeMap::new();
        let mut told_of = ToldOf::new();
        let none = BTreeMap::new();
        for (name, decl) in &self.manifest.outputs {
            let addr = Addr::root_of("outputs", name);
            let ctx = Ctx {
                addr: &addr,
                scope: self.scope,
                names,
                kinds: self.kinds,
                shelf: self.shelf,
                tags: &none,
                secrets: &self.manifest.secrets,
                parent: None,
                parent_is_whole: true,
                gathered: RefCell::default(),
            };
            let value = ctx.text(&[], &decl.value);
            let Gathered {
                problems, needs, ..
            } = ctx.gathered.into_inner();
            told_of.insert(name.clone(), needs.into_keys().collect());
            let placed = |problem| Problem {
                span: Some(decl.span.clone()),
                ..problem
            };
            self.keep(problems.into_iter().map(placed));
            if value.holds_secret() && !decl.secret {
                // A variable without a value is no secret: `keep` leaves out what is said of it.
                self.keep(std::iter::once(
                    Problem::spanned(decl.span.clone(), format!("output `{name}` holds a secret"))
                        .help(format!("write {name} = {{ value = \"…\", secret = true }}: it is then shown only when asked for by name")),
                ));
            }
            let secret = decl.secret;
            outputs.insert(name.clone(), Output { value, secret });
        }
        (outputs, told_of)
    }

    /// Where a whole resource comes from an environment, it may be a misspelt one of the manifest.
    fn of_overlay(&self, addr: &Addr, declared: &Declared, problem: Problem) -> Problem {
        let text = self.manifest.source.text.get(declared.span.clone());
        let overlay = text.is_some_and(|header| header.starts_with("[env."));
        if !overlay || problem.help.is_some() || !problem.message.ends_with("is missing") {
            return problem;
        }
        let others = self
            .manifest
            .resources
            .keys()
            .filter(|other| *other != addr);
        match nearest_addr(addr, others) {
            Some(meant) => problem.help(format!(
                "the manifest itself has no {addr}; did you mean `{meant}`?"
            )),
            None => problem,
        }
    }

    /// Ties a block's problems to their places.
    fn note(&mut self, addr: &Addr, declared: &Declared, problems: Vec<Problem>) {
        let problems: Vec<Problem> = problems
            .into_iter()
            .map(|problem| self.of_overlay(addr, declared, problem))
            .collect();
        let placed = |problem: Problem| {
            let span = match problem.span {
                Some(span) => span,
                None => declared.place_of(&problem),
            };
            let mut path: Vec<String> = addr.as_str().split('.').map(str::to_owned).collect();
            path.extend(problem.path);
            Problem {
                path,
                span: Some(span),
                ..problem
            }
        };
        let (errors, warnings): (Vec<Problem>, Vec<Problem>) = problems
            .into_iter()
            .map(placed)
            .partition(Problem::is_error);
        if !errors.is_empty() {
            self.faulty.insert(addr.clone());
        }
        self.keep(errors.into_iter());
        let told = warnings.into_iter().map(|problem| (addr.clone(), problem));
        self.warnings.extend(told);
    }

    fn keep(&mut self, problems: impl Iterator<Item = Problem>) {
        let broken = &self.manifest.broken;
        let news = problems.filter(|problem| !is_noise(problem.span.as_ref(), broken));
        self.problems.extend(news);
    }

    fn finish(
        self,
        resources: Resources,
        outputs: BTreeMap<String, Output>,
    ) -> Result<Desired, Report> {
        let found = &self.manifest.found;
        let warnings: Vec<Warning> = self
            .warnings
            .iter()
            .map(|(addr, problem)| Warning {
                addr: addr.clone(),
                found: self.found(problem.clone()),
            })
            .collect();
        if found.is_empty() && self.problems.is_empty() {
            let says = |wanted: &&Wanted| wanted.protect == Some(true);
            let said = resources.values().filter(says).map(|w| w.addr.clone());
            let given = |wanted: &Wanted| Some((wanted.addr.clone(), wanted.id.clone()?));
            return Ok(Desired {
                protected: said.chain(self.manifest.guarded.iter().cloned()).collect(),
                ids: resources.values().filter_map(given).collect(),
                resources,
                outputs,
                told_of: ToldOf::new(),
                moved: self.manifest.moved.clone(),
                removed: self.manifest.removed.clone(),
                imports: self.manifest.imports.clone(),
                secrets: self.manifest.secrets.clone(),
                warnings,
            });
        }
        let own = self.problems.iter().map(|own| self.found(own.clone()));
        let doubts = warnings.into_iter().map(|warning| warning.found);
        let all = found.iter().cloned().chain(own).chain(doubts);
        Err(Report::new(all.collect()))
    }

    /// A problem in its file, with the caret under the reference that it names.
    fn found(&self, mut problem: Problem) -> Found {
        let source = &self.manifest.source;
        if let Some(span) = problem.span.take() {
            problem.span = Some(narrowed(&span, &problem.message, &source.text));
        }
        Found {
            source: source.clone(),
            problem,
        }
    }
}

/// What a block may hold that its kind does not see.
fn also(kind: &dyn Kind, kinds: &Kinds) -> Vec<&'static str> {
    let written = |(word, child): (&'static str, &dyn Kind)| {
        let schema = child.decl_schema(&mut schemars::SchemaGenerator::default());
        schema.map(|_| word)
    };
    let children = kinds.children_of(kind.name()).filter_map(written);
    COMMON.into_iter().chain(children).collect()
}

/// Where a problem names a reference that stands in a text, the caret goes under it.
fn narrowed(span: &Range<usize>, message: &str, file: &str) -> Range<usize> {
    let written = file.get(span.clone()).unwrap_or_default();
    if let Some(whole) = written_out(message).filter(|whole| written.contains(*whole)) {
        return crate::manifest::narrow(span, whole[2..whole.len() - 1].trim(), file);
    }
    let named = scan(written).into_iter().find_map(|token| match token {
        Token::Inside(inside) => {
            let addr = inside.rsplit_once('.').map_or(inside, |(addr, _)| addr);
            message.contains(addr).then(|| inside.to_owned())
        }
        _ => None,
    });
    match named {
        Some(inside) => crate::manifest::narrow(span, &inside, file),
        None => span.clone(),
    }
}

/// The first `${…}` in a message.
fn written_out(message: &str) -> Option<&str> {
    let start = message.find("${")?;
    let end = start + message[start..].find('}')?;
    Some(&message[start..=end])
}

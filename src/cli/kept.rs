//! Plans that are kept in a file: `slp plan --out`, `slp apply FILE`, `slp show FILE`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};

use super::args::{ApplyArgs, Global, Refresh, Scope};
use super::failure::Failure;
use super::format::{self, FormatArgs};
use super::open::{self, Project};
use super::packages::{self, Remembered};
use super::plan::{self, MadePlan};
use super::printer::Printer;
use crate::addr::Addr;
use crate::aws::Aws;
use crate::files;
use crate::plan::{Bound, Part, Plan, print, second, wanted_masked};
use crate::render::{self, Beside};
use crate::state::{self, Holder, LockRequest, State, read_plan, write_plan};

/// Keeps a plan. Where there is no state yet, an empty one is saved first: the plan is bound to
/// its lineage, and its digests to its key.
pub async fn keep(
    global: &Global,
    project: &Project,
    part: &Scope,
    made: &mut MadePlan,
    path: &Path,
    printer: &Printer,
) -> Result<(), Failure> {
    let request = LockRequest {
        holder: Holder::this_process("plan --out"),
        timeout: part.lock_timeout,
    };
    if project.store.load().await?.state.is_none() {
        let session = project.store.lock(request, &global.events).await?;
        let created = session.create(&made.state).await;
        let created = created.map_err(Failure::from);
        super::locked::released(&*session, created, &global.events).await?;
    }
    made.plan.bound = Some(bound(global, project, part, made)?);
    write_plan(path, &made.plan)?;
    printer.err(&told(path, &made.plan));
    Ok(())
}

/// That it is kept, and what it is good for.
fn told(path: &Path, plan: &Plan) -> String {
    let path = path.display();
    match plan.gates.iter().any(|trip| trip.waived.is_none()) {
        true => format!("kept in {path}, for reviewers; a gate refuses to carry it out"),
        false => format!("kept in {path}; `slp apply {path}` carries out exactly this"),
    }
}

/// What this plan is made from.
pub fn bound(
    global: &Global,
    project: &Project,
    part: &Scope,
    made: &MadePlan,
) -> Result<Bound, Failure> {
    let text = files::text(&global.file)
        .map_err(|error| Failure::new(2, format!("{}: {error}", global.file.display())))?;
    let digest = |text: &str| made.state.digest_secret(text);
    let secrets = &project.desired.secrets;
    let wanted = project.desired.resources.values().map(|wanted| {
        let spec = wanted_masked(&wanted.spec, &|_| None, secrets, &made.state);
        (wanted.addr.clone(), print(&spec, &digest))
    });
    let live = made.live.iter();
    let changes = made.plan.changes.iter();
    let named = packages::named(changes.flat_map(|c| c.before.iter().chain(&c.after)));
    let known = plan::packages(project, &made.state);
    Ok(Bound {
        slp: env!("CARGO_PKG_VERSION").to_owned(),
        made: second(jiff::Timestamp::now()),
        commit: commit(open::folder(global)),
        manifest: state::hex(&Sha256::digest(text)),
        part: kept_part(part),
        wanted: wanted.collect(),
        packages: packages::listings(&known, &named),
        lines: project.lines.clone(),
        needs: format::needs(project, &made.state),
        live: live
            .map(|(addr, live)| (addr.clone(), print(&live.spec, &digest)))
            .collect(),
    })
}

fn kept_part(part: &Scope) -> Part {
    let refresh = match part.refresh {
        Refresh::Full => "full",
        Refresh::Fast => "fast",
        Refresh::None => "none",
    };
    Part {
        target: part.target.clone(),
        exclude: part.exclude.clone(),
        replace: part.replace.clone(),
        take: part.take.clone(),
        refresh: refresh.to_owned(),
    }
}

/// The commit that is checked out, where the folder is git's and git is here.
fn commit(folder: &Path) -> Option<String> {
    let asked = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "describe",
            "--always",
            "--dirty",
            "--abbrev=40",
            "--exclude=*",
        ])
        .output();
    let told = asked.ok().filter(|output| output.status.success())?;
    let told = String::from_utf8(told.stdout).ok()?.trim().to_owned();
    (!told.is_empty()).then_some(told)
}

/// A kept plan, with the command line as it was made.
pub struct Kept {
    pub plan: Plan,
    pub bound: Bound,
    pub global: Global,
    pub part: Scope,
}

/// Reads the plan that `apply` is to carry out.
pub fn read(global: &Global, args: &ApplyArgs, path: &Path) -> Result<Kept, Failure> {
    if !path.exists() {
        let shown = path.display();
        return Err(Failure::usage(format!("{shown}: there is no such file"))
            .hint(format!("`slp plan --out {shown}` writes one")));
    }
    let plan = read_plan(path)?;
    let Some(bound) = plan.bound.clone() else {
        return Err(
            Failure::new(4, format!("{}: it is bound to nothing", path.display()))
                .hint("`slp plan --out FILE` writes plans that can be applied"),
        );
    };
    let asked = &args.scope;
    let narrowed = [&asked.target, &asked.exclude, &asked.replace, &asked.take];
    if narrowed.iter().any(|list| !list.is_empty()) {
        return Err(Failure::usage(
            "a kept plan is carried out as it is: --target, --exclude, --replace and --take belong to `slp plan --out`",
        ));
    }
    refuse_other_env(global, &plan, path)?;
    Ok(Kept {
        global: Global {
            env: plan.env.clone(),
            ..global.clone()
        },
        part: planned_part(&plan, &bound.part, asked),
        plan,
        bound,
    })
}

/// The part of the work as the plan was made for it, the rest as it is asked for now.
fn planned_part(plan: &Plan, part: &Part, asked: &Scope) -> Scope {
    let held = plan.gates.iter().map(|trip| trip.gate);
    Scope {
        target: part.target.clone(),
        exclude: part.exclude.clone(),
        replace: part.replace.clone(),
        take: part.take.clone(),
        refresh: match part.refresh.as_str() {
            "fast" => Refresh::Fast,
            "none" => Refresh::None,
            _ => Refresh::Full,
        },
        // What refused it then refuses it now, also where only the command line asked.
        gates: held.chain(asked.gates.clone()).collect(),
        ..asked.clone()
    }
}

/// The plan says the environment; the command line, or SLP_ENV, may only say the same.
fn refuse_other_env(global: &Global, plan: &Plan, path: &Path) -> Result<(), Failure> {
    let Some(asked) = global.env.as_deref().filter(|_| global.env != plan.env) else {
        return Ok(());
    };
    let of = match &plan.env {
        Some(env) => format!("of the environment {env}"),
        None => "of no environment".to_owned(),
    };
    let path = path.display();
    let message = format!("{path} is {of}, and not of {asked}");
    Err(Failure::new(4, message).hint(format!(
        "nothing was done; without --env and SLP_ENV it is carried out where it is for, and \
         `slp --env {asked} plan --out FILE` makes one for {asked}"
    )))
}

impl Kept {
    /// Opens what the plan is for.
    pub async fn open(&self) -> Result<(Project, Aws), Failure> {
        match self.plan.destroy {
            true => open::unwanted(&self.global, &self.part).await,
            false => open::online(&self.global, &self.part).await,
        }
    }

    /// Refuses a state that this plan was not made from.
    pub fn fits(&self, project: &Project, state: &State) -> Result<(), Failure> {
        let other = elsewhere(&self.plan, &project.scope);
        if let Some(first) = other.first() {
            let told: String = other.iter().map(Elsewhere::to_string).collect();
            let message = format!("the plan is for another place:{told}");
            return Err(Failure::new(4, message).hint(format!("nothing was done; {}", first.way)));
        }
        Ok(state.accepts(&self.plan)?)
    }

    /// Puts the kept plan in the place of the one that is made now, if that does the same.
    pub fn replaces(&self, now: &Bound, made: MadePlan) -> Result<MadePlan, Failure> {
        let since = |addr: &Addr| made.live.get(addr)?.modified.map(second);
        let moved = self.bound.moved(now, &since);
        if moved.is_empty() && self.plan.does_the_same(&made.plan) {
            // Gates and waivers are those of today.
            let gates = made.plan.gates.clone();
            let plan = Plan {
                gates,
                ..self.plan.clone()
            };
            return Ok(MadePlan { plan, ..made });
        }
        let listed = match moved.is_empty() {
            true => "\n  what would be done is something else by now".to_owned(),
            false => moved.iter().map(|line| format!("\n  {line}")).collect(),
        };
        let since = match &self.bound.commit {
            Some(commit) => format!("{} at commit {commit}", self.bound.made),
            None => self.bound.made.clone(),
        };
        Err(
            Failure::new(4, format!("the plan of {since} is stale:{listed}"))
                .hint("nothing was done; plan again, with the same --var if there were any"),
        )
    }
}

/// Something of the place that a plan is for which is another here.
struct Elsewhere {
    what: &'static str,
    plans: String,
    here: String,
    /// How to come to the plan's.
    way: &'static str,
}

impl Elsewhere {
    fn of(what: &'static str, plans: &str, here: &str, way: &'static str) -> Elsewhere {
        Elsewhere {
            what,
            plans: plans.to_owned(),
            here: here.to_owned(),
            way,
        }
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Elsewhere {
            what, plans, here, ..
        } = self;
        write!(f, "\n  {what}: {plans} in the plan, {here} here")
    }
}

/// All of it; the endpoint comes first, since account and region follow it.
fn elsewhere(plan: &Plan, scope: &crate::scope::Scope) -> Vec<Elsewhere> {
    let endpoint = |url: &Option<String>| url.clone().unwrap_or_else(|| "AWS itself".to_owned());
    let one = Elsewhere::of;
    let mut all = vec![
        one(
            "endpoint",
            &endpoint(&plan.endpoint),
            &endpoint(&scope.endpoint),
            "give --local, or --endpoint-url (AWS_ENDPOINT_URL), as `slp plan` was given it",
        ),
        one(
            "project",
            &plan.project,
            &scope.project,
            "run it in the folder that the plan was made in",
        ),
        one(
            "account",
            &plan.account,
            &scope.account,
            "use credentials of the plan's account",
        ),
        one(
            "region",
            &plan.region,
            &scope.region,
            "set the plan's region (AWS_REGION), or plan again",
        ),
    ];
    all.retain(|one| one.plans != one.here);
    all
}

/// Prints a kept plan.
pub fn show(
    global: &Global,
    path: &Path,
    format: &FormatArgs,
    printer: &Printer,
) -> Result<u8, Failure> {
    let plan = read_plan(path)?;
    let form = format.form(global)?;
    let none = BTreeMap::new();
    let bound = plan.bound.as_ref();
    let listings = bound.map_or(&none, |bound| &bound.packages);
    let known = Beside::default();
    let beside = Beside {
        packages: &Remembered(listings),
        needs: bound.map_or(known.needs, |bound| &bound.needs),
        lines: bound.map_or(known.lines, |bound| &bound.lines),
        manifest: &format::manifest(global),
        link: format.link.as_deref(),
        code: global.verbose,
        ..known
    };
    if form == render::Form::Human
        && let Some(bound) = &plan.bound
    {
        let commit = bound
            .commit
            .as_ref()
            .map(|commit| format!(" at commit {commit}"));
        let commit = commit.unwrap_or_default();
        printer.err(&format!(
            "planned {}{commit} by slp {}",
            bound.made, bound.slp
        ));
    }
    let text = render::formed(&plan, form, &beside, &printer.style());
    format::print(form, &text, printer);
    Ok(0)
}

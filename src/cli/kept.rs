//! Plans that are kept in a file: `slp plan --out`, `slp apply FILE`, `slp show FILE`.

use std::collections::BTreeMap;
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
use crate::event::Listener;
use crate::plan::{Bound, Part, Plan, print, wanted_masked};
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
) -> Result<(), Failure> {
    let request = LockRequest {
        holder: Holder::this_process("plan --out"),
        timeout: part.lock_timeout,
    };
    if project.store.load().await?.state.is_none() {
        let session = project.store.lock(request, &Listener::deaf()).await?;
        let created = session.create(&made.state).await;
        super::locked::released(&*session, created.map_err(Failure::from)).await?;
    }
    made.plan.bound = Some(bound(global, project, part, made)?);
    Ok(write_plan(path, &made.plan)?)
}

/// What this plan is made from.
pub fn bound(
    global: &Global,
    project: &Project,
    part: &Scope,
    made: &MadePlan,
) -> Result<Bound, Failure> {
    let text = std::fs::read(&global.file)
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
        made: jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string(),
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
    let plan = read_plan(path)?;
    let Some(bound) = plan.bound.clone() else {
        return Err(
            Failure::new(4, format!("{}: it is bound to nothing", path.display()))
                .hint("`slp plan --out FILE` writes plans that can be applied"),
        );
    };
    let asked = &args.scope;
    if !(asked.target.is_empty() && asked.exclude.is_empty() && asked.replace.is_empty()) {
        return Err(Failure::usage(
            "a kept plan is carried out as it is: --target, --exclude and --replace belong to `slp plan --out`",
        ));
    }
    if global.env.is_some() && global.env != plan.env {
        let env = plan.env.as_deref().unwrap_or("none");
        return Err(Failure::new(
            4,
            format!("{} is of the environment {env}", path.display()),
        ));
    }
    let refresh = match bound.part.refresh.as_str() {
        "fast" => Refresh::Fast,
        "none" => Refresh::None,
        _ => Refresh::Full,
    };
    Ok(Kept {
        global: Global {
            env: plan.env.clone(),
            ..global.clone()
        },
        part: Scope {
            target: bound.part.target.clone(),
            exclude: bound.part.exclude.clone(),
            replace: bound.part.replace.clone(),
            refresh,
            // What refused it then refuses it now, also where only the command line asked.
            gates: plan
                .gates
                .iter()
                .map(|trip| trip.gate)
                .chain(asked.gates.clone())
                .collect(),
            ..asked.clone()
        },
        plan,
        bound,
    })
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
        let scope = &project.scope;
        let here = (
            &scope.project,
            &scope.account,
            &scope.region,
            &scope.endpoint,
        );
        let plan = &self.plan;
        if (&plan.project, &plan.account, &plan.region, &plan.endpoint) != here {
            return Err(Failure::new(
                4,
                format!(
                    "the plan is of {} in account {}, {}; this is {} in account {}, {}",
                    plan.project,
                    plan.account,
                    plan.region,
                    scope.project,
                    scope.account,
                    scope.region
                ),
            )
            .hint("nothing was done; use the credentials and the folder that it was made with"));
        }
        Ok(state.accepts(plan)?)
    }

    /// Puts the kept plan in the place of the one that is made now, if that does the same.
    pub fn replaces(&self, now: &Bound, made: MadePlan) -> Result<MadePlan, Failure> {
        let since = |addr: &Addr| made.live.get(addr)?.modified.clone();
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
    printer.out(&render::formed(&plan, form, &beside, &printer.style()));
    Ok(0)
}

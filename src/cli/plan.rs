//! `slp plan`: what would change, and why.

use std::collections::{BTreeMap, BTreeSet};

use super::args::{Global, PlanArgs, Refresh as How, Scope as Part};
use super::failure::Failure;
use super::format::{self, FormatArgs};
use super::kept;
use super::open::{self, Project};
use super::packages::Known;
use super::printer::Printer;
use super::rehearse::Mentions;
use super::rescue::rescued;
use super::{rehearse, rights};
use crate::addr::Addr;
use crate::apply;
use crate::aws::{Aws, Look, estimate};
use crate::cloud;
use crate::event::{Event, Listener};
use crate::gates;
use crate::manifest::Gates;
use crate::plan::{self, Action, Change, Inputs, Least, Notice, Plan, Rehearsal, Trip};
use crate::provider::Live;
use crate::refresh::{Refresh, refresh};
use crate::render::{self, Beside};
use crate::resolve::Desired;
use crate::state::{Snapshot, State, StateError};

/// Exit code of `--exit-code` when there are calls to make.
pub const PENDING: u8 = 3;
/// A shorter wait, in seconds, is not told beforehand.
const WORTH_TELLING: f64 = 5.0;
/// Exit code where a gate refused the plan; wins over the others.
const HELD: u8 = 5;
/// Exit code where a rehearsal failed.
const WOULD_FAIL: u8 = 1;

pub async fn run(global: &Global, args: &PlanArgs, printer: &Printer) -> Result<u8, Failure> {
    // What is wrong with the command line is said before anyone is asked.
    args.format.form(global)?;
    let (project, aws) = match args.destroy {
        true => open::unwanted(global, &args.scope).await?,
        false => open::online(global, &args.scope).await?,
    };
    let events = printer.listener();
    let snapshot = open::load(&project, &events).await?;
    if let (Some(_), Some(replay)) = (&args.out, &snapshot.replay) {
        return Err(StateError::Unsettled {
            store: project.store.describe(),
            holder: Some(Box::new(replay.holder.clone())),
        }
        .into());
    }
    let state = known(&project, snapshot, &aws, &events).await?;
    let mut made = make(&project, &aws, state, &args.scope, args.destroy, &events).await?;
    if args.rehearse && !made.plan.is_idle() {
        refuse_imports(&project.desired, &made.plan)?;
        made.plan.rehearsal = Some(rehearse::run(&project, &aws, &made, args, &events).await?);
    }
    if let Some(path) = &args.out {
        kept::keep(global, &project, &args.scope, &mut made, path, printer).await?;
    }
    print(global, &project, &made, &args.format, printer)?;
    project.shelf.save();
    pass(&made.plan)?;
    let fails = |rehearsal: &Rehearsal| !rehearsal.failures.is_empty();
    Ok(if made.plan.rehearsal.as_ref().is_some_and(fails) {
        WOULD_FAIL
    } else if args.exit_code && !made.plan.is_idle() {
        PENDING
    } else {
        0
    })
}

/// In a copy things have other ids than the entries name.
fn refuse_imports(desired: &Desired, plan: &Plan) -> Result<(), Failure> {
    let imported =
        |change: &Change| change.action == Action::Import && desired.adopts(&change.addr);
    match plan.changes.iter().any(imported) {
        true => Err(
            Failure::usage("what an [[import]] takes over cannot be rehearsed")
                .hint("take it over first: `slp apply --target ADDR`"),
        ),
        false => Ok(()),
    }
}

/// A plan, and what it was made from.
pub struct MadePlan {
    pub plan: Plan,
    /// Under the addresses of the manifest.
    pub state: State,
    pub live: BTreeMap<Addr, Live>,
    /// New address → old address.
    pub came_from: BTreeMap<Addr, Addr>,
}

/// The state as it is saved, with what an earlier run could not save or left open; nothing is
/// saved here.
pub async fn known(
    project: &Project,
    snapshot: Snapshot,
    aws: &Aws,
    events: &Listener,
) -> Result<State, Failure> {
    let (snapshot, _) = rescued(project, snapshot, events).await?;
    settled(project, snapshot, aws, events).await
}

/// The state of a snapshot, with what a run that did not end left open found out.
pub async fn settled(
    project: &Project,
    snapshot: Snapshot,
    aws: &Aws,
    events: &Listener,
) -> Result<State, Failure> {
    let state = match snapshot.replay.is_some() {
        true => placed(project, snapshot.state),
        // Unless a killed run may have made something there.
        false => placed(
            project,
            snapshot.state.map(|state| state.at(&project.scope)),
        ),
    };
    state.guard(&project.scope)?;
    match snapshot.replay {
        Some(replay) => Ok(apply::settle(&replay, state, aws, events).await?.state),
        None => Ok(state),
    }
}

/// The saved state, or a new one; of the embedded cloud, at the port where it is served now.
pub fn placed(project: &Project, state: Option<State>) -> State {
    let state = state.unwrap_or_else(|| State::new(&project.scope));
    match project.embedded {
        true => State {
            endpoint: project.scope.endpoint.clone(),
            ..state
        },
        false => state,
    }
}

/// Looks at AWS, and compares.
pub async fn make(
    project: &Project,
    aws: &Aws,
    state: State,
    part: &Part,
    destroy: bool,
    events: &Listener,
) -> Result<MadePlan, Failure> {
    let (state, came_from) = plan::moved(state, &project.desired)?;
    let how = match part.refresh {
        How::Full => Refresh::Full,
        How::Fast => Refresh::Fast,
        How::None => Refresh::None,
    };
    let replace = &part.replace;
    let live = refresh(&project.desired, &state, how, replace, aws, events).await?;
    let inputs = Inputs {
        desired: &project.desired,
        state: &state,
        came_from: &came_from,
        live: &live,
        scope: &project.scope,
        kinds: &project.kinds,
        options: &options(part, destroy, how),
    };
    let mut plan = plan::make(&inputs)?;
    let look = if destroy { Look::Apis } else { Look::AsRead };
    let looking = "looking for what is ours and in no state";
    events
        .during(looking, strays(aws, &state, look, &mut plan))
        .await?;
    plan.least = project.paced.then(|| least(&plan)).flatten();
    let rights = rights::of(aws, &plan, &state, &live, &project.desired.secrets);
    plan.rights = events.during("reading policies", rights).await;
    plan.gates = held(project, part, &plan);
    if project.embedded {
        tell_absent_layers(&plan, &project.scope.account, events);
    }
    Ok(MadePlan {
        plan,
        state,
        live,
        came_from,
    })
}

/// Says which functions will run without layers: the embedded cloud holds no other account's.
fn tell_absent_layers(plan: &Plan, account: &str, events: &Listener) {
    for change in &plan.changes {
        let mut named = Mentions::default();
        if let Some(after) = &change.after {
            named.add(after, account, &BTreeSet::new());
        }
        let foreign = |arn: &&String| arn.split(':').nth(4) != Some(account);
        for layer in named.layers.iter().filter(foreign) {
            events.tell(Event::Note(format!(
                "{}: the local cloud does not have the layer {layer}; the function runs without it",
                change.addr
            )));
        }
    }
}

/// Notes in the plan what is ours and in no state.
pub async fn strays(aws: &Aws, state: &State, look: Look, plan: &mut Plan) -> Result<(), Failure> {
    let strays = aws.strays(state, look).await?;
    plan.not_looked_at.extend(strays.unseen);
    for (addr, text) in strays.found {
        let notice = Notice {
            addr,
            fields: Vec::new(),
            text: Some(text),
        };
        // A closer look finds what the plan has found already.
        if !plan.notices.contains(&notice) {
            plan.notices.push(notice);
        }
    }
    Ok(())
}

/// What the manifest's gates and the command line's hold the plan up for.
fn held(project: &Project, part: &Part, plan: &Plan) -> Vec<Trip> {
    let Gates { refuse, waivers } = &project.gates;
    let gates = refuse.iter().chain(&part.gates).copied().collect();
    // A waiver's day is UTC's: it must not end earlier on one machine than on another.
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now());
    gates::trips(plan, &gates, waivers, today.date())
}

/// Refuses a plan that a gate holds up.
pub fn pass(plan: &Plan) -> Result<(), Failure> {
    let refusing: BTreeSet<&str> = plan
        .gates
        .iter()
        .filter(|trip| trip.waived.is_none())
        .map(|trip| trip.gate.name())
        .collect();
    if refusing.is_empty() {
        return Ok(());
    }
    let gates = refusing.into_iter().collect::<Vec<_>>().join(", ");
    Err(Failure::new(HELD, format!("refused by a gate ({gates}); nothing was done")).hint(
        "take it out of the manifest's changes, or say in a [[gates.waiver]] who agreed and until when",
    ))
}

/// How long AWS's limits make it last, where a person would wonder what takes so long.
fn least(plan: &Plan) -> Option<Least> {
    let held = estimate(plan).filter(|held| held.seconds >= WORTH_TELLING)?;
    Some(Least {
        seconds: held.seconds,
        limit: held.limit,
    })
}

/// What the command line adds to the comparison.
pub fn options(part: &Part, destroy: bool, how: Refresh) -> plan::Options {
    plan::Options {
        destroy,
        replace: part.replace.iter().cloned().collect(),
        target: part.target.clone(),
        exclude: part.exclude.clone(),
        take: part.take.clone(),
        not_looked_at: not_looked_at(how),
    }
}

fn not_looked_at(how: Refresh) -> Vec<String> {
    let trusted = format!("{}: the state was trusted", cloud::name());
    let what: &[&str] = match how {
        Refresh::Full => &[],
        Refresh::Fast => &[
            "where no list says that something moved: tags, resource policies, reserved concurrency",
            "role descriptions, and routes that were changed but not deployed",
        ],
        Refresh::None => &[&trusted],
    };
    what.iter().map(|line| (*line).to_owned()).collect()
}

/// What is wanted when nothing is.
pub fn nothing(desired: &Desired) -> Desired {
    Desired {
        moved: desired.moved.clone(),
        removed: desired.removed.clone(),
        protected: desired.protected.clone(),
        ids: desired.ids.clone(),
        secrets: desired.secrets.clone(),
        ..Desired::default()
    }
}

/// What this machine knows of the packages in a plan.
pub fn packages<'a>(project: &'a Project, state: &'a State) -> Known<'a> {
    Known {
        shelf: &project.shelf,
        state,
    }
}

/// Prints a plan in the form that is asked for.
pub fn print(
    global: &Global,
    project: &Project,
    made: &MadePlan,
    asked: &FormatArgs,
    printer: &Printer,
) -> Result<(), Failure> {
    let beside = Beside {
        packages: &packages(project, &made.state),
        needs: &format::needs(project, &made.state),
        lines: &project.lines,
        manifest: &format::manifest(global),
        link: asked.link.as_deref(),
        code: global.verbose,
        ..Beside::default()
    };
    let form = asked.form(global)?;
    let text = render::formed(&made.plan, form, &beside, &printer.style());
    format::print(form, &text, printer);
    Ok(())
}

//! `slp apply` and `slp destroy`: the plan, printed, confirmed, then done.

use std::path::Path;

use super::accept::accept;
use super::args::{ApplyArgs, DestroyArgs, Global, Scope as Part};
use super::confirm::confirm;
use super::failure::Failure;
use super::format::FormatArgs;
use super::kept::{self, Kept};
use super::locked::{lock, released};
use super::nearby;
use super::open::{self, Project};
use super::packages::{self, Known};
use super::plan::{self, MadePlan};
use super::printer::Printer;
use super::rescue::{merged, rescued};
use super::signals::Signals;
use crate::apply::{self, Applied, Apply};
use crate::aws::Aws;
use crate::cancel::Cancel;
use crate::cloud;
use crate::event::{Event, Listener, Outcome};
use crate::plan::{Action, Output, Plan, removed};
use crate::render::{self, Line};
use crate::state::{Session, State};

/// What is applied to the embedded cloud has URLs that nobody answers by itself.
const UNSERVED: &str =
    "nothing is served yet: `slp dev` and `slp local` serve it, and say at which port";

pub async fn apply(global: &Global, args: &ApplyArgs, printer: &Printer) -> Result<u8, Failure> {
    if let Some(path) = &args.plan {
        return kept_plan(global, args, path, printer).await;
    }
    let (project, aws) = open::online(global, &args.scope).await?;
    match args.refresh_only {
        true => accept(&project, &aws, args, printer).await,
        false => carry_out(global, project, aws, &args.scope, args.yes, false, printer).await,
    }
}

/// Carries out a kept plan, or refuses before anything is changed.
async fn kept_plan(
    global: &Global,
    args: &ApplyArgs,
    path: &Path,
    printer: &Printer,
) -> Result<u8, Failure> {
    let kept = kept::read(global, args, path)?;
    let (project, aws) = kept.open().await?;
    let events = printer.listener();
    let session = lock(&project, &aws, kept.part.lock_timeout, "apply", &events).await?;
    let run = Run {
        global: &kept.global,
        project: &project,
        aws: &aws,
        session: &*session,
        events: &events,
        printer,
        signals: Signals::listen(printer),
    };
    released(&*session, run.kept(&kept, args.yes).await, &events).await
}

pub async fn destroy(
    global: &Global,
    args: &DestroyArgs,
    printer: &Printer,
) -> Result<u8, Failure> {
    let (project, aws) = open::unwanted(global, &args.scope).await?;
    if let Some(hint) = nearby::hint(global).await
        && project.store.load().await?.state.is_none()
    {
        printer.err(hint);
    }
    carry_out(global, project, aws, &args.scope, args.yes, true, printer).await
}

/// Lock, settle what an earlier run left, plan, ask, do, save.
pub(super) async fn carry_out(
    global: &Global,
    project: Project,
    aws: Aws,
    part: &Part,
    yes: bool,
    destroy: bool,
    printer: &Printer,
) -> Result<u8, Failure> {
    let events = printer.listener();
    let word = if destroy { "destroy" } else { "apply" };
    let session = lock(&project, &aws, part.lock_timeout, word, &events).await?;
    let run = Run {
        global,
        project: &project,
        aws: &aws,
        session: &*session,
        events: &events,
        printer,
        signals: Signals::listen(printer),
    };
    released(&*session, run.carry_out(part, yes, destroy).await, &events).await
}

/// One run, under the lock.
struct Run<'a> {
    global: &'a Global,
    project: &'a Project,
    aws: &'a Aws,
    session: &'a dyn Session,
    events: &'a Listener,
    printer: &'a Printer,
    signals: Signals,
}

impl Run<'_> {
    async fn kept(&self, kept: &Kept, yes: bool) -> Result<u8, Failure> {
        let (project, aws, events) = (self.project, self.aws, self.events);
        let state = settled(project, self.session, aws, events);
        let state = self.signals.or_stop(state).await?;
        kept.fits(project, &state)?;
        let (part, destroy) = (&kept.part, kept.plan.destroy);
        let made = plan::make(project, aws, state, part, destroy, events);
        let made = self.signals.or_stop(made).await?;
        let now = kept::bound(self.global, project, part, &made)?;
        self.go(kept.replaces(&now, made)?, part.parallelism, yes)
            .await
    }

    async fn carry_out(&self, part: &Part, yes: bool, destroy: bool) -> Result<u8, Failure> {
        let (project, aws, events) = (self.project, self.aws, self.events);
        let state = settled(project, self.session, aws, events);
        let state = self.signals.or_stop(state).await?;
        let made = plan::make(project, aws, state, part, destroy, events);
        let made = self.signals.or_stop(made).await?;
        self.go(made, part.parallelism, yes).await
    }

    /// Prints the plan, asks, does it.
    async fn go(&self, made: MadePlan, parallelism: usize, yes: bool) -> Result<u8, Failure> {
        let project = self.project;
        match self.printer.streams() {
            true => self.printer.plan(&made.plan),
            false => self.print(&made)?,
        }
        project.shelf.save();
        plan::pass(&made.plan)?;
        let forgets = made
            .plan
            .changes
            .iter()
            .any(|c| c.action == Action::Forget && c.reason == Some(removed()));
        if made.plan.is_idle() && (yes || !forgets) {
            return self.learn(made).await;
        }
        if !yes {
            let (word, question) = match made.plan.destroy {
                true => ("destroy", "Destroy this?"),
                false => ("apply", "Apply this?"),
            };
            let answer = confirm(word, question, self.printer);
            self.signals.or_stop(answer).await?;
        }
        self.work(made, parallelism).await
    }

    fn print(&self, made: &MadePlan) -> Result<(), Failure> {
        let form = FormatArgs::default();
        plan::print(self.global, self.project, made, &form, self.printer)
    }

    /// Nothing to do in AWS; the state still learns what it did not know.
    async fn learn(&self, made: MadePlan) -> Result<u8, Failure> {
        let (_tell, stop) = tokio::sync::watch::channel(false);
        if made.plan.changes.is_empty() && !outputs_differ(&made) {
            self.end_stream(&Outcome::default(), &made.plan, &made.state, 0);
            return Ok(0);
        }
        let work = Apply {
            plan: &made.plan,
            desired: &self.project.desired,
            live: &made.live,
            provider: self.aws,
            session: self.session,
            events: &Listener::deaf(),
            stop,
            cancel: Cancel::never(),
            parallelism: 1,
        };
        let applied = apply::apply(&work, made.state).await?;
        let state = save_applied(self.project, self.session, &applied, self.events).await?;
        let outcome = &applied.outcome;
        let code = u8::from(!outcome.failed.is_empty());
        match code {
            0 => self.events.tell(Event::Note(format!(
                "the state is up to date now; no call changed {}",
                cloud::name()
            ))),
            _ => self.summary(outcome, &made.plan, false),
        }
        self.end_stream(outcome, &made.plan, &state, code);
        Ok(code)
    }

    /// `told`: what failed was told when it did.
    fn summary(&self, outcome: &Outcome, plan: &Plan, told: bool) {
        let style = self.printer.style();
        let summary = render::summary(outcome, command(plan), told, &style);
        if !self.printer.streams() {
            self.printer.err(&summary);
        }
    }

    /// The last lines of a stream of events.
    fn end_stream(&self, outcome: &Outcome, plan: &Plan, state: &State, code: u8) {
        if self.printer.streams() {
            let result = Line::result(outcome, command(plan), code);
            self.printer.line(&result);
            self.printer.line(&Line::outputs(&state.outputs));
        }
    }

    async fn work(&self, made: MadePlan, parallelism: usize) -> Result<u8, Failure> {
        let (project, printer) = (self.project, self.printer);
        let work = Apply {
            plan: &made.plan,
            desired: &project.desired,
            live: &made.live,
            provider: self.aws,
            session: self.session,
            events: self.events,
            stop: self.signals.stop.clone(),
            cancel: Cancel::when(self.signals.stop.clone()),
            parallelism,
        };
        self.signals.begin();
        let applied = apply::apply(&work, made.state).await?;
        let state = save_applied(project, self.session, &applied, self.events).await?;
        let outcome = &applied.outcome;
        self.summary(outcome, &made.plan, true);
        let code = match (self.signals.code(), outcome.failed.is_empty()) {
            (0, is_whole) => u8::from(!is_whole),
            (code, _) => code,
        };
        self.end_stream(outcome, &made.plan, &state, code);
        if !printer.streams() && outcome.open.is_empty() {
            printer.out(&render::outputs(&state.outputs, &printer.style()));
        }
        if project.unserved && !state.resources.is_empty() {
            printer.err(UNSERVED);
        }
        Ok(code)
    }
}

/// The state, with what an earlier run left open taken over and saved.
pub(super) async fn settled(
    project: &Project,
    session: &dyn Session,
    aws: &Aws,
    events: &Listener,
) -> Result<State, Failure> {
    let reading = format!("reading {}", project.store.describe());
    let snapshot = events.during(reading, session.load()).await?;
    let (snapshot, file) = rescued(project, snapshot, events).await?;
    let open = snapshot.replay.is_some() || file.is_some();
    let state = plan::settled(project, snapshot, aws, events).await?;
    if !open {
        return Ok(state);
    }
    let state = session.finish(state).await?;
    if let Some(file) = file {
        events.tell(Event::Note(merged(&file, state.serial)));
    }
    Ok(state)
}

/// Does the manifest have other outputs than the state? Secrets and what is not known do not count.
pub(super) fn outputs_differ(made: &MadePlan) -> bool {
    let (state, plan) = (&made.state.outputs, &made.plan.outputs);
    let same = |(name, output): (&String, &Output)| {
        let stored = state.get(name);
        output.value.known().is_none() || stored.map(|s| &s.value) == Some(&output.value)
    };
    !plan.iter().all(same) || state.keys().any(|name| !plan.contains_key(name))
}

/// What a person runs to carry out such a plan.
fn command(plan: &Plan) -> &'static str {
    match plan.destroy {
        true => "destroy",
        false => "apply",
    }
}

/// Saves what a run left, unless something of it is open: its journal then keeps everything, and
/// the next run settles it.
pub(super) async fn save_applied(
    project: &Project,
    session: &dyn Session,
    applied: &Applied,
    events: &Listener,
) -> Result<State, Failure> {
    match applied.outcome.open.is_empty() {
        true => save(project, session, applied.state.clone(), events).await,
        false => Ok(applied.state.clone()),
    }
}

/// Saves the state, with the listings of the packages that it names.
pub(super) async fn save(
    project: &Project,
    session: &dyn Session,
    mut state: State,
    events: &Listener,
) -> Result<State, Failure> {
    let specs = state
        .resources
        .values()
        .filter_map(|stored| stored.spec.as_ref());
    let named = packages::named(specs);
    let shelf = &project.shelf;
    let listings = packages::listings(
        &Known {
            shelf,
            state: &state,
        },
        &named,
    );
    state.packages = listings;
    Ok(events
        .during("saving the state", session.finish(state))
        .await?)
}

//! One round of `slp dev`: the manifest read, compared, and done, without asking.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::super::apply::{outputs_differ, save_applied, settled};
use super::super::args::{Global, Scope as Part};
use super::super::failure::Failure;
use super::super::locked::lock;
use super::super::open::{self, Project};
use super::super::places::Places;
use super::super::plan::{self, MadePlan};
use super::super::printer::Printer;
use super::super::runtimes::{self, Told};
use super::super::serve::Serving;
use super::inspect::Inspect;
use super::routes::routes;
use crate::apply::{self, Apply};
use crate::cancel::Cancel;
use crate::event::{Event, Listener};
use crate::plan::Output;
use crate::render::{self, Line, Route, Style};
use crate::state::State;

/// Another command may hold the state for a moment.
const LOCK: Duration = Duration::from_secs(10);

/// What a round left.
pub struct Round {
    pub outputs: BTreeMap<String, Output>,
    pub routes: Vec<Route>,
    /// Where the code came from.
    pub sources: Vec<PathBuf>,
    pub places: Places,
    pub ended: Ended,
}

/// What became of what there was to do.
#[derive(Clone, Copy, Default)]
pub struct Ended {
    /// Was there anything?
    pub is_changed: bool,
    /// Did all that was tried succeed?
    pub is_whole: bool,
    /// Was the round ended before it had finished all?
    pub is_stopped: bool,
}

/// Everything a round needs, which stays the same for all of them.
pub struct Rounds<'a> {
    pub global: &'a Global,
    pub serving: &'a Serving,
    pub printer: &'a Printer,
    pub stop: tokio::sync::watch::Receiver<bool>,
    pub inspect: Option<Inspect>,
    /// What was said of runtimes.
    pub told: Told,
}

impl Rounds<'_> {
    /// `cancel` ends the waits of this round: a newer save makes them pointless. `None`: it came
    /// before anything was done.
    pub async fn run(&self, cancel: &Cancel) -> Result<Option<Round>, Failure> {
        let part = Part {
            lock_timeout: LOCK,
            ..Part::default()
        };
        let local = Some(&self.serving.local);
        let (project, aws) = open::online_at(self.global, local, part.parallelism).await?;
        let cloud = &self.serving.front.cloud;
        let ready = runtimes::ready(cloud, &project, &self.told, self.printer);
        match cancel.within(ready).await {
            Ok(ready) => ready?,
            Err(_) => return Ok(None),
        }
        if let Some(inspect) = &self.inspect {
            inspect.declare(cloud, &project);
        }
        let events = notes(self.printer);
        let session = lock(&project, &aws, part.lock_timeout, "dev", &events);
        let Ok(session) = cancel.within(session).await else {
            return Ok(None);
        };
        let session = session?;
        let Ok(state) = cancel
            .within(settled(&project, &*session, &aws, &events))
            .await
        else {
            return Ok(None);
        };
        let state = state?;
        let made = plan::make(&project, &aws, state, &part, false, &events).await?;
        project.shelf.save();
        if made.plan.changes.is_empty() && !outputs_differ(&made) {
            self.warm(&project);
            let ended = Ended {
                is_whole: true,
                ..Ended::default()
            };
            return Ok(Some(self.done(&project, &made.state, ended)));
        }
        self.tell(&project, &made);
        let held = self.serving.front.gate.hold();
        let work = Apply {
            plan: &made.plan,
            desired: &project.desired,
            live: &made.live,
            provider: &aws,
            session: &*session,
            events: &events,
            stop: self.stop.clone(),
            cancel: cancel.clone(),
            parallelism: part.parallelism,
        };
        let applied = apply::apply(&work, made.state).await?;
        drop(held);
        let is_idle = made.plan.is_idle();
        let outcome = &applied.outcome;
        let is_whole = outcome.failed.is_empty();
        let ended = Ended {
            is_whole,
            is_stopped: !outcome.stopped.is_empty() || !outcome.not_started.is_empty(),
            is_changed: !is_idle,
        };
        let state = save_applied(&project, &*session, &applied, &events).await?;
        if !is_idle || !is_whole {
            let style = self.printer.style();
            let summary = render::summary(&applied.outcome, "dev", false, &style);
            match self.printer.streams() {
                true => {
                    self.printer
                        .line(&Line::result(&applied.outcome, "dev", u8::from(!is_whole)))
                }
                false => self.printer.err(&summary),
            }
        }
        self.serving.front.page.changed();
        self.warm(&project);
        Ok(Some(self.done(&project, &state, ended)))
    }

    /// What is inspected is started before it is called.
    fn warm(&self, project: &Project) {
        if let Some(inspect) = &self.inspect {
            inspect.warm(&self.serving.front.cloud, project);
        }
    }

    /// Shows the plan: its heads in the terminal, all of it on the page.
    fn tell(&self, project: &Project, made: &MadePlan) {
        if made.plan.is_idle() {
            return;
        }
        match self.printer.streams() {
            true => self.printer.plan(&made.plan),
            false => {
                let brief = render::brief(&made.plan, &self.printer.style());
                self.printer.err(&brief);
            }
        }
        let packages = plan::packages(project, &made.state);
        let style = Style {
            color: false,
            ..self.printer.style()
        };
        let page = &self.serving.front.page;
        page.planned(&render::plan(&made.plan, &packages, &style));
    }

    fn done(&self, project: &Project, state: &State, ended: Ended) -> Round {
        let draft = open::draft(self.global, &project.kinds).ok();
        let places = Places::of(state, draft.as_ref(), &project.file);
        let places = places.hiding(project.desired.secrets.clone());
        Round {
            outputs: state.outputs.clone(),
            routes: routes(state, &places),
            sources: project.shelf.sources(),
            places,
            ended,
        }
    }
}

/// What a person should know, and no more: the plan and the summary say the rest.
fn notes(printer: &Printer) -> Listener {
    match printer.streams() {
        true => printer.listener(),
        false => {
            printer.listener_of(|event| matches!(event, Event::Note(_) | Event::Waiting { .. }))
        }
    }
}

//! One round of `slp dev`: the manifest read, compared, and done, without asking.

use std::path::PathBuf;
use std::time::Duration;

use super::super::apply::{outputs_differ, save_applied, settled};
use super::super::args::{Global, Scope as Part};
use super::super::failure::Failure;
use super::super::locked::lock;
use super::super::open::{self, Project};
use super::super::plan::{self, MadePlan};
use super::super::printer::Printer;
use super::super::serve::Serving;
use super::names::Names;
use crate::apply::{self, Apply};
use crate::cancel::{Cancel, Cancelled};
use crate::event::{Event, Listener};
use crate::render::{self, Style};
use crate::state::State;

/// Another command may hold the state for a moment.
const LOCK: Duration = Duration::from_secs(10);

/// What a round left.
pub struct Round {
    /// The outputs as they are printed.
    pub outputs: String,
    /// Where the code came from.
    pub sources: Vec<PathBuf>,
    pub names: Names,
    /// Did all that was to be done succeed?
    pub is_whole: bool,
}

/// Everything a round needs, which stays the same for all of them.
pub struct Rounds<'a> {
    pub global: &'a Global,
    pub serving: &'a Serving,
    pub printer: &'a Printer,
    pub stop: tokio::sync::watch::Receiver<bool>,
}

impl Rounds<'_> {
    /// `cancel` ends the waits of this round: a newer save makes them pointless.
    pub async fn run(&self, cancel: &Cancel) -> Result<Round, Failure> {
        let part = Part {
            lock_timeout: LOCK,
            ..Part::default()
        };
        let local = Some(&self.serving.local);
        let (project, aws) = open::online_at(self.global, local, part.parallelism).await?;
        let events = notes(self.printer);
        let session = lock(&project, &aws, part.lock_timeout, "dev", &events).await?;
        let state = settled(&project, &*session, &aws, &events);
        let state = cancel.within(state).await.map_err(|Cancelled| {
            Failure::new(1, "stopped while looking for what an earlier run left")
        })??;
        let made = plan::make(&project, &aws, state, &part, false, &events).await?;
        project.shelf.save();
        if made.plan.changes.is_empty() && !outputs_differ(&made) {
            return Ok(self.done(&project, &made.state, true));
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
        let is_whole = applied.outcome.failed.is_empty();
        let state = save_applied(&project, &*session, &applied).await?;
        if !is_idle || !is_whole {
            let style = self.printer.style();
            let summary = render::summary(&applied.outcome, "dev", false, &style);
            self.printer.err(&summary);
        }
        self.serving.front.page.changed();
        Ok(self.done(&project, &state, is_whole))
    }

    /// Shows the plan: its heads in the terminal, all of it on the page.
    fn tell(&self, project: &Project, made: &MadePlan) {
        if made.plan.is_idle() {
            return;
        }
        self.printer
            .err(&render::brief(&made.plan, &self.printer.style()));
        let packages = plan::packages(project, &made.state);
        let style = Style {
            color: false,
            ..self.printer.style()
        };
        let page = &self.serving.front.page;
        page.planned(&render::plan(&made.plan, &packages, &style));
    }

    fn done(&self, project: &Project, state: &State, is_whole: bool) -> Round {
        Round {
            outputs: render::outputs(&state.outputs, &self.printer.style()),
            sources: project.shelf.sources(),
            names: Names::of(state),
            is_whole,
        }
    }
}

/// What a person should know, and no more: the plan and the summary say the rest.
fn notes(printer: &Printer) -> Listener {
    let all = printer.listener();
    Listener::new(move |event| {
        if matches!(event, Event::Note(_) | Event::Waiting { .. }) {
            all.tell(event);
        }
    })
}

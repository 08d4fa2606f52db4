//! `slp state adopt --env NAME`: what was applied before the manifest had environments becomes the
//! named one's. Its state is copied to the environment's place, and the ownership tags in AWS say
//! the environment from then on. Nothing is made, renamed or deleted; a run that was killed is
//! run again.

use std::collections::BTreeMap;

use super::accept::take_over;
use super::apply::save;
use super::args::{Global, Scope as Part};
use super::confirm::confirm;
use super::drift;
use super::failure::Failure;
use super::history::settled;
use super::locked::{lock, under};
use super::open::{self, Project};
use super::plan;
use super::printer::Printer;
use crate::addr::Addr;
use crate::apply::{self, Apply};
use crate::aws::Aws;
use crate::cancel::Cancel;
use crate::cloud;
use crate::event::Listener;
use crate::plan::{Action, Change};
use crate::provider::Live;
use crate::refresh::{Refresh, refresh};
use crate::render;
use crate::scope::Scope;
use crate::state::{Holder, LockRequest, Session, State, StateError, Store};

pub async fn run(global: &Global, yes: bool, printer: &Printer) -> Result<u8, Failure> {
    let part = Part::default();
    let (project, aws) = open::adopting(global, &part).await?;
    let Some(former) = project.former.clone() else {
        return Err(
            Failure::usage("no environment is named that could take it over")
                .hint("write [env.NAME], which may be empty, and run `slp state adopt --env NAME`"),
        );
    };
    let events = printer.listener();
    let request = LockRequest {
        holder: Holder::this_process("state adopt"),
        timeout: part.lock_timeout,
    };
    let before = former.lock(request, &events).await?;
    let work = async {
        let old = old(&*former, &*before, &project).await?;
        let session = lock(&project, &aws, part.lock_timeout, "state adopt", &events).await?;
        let adopting = Adopting {
            project,
            aws: &aws,
            session: &*session,
            events: &events,
            printer,
        };
        under(&*session, printer, adopting.adopt(old, yes)).await
    };
    let place = former.describe();
    let done = super::locked::released(&*before, work.await, &events).await?;
    printer.err(&format!(
        "{done}; the old state stays in {place}: delete it once `slp plan` is right"
    ));
    Ok(0)
}

/// The state without an environment, which must be this project's and be settled.
async fn old(
    former: &dyn Store,
    before: &dyn Session,
    project: &Project,
) -> Result<State, Failure> {
    let snapshot = before.load().await?;
    settled(former, &snapshot)?;
    let Some(state) = snapshot.state else {
        let store = former.describe();
        return Err(StateError::NoState { store }.into());
    };
    state.guard(&Scope {
        env: None,
        ..project.scope.clone()
    })?;
    Ok(state)
}

struct Adopting<'a> {
    project: Project,
    aws: &'a Aws,
    session: &'a dyn Session,
    events: &'a Listener,
    printer: &'a Printer,
}

impl Adopting<'_> {
    async fn adopt(mut self, old: State, yes: bool) -> Result<String, Failure> {
        self.same_names(&old)?;
        let state = self.given(old).await?;
        let live = self.live(&state).await?;
        // What AWS has is what is wanted: all that is left to do is to write tags.
        let mut seen = state.clone();
        take_over(&mut seen, &live, &self.project);
        self.project.desired = drift::as_left(&self.project, &seen);
        let part = Part {
            exclude: gone(&state, &live),
            ..Part::default()
        };
        let mut made = plan::make(&self.project, self.aws, seen, &part, false, self.events).await?;
        let plan = &made.plan;
        if let Some(change) = plan.changes.iter().find(|change| !only_tags(change)) {
            let text = format!("{} would be changed, and not only given", change.addr);
            return Err(Failure::new(1, text).hint(format!(
                "run `slp state adopt` again: {} was changed meanwhile",
                cloud::name()
            )));
        }
        self.tell(&state, plan.calls());
        if !yes {
            confirm("state adopt", "Adopt this?", self.printer).await?;
        }
        // What drifted stays to be told by the next plan.
        made.state = state;
        self.tag(made).await
    }

    /// Under other names the next apply would replace everything. What stands under something goes
    /// by its name; a permission of slp's own, whose id holds the environment, is made again beside
    /// the old one by the next apply.
    fn same_names(&self, old: &State) -> Result<(), Failure> {
        let wanted = self.project.desired.resources.values();
        let roots = wanted.filter(|wanted| wanted.addr.parent().is_none());
        let renamed = roots.filter_map(|wanted| {
            let (there, here) = (old.resources.get(&wanted.addr)?, wanted.id.as_ref()?);
            (there.id != *here).then(|| {
                let (addr, id, cloud) = (&wanted.addr, &there.id, cloud::name());
                format!("  {addr}: {id} in {cloud}, {here} here")
            })
        });
        let renamed: Vec<String> = renamed.collect();
        if renamed.is_empty() {
            return Ok(());
        }
        let env = self.project.scope.env_or_dash();
        let text = format!(
            "the environment `{env}` has other names than what was applied:\n{}",
            renamed.join("\n")
        );
        Err(Failure::usage(text).hint(format!(
            "give [env.{env}.project] the `name_prefix` that everything was applied with (\"\" for none); the other environments have one of their own"
        )))
    }

    /// The state in the environment's place; one of an earlier try goes on.
    async fn given(&self, old: State) -> Result<State, Failure> {
        let store = &self.project.store;
        let snapshot = self.session.load().await?;
        settled(&**store, &snapshot)?;
        match snapshot.state {
            None => {
                let state = State {
                    env: self.project.scope.env.clone(),
                    ..old
                };
                self.session.create(&state).await?;
                Ok(state)
            }
            Some(there) if there.lineage == old.lineage => Ok(there),
            Some(there) if there.resources.is_empty() => {
                let state = State {
                    env: there.env,
                    serial: there.serial,
                    lineage: there.lineage,
                    ..old
                };
                Ok(self.session.finish(state).await?)
            }
            Some(there) => Err(Failure::new(
                4,
                format!(
                    "{} lists {} resources already",
                    store.describe(),
                    there.resources.len()
                ),
            )
            .hint("an environment takes over what was applied without one only while it has nothing of its own")),
        }
    }

    async fn live(&self, state: &State) -> Result<BTreeMap<Addr, Live>, Failure> {
        let desired = &self.project.desired;
        Ok(refresh(desired, state, Refresh::Full, &[], self.aws, self.events).await?)
    }

    fn tell(&self, state: &State, calls: usize) {
        let all = state.resources.iter();
        let listed = all.map(|(addr, stored)| (addr, stored.id.as_str()));
        self.printer.out(&render::listing(listed));
        let env = self.project.scope.env_or_dash();
        let tags = if calls == 0 {
            "no tags are to be written".to_owned()
        } else {
            format!("their tags will say so ({calls} {}s)", cloud::call())
        };
        self.printer
            .out(&format!("These go to the environment `{env}`; {tags}."));
    }

    async fn tag(&self, made: plan::MadePlan) -> Result<String, Failure> {
        let (_tell, stop) = tokio::sync::watch::channel(false);
        let work = Apply {
            plan: &made.plan,
            desired: &self.project.desired,
            live: &made.live,
            provider: self.aws,
            session: self.session,
            events: self.events,
            stop,
            cancel: Cancel::never(),
            parallelism: Part::default().parallelism,
        };
        let applied = apply::apply(&work, made.state).await?;
        save(&self.project, self.session, applied.state, self.events).await?;
        let outcome = applied.outcome;
        if !outcome.failed.is_empty() {
            let style = self.printer.style();
            self.printer
                .err(&render::summary(&outcome, "state adopt", true, &style));
            let text = "not all of it was given to the environment";
            return Err(
                Failure::new(1, text).hint("run `slp state adopt` again: it goes on from here")
            );
        }
        let env = self.project.scope.env_or_dash();
        let place = self.project.store.describe();
        Ok(format!(
            "the environment `{env}` has it now, and its state is {place}"
        ))
    }
}

/// What AWS does not have: the next plan tells.
fn gone(state: &State, live: &BTreeMap<Addr, Live>) -> Vec<Addr> {
    let all = state.resources.keys();
    all.filter(|addr| !live.contains_key(*addr))
        .cloned()
        .collect()
}

fn only_tags(change: &Change) -> bool {
    let tags = |call: &String| call.contains("Tag");
    let calls = change.calls.iter().filter_map(|call| call.call.as_ref());
    matches!(change.action, Action::Update | Action::Learn | Action::Move)
        && change.removal.is_empty()
        && calls.into_iter().all(tags)
}

//! The engine as a whole, from manifest to cloud, over small kinds and a cloud in memory:
//! what must hold for every manifest, whatever happened in the cloud and whenever a run died.

mod memory;
mod properties;
mod removal;
mod wishes;
mod world;

use std::collections::BTreeMap;
use std::future::Future;
use std::task::Poll;
use std::time::Duration;

use super::{Applied, Apply, apply, settle};
use crate::addr::Addr;
use crate::cancel::Cancel;
use crate::event::{Listener, Outcome};
use crate::plan::{self, Action, Inputs, Options, Plan, Refusal};
use crate::provider::Live;
use crate::refresh::{Refresh, refresh};
use crate::resolve::Desired;
use crate::resolve::fakes;
use crate::state::{Session, State};
use memory::Memory;
use world::{Fault, World};

/// A project with its cloud and its state.
#[derive(Default)]
struct Project {
    world: World,
    disk: Memory,
}

/// A plan, and the state under its addresses.
struct Planned {
    plan: Plan,
    state: State,
    live: BTreeMap<Addr, Live>,
}

impl Project {
    /// Applied, with nothing going wrong.
    fn with(desired: &Desired) -> Project {
        let project = Project::default();
        project.applied(desired);
        project
    }

    /// The state, with what an earlier run left open found out.
    fn known(&self) -> State {
        let snapshot = self.run(self.disk.load()).unwrap();
        let state = snapshot.state;
        let state = state.unwrap_or_else(|| State::new(&fakes::scope()));
        match snapshot.replay {
            None => state,
            Some(replay) => {
                let events = Listener::deaf();
                let settled = self.run(settle(&replay, state, &self.world, &events));
                settled.unwrap().state
            }
        }
    }

    fn planned(&self, desired: &Desired, options: &Options) -> Result<Planned, Vec<Refusal>> {
        let (state, came_from) = plan::moved(self.known(), desired)?;
        let events = Listener::deaf();
        let replace: Vec<Addr> = options.replace.iter().cloned().collect();
        let live = refresh(
            desired,
            &state,
            Refresh::Full,
            &replace,
            &self.world,
            &events,
        );
        let live = self.run(live).unwrap();
        let plan = plan::make(&Inputs {
            desired,
            state: &state,
            came_from: &came_from,
            live: &live,
            scope: &fakes::scope(),
            kinds: &fakes::kinds(),
            options,
        })?;
        Ok(Planned { plan, state, live })
    }

    fn plan(&self, desired: &Desired) -> Plan {
        let planned = self.planned(desired, &Options::default());
        planned
            .unwrap_or_else(|refusals| panic!("{refusals:?}"))
            .plan
    }

    /// One run from settling to saving; `None` where it was killed on the way.
    fn try_apply(
        &self,
        desired: &Desired,
        options: &Options,
        fault: Option<(usize, Fault)>,
    ) -> Option<(Plan, Outcome)> {
        if !self.disk.is_settled() {
            let state = self.known();
            self.run(self.disk.finish(state)).unwrap();
        }
        let Planned { plan, state, live } = self
            .planned(desired, options)
            .unwrap_or_else(|refusals| panic!("{refusals:?}"));
        self.world.begin(fault);
        self.world.lock().replacing = replacing(&plan);
        let (_tell, stop) = tokio::sync::watch::channel(false);
        let work = Apply {
            plan: &plan,
            desired,
            live: &live,
            provider: &self.world,
            session: &self.disk,
            events: &Listener::deaf(),
            stop,
            cancel: Cancel::never(),
            parallelism: 3,
        };
        let Applied { state, outcome } = self.drive(apply(&work, state))?.unwrap();
        self.run(self.disk.finish(state)).unwrap();
        Some((plan, outcome))
    }

    /// One run in which nothing goes wrong.
    fn applied(&self, desired: &Desired) -> (Plan, Outcome) {
        let (plan, outcome) = self.try_apply(desired, &Options::default(), None).unwrap();
        assert_eq!(outcome.failed, []);
        assert_eq!(self.world.lock().broken, Vec::<String>::new());
        (plan, outcome)
    }

    /// Polls to the end; `None` once the cloud has killed us.
    fn drive<F: Future>(&self, future: F) -> Option<F::Output> {
        // Its clock stands still but for waits, which take no time.
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let mut future = std::pin::pin!(future);
            for _ in 0..100_000 {
                let once =
                    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
                if let Poll::Ready(output) = once.await {
                    return Some(output);
                }
                if self.world.lock().dead {
                    return None;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            panic!("it waits for something that never comes");
        })
    }

    fn run<F: Future>(&self, future: F) -> F::Output {
        self.world.lock().dead = false;
        self.drive(future).expect("nothing kills this")
    }
}

/// What the plan makes anew under the name that it has.
fn replacing(plan: &Plan) -> std::collections::BTreeSet<world::Key> {
    let replaced = plan.changes.iter().filter(|c| c.action == Action::Replace);
    replaced
        .filter_map(|change| Some((change.addr.kind(), change.id.clone()?)))
        .collect()
}

fn wants(text: &str) -> Desired {
    fakes::desired(text).unwrap_or_else(|report| panic!("{report}\n{text}"))
}

/// What `slp destroy` wants.
fn nothing() -> Desired {
    Desired::default()
}

fn addr(text: &str) -> Addr {
    Addr::parse(text).unwrap()
}

/// `+ role.r`, `-/+ function.F`, …, in order of address.
fn lines(plan: &Plan) -> Vec<String> {
    let line = |change: &plan::Change| format!("{} {}", change.action.symbol(), change.addr);
    plan.changes.iter().map(line).collect()
}

/// Without what is new each time: the operations' ids.
fn without_ids(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let ops: BTreeMap<String, String> = plan
        .changes
        .iter()
        .map(|change| (change.op.clone(), change.addr.to_string()))
        .collect();
    for change in &mut plan.changes {
        change.op = ops[&change.op].clone();
    }
    plan
}

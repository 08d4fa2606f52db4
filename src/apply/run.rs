//! Runs a plan: independent changes at once, one writer a function or API, dependants after.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;
use tokio::time::Instant;

use super::job::{self, Shop, Stop};
use super::look::{Failed, look_again};
use super::order::Order;
use crate::addr::Addr;
use crate::cancel::Cancel;
use crate::event::{Event, Failure, Listener, Outcome, Phase};
use crate::plan::{Action, Change, Half, Plan, Task};
use crate::provider::{Live, Made, Provider, ProviderError};
use crate::resolve::Desired;
use crate::state::{Record, Session, State, StateError, Stored};

/// What a run works with.
pub struct Apply<'a> {
    pub plan: &'a Plan,
    pub desired: &'a Desired,
    /// What AWS had when the plan was made.
    pub live: &'a BTreeMap<Addr, Live>,
    pub provider: &'a dyn Provider,
    pub session: &'a dyn Session,
    pub events: &'a Listener,
    /// Turns true when no more work may be started.
    pub stop: watch::Receiver<bool>,
    /// Ends waits early: what waits is stopped, which is no failure, and nothing more is begun.
    pub cancel: Cancel,
    /// How many changes are worked on at once.
    pub parallelism: usize,
}

/// What a run gave.
pub struct Applied {
    /// Not to be saved while the outcome says that something is open: the journal, which the next
    /// run settles, knows more.
    pub state: State,
    pub outcome: Outcome,
}

struct Ended {
    task: Task,
    took: Duration,
    made: Made,
    result: Result<(), Stop>,
}

/// Why a run could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error("{0}")]
    Circle(String),
    #[error(transparent)]
    State(#[from] StateError),
}

/// Does what the plan says. The state that is returned is not saved yet.
pub async fn apply(work: &Apply<'_>, state: State) -> Result<Applied, ApplyError> {
    let plan = work.plan;
    let order = Order::of(plan).map_err(ApplyError::Circle)?;
    work.session.begin(&state, plan).await?;
    let told = |task: &&Task| plan.changes[task.0].action != Action::Learn;
    let tasks = order.tasks().filter(told).count();
    let _applying = work.events.begin(Phase::Applying { tasks });
    let since = Instant::now();
    let shop = Shop {
        provider: work.provider,
        session: work.session,
        desired: work.desired,
        live: work.live,
        events: work.events,
        cancel: &work.cancel,
        key: state.secret_key.clone(),
        calls: AtomicUsize::new(0),
        outputs: Mutex::new(outputs(&state, work.desired)),
    };
    let mut desk = Desk {
        plan,
        shop: &shop,
        state,
        order,
        outcome: Outcome::default(),
    };
    let lost = carry_out(work, &shop, &mut desk).await;
    leave_undone(plan, &desk.order, &mut desk.outcome);
    desk.outcome.calls = shop.calls.load(Ordering::Relaxed);
    desk.outcome.seconds = since.elapsed().as_secs_f64();
    settle_outputs(&shop, plan, work.desired, &mut desk.state);
    if lost.is_some() || !desk.outcome.open.is_empty() {
        work.session.suspend().await?;
    }
    match lost {
        Some(error) => Err(error.into()),
        None => Ok(Applied {
            state: desk.state,
            outcome: desk.outcome,
        }),
    }
}

/// Does all that can be done; why it ended early, if what was done could not be noted.
async fn carry_out(work: &Apply<'_>, shop: &Shop<'_>, desk: &mut Desk<'_>) -> Option<StateError> {
    let plan = work.plan;
    let mut busy: BTreeSet<&str> = BTreeSet::new();
    let mut running = FuturesUnordered::new();
    let mut lost = None;
    loop {
        desk.outcome.interrupted |= *work.stop.borrow();
        let start = !desk.outcome.interrupted && lost.is_none();
        while start && running.len() < work.parallelism.max(1) {
            let free = |task: &Task| !busy.contains(plan.changes[task.0].addr.root());
            let Some(task) = desk.order.take(free) else {
                break;
            };
            let change = &plan.changes[task.0];
            busy.insert(change.addr.root());
            running.push(begin(shop, change, task));
        }
        let Some(ended) = running.next().await else {
            return lost;
        };
        busy.remove(plan.changes[ended.task.0].addr.root());
        if let Err(error) = desk.finish(ended).await {
            lost = Some(error);
        }
    }
}

fn outputs(state: &State, desired: &Desired) -> BTreeMap<Addr, crate::kind::Outputs> {
    let mut outputs: BTreeMap<Addr, crate::kind::Outputs> = state
        .resources
        .iter()
        .map(|(addr, stored)| (addr.clone(), stored.outputs.clone()))
        .collect();
    for (addr, wanted) in &desired.resources {
        outputs
            .entry(addr.clone())
            .or_default()
            .extend(wanted.known.clone());
    }
    outputs
}

async fn begin(shop: &Shop<'_>, change: &Change, task: Task) -> Ended {
    let since = Instant::now();
    if !change.calls.is_empty() || !change.removal.is_empty() {
        shop.events.tell(Event::Started {
            addr: change.addr.clone(),
            action: action(change, task.1),
        });
    }
    let mut made = job::start(change, task.1);
    let result = job::run(shop, change, task.1, &mut made).await;
    Ended {
        task,
        took: since.elapsed(),
        made,
        result,
    }
}

fn action(change: &Change, half: Half) -> Action {
    match (change.action, half) {
        (Action::Replace, Half::Remove) => Action::Delete,
        (Action::Replace, Half::Make) => Action::Create,
        (action, _) => action,
    }
}

/// What the outcomes of a run change.
struct Desk<'a> {
    plan: &'a Plan,
    shop: &'a Shop<'a>,
    state: State,
    order: Order,
    outcome: Outcome,
}

impl Desk<'_> {
    /// Notes how a task ended.
    ///
    /// # Errors
    /// What was done cannot be noted: no more may be begun.
    async fn finish(&mut self, ended: Ended) -> Result<(), StateError> {
        match ended.result {
            Ok(()) => self.done(ended.task, ended.made, ended.took).await,
            Err(Stop::Store(error)) => {
                self.order.fail(ended.task);
                Err(error)
            }
            Err(Stop::Aws(error)) => {
                let (task, made, took) = (ended.task, ended.made, ended.took);
                match &error.stopped {
                    Some(stopped) => self.stopped(task, took, &stopped.why),
                    None => self.failed(task, &error, took),
                }
                self.look(task, made, error.unsure).await
            }
        }
    }

    async fn done(&mut self, task: Task, made: Made, took: Duration) -> Result<(), StateError> {
        let change = &self.plan.changes[task.0];
        let (addr, action) = (change.addr.clone(), action(change, task.1));
        let record = keep(self.shop, change, task.1, made, &mut self.state);
        self.shop.session.record(&record, false).await?;
        self.order.done(task);
        if !matches!(action, Action::Learn) {
            self.shop.events.tell(Event::Finished {
                addr: addr.clone(),
                action,
                took,
            });
        }
        if change.action != Action::Replace || task.1 == Half::Make {
            self.outcome.done.push((addr, change.action));
        }
        Ok(())
    }

    /// The user ended its wait: what waits for it in turn is not started.
    fn stopped(&mut self, task: Task, took: Duration, why: &str) {
        let change = &self.plan.changes[task.0];
        self.shop.events.tell(Event::Stopped {
            addr: change.addr.clone(),
            action: action(change, task.1),
            why: why.to_owned(),
            took,
        });
        self.outcome.interrupted = true;
        self.outcome.stopped.push(change.addr.clone());
    }

    fn failed(&mut self, task: Task, error: &ProviderError, took: Duration) {
        let change = &self.plan.changes[task.0];
        let addr = change.addr.clone();
        let text = job::redacted(&error.to_string(), &self.shop.desired.secrets);
        self.shop.events.tell(Event::Failed {
            addr: addr.clone(),
            action: action(change, task.1),
            error: text.clone(),
            hint: error.hint.clone(),
            took,
        });
        self.outcome.failed.push(Failure {
            addr: addr.clone(),
            action: change.action,
            operation: error.operation.to_string(),
            code: error.code.clone(),
            error: text,
            hint: error.hint.clone(),
        });
        for (lost, _) in self.order.fail(task) {
            self.skip(&self.plan.changes[lost].addr, &addr);
        }
    }

    /// Notes how far it went that ended early.
    ///
    /// # Errors
    /// It cannot be noted: no more may be begun.
    async fn look(&mut self, task: Task, made: Made, unsure: bool) -> Result<(), StateError> {
        let change = &self.plan.changes[task.0];
        let failed = Failed {
            change,
            half: task.1,
            made,
            unsure,
        };
        let record = look_again(self.shop, &failed, &mut self.state).await;
        if matches!(record, Record::Failed { .. }) {
            self.outcome.open.push(change.addr.clone());
        }
        self.shop.session.record(&record, false).await
    }

    /// What waits for something that failed is not tried.
    fn skip(&mut self, skipped: &Addr, because: &Addr) {
        let told = self.outcome.skipped.iter().any(|(addr, _)| addr == skipped);
        if skipped == because || told {
            return;
        }
        self.shop.events.tell(Event::Skipped {
            addr: skipped.clone(),
            because: because.clone(),
        });
        let pair = (skipped.clone(), because.clone());
        self.outcome.skipped.push(pair);
    }
}

/// Puts what a task did into the state.
fn keep(shop: &Shop<'_>, change: &Change, half: Half, made: Made, state: &mut State) -> Record {
    let addr = change.addr.clone();
    if half == Half::Remove || change.action == Action::Forget {
        state.resources.remove(&addr);
        return Record::Gone { addr };
    }
    let old = change
        .moves_from()
        .and_then(|from| state.resources.remove(from));
    let old = state.resources.remove(&addr).or(old);
    let outputs = match (made.outputs.is_empty(), old) {
        (true, Some(old)) => old.outputs,
        (true, None) => Default::default(),
        (false, _) => made.outputs,
    };
    shop.learn(&addr, outputs.clone());
    let stored = Stored {
        kind: addr.kind(),
        id: made
            .id
            .or_else(|| change.new_id.clone())
            .unwrap_or_default(),
        spec: change.after.as_ref().map(|after| shop.filled(after)),
        veils: Vec::new(),
        outputs,
        facts: made.facts,
        needs: change.needs.clone(),
        protect: change.protect,
        ignore: change.ignore.clone(),
    };
    state.resources.insert(addr.clone(), stored.clone());
    Record::Done { addr, stored }
}

/// What an interruption kept from being started: of what was stopped, the order still has all
/// that waits for it.
fn leave_undone(plan: &Plan, order: &Order, outcome: &mut Outcome) {
    if order.is_empty() {
        return;
    }
    for change in &plan.changes {
        let told = outcome.done.iter().any(|(addr, _)| *addr == change.addr)
            || outcome
                .failed
                .iter()
                .any(|failed| failed.addr == change.addr)
            || outcome.stopped.contains(&change.addr)
            || outcome.skipped.iter().any(|(addr, _)| *addr == change.addr);
        if !told && outcome.interrupted {
            outcome.not_started.push(change.addr.clone());
        }
    }
}

/// The manifest's outputs as they stand now; what a failure left unknown is left out.
fn settle_outputs(shop: &Shop<'_>, plan: &Plan, desired: &Desired, state: &mut State) {
    state.outputs.clear();
    for (name, output) in &plan.outputs {
        let mut told_of = desired.told_of.get(name).into_iter().flatten();
        // What was never made may have a name that is known all the same.
        if told_of.any(|addr| !state.resources.contains_key(addr)) {
            continue;
        }
        let value = shop.filled(&crate::text::to_value(&output.value));
        let Some(value) = crate::text::from_value(&value) else {
            continue;
        };
        let value = match value {
            value if value.holds_secret() => crate::text::Text::Masked(String::new()),
            // A failure, or an interruption, left it unknown.
            crate::text::Text::Template(_) => continue,
            value => value,
        };
        state.outputs.insert(
            name.clone(),
            crate::plan::Output {
                value,
                ..output.clone()
            },
        );
    }
}

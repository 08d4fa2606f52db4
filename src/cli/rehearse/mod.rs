//! `slp plan --rehearse`: the plan carried out on a copy of what AWS has.
//!
//! The copy is an embedded cloud in memory, of the same account and region. `outside` asks AWS
//! what the project refers to and does not own, `seed` makes in the copy what the refresh read,
//! `same` checks that the copy and its plan are as the real ones, and `apply` itself does the
//! work, on a clock that only jumps. `report` says what came of it. AWS hears of nothing but
//! reads.
//!
//! Left out on purpose: what an account holds beside the project. So its quotas count the
//! project's things alone.

mod beside;
mod mentions;
mod outside;
mod report;
mod same;
mod seed;
mod session;
mod stand_in;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::args::PlanArgs;
use super::embedded::Local;
use super::failure::Failure;
use super::open::Project;
use super::plan::{self, MadePlan};
use crate::addr::Addr;
use crate::apply::{self, Apply};
use crate::aws::Aws;
use crate::cancel::Cancel;
use crate::event::{Event, Listener, Phase};
use crate::local::Cloud;
use crate::plan::{Change, Inputs, Rehearsal, make};
use crate::refresh::{Refresh, refresh};
pub use mentions::Mentions;
#[cfg(test)]
pub use outside::ALLOWS_ALL;
use outside::Outside;
use seed::Seeds;
use session::Nowhere;

/// How long a new role takes until Lambda may assume it. AWS gives no figure; clients that poll
/// for it (chalice, the Terraform provider) mostly see some ten seconds.
const SPREADING: Duration = Duration::from_secs(10);
/// How long a function is pending, or being updated.
const SETTLING: Duration = Duration::from_secs(2);
/// What was copied is old.
const AGE: Duration = Duration::from_secs(3600);
/// Nobody listens there: the copy is reached in process.
const URL: &str = "http://127.0.0.1:4566";

/// Carries the plan out on a copy.
pub async fn run(
    project: &Project,
    aws: &Aws,
    made: &MadePlan,
    args: &PlanArgs,
    events: &Listener,
) -> Result<Rehearsal, Failure> {
    if project.scope.partition != "aws" {
        let partition = &project.scope.partition;
        return Err(Failure::usage(format!(
            "--rehearse knows the partition aws only, and this is {partition}"
        )));
    }
    events.tell(Event::Note(
        "rehearsing the plan on a copy in memory".into(),
    ));
    let asking = "reading what the project refers to";
    let outside = events
        .during(asking, Outside::ask(aws, project, made))
        .await;
    let _rehearsing = events.begin(Phase::Named("rehearsing the plan".into()));
    let stage = Stage {
        project,
        made,
        args,
        outside: &outside,
    };
    // A clock of its own, which jumps to the next moment at which anything happens.
    std::thread::scope(|scope| {
        let rehearsal = scope.spawn(|| {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .start_paused(true)
                .build()
                .map_err(|error| Failure::new(1, format!("the runtime cannot start: {error}")))?
                .block_on(stage.play())
        });
        let broken = |_| Err(Failure::new(1, "the rehearsal broke off"));
        rehearsal.join().unwrap_or_else(broken)
    })
}

/// What a rehearsal works with.
struct Stage<'a> {
    project: &'a Project,
    made: &'a MadePlan,
    args: &'a PlanArgs,
    outside: &'a Outside,
}

impl Stage<'_> {
    async fn play(&self) -> Result<Rehearsal, Failure> {
        let cloud = Arc::new(Cloud::of_account(&self.project.scope.account)?);
        cloud.faults().settle_in(Duration::ZERO);
        let seeds = Seeds::plant(self.project, &cloud, self.made, self.outside).await?;
        cloud.faults().settle_in(SETTLING);
        cloud.faults().propagate_in(SPREADING);
        tokio::time::sleep(AGE).await;
        let mut copy = self.compared(&cloud, &seeds).await?;
        let unlike = same::unlike(self.project, self.made, &copy, &seeds);
        let judged = |change: &Change| !unlike.contains_key(&change.addr);
        copy.plan.changes.retain(judged);
        let aws = connect(self.project, &cloud, self.args.scope.parallelism, true).await?;
        cloud.tally().take();
        let (_tell, stop) = tokio::sync::watch::channel(false);
        let work = Apply {
            plan: &copy.plan,
            desired: &self.project.desired,
            live: &copy.live,
            provider: &aws,
            session: &Nowhere,
            events: &Listener::deaf(),
            stop,
            cancel: Cancel::never(),
            parallelism: self.args.scope.parallelism,
        };
        let applied = apply::apply(&work, copy.state.clone()).await?;
        let calls = cloud.tally().take();
        let planned = |addr: &Addr| self.made.plan.change(addr).is_some();
        let left_out = unlike.into_iter().filter(|(addr, _)| planned(addr));
        Ok(report::report(
            &copy.plan,
            applied.outcome,
            &calls,
            left_out.collect(),
            self.outside.assumed(),
        ))
    }

    /// The plan again, made from the copy.
    async fn compared(&self, cloud: &Arc<Cloud>, seeds: &Seeds) -> Result<MadePlan, Failure> {
        let Stage {
            project,
            made,
            args,
            ..
        } = self;
        let aws = connect(project, cloud, args.scope.parallelism, true).await?;
        let state = seeds.state(made);
        let (desired, deaf) = (&project.desired, Listener::deaf());
        let replace = &args.scope.replace;
        let live = refresh(desired, &state, Refresh::Full, replace, &aws, &deaf).await?;
        let inputs = Inputs {
            desired,
            state: &state,
            came_from: &made.came_from,
            live: &live,
            scope: &project.scope,
            kinds: &project.kinds,
            options: &plan::options(&args.scope, args.destroy, Refresh::Full),
        };
        let plan = make(&inputs)?;
        Ok(MadePlan {
            plan,
            state,
            live,
            came_from: made.came_from.clone(),
        })
    }
}

/// The SDK's way to the copy. What is made `tagged` carries ownership tags if the project's
/// things do.
async fn connect(
    project: &Project,
    cloud: &Arc<Cloud>,
    parallelism: usize,
    tagged: bool,
) -> Result<Aws, Failure> {
    let local = Local::here(cloud.clone(), URL, PathBuf::new());
    let region = Some(project.scope.region.clone());
    let aws = Aws::connect(&local.connection(region, parallelism)).await?;
    let mut scope = project.scope.clone();
    scope.tagged &= tagged;
    aws.settle(scope, project.shelf.clone());
    Ok(aws)
}

//! The embedded cloud: the part of AWS that slp speaks to, small and strict, in one process.
//!
//! A request goes `wire` (guard, protocol, operation) → a service (`iam`, `lambda`, …) working
//! in one `Turn` over the `World` → `store`, which keeps what changed before the answer leaves.
//! `runtime` runs the functions, `execute` answers the callers of deployed APIs, `serve` and
//! `page` are what HTTP adds: the server and a page for people.
//!
//! Left out on purpose: what slp and its walk-throughs do not call. It is refused with the
//! operation's name (`AwsError::not_emulated`), never pretended. Nothing here knows the rest of slp: the
//! same bytes come from the SDK in process, the AWS CLI or Terraform.

mod apigateway;
mod check;
mod clock;
mod copy;
mod enforce;
mod error;
mod execute;
mod fault;
mod iam;
mod lambda;
mod logs;
mod page;
mod runtime;
mod s3;
mod serve;
mod store;
mod sts;
mod tally;
#[cfg(test)]
pub mod testing;
mod turn;
mod wire;
mod world;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

pub use clock::Clock;
pub use error::AwsError;
pub use execute::{Executed, Why};
pub use fault::{Fault, Faults, Made, Moment, Outage, Undone, What};
pub use iam::is_aws_policy;
pub use page::Manifested;
pub use runtime::{
    Caller, FunctionEvent, Image, Inspection, Invocation, Invoked, LogLine, Ready, Unavailable,
    cache, is_failure, is_lambdas,
};
pub use serve::{DEFAULT_PORT, Front, Held, Server, ServerError};
pub use store::StoreError;
pub use tally::Tally;
pub use wire::Answered;

use runtime::Runtime;
use store::{Lasting, Store};
use turn::Turn;
use world::World;

/// The account that everything in the embedded cloud belongs to, unless it copies another's.
pub const ACCOUNT: &str = "000000000000";

/// The embedded cloud.
pub struct Cloud {
    account: String,
    world: Mutex<World>,
    store: Store,
    clock: Clock,
    faults: Faults,
    enforced: enforce::Enforced,
    tally: Tally,
    runtime: Runtime,
    execute: execute::Execute,
}

impl Cloud {
    /// Opens what an earlier run left in `folder`, or begins there. One process at a time.
    pub fn open(folder: &Path) -> Result<Cloud, StoreError> {
        let runtime = Runtime::new(Some(folder));
        Cloud::over(Store::open(folder)?, runtime, ACCOUNT)
    }

    /// A cloud that is gone when it is dropped.
    pub fn in_memory() -> Result<Cloud, StoreError> {
        Cloud::of_account(ACCOUNT)
    }

    /// The same, where everything belongs to the account with these twelve digits.
    pub fn of_account(account: &str) -> Result<Cloud, StoreError> {
        Cloud::over(Store::in_memory()?, Runtime::new(None), account)
    }

    fn over(store: Store, runtime: Runtime, account: &str) -> Result<Cloud, StoreError> {
        let mut world = World::load(&store)?;
        store.sweep(&world.blobs())?;
        Ok(Cloud {
            account: account.to_owned(),
            world: Mutex::new(world),
            store,
            clock: Clock::start(),
            faults: Faults::default(),
            enforced: enforce::Enforced::default(),
            tally: Tally::default(),
            runtime,
            execute: execute::Execute::default(),
        })
    }

    /// What goes wrong on purpose, for tests and rehearsals.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The calls that were answered well.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Ends the changes that are under way, so that tests need not wait for them.
    pub fn settle(&self) {
        self.faults.settle(self.clock.now());
    }

    /// One step of the world: what it changed is kept when it succeeds, undone when it fails.
    ///
    /// The lock is held for the whole step, so that no other step sees half of it.
    fn turn<T>(
        &self,
        place: Place,
        step: impl FnOnce(&mut Turn<'_>) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        self.lasting_turn(place, Lasting::Now, step)
    }

    fn lasting_turn<T>(
        &self,
        place: Place,
        lasting: Lasting,
        step: impl FnOnce(&mut Turn<'_>) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let mut turn = Turn::new(&mut world, self, place);
        let answer = step(&mut turn);
        let blobs = turn.into_blobs();
        match answer {
            Ok(answer) => {
                world.commit(&self.store, blobs, lasting)?;
                Ok(answer)
            }
            Err(error) => {
                world.undo(&self.store)?;
                Err(error)
            }
        }
    }
}

/// Where a call goes and how it came.
#[derive(Clone, Debug)]
pub struct Place {
    pub region: String,
    /// `http://127.0.0.1:4566`, under which this cloud is reached; for URLs in answers.
    pub url: String,
}

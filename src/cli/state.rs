//! `slp state`: look into the state, and mend it. Only `rebuild` and `adopt` ask AWS for more than
//! the state itself.

use serde_json::json;

use super::args::{Global, StateArgs, StateCommand};
use super::failure::Failure;
use super::locked::released;
use super::printer::Printer;
use super::{adopt, history, rebuild, saved, show};
use crate::cloud;
use crate::render;
use crate::state::{self, Holder, LockRequest, State, StateError, Unlocked};

pub async fn run(global: &Global, args: &StateArgs, printer: &Printer) -> Result<u8, Failure> {
    match &args.command {
        StateCommand::List => {
            let state = saved::state(global).await?;
            let every = state::list(&state, None);
            if global.json {
                let ids: Vec<_> = every
                    .into_iter()
                    .map(|(addr, stored)| json!({ "address": addr, "kind": stored.kind, "id": stored.id }))
                    .collect();
                printer.out(&format!("{:#}", json!(ids)));
                return Ok(0);
            }
            printer.out(&render::listing(
                every
                    .into_iter()
                    .map(|(addr, stored)| (addr, stored.id.as_str())),
            ));
        }
        StateCommand::Show { addr } => {
            return show::one(global.json, &saved::state(global).await?, addr, printer);
        }
        StateCommand::Rm { addr } => {
            let gone = amend(global, "state rm", |state| state::forget(state, addr)).await?;
            for addr in gone {
                printer.out(&format!(
                    "{addr} is forgotten; it stays in {}",
                    cloud::name()
                ));
            }
        }
        StateCommand::Mv { from, to } => {
            let moved = amend(global, "state mv", |state| state::rename(state, from, to)).await?;
            for (from, to) in moved {
                printer.out(&format!("{from} → {to}"));
            }
            printer.err(&format!(
                "the ownership tags in {} still name the old address; a [[moved]] in the manifest moves both",
                cloud::name()
            ));
        }
        StateCommand::Pull => return history::pull(global, printer).await,
        StateCommand::Push { state } => return history::push(global, state, printer).await,
        StateCommand::History => return history::history(global, printer).await,
        StateCommand::Rollback { serial } => {
            return history::rollback(global, *serial, printer).await;
        }
        StateCommand::Migrate { from } => return history::migrate(global, from, printer).await,
        StateCommand::Adopt { yes } => return adopt::run(global, *yes, printer).await,
        StateCommand::Rekey => return history::rekey(global, printer).await,
        StateCommand::Rebuild => return rebuild::run(global, printer).await,
        StateCommand::Unlock { id } => {
            let done = saved::store(global).await?.unlock(id).await?;
            printer.out(&match done {
                Unlocked::WasFree => "nobody holds the lock".to_owned(),
                Unlocked::Cleared(holder) => format!("cleared the lock that was held {holder}"),
            });
        }
    }
    Ok(0)
}

async fn amend<T>(
    global: &Global,
    operation: &str,
    edit: impl FnOnce(&mut State) -> Result<T, StateError>,
) -> Result<T, Failure> {
    let store = saved::store(global).await?;
    let request = LockRequest {
        holder: Holder::this_process(operation),
        timeout: Default::default(),
    };
    let session = store.lock(request, &global.events).await?;
    let edited = state::amend(&*session, &store.describe(), edit).await;
    released(&*session, edited.map_err(Failure::from), &global.events).await
}

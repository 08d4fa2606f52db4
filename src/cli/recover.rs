//! `slp recover`: puts right what a run left that did not end, and does nothing else: an
//! emergency file is merged, what was open is found out by looking at AWS.

use std::path::PathBuf;

use super::args::{Global, RecoverArgs};
use super::failure::Failure;
use super::locked::{lock, under};
use super::open::{self, Project};
use super::plan;
use super::printer::Printer;
use super::rescue::{files, merged, onto, read};
use crate::apply;
use crate::aws::Aws;
use crate::event::Listener;
use crate::state::{Session, Snapshot};

pub async fn run(global: &Global, args: &RecoverArgs, printer: &Printer) -> Result<u8, Failure> {
    let (project, aws) = open::online(global, &args.scope()).await?;
    let events = printer.listener();
    let session = lock(&project, &aws, args.lock_timeout, "recover", &events).await?;
    let work = recovered(&project, &aws, &*session, args, &events);
    let told = under(&*session, printer, work).await?;
    for line in &told {
        printer.out(line);
    }
    printer.out(match told.is_empty() {
        true => "Nothing was open.",
        false => "The state is in order; `slp plan` shows what is still to be done.",
    });
    Ok(0)
}

/// What was found, for people.
pub(super) async fn recovered(
    project: &Project,
    aws: &Aws,
    session: &dyn Session,
    args: &RecoverArgs,
    events: &Listener,
) -> Result<Vec<String>, Failure> {
    let mut told = Vec::new();
    let mut snapshot = session.load().await?;
    let file = emergency(project, &snapshot, args).await?;
    if let Some(file) = &file {
        snapshot = onto(file, &snapshot, read(project, file).await?)?;
    }
    if file.is_none() && snapshot.replay.is_none() {
        return Ok(told);
    }
    let state = plan::placed(project, snapshot.state);
    state.guard(&project.scope)?;
    let state = match &snapshot.replay {
        None => state,
        Some(replay) => {
            let calls = replay.plan.calls();
            told.push(format!(
                "A run that did not end ({}) had {calls} calls to make.",
                replay.holder
            ));
            let settled = apply::settle(replay, state, aws, events).await?;
            told.extend(settled.found);
            settled.state
        }
    };
    let saved = session.finish(state).await?;
    told.extend(file.map(|file| merged(&file, saved.serial)));
    Ok(told)
}

/// The emergency file that is named, or the one beside the manifest; of several the one that goes
/// on from what is saved.
async fn emergency(
    project: &Project,
    saved: &Snapshot,
    args: &RecoverArgs,
) -> Result<Option<PathBuf>, Failure> {
    if args.emergency.is_some() {
        return Ok(args.emergency.clone());
    }
    let files = files(project);
    for file in &files {
        if onto(file, saved, read(project, file).await?).is_ok() {
            return Ok(Some(file.clone()));
        }
    }
    Ok(files.into_iter().next())
}

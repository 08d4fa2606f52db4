//! `slp recover`: puts right what a run left that did not end, and does nothing else: an
//! emergency file is merged, what was open is found out by looking at AWS.

use std::path::{Path, PathBuf};

use super::args::{Global, RecoverArgs};
use super::failure::Failure;
use super::locked::{lock, under};
use super::open::{self, Project};
use super::plan;
use super::printer::Printer;
use crate::apply;
use crate::aws::Aws;
use crate::event::Listener;
use crate::state::{Session, State, StateError};

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
async fn recovered(
    project: &Project,
    aws: &Aws,
    session: &dyn Session,
    args: &RecoverArgs,
    events: &Listener,
) -> Result<Vec<String>, Failure> {
    let mut told = Vec::new();
    let file = args.emergency.clone().or_else(|| emergency(project));
    if let Some(file) = file {
        told.push(merged(project, session, &file).await?);
    }
    let snapshot = session.load().await?;
    let Some(replay) = snapshot.replay.clone() else {
        return Ok(told);
    };
    let calls = replay.plan.calls();
    let state = plan::placed(project, snapshot.state);
    state.guard(&project.scope)?;
    let settled = apply::settle(&replay, state, aws, events).await?;
    told.push(format!(
        "A run that did not end ({}) had {calls} calls to make.",
        replay.holder
    ));
    told.extend(settled.found);
    session.finish(settled.state).await?;
    Ok(told)
}

/// The emergency file of this project and environment, if there is one beside the manifest.
fn emergency(project: &Project) -> Option<PathBuf> {
    let scope = &project.scope;
    let env = scope.env.as_ref().map(|env| format!("@{env}"));
    let begin = format!(
        "slp-emergency-{}{}-",
        scope.project,
        env.unwrap_or_default()
    );
    let entries = std::fs::read_dir(project.store.folder()).ok()?.flatten();
    let serial = |path: &PathBuf| -> Option<u64> {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix(&begin)?
            .strip_suffix(".json")?
            .parse()
            .ok()
    };
    entries
        .map(|entry| entry.path())
        .filter(|path| serial(path).is_some())
        .max_by_key(serial)
}

/// Puts the emergency file's state in place, if it goes on from the one that is saved.
async fn merged(project: &Project, session: &dyn Session, file: &Path) -> Result<String, Failure> {
    let rescued = project.store.read(file).await?;
    rescued.guard(&project.scope)?;
    let name = file.display();
    let Some(saved) = session.load().await?.state else {
        session.create(&rescued).await?;
        return Ok(done(file, rescued.serial));
    };
    if saved.lineage != rescued.lineage {
        return Err(StateError::OtherLineage {
            what: name.to_string(),
            found: rescued.lineage,
            state: saved.lineage,
        }
        .into());
    }
    if rescued.serial != saved.serial + 1 {
        return Err(Failure::new(
            1,
            format!(
                "{name} goes on from serial {} of the state, which is at serial {} by now",
                rescued.serial.saturating_sub(1),
                saved.serial
            ),
        )
        .hint("another run has worked since: compare the two, then delete the file; `slp plan` looks at AWS"));
    }
    let next = State {
        serial: saved.serial,
        ..rescued
    };
    let serial = session.finish(next).await?.serial;
    Ok(done(file, serial))
}

/// A file that stays would be merged again.
fn done(file: &Path, serial: u64) -> String {
    let name = file.display();
    match std::fs::remove_file(file) {
        Ok(()) => format!("{name} was merged: the state is at serial {serial}."),
        Err(error) => format!(
            "{name} was merged: the state is at serial {serial}. Delete the file ({error})."
        ),
    }
}

//! `slp state rebuild`: a lost state is made again from ownership tags and names.

use super::args::{Global, Scope as Part};
use super::failure::Failure;
use super::locked::{lock, under};
use super::open::{self, Project};
use super::printer::Printer;
use crate::apply;
use crate::aws::Aws;
use crate::event::Listener;
use crate::render;
use crate::state::Session;

pub async fn run(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let part = Part::default();
    let (project, aws) = open::online(global, &part).await?;
    let events = printer.listener();
    let session = lock(&project, &aws, part.lock_timeout, "state rebuild", &events).await?;
    let work = rebuilt(&project, &aws, &*session, &events, printer);
    under(&*session, printer, work).await?;
    Ok(0)
}

async fn rebuilt(
    project: &Project,
    aws: &Aws,
    session: &dyn Session,
    events: &Listener,
    printer: &Printer,
) -> Result<(), Failure> {
    let place = project.store.describe();
    if let Some(there) = session.load().await?.state
        && !there.resources.is_empty()
    {
        return Err(Failure::new(
            4,
            format!(
                "{place} is not lost: it lists {} resources",
                there.resources.len()
            ),
        )
        .hint(
            "`slp plan` compares it with AWS; to make it anew all the same, move it away first",
        ));
    }
    let rebuilt = apply::rebuild(&project.desired, &project.scope, aws, events).await?;
    if rebuilt.state.resources.is_empty() {
        printer.out("Nothing was found that is this project's.");
        return Ok(());
    }
    let resources = rebuilt.state.resources.iter();
    printer.out(&render::listing(
        resources.map(|(addr, stored)| (addr, stored.id.as_str())),
    ));
    for (addr, why) in &rebuilt.left_out {
        printer.err(&format!("left out: {addr} {why}"));
    }
    session.finish(rebuilt.state).await?;
    printer.err(&format!(
        "{place} was made again; what the manifest does not name any more is not in it. `slp plan` shows what differs"
    ));
    Ok(())
}

//! `slp state rebuild`: a lost state is made again from ownership tags and names, and one that
//! lacks something that is ours is completed.

use super::args::{Global, Scope as Part};
use super::failure::Failure;
use super::locked::{lock, under};
use super::open::{self, Project};
use super::printer::Printer;
use crate::apply;
use crate::aws::Aws;
use crate::event::Listener;
use crate::render;
use crate::state::{Session, State};

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
    let known = session.load().await?.state;
    let rebuilt = apply::rebuild(&project.desired, &project.scope, aws, events).await?;
    let mut state = known.unwrap_or_else(|| State::new(&project.scope));
    state.guard(&project.scope)?;
    let had = state.resources.len();
    let mut found = rebuilt.state.resources;
    found.retain(|addr, _| !state.resources.contains_key(addr));
    if found.is_empty() {
        return nothing_lacks(&place, had, printer);
    }
    let listed = found
        .iter()
        .map(|(addr, stored)| (addr, stored.id.as_str()));
    printer.out(&render::listing(listed));
    for (addr, why) in &rebuilt.left_out {
        printer.err(&format!("left out: {addr} {why}"));
    }
    state.resources.extend(found);
    session.finish(state).await?;
    let done = match had {
        0 => "was made again",
        _ => "has these as well now",
    };
    printer.err(&format!(
        "{place} {done}; what the manifest does not name any more is not in it. `slp plan` shows what differs"
    ));
    Ok(())
}

fn nothing_lacks(place: &str, had: usize, printer: &Printer) -> Result<(), Failure> {
    if had > 0 {
        let text = format!("{place} is not lost: it lists {had} resources, and lacks none");
        let hint =
            "`slp plan` compares it with AWS; to make it anew all the same, move it away first";
        return Err(Failure::new(4, text).hint(hint));
    }
    printer.out("Nothing was found that is this project's.");
    Ok(())
}

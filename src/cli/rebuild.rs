//! `slp state rebuild`: a lost state is made again from ownership tags and names, and one that
//! lacks something that is ours is completed.

use std::collections::BTreeMap;

use super::apply::settled;
use super::args::{Global, Scope as Part};
use super::failure::Failure;
use super::locked::{lock, under};
use super::open::{self, Project};
use super::printer::Printer;
use crate::addr::Addr;
use crate::apply;
use crate::aws::Aws;
use crate::cloud;
use crate::event::Listener;
use crate::graph::Cycle;
use crate::render;
use crate::state::{Session, Stored};

pub async fn run(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let part = Part::default();
    let (project, aws) = open::online(global, &part).await?;
    let events = printer.listener();
    let session = lock(&project, &aws, part.lock_timeout, "state rebuild", &events).await?;
    let work = rebuilt(&project, &aws, &*session, &events, printer);
    under(&*session, printer, work).await?;
    Ok(0)
}

pub(super) async fn rebuilt(
    project: &Project,
    aws: &Aws,
    session: &dyn Session,
    events: &Listener,
    printer: &Printer,
) -> Result<(), Failure> {
    let place = project.store.describe();
    let state = settled(project, session, aws, events).await?;
    let rebuilt = apply::rebuild(&project.desired, &project.scope, aws, events).await?;
    let had = state.resources.len();
    let mut found = rebuilt.state.resources;
    found.retain(|addr, _| !state.resources.contains_key(addr));
    let circle = |cycle: Cycle| Failure::usage(format!("these need each other: {cycle}"));
    let mut complete = state.clone();
    complete.resources.extend(found.clone());
    let reordered = apply::needs_again(&mut complete, &project.desired).map_err(circle)?;
    if found.is_empty() && !reordered {
        return nothing_lacks(&place, had, printer);
    }
    session.finish(complete).await?;
    if found.is_empty() {
        printer.out(&format!("{place} knows again what goes before what"));
        return Ok(());
    }
    told(&rebuilt.left_out, &found, printer);
    let done = match had {
        0 => "was made again",
        _ => "has these as well now",
    };
    printer.err(&format!(
        "{place} {done}; what the manifest does not name any more is not in it. `slp plan` shows what differs"
    ));
    Ok(())
}

/// What was found, and what was not.
fn told(left_out: &BTreeMap<Addr, String>, found: &BTreeMap<Addr, Stored>, printer: &Printer) {
    let listed = found
        .iter()
        .map(|(addr, stored)| (addr, stored.id.as_str()));
    printer.out(&render::listing(listed));
    for (addr, why) in left_out {
        printer.err(&format!("left out: {addr} {why}"));
    }
}

fn nothing_lacks(place: &str, had: usize, printer: &Printer) -> Result<(), Failure> {
    if had > 0 {
        let text = format!("{place} is not lost: it lists {had} resources, and lacks none");
        let hint = format!(
            "`slp plan` compares it with {}; to make it anew all the same, move it away first",
            cloud::name()
        );
        return Err(Failure::new(4, text).hint(hint));
    }
    printer.out("Nothing was found that is this project's.");
    Ok(())
}

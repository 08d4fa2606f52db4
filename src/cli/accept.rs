//! `slp apply --refresh-only`: what AWS has becomes what the state knows; nothing is changed in AWS.

use std::collections::BTreeMap;

use serde_json::Value;

use super::apply::{save, settled};
use super::args::ApplyArgs;
use super::confirm::confirm;
use super::failure::Failure;
use super::locked::{lock, under};
use super::open::Project;
use super::plan::options;
use super::printer::Printer;
use crate::addr::Addr;
use crate::aws::Aws;
use crate::cloud;
use crate::diff;
use crate::event::{Listener, Outcome};
use crate::plan::{Inputs, Refusal, masked, not_ours, wanted_masked};
use crate::provider::Live;
use crate::refresh::{Refresh, refresh};
use crate::render::Line;
use crate::state::{Session, State, Stored};

pub async fn accept(
    project: &Project,
    aws: &Aws,
    args: &ApplyArgs,
    printer: &Printer,
) -> Result<u8, Failure> {
    let events = printer.listener();
    let timeout = args.scope.lock_timeout;
    let session = lock(project, aws, timeout, "apply --refresh-only", &events).await?;
    let work = accepted(project, aws, &*session, args, &events, printer);
    under(&*session, printer, work).await
}

async fn accepted(
    project: &Project,
    aws: &Aws,
    session: &dyn Session,
    args: &ApplyArgs,
    events: &Listener,
    printer: &Printer,
) -> Result<u8, Failure> {
    let mut state = settled(project, session, aws, events).await?;
    let desired = &project.desired;
    let live = refresh(desired, &state, Refresh::Full, &[], aws, events).await?;
    refuse_strangers(project, &state, &live, args)?;
    let lines = take_over(&mut state, &live, project);
    if lines.is_empty() {
        let name = cloud::name();
        tell(
            &format!("Nothing to accept: {name} is as the last apply left it."),
            printer,
        );
        return Ok(ended(&state, printer));
    }
    let lines = lines.join("\n");
    let text = format!(
        "{} differs from the last apply here:\n{lines}",
        cloud::begun()
    );
    tell(&text, printer);
    if !args.yes {
        confirm("apply --refresh-only", "Accept this?", printer).await?;
    }
    let state = save(project, session, state, events).await?;
    printer.err(&format!(
        "the state is as {} is now; `slp plan` shows what the manifest wants instead",
        cloud::name()
    ));
    Ok(ended(&state, printer))
}

fn tell(text: &str, printer: &Printer) {
    match printer.streams() {
        true => printer.line(&Line::Note { text: text.into() }),
        false => printer.out(text),
    }
}

/// The last lines of a stream of events: nothing was done in AWS.
fn ended(state: &State, printer: &Printer) -> u8 {
    if printer.streams() {
        printer.line(&Line::result(&Outcome::default(), "apply", 0));
        printer.line(&Line::outputs(&state.outputs));
    }
    0
}

/// What is not ours must not become so by being looked at.
fn refuse_strangers(
    project: &Project,
    state: &State,
    live: &BTreeMap<Addr, Live>,
    args: &ApplyArgs,
) -> Result<(), Failure> {
    let inputs = Inputs {
        desired: &project.desired,
        state,
        came_from: &BTreeMap::new(),
        live,
        scope: &project.scope,
        kinds: &project.kinds,
        options: &options(&args.scope, false, Refresh::Full),
    };
    let refusal = |(addr, stored): (&Addr, &Stored)| {
        let found = live.get(addr).filter(|found| found.id == stored.id)?;
        let whose = not_ours(&inputs, addr, stored, found, false)?;
        let (addr, id) = (addr.clone(), found.id.clone());
        Some(Refusal::Estranged { addr, id, whose })
    };
    let refusals: Vec<Refusal> = state.resources.iter().filter_map(refusal).collect();
    match refusals.is_empty() {
        true => Ok(()),
        false => Err(refusals.into()),
    }
}

/// A line for each resource that differs.
pub(super) fn take_over(
    state: &mut State,
    live: &BTreeMap<Addr, Live>,
    project: &Project,
) -> Vec<String> {
    let mut lines = Vec::new();
    let known = state.clone();
    for (addr, stored) in &known.resources {
        let Some(found) = live.get(addr) else {
            lines.push(format!("  - {addr} is gone"));
            state.resources.remove(addr);
            continue;
        };
        let Some(spec) = seen(addr, stored, found, &known, project) else {
            continue;
        };
        if stored.spec.as_ref() != Some(&spec) {
            let what = differs(addr, stored, &spec, project);
            lines.push(format!("  ! {addr}: {what}"));
        }
        if let Some(stored) = state.resources.get_mut(addr) {
            stored.spec = Some(spec);
            stored.veils.clear();
            stored.outputs = found.outputs.clone();
            stored.facts = found.facts.clone();
            stored.id = found.id.clone();
        }
    }
    lines
}

/// What AWS has, its secrets as digests; `None` where nobody can say which of its values are
/// secret.
fn seen(
    addr: &Addr,
    stored: &Stored,
    found: &Live,
    state: &State,
    project: &Project,
) -> Option<Value> {
    let secrets = &project.desired.secrets;
    let wanted = project.desired.resources.get(addr);
    let wanted = wanted.map(|wanted| wanted_masked(&wanted.spec, &|_| None, secrets, state));
    if stored.spec.is_none() && wanted.is_none() {
        return None;
    }
    let references: Vec<&Value> = stored.references().chain(&wanted).collect();
    let schema = project.kinds.of(addr)?.spec_schema();
    Some(masked(&found.spec, &references, schema, secrets, state))
}

/// In which fields, for people.
fn differs(addr: &Addr, stored: &Stored, spec: &Value, project: &Project) -> String {
    let schema = project.kinds.of(addr).map(|kind| kind.spec_schema());
    let schema = schema.unwrap_or_default();
    let fields = stored
        .spec
        .as_ref()
        .map(|old| diff::drifted(old, spec, schema));
    let names = fields.into_iter().flatten();
    let names: Vec<String> = names.map(|field| field.path.join(".")).collect();
    match names.is_empty() {
        true => "read again, since the last run left it unknown".to_owned(),
        false => names.join(", "),
    }
}

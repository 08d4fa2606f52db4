//! `slp show`: what the state holds, whole or of one resource.

use std::path::Path;

use super::args::{Global, ShowArgs};
use super::failure::Failure;
use super::format::FormatArgs;
use super::printer::Printer;
use super::{kept, saved};
use crate::addr::Addr;
use crate::render::{self, Form};
use crate::state::{self, State, Stored};

pub async fn run(global: &Global, args: &ShowArgs, printer: &Printer) -> Result<u8, Failure> {
    let addr = match &args.what {
        // A file is called so; a resource may be called as a file is, but hardly is.
        Some(what) if Path::new(what).exists() && !Path::new(what).is_dir() => {
            return kept::show(global, Path::new(what), &args.format, printer);
        }
        Some(what) => Some(Addr::parse(what).map_err(|error| {
            Failure::usage(error.to_string())
                .hint("and there is no file of this name: `slp show FILE` prints a saved plan")
        })?),
        None => None,
    };
    let json = as_json(global, &args.format)?;
    let state = saved::state(global).await?;
    match &addr {
        Some(addr) => one(json, &state, addr, printer),
        None => {
            let every: Vec<String> = state
                .resources
                .iter()
                .map(|(addr, stored)| text(addr, stored, printer))
                .collect();
            match json {
                true => printer.out(&whole(
                    &state
                        .resources
                        .iter()
                        .map(|(addr, stored)| (addr, entry(stored)))
                        .collect(),
                )),
                false => printer.out(&every.join("\n")),
            }
            Ok(0)
        }
    }
}

/// A state has two forms; the others are of plans.
fn as_json(global: &Global, format: &FormatArgs) -> Result<bool, Failure> {
    match format.form(global)? {
        Form::Human => Ok(false),
        Form::Json => Ok(true),
        _ => Err(Failure::usage("only plans have this form").hint(
            "`slp show FILE` prints a kept plan in it; of the state there is `--format json`",
        )),
    }
}

/// One resource; also `slp state show`.
pub fn one(json: bool, state: &State, addr: &Addr, printer: &Printer) -> Result<u8, Failure> {
    let stored = state::show(state, addr)?;
    printer.out(&match json {
        true => whole(&std::iter::once((addr, entry(stored))).collect()),
        false => text(addr, stored, printer),
    });
    Ok(0)
}

fn text(addr: &Addr, stored: &Stored, printer: &Printer) -> String {
    render::resource(
        addr,
        &stored.kind,
        &stored.id,
        stored.spec.as_ref(),
        &stored.outputs,
        &printer.style(),
    )
}

fn entry(stored: &Stored) -> serde_json::Value {
    let Stored {
        kind,
        id,
        spec,
        outputs,
        needs,
        protect,
        ..
    } = stored;
    serde_json::json!({ "kind": kind, "id": id, "spec": spec, "outputs": outputs, "needs": needs, "protect": protect })
}

fn whole(value: &std::collections::BTreeMap<&Addr, serde_json::Value>) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

//! Gates: what of a plan must not happen unless a waiver in the manifest says so.
//!
//! Pure: a plan, the gates that are asked for and the waivers give the trips. Deliberately not
//! here: how a plan with trips ends (exit code 5, which is the command line's), and which
//! permissions widen (`rights`).

mod breaking;
mod secret;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::manifest::Waiver;
use crate::plan::{Action, Change, Gate, Plan, Trip};
use crate::rights;

/// Everything that these gates hold up, in order of gate and address; `today` ends waivers.
pub fn trips(plan: &Plan, gates: &BTreeSet<Gate>, waivers: &[Waiver], today: Date) -> Vec<Trip> {
    let all = gates.iter().flat_map(|gate| at(*gate, plan));
    all.map(|trip| waived(trip, waivers, today)).collect()
}

fn at(gate: Gate, plan: &Plan) -> Vec<Trip> {
    match gate {
        Gate::Destroy => acts(plan, gate, "is destroyed", |change| {
            change.action == Action::Delete && !change.addr.is_former()
        }),
        Gate::Replace => acts(plan, gate, "is replaced", |change| {
            let former = change.addr.is_former() && !change.removal.is_empty();
            change.action == Action::Replace || change.action == Action::Delete && former
        }),
        Gate::Widen => {
            let widening = rights::widening(plan).into_iter();
            let trip = |one: rights::Widening| Trip {
                gate,
                addr: one.addr,
                what: one.what,
                waived: None,
            };
            widening.map(trip).collect()
        }
        Gate::UnprotectedSecret => each(plan, gate, secret::unprotected),
        Gate::BreakingApi => each(plan, gate, breaking::broken),
    }
}

fn acts(plan: &Plan, gate: Gate, what: &str, is: fn(&Change) -> bool) -> Vec<Trip> {
    each(plan, gate, |change| {
        let reason = change.reason.as_ref().map(|reason| format!(" ({reason})"));
        let what = format!("{what}{}", reason.unwrap_or_default());
        is(change).then_some(what).into_iter().collect()
    })
}

fn each(plan: &Plan, gate: Gate, what: impl Fn(&Change) -> Vec<String>) -> Vec<Trip> {
    let of = |change: &Change| {
        let addr = change.addr.clone();
        let trip = move |what| Trip {
            gate,
            addr: addr.clone(),
            what,
            waived: None,
        };
        what(change).into_iter().map(trip)
    };
    plan.changes.iter().flat_map(of).collect()
}

/// A waiver holds through its last day.
fn waived(trip: Trip, waivers: &[Waiver], today: Date) -> Trip {
    let addr = trip.addr.origin();
    let fits = |waiver: &&Waiver| waiver.gate == trip.gate && addr.within(&waiver.address);
    let fitting: Vec<&Waiver> = waivers.iter().filter(fits).collect();
    match fitting.iter().find(|waiver| today <= waiver.until) {
        Some(waiver) => Trip {
            waived: Some(format!("{}, until {}", waiver.reason, waiver.until)),
            ..trip
        },
        None => match fitting.first() {
            Some(ended) => Trip {
                what: format!("{} (its waiver ended on {})", trip.what, ended.until),
                ..trip
            },
            None => trip,
        },
    }
}

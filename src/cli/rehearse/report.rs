//! What came of a rehearsal.

use std::collections::BTreeMap;

use crate::addr::Addr;
use crate::aws::{Calls, EDGE_API, least};
use crate::event::{Failure, Outcome};
use crate::plan::{Bottleneck, NotRehearsed, NotTried, Plan, Refused, Rehearsal};

/// Calls of the copy by service and operation.
type Tally = BTreeMap<(&'static str, &'static str), usize>;

/// The code of what the copy does not emulate.
const NOT_EMULATED: &str = "NotEmulated";

/// Puts together what was seen; of what is `unlike` the real thing nothing is believed.
pub fn report(
    plan: &Plan,
    outcome: Outcome,
    tally: &Tally,
    mut unlike: BTreeMap<Addr, String>,
    assumed: Vec<String>,
) -> Rehearsal {
    let mut failures = Vec::new();
    for failure in outcome.failed {
        match failure.code.as_deref() {
            _ if unlike.contains_key(&failure.addr) => {}
            Some(NOT_EMULATED) => drop(unlike.insert(failure.addr, failure.error)),
            _ => failures.push(refused(failure)),
        }
    }
    let mut not_tried = Vec::new();
    for (addr, because) in outcome.skipped {
        if unlike.contains_key(&because) {
            let why = format!("it needs {because}, which is not rehearsed");
            unlike.entry(addr).or_insert(why);
        } else if !unlike.contains_key(&addr) {
            not_tried.push(NotTried { addr, because });
        }
    }
    // As the work ended is another order each time.
    failures.sort_by(|a: &Refused, b| a.addr.cmp(&b.addr));
    not_tried.sort_by(|a: &NotTried, b| a.addr.cmp(&b.addr));
    let held = least(&calls(plan, tally));
    let planned = |addr: &Addr| plan.change(addr).is_some();
    let unlike = unlike.into_iter().filter(|(addr, _)| planned(addr));
    Rehearsal {
        calls: outcome.calls,
        least_seconds: held.as_ref().map_or(0.0, |held| held.seconds),
        bottleneck: held.map(|held| Bottleneck {
            limit: held.limit,
            calls: held.calls,
        }),
        failures,
        not_tried,
        not_rehearsed: unlike
            .map(|(addr, why)| NotRehearsed { addr, why })
            .collect(),
        assumed,
    }
}

fn refused(failure: Failure) -> Refused {
    let hint = || "mend this before you run `slp apply`".to_owned();
    Refused {
        addr: failure.addr,
        action: failure.action,
        operation: failure.operation,
        code: failure.code,
        error: failure.error,
        hint: failure.hint.unwrap_or_else(hint),
    }
}

/// The calls by the limits that hold for them.
fn calls<'a>(plan: &Plan, tally: &'a Tally) -> Vec<Calls<'a>> {
    let mut edge = edge_apis(plan);
    let mut all = Vec::new();
    for ((service, operation), count) in tally {
        let mut number = *count;
        if *operation == "CreateRestApi" {
            edge = edge.min(number);
            number -= edge;
            all.push(Calls {
                service,
                operation: EDGE_API,
                number: edge,
            });
        }
        all.push(Calls {
            service,
            operation,
            number,
        });
    }
    all
}

fn edge_apis(plan: &Plan) -> usize {
    let makes_one = |change: &&crate::plan::Change| {
        let mut calls = change.calls.iter();
        let after = change.after.as_ref();
        calls.any(|call| call.call.as_deref() == Some("CreateRestApi"))
            && after.is_some_and(|after| after["endpoint"] == "edge")
    };
    plan.changes.iter().filter(makes_one).count()
}

//! What came of a rehearsal.

use std::collections::BTreeMap;

use crate::addr::Addr;
use crate::aws::{Calls, EDGE_API, edge_apis, least};
use crate::event::{Failure, Outcome};
use crate::plan::{Bottleneck, NotRehearsed, NotTried, Plan, Refused, Rehearsal};

/// Calls of the copy by service and operation.
type Tally = BTreeMap<(&'static str, &'static str), usize>;

/// The code of what the copy does not emulate.
const NOT_EMULATED: &str = "NotEmulated";

/// Puts together what was seen, and what was `left_out`.
pub fn report(
    plan: &Plan,
    outcome: Outcome,
    tally: &Tally,
    mut left_out: BTreeMap<Addr, String>,
    assumed: Vec<String>,
) -> Rehearsal {
    let mut failures = Vec::new();
    for failure in outcome.failed {
        match failure.code.as_deref() {
            Some(NOT_EMULATED) => drop(left_out.insert(failure.addr, failure.error)),
            _ => failures.push(refused(failure)),
        }
    }
    let mut not_tried = Vec::new();
    for (addr, because) in outcome.skipped {
        if left_out.contains_key(&because) {
            let why = format!("it depends on {because}, which is not rehearsed");
            left_out.insert(addr, why);
        } else {
            not_tried.push(NotTried { addr, because });
        }
    }
    // As the work ended is another order each time.
    failures.sort_by(|a: &Refused, b| a.addr.cmp(&b.addr));
    not_tried.sort_by(|a: &NotTried, b| a.addr.cmp(&b.addr));
    let held = least(&calls(plan, tally));
    Rehearsal {
        calls: outcome.calls,
        least_seconds: held.as_ref().map_or(0.0, |held| held.seconds),
        bottleneck: held.map(|held| Bottleneck {
            limit: held.limit,
            calls: held.calls,
        }),
        failures,
        not_tried,
        not_rehearsed: left_out
            .into_iter()
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

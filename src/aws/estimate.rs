//! How long AWS's rate limits make a plan last at least.

use std::collections::BTreeMap;

use super::rates::{Calls, EDGE_API, Held, least};
use crate::plan::{Change, Plan};

/// Of the calls that the plan lists; waits, retries and the reads between are not counted.
pub fn estimate(plan: &Plan) -> Option<Held> {
    let mut tally: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for change in &plan.changes {
        let calls = change.removal.iter().chain(&change.calls);
        for operation in calls.filter_map(|call| call.call.as_deref()) {
            *tally.entry(limited_as(change, operation)).or_default() += 1;
        }
    }
    let calls: Vec<Calls<'_>> = tally
        .into_iter()
        .map(|((service, operation), number)| Calls {
            service,
            operation,
            number,
        })
        .collect();
    least(&calls)
}

/// The edge-optimised APIs that a plan makes: AWS takes them ten times as slowly as others.
pub fn edge_apis(plan: &Plan) -> usize {
    let calls = plan
        .changes
        .iter()
        .flat_map(|change| change.calls.iter().map(move |call| (change, call)));
    let operations = calls.filter_map(|(change, call)| Some((change, call.call.as_deref()?)));
    operations
        .filter(|(change, operation)| limited_as(change, operation).1 == EDGE_API)
        .count()
}

/// The service and the operation, as the limits name them.
fn limited_as<'a>(change: &Change, operation: &'a str) -> (&'static str, &'a str) {
    let of_logs = ["LogGroup", "RetentionPolicy"];
    if of_logs.iter().any(|part| operation.contains(part)) {
        return ("logs", operation);
    }
    let kind = change.addr.kind();
    match kind.split('.').next().unwrap_or_default() {
        "function" => ("lambda", operation),
        "api" => {
            let is_edge = change
                .after
                .as_ref()
                .is_some_and(|after| after["endpoint"] == "edge");
            match operation == "CreateRestApi" && is_edge {
                true => ("apigateway", EDGE_API),
                false => ("apigateway", operation),
            }
        }
        _ => ("iam", operation),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::FORMAT;

    /// A plan with these changes: address, what is wanted, AWS's names of the calls.
    fn plan(changes: &[(&str, serde_json::Value, &[&str])]) -> Plan {
        let changes: Vec<_> = changes
            .iter()
            .map(|(addr, after, calls)| {
                let calls: Vec<_> = calls
                    .iter()
                    .map(|call| json!({"call": call, "step": null}))
                    .collect();
                json!({
                    "addr": addr, "action": "create", "op": "1", "after": after,
                    "fields": [], "calls": calls, "needs": [],
                })
            })
            .collect();
        let plan = json!({
            "format": FORMAT, "project": "p", "env": null, "account": "1", "region": "r",
            "endpoint": null, "lineage": "l", "serial": 0, "destroy": false,
            "changes": changes, "notices": [], "outputs": {}, "not_looked_at": [],
        });
        serde_json::from_value(plan).expect("a plan")
    }

    #[test]
    fn the_slowest_limit_says_how_long() {
        let api = |name: &'static str| {
            (
                name,
                json!({"endpoint": "regional"}),
                &["CreateRestApi", "PutMethod"][..],
            )
        };
        let role = ("role.x", json!({}), &["CreateRole"; 400][..]);
        let plan = plan(&[api("api.a"), api("api.b"), api("api.c"), role]);
        let held = estimate(&plan).expect("held up");
        assert_eq!((held.seconds, held.calls), (6.0, 3));
        assert_eq!(edge_apis(&plan), 0);
    }

    #[test]
    fn edge_apis_are_made_more_slowly_and_log_groups_are_no_functions() {
        let edge = json!({"endpoint": "edge"});
        let logs = ("function.f", json!({}), &["CreateLogGroup"; 40][..]);
        let plan = plan(&[
            ("api.a", edge.clone(), &["CreateRestApi"][..]),
            ("api.b", edge, &["CreateRestApi"][..]),
            logs,
        ]);
        assert_eq!(edge_apis(&plan), 2);
        assert_eq!(estimate(&plan).map(|held| held.seconds), Some(30.0));
    }
}

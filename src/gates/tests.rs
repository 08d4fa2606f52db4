use serde_json::{Value, json};

use super::*;
use crate::addr::Addr;
use crate::state::tests::{change, plan, sample};

fn planned(changes: Vec<Change>) -> Plan {
    plan(&sample(std::path::Path::new(".")), changes)
}

fn of(addr: &str, action: Action, before: Value, after: Value) -> Change {
    let some = |value: Value| (!value.is_null()).then_some(value);
    Change {
        before: some(before),
        after: some(after),
        ..change(addr, action)
    }
}

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn told(gate: Gate, changes: Vec<Change>) -> Vec<String> {
    let trips = trips(&planned(changes), &[gate].into(), &[], date("2026-11-28"));
    let told = trips
        .iter()
        .map(|trip| format!("{} {}", trip.addr, trip.what));
    told.collect()
}

#[test]
fn what_goes_and_what_is_made_anew_are_two_gates() {
    let changes = || {
        vec![
            change("role.a", Action::Create),
            change("role.b", Action::Delete),
            change("role.c", Action::Replace),
        ]
    };
    assert_eq!(told(Gate::Destroy, changes()), ["role.b is destroyed"]);
    assert_eq!(told(Gate::Replace, changes()), ["role.c is replaced"]);
}

#[test]
fn a_value_that_is_called_like_a_secret_and_is_none_is_found() {
    let before = json!({ "environment": { "OLD_TOKEN": "as it was" } });
    let after = json!({ "environment": {
        "OLD_TOKEN": "as it was",
        "API_KEY": "hunter2",
        "DB_PASSWORD": { "$secret": "d1" },
        "TOKEN_URL": "https://example.com",
        "GREETING": "hello",
    } });
    let found = told(
        Gate::UnprotectedSecret,
        vec![of("function.F", Action::Update, before, after)],
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("API_KEY") && !found[0].contains("hunter2"),
        "{found:?}"
    );
}

#[test]
fn what_callers_would_stumble_over_is_found() {
    let route = |auth: &str, key: bool, required: bool| {
        json!({ "auth": auth, "api_key": key,
                "parameters": { "method.request.querystring.q": required } })
    };
    let before = json!({ "routes": { "GET /a": route("NONE", false, false), "GET /b": {}, "GET /c": route("NONE", false, true) } });
    let after = json!({ "routes": { "GET /a": route("AWS_IAM", true, true), "GET /c": route("NONE", false, false), "GET /d": {} } });
    assert_eq!(
        told(
            Gate::BreakingApi,
            vec![of("api.x", Action::Update, before, after)]
        ),
        [
            "api.x asks callers of GET /a for AWS_IAM, not NONE",
            "api.x now asks callers of GET /a for an API key",
            "api.x requires method.request.querystring.q of callers of GET /a",
            "api.x loses its route GET /b",
        ]
    );
    let stage = |rate: Value| json!({ "throttle": rate });
    let lower = of(
        "api.x.stage.live",
        Action::Update,
        stage(json!({ "rate": 100.0, "burst": 50 })),
        stage(json!({ "rate": 10.0, "burst": 60 })),
    );
    assert_eq!(
        told(Gate::BreakingApi, vec![lower]),
        ["api.x.stage.live lets fewer requests through (rate 100 → 10)"]
    );
    let first = of(
        "api.x.stage.live",
        Action::Update,
        stage(Value::Null),
        stage(json!({ "rate": 10.0, "burst": 6 })),
    );
    assert_eq!(told(Gate::BreakingApi, vec![first]).len(), 1);
    let gone = of(
        "api.x.stage.live",
        Action::Delete,
        stage(Value::Null),
        Value::Null,
    );
    assert_eq!(told(Gate::BreakingApi, vec![gone]).len(), 1);
}

#[test]
fn a_waiver_holds_for_its_gate_its_address_and_its_time() {
    let waiver = |gate, address: &str, until: &str| Waiver {
        gate,
        address: Addr::parse(address).expect("an address"),
        reason: "as agreed".into(),
        until: date(until),
    };
    let plan = planned(vec![change("api.x.stage.live", Action::Delete)]);
    let waived = |waiver: Waiver| {
        let gates = [Gate::Destroy].into();
        trips(&plan, &gates, &[waiver], date("2026-11-28")).remove(0)
    };
    for address in ["api.x.stage.live", "api.x"] {
        let trip = waived(waiver(Gate::Destroy, address, "2026-11-28"));
        assert_eq!(trip.waived.as_deref(), Some("as agreed, until 2026-11-28"));
    }
    assert_eq!(
        waived(waiver(Gate::Replace, "api.x", "2027-01-01")).waived,
        None
    );
    assert_eq!(
        waived(waiver(Gate::Destroy, "api.y", "2027-01-01")).waived,
        None
    );
    let ended = waived(waiver(Gate::Destroy, "api.x", "2026-11-27"));
    assert_eq!(ended.waived, None);
    assert!(
        ended.what.contains("its waiver ended on 2026-11-27"),
        "{}",
        ended.what
    );
}

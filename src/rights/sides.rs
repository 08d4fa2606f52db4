//! Every resource before and after a plan, also of what the plan leaves alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::addr::Addr;
use crate::manifest::Secret;
use crate::plan::{Action, Change, Plan, masked};
use crate::provider::Live;
use crate::state::{State, Stored};

/// A plan, and what it was made from.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub plan: &'a Plan,
    pub state: &'a State,
    /// Under the addresses of the manifest.
    pub live: &'a BTreeMap<Addr, Live>,
    /// The values of the manifest's secret variables.
    pub secrets: &'a BTreeMap<String, Secret>,
}

/// One resource; absent is what is not there then.
#[derive(Default)]
pub struct Side {
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// What the kind noted at the read.
    pub facts: Value,
    pub id_before: Option<String>,
    pub id_after: Option<String>,
}

/// By address; without what goes or is nowhere.
pub type Sides = BTreeMap<Addr, Side>;

/// All of some kind.
pub fn of_kind<'s>(sides: &'s Sides, kind: &'s str) -> impl Iterator<Item = (&'s Addr, &'s Side)> {
    sides.iter().filter(move |(addr, _)| addr.kind() == kind)
}

pub const PERMISSION: &str = "function.permission";

/// The kinds that give rights, and where they say so.
const KINDS: [(&str, &[&str]); 6] = [
    ("role", &["attach", "inline", "boundary", "trust"]),
    ("policy", &["document"]),
    ("function", &["foreign_permissions", "role"]),
    ("function.alias", &[]),
    (
        PERMISSION,
        &[
            "alias",
            "action",
            "principal",
            "source_arn",
            "source_account",
            "org_id",
            "event_source_token",
            "function_url_auth_type",
            "invoked_via_function_url",
        ],
    ),
    ("api", &["endpoint", "policy", "routes"]),
];

pub fn sides(seen: Seen) -> Sides {
    let changes = seen.plan.changes.iter();
    let changes: BTreeMap<&Addr, &Change> = changes.map(|change| (&change.addr, change)).collect();
    let addrs: BTreeSet<&Addr> = seen.live.keys().chain(changes.keys().copied()).collect();
    let side = |addr: &Addr| {
        let kind = addr.kind();
        let (_, keys) = KINDS.iter().find(|(known, _)| *known == kind)?;
        Some((
            addr.clone(),
            side(seen, addr, changes.get(addr).copied(), keys),
        ))
    };
    addrs.into_iter().filter_map(side).collect()
}

fn side(seen: Seen, addr: &Addr, change: Option<&Change>, keys: &[&str]) -> Side {
    let live = seen.live.get(addr);
    let before = match change {
        Some(change) if change.before.is_some() => change.before.as_ref().map(|s| part(s, keys)),
        // What goes with its parent is there as well; else the name is another's until now.
        Some(change) if change.action == Action::Create && addr.kind() != PERMISSION => None,
        _ => live.map(|live| secretless(seen, addr, &part(&live.spec, keys), change)),
    };
    let after = match change {
        Some(change) if change.makes() => change.after.as_ref().map(|spec| part(spec, keys)),
        Some(change) if change.action == Action::Delete => None,
        _ => before.clone(),
    };
    let id = |change: &Change| change.new_id.clone().or_else(|| change.id.clone());
    let id_before = live.map(|live| live.id.clone());
    Side {
        before,
        after,
        facts: live.map(|live| live.facts.clone()).unwrap_or_default(),
        id_after: change.and_then(id).or_else(|| id_before.clone()),
        id_before,
    }
}

/// What of a spec gives rights.
fn part(spec: &Value, keys: &[&str]) -> Value {
    let values = keys.iter().filter_map(|key| {
        let value = spec.get(key)?.clone();
        Some(((*key).to_owned(), value))
    });
    Value::Object(values.collect())
}

fn secretless(seen: Seen, addr: &Addr, spec: &Value, change: Option<&Change>) -> Value {
    let stored = seen.state.resources.get(addr);
    let stored = stored.into_iter().flat_map(Stored::references);
    let wanted = change.and_then(|change| change.after.as_ref());
    let references: Vec<&Value> = stored.chain(wanted).collect();
    // Nothing that gives rights stands in a private map.
    let schema = &Value::Null;
    masked(spec, &references, schema, seen.secrets, seen.state)
}

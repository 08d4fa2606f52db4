//! What of a plan lets somebody do more than before, or everyone in: for gates that ask first.

use serde_json::Value;

use super::others::WHOM;
use super::words::{covers, lines};
use crate::addr::Addr;
use crate::plan::{Action, Change, Pattern, Permissions, Plan, Right};

/// One thing that a person should have said yes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Widening {
    pub addr: Addr,
    /// A sentence without its subject: `gains s3:* on arn:aws:s3:::assets/*`.
    pub what: String,
    pub usual: Usual,
}

/// Is it as usual for something new that nobody need be alarmed?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usual {
    No,
    /// A route of a new API is public: to be seen all the same.
    Public,
    /// A new role may write logs: told among the permissions, and nowhere else.
    Logs,
}

/// All of it, in order of address.
pub fn widening(plan: &Plan) -> Vec<Widening> {
    let rights = plan.rights.iter().flat_map(of_rights);
    let made = plan.changes.iter().filter(|change| change.makes());
    let mut all: Vec<Widening> = rights.chain(made.flat_map(of_change)).collect();
    all.sort();
    all.dedup();
    all
}

fn of_rights(permissions: &Permissions) -> Vec<Widening> {
    let addr = &permissions.addr;
    let gained = permissions.gained.iter();
    let (grave, other): (Vec<&Right>, Vec<&Right>) = gained.partition(|right| why(right).is_some());
    let grave = grave.into_iter().map(|right| {
        let why = why(right).unwrap_or_default();
        let line = lines(std::slice::from_ref(right)).concat();
        Widening {
            usual: match !permissions.existed && only_logs(right) {
                true => Usual::Logs,
                false => Usual::No,
            },
            ..sentence(addr, format!("{why}: {line}"))
        }
    });
    // Whoever is new has no less than nothing.
    let other: Vec<Right> = match permissions.existed {
        true => other.into_iter().cloned().collect(),
        false => Vec::new(),
    };
    let gains = lines(&other).into_iter();
    let gains = gains.map(|line| sentence(addr, format!("gains {line}")));
    let unknown = permissions.unknown.iter();
    let unknown = unknown.filter(|what| !what.starts_with(WHOM));
    let unknown = unknown.map(|what| sentence(addr, format!("may gain more: {what}")));
    grave.chain(gains).chain(unknown).collect()
}

/// Why a right is told even where nobody had another before.
fn why(right: &Right) -> Option<&'static str> {
    // Everything but something is still too much to say nothing.
    let wide = |pattern: &Pattern| pattern.like.iter().all(|like| like == "*");
    let on_all = right.resource.as_ref().is_some_and(wide);
    match &right.principal {
        Some(who) if wide(who) => Some("lets everyone in"),
        Some(_) => None,
        None if on_all && wide(&right.action) => Some("may do anything"),
        None if on_all && covers(&right.action, "iam:PassRole", true) => {
            Some("may pass any role to a service")
        }
        None if on_all => Some("is allowed something on every resource"),
        None => None,
    }
}

fn of_change(change: &Change) -> Vec<Widening> {
    match change.addr.kind().as_str() {
        "api" => routes(change),
        "function.url" => url(change).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Routes that anybody may call who could not before.
fn routes(change: &Change) -> Vec<Widening> {
    let of = |spec: &Option<Value>| spec.as_ref()?.get("routes")?.as_object().cloned();
    let (before, after) = (of(&change.before), of(&change.after).unwrap_or_default());
    let was = |name: &String| before.as_ref().and_then(|routes| routes.get(name));
    let told = after
        .iter()
        .filter(|(name, route)| !is_preflight(name, route));
    let told = told.filter_map(|(name, route)| opened(name, was(name), route));
    let told = told.map(|what| Widening {
        usual: match change.action {
            Action::Create => Usual::Public,
            _ => Usual::No,
        },
        ..sentence(&change.addr, what)
    });
    told.collect()
}

fn opened(name: &str, was: Option<&Value>, is: &Value) -> Option<String> {
    let Some(was) = was else {
        let key = if asks_key(is) {
            "only an API key"
        } else {
            "no auth"
        };
        return asks_nobody(is).then(|| format!("{name} is public ({key})"));
    };
    if asks_nobody(is) && !asks_nobody(was) {
        let auth = was.get("auth").and_then(Value::as_str).unwrap_or_default();
        return Some(format!(
            "its route {name} no longer asks who calls ({auth})"
        ));
    }
    let keyless = asks_key(was) && !asks_key(is);
    keyless.then(|| format!("its route {name} no longer asks for an API key"))
}

/// An API key tells callers apart; it is no proof of who they are.
fn asks_key(route: &Value) -> bool {
    route.get("api_key").and_then(Value::as_bool) == Some(true)
}

/// Does it allow to write logs and traces, and nothing else?
fn only_logs(right: &Right) -> bool {
    let own = |action: &String| action.starts_with("logs:") || action.starts_with("xray:");
    right.principal.is_none() && right.action.like.iter().all(own)
}

/// What AWS calls it where nobody is asked.
const NOBODY: &str = "NONE";

fn asks_nobody(spec: &Value) -> bool {
    let auth = spec.get("auth").or_else(|| spec.get("auth_type"));
    let auth = auth.and_then(Value::as_str);
    auth.is_none_or(|auth| auth.eq_ignore_ascii_case(NOBODY))
}

/// A browser asks before it calls, without saying who it is; API Gateway answers by itself.
fn is_preflight(name: &str, route: &Value) -> bool {
    name.starts_with("OPTIONS ") && route.get("type").is_some_and(|kind| kind == "MOCK")
}

/// A function's own URL that anybody may call who could not before.
fn url(change: &Change) -> Option<Widening> {
    let is = change.after.as_ref().is_some_and(asks_nobody);
    let was = change.before.as_ref().is_some_and(asks_nobody);
    let what = "asks nobody who they are".to_owned();
    (is && !was).then(|| sentence(&change.addr, what))
}

fn sentence(addr: &Addr, what: String) -> Widening {
    Widening {
        addr: addr.clone(),
        what,
        usual: Usual::No,
    }
}

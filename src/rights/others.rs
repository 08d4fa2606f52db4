//! What a plan lets others do: the policies of functions and their aliases, and of APIs; and
//! managed policies that no role of the project has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::compare::{self, Delta, Policies};
use super::roles::texts;
use super::sides::{PERMISSION, Side, Sides, of_kind};
use crate::addr::Addr;
use crate::diff::policy::canonical;
use crate::plan::Permissions;

/// The policy of each function and alias that stays or comes, made of its permissions.
pub fn functions(sides: &Sides) -> Vec<Permissions> {
    let mut policies: BTreeMap<Addr, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
    for (addr, side) in of_kind(sides, PERMISSION) {
        let Some(function) = addr.parent() else {
            continue;
        };
        for (spec, after) in [(&side.before, false), (&side.after, true)] {
            let Some(spec) = spec else { continue };
            let alias = spec.get("alias").and_then(Value::as_str);
            let on = match alias {
                Some(alias) => function.child("alias", Some(alias)),
                None => function.clone(),
            };
            let (had, has) = policies.entry(on).or_default();
            if after { has } else { had }.push(statement(spec));
        }
    }
    let stays = |addr: &Addr| sides.get(addr).is_none_or(|side| side.after.is_some());
    let policies = policies.into_iter().filter(|(addr, _)| stays(addr));
    let mut all: Vec<Permissions> = policies
        .map(|(addr, (before, after))| {
            let [before, after] = [before, after].map(|list| json!({ "Statement": list }));
            let existed = sides.get(&addr).is_none_or(|side| side.before.is_some());
            told(
                &addr,
                existed,
                compare::resource(Some(&before), Some(&after)),
            )
        })
        .collect();
    all.extend(of_kind(sides, "function").filter_map(|(addr, side)| strangers(addr, side)));
    all
}

/// A permission's spec as a statement; the function itself is its resource.
fn statement(spec: &Value) -> Value {
    let text = |key: &str| spec.get(key).filter(|value| !value.is_null());
    let principal = text("principal").cloned().unwrap_or_default();
    let kind = match texts(Some(&principal)).pop().unwrap_or_default() {
        name if name.contains('.') && !name.starts_with("arn:") && !name.contains('<') => "Service",
        _ => "AWS",
    };
    let mut condition = Map::new();
    for (key, operator, name) in [
        ("source_arn", "ArnLike", "aws:SourceArn"),
        ("source_account", "StringEquals", "aws:SourceAccount"),
        ("org_id", "StringEquals", "aws:PrincipalOrgID"),
        (
            "event_source_token",
            "StringEquals",
            "lambda:EventSourceToken",
        ),
        (
            "function_url_auth_type",
            "StringEquals",
            "lambda:FunctionUrlAuthType",
        ),
    ] {
        if let Some(value) = text(key) {
            let tests = condition.entry(operator).or_insert_with(|| json!({}));
            tests[name] = value.clone();
        }
    }
    if text("invoked_via_function_url") == Some(&Value::Bool(true)) {
        condition.insert(
            "Bool".into(),
            json!({ "lambda:InvokedViaFunctionUrl": "true" }),
        );
    }
    json!({
        "Effect": "Allow",
        "Principal": { kind: principal },
        "Action": text("action").cloned().unwrap_or_default(),
        "Condition": condition,
    })
}

/// How the note on a permission that goes begins: nobody gains by it.
pub const WHOM: &str = "whom the permission ";

/// Permissions that slp did not make and takes away.
fn strangers(addr: &Addr, side: &Side) -> Option<Permissions> {
    let sids = |spec: &Value| -> BTreeSet<String> {
        texts(spec.get("foreign_permissions")).into_iter().collect()
    };
    let gone = &sids(side.before.as_ref()?) - &sids(side.after.as_ref()?);
    let note = |sid: &String| format!("{WHOM}{sid}, which goes, let in");
    Some(Permissions {
        unknown: gone.iter().map(note).collect(),
        ..told(addr, true, Delta::default())
    })
}

/// The policy of each API that stays or comes.
pub fn apis(sides: &Sides) -> Vec<Permissions> {
    let stay = of_kind(sides, "api").filter(|(_, side)| side.after.is_some());
    let one = |(addr, side): (&Addr, &Side)| {
        let (before, after) = (side.before.as_ref(), side.after.as_ref());
        let (had, has) = (before.and_then(policy), after.and_then(policy));
        let mut delta = compare::resource(had.as_ref(), has.as_ref());
        if before.is_some_and(is_open) {
            // Callers of other accounts had to be named even so; those who sign, by `*` as well.
            let signed = after.is_some_and(|spec| asks_iam(spec) && !is_open(spec));
            let named = |document| match signed {
                true => Value::clone(document),
                false => named(document),
            };
            let named = compare::resource(None, has.as_ref().map(named).as_ref());
            delta.gained.extend(named.gained);
            delta.gained.sort();
            delta.gained.dedup();
        }
        if before.is_none() && after.is_some_and(is_open) {
            // It has no policy, and so nothing to tell.
            delta = Delta::default();
        }
        told(addr, before.is_some(), delta)
    };
    stay.map(one).collect()
}

fn is_open(spec: &Value) -> bool {
    let without = spec.get("policy").is_none_or(Value::is_null);
    without && spec.get("endpoint").and_then(Value::as_str) != Some("private")
}

/// Must callers of one of its routes sign?
fn asks_iam(spec: &Value) -> bool {
    let routes = spec.get("routes").and_then(Value::as_object);
    let mut routes = routes.into_iter().flat_map(|routes| routes.values());
    routes.any(|route| route.get("auth").is_some_and(|auth| auth == "AWS_IAM"))
}

/// The API as a resource of its own policy.
const ITSELF: &str = "execute-api:/*";

/// An API without a policy lets everyone in, but a private one nobody.
fn policy(spec: &Value) -> Option<Value> {
    let open = json!({"Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": ITSELF,
    }]});
    match is_open(spec) {
        true => Some(open),
        false => spec
            .get("policy")
            .filter(|policy| !policy.is_null())
            .map(on_itself),
    }
}

/// With the API's own name where it says `*`: on nothing else its policy has a say.
fn on_itself(document: &Value) -> Value {
    let mut document = canonical(document);
    let statements = document.get_mut("Statement").and_then(Value::as_array_mut);
    for statement in statements.into_iter().flatten() {
        let resources = statement.get_mut("Resource").and_then(Value::as_array_mut);
        for resource in resources
            .into_iter()
            .flatten()
            .filter(|resource| **resource == "*")
        {
            *resource = ITSELF.into();
        }
    }
    document
}

/// Without the statements that let everyone in.
fn named(document: &Value) -> Value {
    let mut document = canonical(document);
    let to_all = |statement: &Value| {
        statement.get("Principal").is_none_or(|who| who == "*")
            && statement
                .get("Effect")
                .is_none_or(|effect| effect == "Allow")
    };
    if let Some(statements) = document.get_mut("Statement").and_then(Value::as_array_mut) {
        statements.retain(|statement| !to_all(statement));
    }
    document
}

/// Managed policies that no role of the project has: who has them is not known.
pub fn policies(sides: &Sides) -> Vec<Permissions> {
    let roles = of_kind(sides, "role").flat_map(|(_, side)| [&side.before, &side.after]);
    let used = roles.flatten().flat_map(|spec| {
        let attached = texts(spec.get("attach")).into_iter();
        attached.chain(texts(spec.get("boundary")))
    });
    let used: BTreeSet<String> = used.collect();
    let free = |(addr, side): &(&Addr, &Side)| {
        let ids = side.id_before.iter().chain(&side.id_after);
        side.after.is_some()
            && !ids.into_iter().any(|id| used.contains(id))
            && !used.contains(&format!("<{addr}.arn>"))
    };
    let one = |(addr, side): (&Addr, &Side)| {
        let policies = |spec: &Option<Value>| Policies {
            documents: spec
                .iter()
                .filter_map(|spec| spec.get("document").cloned())
                .collect(),
            boundary: None,
        };
        let delta = compare::identity(&policies(&side.before), &policies(&side.after));
        told(addr, side.before.is_some(), delta)
    };
    of_kind(sides, "policy").filter(free).map(one).collect()
}

fn told(addr: &Addr, existed: bool, delta: Delta) -> Permissions {
    let unread = (delta.unread > 0).then(|| "its policy is no policy document".to_owned());
    Permissions {
        addr: addr.clone(),
        existed,
        gained: delta.gained,
        lost: delta.lost,
        unknown: unread.into_iter().collect(),
    }
}

//! What a function gains or loses by running with another role.

use super::compare;
use super::documents::{Documents, Moment};
use super::roles::{held, texts};
use super::sides::{Side, Sides, of_kind};
use crate::addr::Addr;
use crate::plan::Permissions;

/// What differs for each function whose role is another one.
pub fn all(sides: &Sides, documents: &Documents) -> Vec<Permissions> {
    let functions = of_kind(sides, "function");
    let told = functions.filter_map(|(addr, side)| one(addr, side, sides, documents));
    told.collect()
}

fn one(addr: &Addr, side: &Side, sides: &Sides, documents: &Documents) -> Option<Permissions> {
    let role = |spec: Option<&_>| texts(serde_json::Value::get(spec?, "role")).pop();
    let (had, has) = (role(side.before.as_ref())?, role(side.after.as_ref())?);
    let (old, new) = (named(&had, sides), named(&has, sides));
    if had == has || old.is_some() && old.map(|(a, _)| a) == new.map(|(a, _)| a) {
        return None;
    }
    let own = |found: Option<(_, &Side)>, moment| Some(held(found?.1, documents, moment));
    let (before, after) = (own(old, Moment::Before), own(new, Moment::After));
    let mut told = Permissions {
        addr: addr.clone(),
        existed: true,
        gained: Vec::new(),
        lost: Vec::new(),
        unknown: Vec::new(),
    };
    let (Some(before), Some(after)) = (before, after) else {
        let what = format!("it runs with {has}, no longer with {had}; not both are known here");
        told.unknown.push(what);
        return Some(told);
    };
    let delta = compare::identity(&before.policies, &after.policies);
    let both = before.unknown.iter().chain(&after.unknown);
    let unread = |arn: &String| format!("what {arn} allows could not be read");
    told.unknown = both.map(unread).collect();
    (told.gained, told.lost) = (delta.gained, delta.lost);
    Some(told)
}

/// The project's role that an ARN, or the hole for one, names.
fn named<'s>(role: &str, sides: &'s Sides) -> Option<(&'s Addr, &'s Side)> {
    let name = role.rsplit('/').next();
    of_kind(sides, "role").find(|(addr, side)| {
        let mut ids = side.id_before.iter().chain(&side.id_after);
        role == format!("<{addr}.arn>") || ids.any(|id| Some(id.as_str()) == name)
    })
}

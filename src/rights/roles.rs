//! What a plan gives and takes of a role: its own policies, and who may assume it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::{self, Policies};
use super::documents::{Documents, Moment};
use super::sides::{Side, Sides, of_kind};
use crate::addr::Addr;
use crate::plan::Permissions;
use crate::text;

/// A role at one moment.
pub struct Role {
    pub policies: Policies,
    boundary: Option<String>,
    /// What it has and nobody knows the document of: ARNs.
    pub unknown: BTreeSet<String>,
}

/// What a role has at one moment.
pub fn held(side: &Side, documents: &Documents, moment: Moment) -> Role {
    let spec = match moment {
        Moment::Before => &side.before,
        Moment::After => &side.after,
    };
    role(
        spec.as_ref(),
        side.facts.get("other_attached"),
        documents,
        moment,
    )
}

/// What differs for each role that stays or comes.
pub fn all(sides: &Sides, documents: &Documents) -> Vec<Permissions> {
    let roles = of_kind(sides, "role").filter(|(_, side)| side.after.is_some());
    let roles = roles.map(|(addr, side)| one(addr, side, documents));
    roles.collect()
}

/// The ARNs whose documents would tell more.
pub fn unknown(sides: &Sides, documents: &Documents) -> BTreeSet<String> {
    let roles = of_kind(sides, "role").filter(|(_, side)| side.after.is_some());
    let unknown = roles.flat_map(|(_, side)| Pair::of(side, documents).unknown());
    unknown.filter(|arn| arn.starts_with("arn:")).collect()
}

fn one(addr: &Addr, side: &Side, documents: &Documents) -> Permissions {
    let pair = Pair::of(side, documents);
    let mut own = compare::identity(&pair.before.policies, &pair.after.policies);
    let trust = |spec: &Option<Value>| spec.as_ref()?.get("trust").cloned();
    let (before, after) = (trust(&side.before), trust(&side.after));
    let others = compare::resource(before.as_ref(), after.as_ref());
    own.gained.extend(others.gained);
    own.lost.extend(others.lost);
    let arns = pair.unknown().into_iter();
    let unknown = arns.map(|arn| format!("what {arn} allows could not be read"));
    let unread = (own.unread + others.unread > 0)
        .then(|| "one of its policies is no policy document".to_owned());
    Permissions {
        addr: addr.clone(),
        existed: side.before.is_some(),
        gained: own.gained,
        lost: own.lost,
        unknown: unknown.chain(pair.hidden(side)).chain(unread).collect(),
    }
}

/// A role before and after.
struct Pair {
    before: Role,
    after: Role,
}

impl Pair {
    fn of(side: &Side, documents: &Documents) -> Pair {
        Pair {
            before: held(side, documents, Moment::Before),
            after: held(side, documents, Moment::After),
        }
    }

    /// What is the same on both sides and unknown can only hide where something else stops
    /// forbidding it.
    fn all_counts(&self) -> bool {
        let denies = |document: &Value| document.to_string().contains("\"Deny\"");
        let (had, has) = (&self.before.policies, &self.after.policies);
        let gone = had
            .documents
            .iter()
            .filter(|document| !has.documents.contains(document));
        gone.into_iter().any(denies)
            || had.boundary != has.boundary
            || self.before.boundary != self.after.boundary
    }

    fn unknown(&self) -> BTreeSet<String> {
        let (had, has) = (&self.before.unknown, &self.after.unknown);
        let mut unknown: BTreeSet<String> = match self.all_counts() {
            true => had.union(has).cloned().collect(),
            false => had.symmetric_difference(has).cloned().collect(),
        };
        if self.before.policies != self.after.policies || !unknown.is_empty() {
            for role in [&self.before, &self.after] {
                let unread = role
                    .boundary
                    .iter()
                    .filter(|_| role.policies.boundary.is_none());
                unknown.extend(unread.cloned());
            }
        }
        unknown
    }

    /// Inline policies that slp leaves alone and does not read.
    fn hidden(&self, side: &Side) -> Vec<String> {
        let names = side.facts.get("other_inline").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        let note = |name| format!("what its inline policy {name} allows was not read");
        match self.all_counts() {
            true => names.map(note).collect(),
            false => Vec::new(),
        }
    }
}

fn role(
    spec: Option<&Value>,
    others: Option<&Value>,
    documents: &Documents,
    moment: Moment,
) -> Role {
    let attached = spec.into_iter().flat_map(|spec| texts(spec.get("attach")));
    let others = spec.into_iter().flat_map(|_| texts(others));
    let boundary = spec.and_then(|spec| texts(spec.get("boundary")).pop());
    let mut role = Role {
        policies: Policies::default(),
        unknown: BTreeSet::new(),
        boundary,
    };
    for arn in attached.chain(others) {
        match documents.get(&arn, moment) {
            Some(document) => role.policies.documents.push(document.clone()),
            None => drop(role.unknown.insert(arn)),
        }
    }
    let inline = spec.and_then(|spec| spec.get("inline")?.as_object());
    let inline = inline.into_iter().flat_map(|inline| inline.values());
    role.policies.documents.extend(inline.cloned());
    let boundary = role.boundary.as_deref();
    let document = boundary.and_then(|arn| documents.get(arn, moment));
    role.policies.boundary = document.cloned();
    role
}

/// A text or a list of texts, as they are read.
pub fn texts(value: Option<&Value>) -> Vec<String> {
    let one = |value: &Value| text::from_value(value).map(|text| text.to_string());
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

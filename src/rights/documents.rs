//! The documents of managed policies, by ARN: the project's own before and after, AWS's known
//! ones, and those that were read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::sides::{Sides, of_kind};
use crate::addr::Addr;
use crate::iam::managed;

/// What was read of policies that are not the project's; `None` of what could not be read.
pub type Read = BTreeMap<String, Option<Value>>;

/// Before the plan or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
}

pub struct Documents<'a> {
    before: BTreeMap<String, Value>,
    after: BTreeMap<String, Value>,
    read: &'a Read,
}

impl Documents<'_> {
    pub fn of<'a>(sides: &Sides, read: &'a Read) -> Documents<'a> {
        let mut documents = Documents {
            before: BTreeMap::new(),
            after: BTreeMap::new(),
            read,
        };
        for (addr, side) in of_kind(sides, "policy") {
            let (had, has) = (&side.before, &side.after);
            documents
                .before
                .extend(entries(addr, had.as_ref(), side.id_before.as_ref()));
            documents
                .after
                .extend(entries(addr, has.as_ref(), side.id_after.as_ref()));
        }
        documents
    }

    pub fn get(&self, arn: &str, moment: Moment) -> Option<&Value> {
        let own = match moment {
            Moment::Before => &self.before,
            Moment::After => &self.after,
        };
        let known = managed::find(arn).map(|policy| &policy.document);
        let read = || self.read.get(arn).and_then(Option::as_ref);
        own.get(arn).or(known).or_else(read)
    }
}

/// A policy under its ARN, and under the hole by which a role names it before it exists.
fn entries(addr: &Addr, spec: Option<&Value>, id: Option<&String>) -> Vec<(String, Value)> {
    let Some(document) = spec.and_then(|spec| spec.get("document")) else {
        return Vec::new();
    };
    let names = id.cloned().into_iter().chain([format!("<{addr}.arn>")]);
    names.map(|name| (name, document.clone())).collect()
}

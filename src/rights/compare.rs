//! Two sets of policies: what the one allows and the other does not.
//!
//! Allowed is (allow and boundary) without deny. What is gained of one allowed block is what no
//! block allowed before, and what a deny of before forbade.

use serde_json::Value;

use super::cell::{Cell, absorbed};
use super::read::{Kind, Rules};
use super::words;
use crate::plan::Right;

/// A role's own policies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policies {
    /// Attached and inline ones: their order and number mean nothing.
    pub documents: Vec<Value>,
    pub boundary: Option<Value>,
}

/// What differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    pub gained: Vec<Right>,
    pub lost: Vec<Right>,
    /// How many documents are none.
    pub unread: usize,
}

/// How many parts of a block are told one by one, and how many exceptions.
const PARTS: usize = 3;
const EXCEPTIONS: usize = 4;

/// What a role may do, before and after.
pub fn identity(before: &Policies, after: &Policies) -> Delta {
    if before == after {
        return Delta::default();
    }
    let rules = |policies: &Policies| {
        let rules = Rules::of(&policies.documents, Kind::Identity);
        match &policies.boundary {
            Some(boundary) => rules.within(Rules::of([boundary], Kind::Identity)),
            None => rules,
        }
    };
    delta(rules(before), rules(after), Kind::Identity)
}

/// What a resource's own policy lets others do, before and after.
pub fn resource(before: Option<&Value>, after: Option<&Value>) -> Delta {
    if before == after {
        return Delta::default();
    }
    let rules = |document: Option<&Value>| Rules::of(document, Kind::Resource);
    delta(rules(before), rules(after), Kind::Resource)
}

fn delta(before: Rules, after: Rules, kind: Kind) -> Delta {
    Delta {
        gained: gained(&before, &after, kind),
        lost: gained(&after, &before, kind),
        unread: before.unread + after.unread,
    }
}

fn gained(before: &Rules, after: &Rules, kind: Kind) -> Vec<Right> {
    // What is gained as a whole first tells of the rest.
    let mut gains: Vec<(Cell, Vec<Cell>)> = Vec::new();
    for cell in absorbed(after.allow.clone()) {
        let left = cell.clone().without(&after.deny);
        let parts = left.iter().flat_map(|part| more(part, before)).collect();
        let parts = absorbed(parts);
        if !parts.is_empty() {
            gains.push((cell, parts));
        }
    }
    let told = gains
        .iter()
        .flat_map(|(cell, parts)| match is_short(parts) {
            true => parts
                .iter()
                .map(|part| words::right(part, kind, false))
                .collect(),
            false => vec![words::right(cell, kind, true)],
        });
    let mut rights: Vec<Right> = told.collect();
    rights.sort();
    rights.dedup();
    rights
}

/// What of a block was not allowed.
fn more(cell: &Cell, before: &Rules) -> Vec<Cell> {
    let forbidden = before.deny.iter().filter_map(|deny| cell.and(deny));
    let new = cell.clone().without(&before.allow);
    new.into_iter().chain(forbidden).collect()
}

fn is_short(parts: &[Cell]) -> bool {
    let short = |part: &Cell| {
        let exceptions = [&part.who, &part.action, &part.resource].map(|reach| reach.not.len());
        exceptions.iter().all(|count| *count <= EXCEPTIONS)
    };
    parts.len() <= PARTS && parts.iter().all(short)
}

//! Two specs of one kind as a list of differences, read from the kind's schema alone.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::policy::{self, StatementChange};
use super::schema::Place;
use super::{Detail, FieldChange, Shape};
use crate::text;

/// What differs between two specs of the kind that has this spec schema.
///
/// Order-free lists give a change per member, maps one per entry, policy documents one per
/// statement. With no `before` (create) everything that is not null, false, empty or its default
/// is listed; with no `after` (delete) nothing is. For two specs, the list is empty exactly
/// where they mean the same.
pub fn fields(before: Option<&Value>, after: Option<&Value>, schema: &Value) -> Vec<FieldChange> {
    let mut walk = Walk {
        update: before.is_some(),
        to_leaves: false,
        found: Vec::new(),
    };
    if after.is_some() {
        let spot = Spot::root(schema);
        walk.compare(&spot, present(before), present(after));
    }
    walk.found
}

/// Where a walk stands.
struct Spot<'a> {
    place: Place<'a>,
    path: Vec<String>,
    /// This, or something around it, cannot be changed in place.
    replaces: bool,
    /// How many keys of `path` lead to the outermost map entry around this.
    entry: usize,
    summary: Vec<String>,
    /// This is itself the entry of a map.
    is_entry: bool,
}

impl<'a> Spot<'a> {
    fn root(schema: &'a Value) -> Spot<'a> {
        Spot::of(Place::root(schema))
    }

    fn of(place: Place<'a>) -> Spot<'a> {
        Spot {
            place,
            path: Vec::new(),
            replaces: false,
            entry: 0,
            summary: Vec::new(),
            is_entry: false,
        }
    }

    fn field(&self, name: &str) -> Spot<'a> {
        let nothing = &Value::Null;
        let place = self.place.field(name);
        let place = place.unwrap_or_else(|| Place::root(nothing));
        Spot {
            replaces: self.replaces || place.replaces(),
            path: self.longer(name),
            place,
            entry: self.entry,
            summary: self.summary.clone(),
            is_entry: false,
        }
    }

    fn entry(&self, place: &Place<'a>, key: &str) -> Spot<'a> {
        let (entry, summary) = match self.entry {
            0 => (self.path.len() + 1, place.summary()),
            outer => (outer, self.summary.clone()),
        };
        Spot {
            replaces: self.replaces || place.replaces(),
            path: self.longer(key),
            place: place.clone(),
            entry,
            summary,
            is_entry: true,
        }
    }

    fn longer(&self, key: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        path
    }
}

struct Walk {
    update: bool,
    /// Are new entries of maps taken apart?
    to_leaves: bool,
    found: Vec<FieldChange>,
}

impl Walk {
    fn compare(&mut self, spot: &Spot, before: Option<&Value>, after: Option<&Value>) {
        if before == after {
            return;
        }
        let either = before.or(after);
        if spot.place.is_policy() {
            self.policy(spot, before, after);
        } else if spot.place.is_package() {
            self.push(spot, Shape::Package, before, after);
        } else if spot.place.is_set() && both(before, after, Value::is_array) {
            self.members(spot, before, after);
        } else if both(before, after, is_table) && spot.place.has_fields() {
            self.inside(spot, before, after);
        } else if let Some(place) = spot
            .place
            .entries()
            .filter(|_| either.is_some_and(is_table))
        {
            self.entries(spot, &place, before, after);
        } else {
            self.whole(spot, before, after);
        }
    }

    fn push(&mut self, spot: &Spot, shape: Shape, before: Option<&Value>, after: Option<&Value>) {
        self.found.push(FieldChange {
            path: spot.path.clone(),
            before: before.cloned(),
            after: after.cloned(),
            drift: false,
            replaces: spot.replaces && self.update,
            shape,
            unit: spot.place.unit().map(str::to_owned),
            entry: spot.entry,
            summary: spot.summary.clone(),
            says: spot.place.says().map(str::to_owned),
            details: Vec::new(),
        });
    }

    /// An entry that is added or removed as a whole.
    fn entry(&mut self, entry: &Spot, before: Option<&Value>, after: Option<&Value>) {
        self.push(entry, Shape::Entry, before, after);
        let details = after.map_or_else(Vec::new, |after| details(&entry.place, after));
        if let Some(told) = self.found.last_mut() {
            told.details = details;
        }
    }

    fn whole(&mut self, spot: &Spot, before: Option<&Value>, after: Option<&Value>) {
        let shape = match spot.is_entry {
            true => Shape::Entry,
            false => Shape::Value,
        };
        self.push(spot, shape, before, after);
    }

    /// Runs a part of the walk that may find nothing although the values are not equal,
    /// such as `null` and an empty table, and then lists the value as a whole.
    fn parts(
        &mut self,
        spot: &Spot,
        before: Option<&Value>,
        after: Option<&Value>,
        walk: impl FnOnce(&mut Walk),
    ) {
        let found = self.found.len();
        walk(self);
        let one_sided = before.is_none() != after.is_none();
        if one_sided && self.found.len() == found && !spot.path.is_empty() && self.update {
            self.whole(spot, before, after);
        }
    }

    fn inside(&mut self, spot: &Spot, before: Option<&Value>, after: Option<&Value>) {
        self.parts(spot, before, after, |walk| {
            for key in keys(before, after) {
                let field = spot.field(key);
                let (old, new) = (member(before, key), member(after, key));
                let one_sided = before.is_none() || after.is_none();
                if one_sided
                    && [old, new]
                        .into_iter()
                        .flatten()
                        .all(|v| quiet(v, &field.place))
                {
                    continue;
                }
                walk.compare(&field, old, new);
            }
        });
    }

    fn entries(
        &mut self,
        spot: &Spot,
        place: &Place,
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        let apart = place.is_policy() || self.to_leaves && place.has_fields();
        self.parts(spot, before, after, |walk| {
            for key in keys(before, after) {
                let entry = spot.entry(place, key);
                let (old, new) = (member(before, key), member(after, key));
                if old.is_some() && new.is_some() || apart {
                    walk.compare(&entry, old, new);
                } else {
                    walk.entry(&entry, old, new);
                }
            }
        });
    }

    fn members(&mut self, spot: &Spot, before: Option<&Value>, after: Option<&Value>) {
        self.parts(spot, before, after, |walk| {
            let (old, new) = (items(before), items(after));
            for gone in old.iter().filter(|item| !new.contains(item)) {
                walk.push(spot, Shape::Member, Some(gone), None);
            }
            for came in new.iter().filter(|item| !old.contains(item)) {
                walk.push(spot, Shape::Member, None, Some(came));
            }
        });
    }

    fn policy(&mut self, spot: &Spot, before: Option<&Value>, after: Option<&Value>) {
        let found = self.found.len();
        if let (Some(before), Some(after)) = (before, after) {
            let (before, after) = (policy::canonical(before), policy::canonical(after));
            for key in keys(Some(&before), Some(&after)).filter(|key| *key != "Statement") {
                let (old, new) = (before.get(key), after.get(key));
                if old != new {
                    self.push(&spot.field(key), Shape::Value, old, new);
                }
            }
        }
        for change in policy::statements(before, after) {
            let (old, new) = match change {
                StatementChange::Added(new) => (None, Some(new)),
                StatementChange::Removed(old) => (Some(old), None),
                StatementChange::Changed { before, after } => (Some(before), Some(after)),
            };
            self.push(spot, Shape::Statement, old.as_ref(), new.as_ref());
        }
        let differ = || before.map(policy::canonical) != after.map(policy::canonical);
        if self.found.len() == found && before.is_some() && after.is_some() && differ() {
            self.push(spot, Shape::Value, before, after);
            if let Some(told) = self.found.last_mut() {
                told.says = Some("the same in other statements".to_owned());
            }
        }
    }
}

/// What a new entry shows beside its summary, in the order of its fields.
fn details(place: &Place, entry: &Value) -> Vec<Detail> {
    let summary = place.summary();
    if summary.is_empty() || !is_table(entry) {
        return Vec::new();
    }
    let mut walk = Walk {
        update: false,
        to_leaves: true,
        found: Vec::new(),
    };
    walk.compare(&Spot::of(place.clone()), None, Some(entry));
    let mut details: Vec<Detail> = Vec::new();
    for found in walk.found {
        let detail = Detail {
            path: found.path,
            unit: found.unit,
        };
        let first = detail.path.first();
        if first.is_some_and(|key| !summary.contains(key)) && !details.contains(&detail) {
            details.push(detail);
        }
    }
    details
}

/// `null` and absent are one.
pub(super) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

/// A table with keys of its own, not a text that is written as one.
fn is_table(value: &Value) -> bool {
    value.is_object() && text::from_value(value).is_none()
}

/// Do all values that are there (at least one) have this shape?
fn both(before: Option<&Value>, after: Option<&Value>, is: fn(&Value) -> bool) -> bool {
    before.is_none_or(is) && after.is_none_or(is)
}

fn member<'v>(value: Option<&'v Value>, key: &str) -> Option<&'v Value> {
    present(value?.get(key))
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn keys<'v>(before: Option<&'v Value>, after: Option<&'v Value>) -> impl Iterator<Item = &'v str> {
    let tables = [before, after].into_iter().flatten();
    let keys: BTreeSet<&str> = tables
        .filter_map(Value::as_object)
        .flat_map(Map::keys)
        .map(String::as_str)
        .collect();
    keys.into_iter()
}

/// Nothing to tell: empty, or what AWS would do anyway.
fn quiet(value: &Value, place: &Place) -> bool {
    if let Some(default) = place.default() {
        return default == value || value.is_null();
    }
    place.is_implied()
        || match value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        }
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;

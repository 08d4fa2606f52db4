//! The field changes of one resource as indented rows.

use std::collections::HashMap;

use serde_json::Value;

use super::packages::{Packages, package};
use super::style::{Paint, Style, columns, padded, shown_columns, wrapped};
use super::value::{bare, elided, first_difference, is_secret, printable, quoted, summarised};
use crate::diff::policy::describe;
use crate::diff::{FieldChange, Shape};

/// Rows of one resource.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub style: &'a Style,
    pub packages: &'a dyn Packages,
    /// The resource is new: there is no old value to speak of.
    pub new: bool,
}

/// What stands together: single rows stay alone, members under their list's name.
#[derive(PartialEq)]
enum Group {
    Row,
    List(Vec<String>),
    /// Entries of a map; those that tell their own story need no heading.
    Map(Vec<String>),
    Bare,
}

/// The details of entries that were told, and of which entry each.
type Told = HashMap<String, String>;

/// What a row says behind its name.
enum Sides {
    Told(String),
    One(String),
    Two(String, String),
}

/// The least width of the column of names, so that blocks line up with one another.
const NAMES: usize = 12;
const WIDEST_NAME: usize = 28;
/// A value up to this long is never cut where it stands alone: no ARN of AWS's is longer.
const LONGEST: usize = 160;

impl Rows<'_> {
    /// All rows, each line ending in a line break.
    pub fn text(&self, changes: &[FieldChange], indent: usize) -> String {
        let all: Vec<&FieldChange> = changes.iter().collect();
        let mut out = String::new();
        self.level(&all, 0, indent, &mut out);
        out
    }

    /// Rows of what shares the first `base` keys.
    fn level(&self, changes: &[&FieldChange], base: usize, indent: usize, out: &mut String) {
        let names = changes
            .iter()
            .filter(|change| group(change, base) == Group::Row)
            .map(|change| columns(&label(change, base)));
        let width = names.filter(|n| *n <= WIDEST_NAME).max().unwrap_or(0);
        for part in changes.chunk_by(|a, b| group(a, base) == group(b, base)) {
            let Some(first) = part.first() else { continue };
            match group(first, base) {
                Group::Row => part
                    .iter()
                    .for_each(|change| self.row(change, base, width.max(NAMES), indent, out)),
                Group::List(name) => {
                    heading(&name, indent, out);
                    part.iter().for_each(|c| self.mark(c, indent + 2, out));
                }
                Group::Map(name) => {
                    heading(&name, indent, out);
                    self.entries(part, base, indent + 2, out);
                }
                Group::Bare => self.entries(part, base, indent, out),
            }
        }
    }

    fn entries(&self, changes: &[&FieldChange], base: usize, indent: usize, out: &mut String) {
        let whole = |change: &&FieldChange| depth(change, base) == change.path.len();
        let names = changes.iter().filter(|c| whole(c));
        let width = names.map(|c| columns(&key(c, base))).max().unwrap_or(0);
        let mut told = Told::new();
        for part in changes.chunk_by(|a, b| key(a, base) == key(b, base)) {
            let (entries, parts): (Vec<&FieldChange>, Vec<&FieldChange>) =
                part.iter().partition(|change| whole(change));
            for change in entries {
                let name = padded(&key(change, base), width.min(WIDEST_NAME));
                self.entry(change, &name, indent, &mut told, out);
            }
            if let Some(first) = parts.first() {
                let symbol = self.style.symbol("~");
                out.push_str(&format!(
                    "{}{symbol} {}\n",
                    spaces(indent),
                    key(first, base)
                ));
                self.level(&parts, depth(first, base), indent + 4, out);
            }
        }
    }

    /// `name   old → new unit`.
    fn row(
        &self,
        change: &FieldChange,
        base: usize,
        width: usize,
        indent: usize,
        out: &mut String,
    ) {
        let lead = format!(
            "{}{}  ",
            spaces(indent),
            padded(&label(change, base), width)
        );
        if change.shape == Shape::Package {
            return self.package(change, &lead, indent + 2, out);
        }
        self.values(change, &lead, columns(&lead), out);
    }

    /// `+ KEY  value`, `~ KEY  old → new`, `- KEY`; the name comes padded.
    fn entry(
        &self,
        change: &FieldChange,
        name: &str,
        indent: usize,
        told: &mut Told,
        out: &mut String,
    ) {
        let symbol = symbol(change);
        let start = format!("{}{} ", spaces(indent), self.style.symbol(symbol));
        let used = indent + columns(symbol) + 1;
        let value = change.after.as_ref().filter(|_| change.before.is_none());
        let summary = value.and_then(|value| summarised(value, &change.summary));
        let bare_name = name.trim_end();
        if change.after.is_none() {
            out.push_str(&self.ended(format!("{start}{bare_name}"), change, used + 2));
        } else if let Some(summary) = summary {
            let text = format!("{bare_name} → {summary}");
            let text = wrapped(&text, used, used + 2, self.style.width);
            out.push_str(&self.ended(format!("{start}{text}"), change, used + 2));
            self.details(change, bare_name, indent + 4, told, out);
        } else {
            let lead = format!("{start}{name}  ");
            self.values(change, &lead, used + columns(name) + 2, out);
        }
    }

    /// What a new entry holds beside its summary, unless the like was told of another one.
    fn details(
        &self,
        change: &FieldChange,
        name: &str,
        indent: usize,
        told: &mut Told,
        out: &mut String,
    ) {
        let Some(entry) = &change.after else { return };
        let value = |path: &[String]| path.iter().try_fold(entry, |value, key| value.get(key));
        let rows: Vec<FieldChange> = change
            .details
            .iter()
            .map(|detail| FieldChange {
                path: detail.path.clone(),
                after: value(&detail.path).cloned(),
                unit: detail.unit.clone(),
                ..FieldChange::default()
            })
            .collect();
        let inner = Rows { new: true, ..*self };
        let text = inner.text(&rows, indent);
        match told.get(&text) {
            Some(other) if rows.len() > 1 => {
                out.push_str(&format!("{}the same as {other}\n", spaces(indent)));
            }
            _ => {
                out.push_str(&text);
                told.insert(text, name.to_owned());
            }
        }
    }

    /// `+ member`, or a statement.
    fn mark(&self, change: &FieldChange, indent: usize, out: &mut String) {
        let symbol = symbol(change);
        let start = format!("{}{} ", spaces(indent), self.style.symbol(symbol));
        let hang = indent + columns(symbol) + 1;
        let told = |value: &Value| match change.shape {
            Shape::Statement => printable(&describe(value)),
            _ => bare(value),
        };
        let wrap = |text: &str| wrapped(text, hang, hang + 2, self.style.width);
        let lines = match (&change.before, &change.after) {
            (Some(old), Some(new)) => {
                let new = wrap(&format!("→ {}", told(new)));
                format!("{}\n{}{new}", wrap(&told(old)), spaces(hang))
            }
            (Some(one), None) | (None, Some(one)) => wrap(&told(one)),
            (None, None) => String::new(),
        };
        out.push_str(&self.ended(format!("{start}{lines}"), change, hang + 2));
    }

    /// Old and new behind a lead of so many columns: on one line if they fit, else on two.
    fn values(&self, change: &FieldChange, lead: &str, used: usize, out: &mut String) {
        let room = self.style.width.saturating_sub(used);
        let line = match self.sides(change) {
            Sides::Told(text) => format!("{lead}{}", wrapped(&text, used, used, self.style.width)),
            Sides::One(value) => self.alone(&value, lead, room),
            Sides::Two(old, new) => {
                let whole = format!("{old} → {new}");
                let beside = plain_suffix(change).map_or(0, |text| columns(&text) + 4);
                if columns(&whole) + beside <= room {
                    format!("{lead}{whole}")
                } else {
                    let focus = first_difference(&old, &new);
                    let (old, new) = (elided(&old, room, focus), elided(&new, room, focus));
                    format!("{lead}{old}\n{}→ {new}", spaces(used.saturating_sub(2)))
                }
            }
        };
        out.push_str(&self.ended(line, change, used));
    }

    fn sides(&self, change: &FieldChange) -> Sides {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        if before.into_iter().chain(after).any(is_secret) {
            let fresh = self.new || before.is_none();
            let text = if fresh {
                "(secret)"
            } else {
                "(secret, changed)"
            };
            return Sides::Told(text.to_owned());
        }
        if let Some(says) = &change.says {
            return Sides::Told(printable(says));
        }
        let none = || "(none)".to_owned();
        let measured = |value: &Value| match &change.unit {
            Some(unit) => format!("{} {unit}", quoted(value)),
            None => quoted(value),
        };
        match (before, after) {
            (Some(old), Some(new)) => Sides::Two(quoted(old), measured(new)),
            (Some(old), None) => Sides::Two(measured(old), none()),
            (None, Some(new)) if self.new || change.shape == Shape::Entry => {
                Sides::One(measured(new))
            }
            (None, Some(new)) => Sides::Two(none(), measured(new)),
            (None, None) => Sides::One(none()),
        }
    }

    /// A value that has a row to itself: whole on a line of its own where it does not fit
    /// behind its name (ARNs are read by their ends, and copied), cut only where it is very long.
    fn alone(&self, value: &str, lead: &str, room: usize) -> String {
        let indent = lead.chars().take_while(|c| *c == ' ').count() + 4;
        let wide = self.style.width.saturating_sub(indent).max(LONGEST);
        if columns(value) <= room || columns(value) > wide {
            return format!("{lead}{}", elided(value, room, 0));
        }
        format!("{}\n{}{value}", lead.trim_end(), spaces(indent))
    }

    fn package(&self, change: &FieldChange, lead: &str, indent: usize, out: &mut String) {
        let digest = |value: &Option<Value>| value.as_ref().map(bare);
        let (before, after) = (digest(&change.before), digest(&change.after));
        let shown = package(before.as_deref(), after.as_deref(), self.packages);
        out.push_str(&self.ended(format!("{lead}{}", shown.line), change, indent + 2));
        for (symbol, text) in shown.files {
            let symbol = self.style.symbol(symbol);
            out.push_str(&format!("{}{symbol} {text}\n", spaces(indent)));
        }
    }

    /// Lines with what the row says beside its values: behind the last one if it fits, else below.
    fn ended(&self, lines: String, change: &FieldChange, hang: usize) -> String {
        let paint = match change.drift {
            true => Paint::Drift,
            false => Paint::Replaced,
        };
        let Some(text) = plain_suffix(change) else {
            return format!("{lines}\n");
        };
        let last = lines.lines().last().map_or(0, shown_columns);
        let gap = match last + 4 + columns(&text) <= self.style.width {
            true => "    ".to_owned(),
            false => format!("\n{}", spaces(hang)),
        };
        format!("{lines}{gap}{}\n", self.style.paint(paint, &text))
    }
}

/// What a row says beside its values.
fn plain_suffix(change: &FieldChange) -> Option<String> {
    let listed = matches!(
        change.shape,
        Shape::Member | Shape::Entry | Shape::Statement
    );
    let happened = match (&change.before, &change.after) {
        (Some(_), None) if listed => "added",
        (None, Some(_)) if listed => "removed",
        _ => "changed",
    };
    match (change.drift, change.replaces) {
        (true, true) => Some(format!("! {happened} outside slp, forces replacement")),
        (true, false) => Some(format!("! {happened} outside slp")),
        (false, true) => Some("forces replacement".to_owned()),
        (false, false) => None,
    }
}

fn group(change: &FieldChange, base: usize) -> Group {
    let path = |end: usize| change.path.get(base..end).unwrap_or_default().to_vec();
    let listed = matches!(change.shape, Shape::Member | Shape::Statement);
    let outer = change.entry > base;
    if listed && (!outer || change.entry == change.path.len()) {
        Group::List(path(change.path.len()))
    } else if outer && !change.summary.is_empty() {
        Group::Bare
    } else if outer || change.shape == Shape::Entry {
        Group::Map(path(depth(change, base).saturating_sub(1)))
    } else {
        Group::Row
    }
}

/// How many keys lead to the map entry that a change is listed under: the outermost one,
/// or, where that is told already, the change's own.
fn depth(change: &FieldChange, base: usize) -> usize {
    match change.entry > base {
        true => change.entry,
        false => change.path.len(),
    }
}

/// The row's name: its path; of a package, the table that it stands in.
fn label(change: &FieldChange, base: usize) -> String {
    let path = change.path.get(base..).unwrap_or_default();
    let path = match (change.shape, path) {
        (Shape::Package, [table @ .., _]) if !table.is_empty() => table,
        _ => path,
    };
    printable(&path.join("."))
}

/// The key of the map entry that a change is listed under.
fn key(change: &FieldChange, base: usize) -> String {
    let at = depth(change, base).saturating_sub(1);
    let key = change.path.get(at).map(|key| printable(key));
    key.unwrap_or_default()
}

fn symbol(change: &FieldChange) -> &'static str {
    match (&change.before, &change.after) {
        (None, _) => "+",
        (_, None) => "-",
        _ => "~",
    }
}

fn heading(name: &[String], indent: usize, out: &mut String) {
    out.push_str(&format!(
        "{}{}\n",
        spaces(indent),
        printable(&name.join("."))
    ));
}

fn spaces(number: usize) -> String {
    " ".repeat(number)
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;

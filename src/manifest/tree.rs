//! The spanned tree of a TOML file: look up, cut out, put under.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::kind::Block;

pub type Table = DeTable<'static>;
pub type Key = Spanned<Cow<'static, str>>;

/// One step from a table or list to what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    pub fn text(&self) -> String {
        match self {
            Step::Key(key) => key.clone(),
            Step::Index(index) => index.to_string(),
        }
    }
}

pub fn key(text: &str, span: Range<usize>) -> Key {
    Spanned::new(span, Cow::Owned(text.to_owned()))
}

/// An empty table at a place.
pub fn empty(span: Range<usize>) -> Block {
    Spanned::new(span, DeValue::Table(Table::new()))
}

pub fn table(block: &Block) -> Option<&Table> {
    block.get_ref().as_table()
}

pub fn table_mut(block: &mut Block) -> Option<&mut Table> {
    match block.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// What a person calls a value of this type.
pub fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The place of what stands at a path; of its nearest existing ancestor, if nothing does.
pub fn place(block: &Block, path: &[String]) -> Range<usize> {
    let mut span = block.span();
    let mut value = block.get_ref();
    for step in path {
        let next = match value {
            DeValue::Table(table) => table.get(step.as_str()),
            DeValue::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
        match next {
            Some(next) => (span, value) = (next.span(), next.get_ref()),
            None => break,
        }
    }
    span
}

/// The place of the last key of a path, where it is one of a table; else as `place`.
pub fn key_place(block: &Block, path: &[String]) -> Range<usize> {
    let Some((last, above)) = path.split_last() else {
        return block.span();
    };
    let key = steps(block, above).and_then(|above| {
        let mut value = block.get_ref();
        for step in &above {
            value = match (value, step) {
                (DeValue::Table(table), Step::Key(key)) => table.get(key.as_str())?.get_ref(),
                (DeValue::Array(items), Step::Index(index)) => items.get(*index)?.get_ref(),
                _ => return None,
            };
        }
        let (key, _) = value.as_table()?.get_key_value(last.as_str())?;
        Some(key.span())
    });
    key.unwrap_or_else(|| place(block, path))
}

/// The way to the smallest entry whose key or value encloses a place. Children are looked
/// at whatever their parent's span: a header's own span does not hold what follows it.
pub fn enclosing(block: &Block, span: &Range<usize>) -> Option<Vec<Step>> {
    let mut best = None;
    let mut path = Vec::new();
    search(block.get_ref(), span, &mut path, &mut best);
    best.map(|(_, path)| path)
}

type Best = Option<(usize, Vec<Step>)>;

fn search(value: &DeValue<'static>, span: &Range<usize>, path: &mut Vec<Step>, best: &mut Best) {
    match value {
        DeValue::Table(table) => {
            for (key, value) in table.iter() {
                path.push(Step::Key(key.get_ref().to_string()));
                consider(&key.span(), span, path, best);
                consider(&value.span(), span, path, best);
                search(value.get_ref(), span, path, best);
                path.pop();
            }
        }
        DeValue::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                path.push(Step::Index(index));
                consider(&value.span(), span, path, best);
                search(value.get_ref(), span, path, best);
                path.pop();
            }
        }
        _ => {}
    }
}

fn consider(own: &Range<usize>, span: &Range<usize>, path: &[Step], best: &mut Best) {
    let encloses = own.start <= span.start && span.end <= own.end;
    let length = own.end.saturating_sub(own.start);
    // The first entry of a list of tables has the place of the whole list: the deeper one counts.
    let smaller = best.as_ref().is_none_or(|(least, _)| length <= *least);
    if encloses && smaller {
        *best = Some((length, path.to_vec()));
    }
}

/// The way to the first value of which something is true.
pub fn find(block: &Block, is: &dyn Fn(&DeValue<'_>) -> bool) -> Option<Vec<Step>> {
    fn inside(
        value: &DeValue<'_>,
        is: &dyn Fn(&DeValue<'_>) -> bool,
        path: &mut Vec<Step>,
    ) -> bool {
        let mut below = |step: Step, value: &DeValue<'_>| {
            path.push(step);
            let found = inside(value, is, path);
            if !found {
                path.pop();
            }
            found
        };
        match value {
            value if is(value) => true,
            DeValue::Table(table) => table
                .iter()
                .any(|(key, value)| below(Step::Key(key.get_ref().to_string()), value.get_ref())),
            DeValue::Array(items) => items
                .iter()
                .enumerate()
                .any(|(index, value)| below(Step::Index(index), value.get_ref())),
            _ => false,
        }
    }
    let mut path = Vec::new();
    inside(block.get_ref(), is, &mut path).then_some(path)
}

/// The place of the outermost list that ends at a byte.
pub fn list_until(value: &DeValue<'_>, end: usize) -> Option<Range<usize>> {
    let below = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
        DeValue::Array(_) if item.span().end == end => Some(item.span()),
        inner => list_until(inner, end),
    };
    match value {
        DeValue::Table(table) => table.values().find_map(below),
        DeValue::Array(items) => items.iter().find_map(below),
        _ => None,
    }
}

/// A path of names as steps, if something stands there.
pub fn steps(block: &Block, path: &[String]) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut value = block.get_ref();
    for name in path {
        let (step, next) = match value {
            DeValue::Table(table) => (Step::Key(name.clone()), table.get(name.as_str())?),
            DeValue::Array(items) => {
                let index = name.parse().ok()?;
                (Step::Index(index), items.get(index)?)
            }
            _ => return None,
        };
        steps.push(step);
        value = next.get_ref();
    }
    Some(steps)
}

/// What stands at a path.
pub fn at_mut<'a>(block: &'a mut Block, path: &[Step]) -> Option<&'a mut Block> {
    let mut current = block;
    for step in path {
        current = match (current.get_mut(), step) {
            (DeValue::Table(table), Step::Key(key)) => table.get_mut(key.as_str())?,
            (DeValue::Array(items), Step::Index(index)) => items.get_mut(*index)?,
            _ => return None,
        };
    }
    Some(current)
}

/// Cuts out the entry at a path.
pub fn remove(block: &mut Block, path: &[Step]) -> Option<Block> {
    let (last, parents) = path.split_last()?;
    match (at_mut(block, parents)?.get_mut(), last) {
        (DeValue::Table(table), Step::Key(key)) => table.remove(key.as_str()),
        (DeValue::Array(items), Step::Index(index)) => {
            let mut kept = DeArray::new();
            let mut removed = None;
            for (at, item) in std::mem::take(items).into_iter().enumerate() {
                match at == *index {
                    true => removed = Some(item),
                    false => kept.push(item),
                }
            }
            *items = kept;
            removed
        }
        _ => None,
    }
}

/// A copy that borrows nothing from the file's text.
pub fn owned(block: Spanned<DeValue<'_>>) -> Block {
    let span = block.span();
    let value = match block.into_inner() {
        DeValue::String(text) => DeValue::String(Cow::Owned(text.into_owned())),
        DeValue::Integer(number) => scalar(&number.to_string()),
        DeValue::Float(number) => scalar(&number.to_string()),
        DeValue::Boolean(truth) => DeValue::Boolean(truth),
        DeValue::Datetime(date) => DeValue::Datetime(date),
        DeValue::Array(items) => {
            let mut copy = DeArray::new();
            items.into_iter().for_each(|item| copy.push(owned(item)));
            DeValue::Array(copy)
        }
        DeValue::Table(table) => DeValue::Table(owned_table(table)),
    };
    Spanned::new(span, value)
}

pub fn owned_table(table: DeTable<'_>) -> Table {
    let entry = |(key, value): (Spanned<Cow<'_, str>>, _)| {
        let span = key.span();
        let text = Cow::Owned(key.into_inner().into_owned());
        (Spanned::new(span, text), owned(value))
    };
    table.into_iter().map(entry).collect()
}

/// A number as TOML writes it; what is no number gives another type.
///
/// toml has no way to make a number but to read one, and borrows its digits. Distinct
/// numbers are few, so each is kept for good.
pub fn scalar(text: &str) -> DeValue<'static> {
    let (value, _) = DeValue::parse_recoverable(keep(text));
    value.into_inner()
}

fn keep(text: &str) -> &'static str {
    static KEPT: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_default();
    match kept.get(text) {
        Some(known) => known,
        None => {
            let text: &'static str = Box::leak(text.into());
            kept.insert(text);
            text
        }
    }
}

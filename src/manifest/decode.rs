//! Reads a block by its type, with every problem at once. serde stops at the first error,
//! so: deserialise; while it fails, note the error, cut out the entry it stands in, try again.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::{DeValue, ValueDeserializer};

use super::tree::{self, Step};
use super::wording;
use crate::kind::Block;
use crate::problem::Problem;

/// Reads a block; the problems carry their place.
pub fn decode<D: DeserializeOwned>(block: &Block) -> Result<D, Vec<Problem>> {
    match attempt::<D>(block.clone()) {
        Ok(decl) => Ok(decl),
        Err(error) => Err(Mender::new::<D>(block).all_problems::<D>(error)),
    }
}

fn attempt<D: DeserializeOwned>(block: Block) -> Result<D, toml::de::Error> {
    D::deserialize(ValueDeserializer::from(block))
}

/// The keys that a type knows, as it says itself when it meets one that cannot be.
fn known_keys<D: DeserializeOwned>() -> Vec<String> {
    let mut block = tree::empty(0..0);
    if let Some(table) = tree::table_mut(&mut block) {
        let nothing = toml::Spanned::new(0..0, DeValue::Boolean(true));
        table.insert(tree::key("\u{0}", 0..0), nothing);
    }
    match attempt::<D>(block) {
        Ok(_) => Vec::new(),
        Err(error) => wording::candidates(error.message()),
    }
}

/// Places no file has: what stands in for missing values is put there.
const NOWHERE: usize = usize::MAX / 2;

/// A mended copy of the block, and what had to be mended.
struct Mender {
    block: Block,
    root_keys: Vec<String>,
    problems: Vec<Problem>,
    /// The table's place and the key of what was cut out: it is not missing.
    cut: Vec<(Range<usize>, String)>,
    /// Where something stands in for a missing value, and how many kinds of value were tried.
    stand_ins: Vec<(Vec<Step>, usize)>,
}

impl Mender {
    fn new<D: DeserializeOwned>(block: &Block) -> Mender {
        Mender {
            block: block.clone(),
            root_keys: known_keys::<D>(),
            problems: Vec::new(),
            cut: Vec::new(),
            stand_ins: Vec::new(),
        }
    }

    fn all_problems<D: DeserializeOwned>(mut self, first: toml::de::Error) -> Vec<Problem> {
        let mut error = first;
        while self.mend(&error) {
            match attempt::<D>(self.block.clone()) {
                Ok(_) => break,
                Err(next) => error = next,
            }
        }
        self.problems
    }

    /// Notes an error and takes its cause away; false where that cannot be done.
    fn mend(&mut self, error: &toml::de::Error) -> bool {
        let span = error.span().unwrap_or_else(|| self.block.span());
        if span.start >= NOWHERE {
            return self.next_stand_in(span.start - NOWHERE);
        }
        match wording::missing_key(error.message()) {
            Some(key) => self.stand_in(&span, key),
            None => self.cut_out(&span, error.message()),
        }
    }

    fn cut_out(&mut self, span: &Range<usize>, message: &str) -> bool {
        let Some(path) = tree::enclosing(&self.block, span) else {
            let problem = wording::explain(message, None, &[], &self.root_keys);
            self.problems.push(Problem {
                span: Some(span.clone()),
                ..problem
            });
            return false;
        };
        let parent = self.parent_span(&path);
        let removed = tree::remove(&mut self.block, &path);
        let value = removed.as_ref().map(|block| block.get_ref());
        let problem = wording::explain(message, value, &path, &self.root_keys);
        self.problems.push(Problem {
            path: path.iter().map(Step::text).collect(),
            span: Some(span.clone()),
            ..problem
        });
        if let Some(Step::Key(key)) = path.last() {
            self.cut.push((parent, key.clone()));
        }
        removed.is_some()
    }

    fn parent_span(&mut self, path: &[Step]) -> Range<usize> {
        let above = path.split_last().map_or(&[][..], |(_, above)| above);
        tree::at_mut(&mut self.block, above).map_or(0..0, |block| block.span())
    }

    /// Puts something in place of a missing value, so that what else is wrong shows.
    fn stand_in(&mut self, span: &Range<usize>, key: &str) -> bool {
        let mut path = match *span == self.block.span() {
            true => Vec::new(),
            false => tree::enclosing(&self.block, span).unwrap_or_default(),
        };
        if !self.cut.contains(&(span.clone(), key.to_owned())) {
            let names: Vec<String> = path.iter().map(Step::text).collect();
            self.problems.push(Problem {
                path: names,
                ..Problem::spanned(span.clone(), format!("`{key}` is missing"))
            });
        }
        path.push(Step::Key(key.to_owned()));
        self.stand_ins.push((path, 0));
        self.put_stand_in(self.stand_ins.len() - 1)
    }

    fn next_stand_in(&mut self, number: usize) -> bool {
        match self.stand_ins.get_mut(number) {
            Some((_, tried)) => *tried += 1,
            None => return false,
        }
        self.put_stand_in(number)
    }

    fn put_stand_in(&mut self, number: usize) -> bool {
        let Some((path, tried)) = self.stand_ins.get(number) else {
            return false;
        };
        let value = match tried {
            0 => DeValue::String("-".into()),
            1 => tree::scalar("1"),
            2 => DeValue::Boolean(true),
            3 => DeValue::Array(toml::de::DeArray::new()),
            4 => DeValue::Table(tree::Table::new()),
            _ => return false,
        };
        let span = NOWHERE + number..NOWHERE + number + 1;
        let parents = &path[..path.len() - 1];
        let parent = tree::at_mut(&mut self.block, parents).and_then(tree::table_mut);
        match (parent, path.last()) {
            (Some(table), Some(Step::Key(key))) => {
                table.remove(key.as_str());
                let key = tree::key(key, span.clone());
                table.insert(key, toml::Spanned::new(span, value));
                true
            }
            _ => false,
        }
    }
}

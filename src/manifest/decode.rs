//! Reads a block by its type, with every problem at once. serde stops at the first error,
//! so: deserialise; while it fails, note the error, cut out the entry it stands in, try again.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::{DeValue, ValueDeserializer};

use super::guide::Guide;
use super::tree::{self, Step};
use super::wording;
use crate::elsewhere::{self, Here};
use crate::kind::Block;
use crate::problem::{Problem, nearest};

/// Reads a block; the problems carry their place.
pub fn decode<D: DeserializeOwned>(block: &Block) -> Result<D, Vec<Problem>> {
    decode_guided(block, &Guide::default)
}

/// As `decode`; the guide, asked for only where something is wrong, knows what to say of it.
pub fn decode_guided<'g, D: DeserializeOwned>(
    block: &Block,
    guide: &dyn Fn() -> Guide<'g>,
) -> Result<D, Vec<Problem>> {
    let mender = || Mender::new::<D>(block, guide());
    match dated(block.get_ref()) {
        false => attempt::<D>(block.clone()).map_err(|error| mender().all_problems::<D>(error)),
        true => Err(mender().all_problems_beside_dates::<D>()),
    }
}

/// Is there a date anywhere? Nothing takes one, and a table of any shape would let it through.
fn dated(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::Datetime(_) => true,
        DeValue::Array(items) => items.iter().any(|item| dated(item.get_ref())),
        DeValue::Table(table) => table.values().any(|item| dated(item.get_ref())),
        _ => false,
    }
}

fn attempt<D: DeserializeOwned>(block: Block) -> Result<D, toml::de::Error> {
    D::deserialize(ValueDeserializer::from(block))
}

/// A copy of a block without the entries that `decode` found wrong: what can still be read
/// by its type can still be judged. `None` where nothing was cut out.
pub fn mended(block: &Block, problems: &[Problem]) -> Option<Block> {
    let mut copy = block.clone();
    let mut cut = false;
    // In the order in which they were found, since a removal moves what follows it in a list.
    for problem in problems {
        let path = tree::steps(&copy, &problem.path);
        cut |= path.is_some_and(|path| tree::remove(&mut copy, &path).is_some());
    }
    cut.then_some(copy)
}

/// As `decode`, and what can still be read where something is wrong.
pub fn decode_in_part<D: DeserializeOwned>(
    block: &Block,
    problems: &mut Vec<Problem>,
) -> Option<D> {
    decode_in_part_guided(block, &Guide::default, problems)
}

/// The same with a guide.
pub fn decode_in_part_guided<'g, D: DeserializeOwned>(
    block: &Block,
    guide: &dyn Fn() -> Guide<'g>,
    problems: &mut Vec<Problem>,
) -> Option<D> {
    match decode_guided::<D>(block, guide) {
        Ok(decl) => Some(decl),
        Err(mut why) => {
            let rest = mended(block, &why);
            problems.append(&mut why);
            rest.and_then(|rest| attempt::<D>(rest).ok())
        }
    }
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
struct Mender<'g> {
    block: Block,
    guide: Guide<'g>,
    problems: Vec<Problem>,
    /// The table's place and the key of what was cut out: it is not missing.
    cut: Vec<(Range<usize>, String)>,
    /// Where something stands in for a missing value, and how many kinds of value were tried.
    stand_ins: Vec<(Vec<Step>, usize)>,
}

impl<'g> Mender<'g> {
    fn new<D: DeserializeOwned>(block: &Block, guide: Guide<'g>) -> Mender<'g> {
        Mender {
            block: block.clone(),
            guide: Guide {
                root: known_keys::<D>(),
                ..guide
            },
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

    fn all_problems_beside_dates<D: DeserializeOwned>(mut self) -> Vec<Problem> {
        while let Some(path) =
            tree::find(&self.block, &|value| matches!(value, DeValue::Datetime(_)))
        {
            let span = tree::at_mut(&mut self.block, &path).map(|date| date.span());
            if !self.cut_out(&span.unwrap_or_default(), wording::DATE) {
                break;
            }
        }
        match attempt::<D>(self.block.clone()) {
            Ok(_) => self.problems,
            Err(error) => self.all_problems::<D>(error),
        }
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
            let problem = wording::explain(message, None, &[], &self.guide);
            self.problems.push(Problem {
                span: Some(span.clone()),
                ..problem
            });
            return false;
        };
        let path = match path.split_last() {
            // What is wrong is the list, which has the place of its first entry.
            Some((Step::Index(_), list)) if message.starts_with("invalid type: sequence") => {
                list.to_vec()
            }
            _ => path,
        };
        let parent = self.parent_span(&path);
        let removed = tree::remove(&mut self.block, &path);
        let value = removed.as_ref().map(|block| block.get_ref());
        let problem = wording::explain(message, value, &path, &self.guide);
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
        let is_it =
            |(parent, cut): &(Range<usize>, String)| parent == span && self.stands_for(cut, key);
        // A slip in the key's own name has been told.
        if !self.cut.iter().any(is_it) {
            let mut names: Vec<String> = path.iter().map(Step::text).collect();
            names.push(key.to_owned());
            self.problems.push(Problem {
                path: names,
                ..Problem::spanned(span.clone(), format!("`{key}` is missing"))
            });
        }
        path.push(Step::Key(key.to_owned()));
        self.stand_ins.push((path, 0));
        self.put_stand_in(self.stand_ins.len() - 1)
    }

    /// Is what was cut out a slip of this key, another tool's word for it, or what holds it there?
    fn stands_for(&self, cut: &str, key: &str) -> bool {
        let known = [key.to_owned()];
        let elsewhere = match elsewhere::find(self.guide.words, cut, &known) {
            Some(Here::Key(_) | Here::Around(_)) => true,
            Some(Here::Way(_)) | None => false,
        };
        elsewhere || nearest(cut, [key]).is_some()
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use toml::de::DeTable;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Shape {
        must: String,
        number: Option<u8>,
        list: Option<Vec<Item>>,
        nested: Option<Item>,
        free: Option<serde_json::Value>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Item {
        a: String,
        b: Vec<u32>,
    }

    /// `path: message`, with what the place shows.
    fn wrong(text: &str) -> Vec<String> {
        let (table, _) = DeTable::parse_recoverable(text);
        let table = tree::owned_table(table.into_inner());
        let block = toml::Spanned::new(0..0, DeValue::Table(table));
        let problems = decode::<Shape>(&block).err().unwrap_or_default();
        let line = |problem: &Problem| {
            let place = problem.span.clone().unwrap_or_default();
            let shown = text.get(place).unwrap_or("nowhere");
            format!("{}: {} at {shown}", problem.path.join("."), problem.message)
        };
        problems.iter().map(line).collect()
    }

    #[test]
    fn what_is_right_is_read() {
        assert!(wrong("must = \"x\"\nnumber = 3\nlist = [{ a = \"\", b = [1] }]").is_empty());
    }

    #[test]
    fn every_error_in_lists_of_tables_is_found() {
        let text = "must = \"x\"\n[[list]]\na = 1\nb = \"x\"\n[[list]]\nb = [1, -2, true]\nc = 1\n[[list]]\n";
        assert_eq!(
            wrong(text),
            [
                "list.0.a: expected a text, found a whole number at 1",
                "list.0.b: expected a list, found a text at \"x\"",
                "list.1.b.1: -2 is out of range at -2",
                "list.1.b.1: expected a whole number, found a boolean at true",
                "list.1.c: unknown key `c` at c",
                "list.1.a: `a` is missing at [[list]]",
                "list.2.a: `a` is missing at [[list]]",
                "list.2.b: `b` is missing at [[list]]",
            ]
        );
    }

    #[test]
    fn a_list_where_none_belongs_is_one_error() {
        assert_eq!(
            wrong("must = \"x\"\n[[number]]\na = 1\n[[number]]\na = 2\n"),
            ["number: expected a whole number, found a list at [[number]]"]
        );
    }

    #[test]
    fn dates_are_found_where_any_shape_would_take_them() {
        assert_eq!(
            wrong("must = \"x\"\nfree = { Version = 2012-10-17 }\n"),
            ["free.Version: expected a text, found a date or time at 2012-10-17"]
        );
    }

    #[test]
    fn what_was_cut_out_is_not_missing_as_well() {
        assert_eq!(
            wrong("must = 1\n"),
            ["must: expected a text, found a whole number at 1"]
        );
        assert_eq!(wrong("number = 256\n").len(), 2);
    }

    #[test]
    fn a_mended_block_keeps_what_is_right() {
        let (table, _) = DeTable::parse_recoverable("must = \"x\"\nnumber = \"y\"\nodd = 1\n");
        let table = tree::owned_table(table.into_inner());
        let block = toml::Spanned::new(0..0, DeValue::Table(table));
        let mut problems = Vec::new();
        let shape = decode_in_part::<Shape>(&block, &mut problems).unwrap();
        assert_eq!(
            (shape.must.as_str(), shape.number, problems.len()),
            ("x", None, 2)
        );
    }
}

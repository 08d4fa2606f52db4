//! TOML's own errors, in plain words and with TOML's traps explained.

use std::ops::Range;

use toml::de::DeValue;

use super::{Source, depth, tree};
use crate::kind::Block;
use crate::problem::Problem;

/// What the parser says about a twice written key or table; what it read is still whole.
const DUPLICATE: &str = "duplicate key";

/// Can the rest of the file be judged in spite of this error?
pub fn is_harmless(error: &toml::de::Error) -> bool {
    error.message() == DUPLICATE
}

/// How many places are looked for: each costs as much as reading the whole file.
const LOOKS: usize = 20;

/// Says of each key or table that is written twice where it stands first.
pub fn with_first_places(problems: &mut [Problem], source: &Source) {
    let twice = |problem: &&mut Problem| problem.message == TWICE;
    for problem in problems.iter_mut().filter(twice).take(LOOKS) {
        let Some(span) = problem.span.clone() else {
            continue;
        };
        let text = &source.text;
        let name = text.get(span.clone()).unwrap_or_default();
        problem.message = format!("`{}` is written twice", name.trim_matches(['"', '\'']));
        if let Some(first) = first_place(text, &span) {
            let line = source.line(first.start);
            problem.help = Some(format!("it stands on line {line} already: {MERGE}"));
        }
    }
}

/// Where the key stands first that is written again at a place: under another name there, it is
/// in the same table.
fn first_place(text: &str, again: &Range<usize>) -> Option<Range<usize>> {
    const OTHER: &str = "slp-written-again";
    let (before, key, after) = (
        text.get(..again.start)?,
        text.get(again.clone())?,
        text.get(again.end..)?,
    );
    let renamed = format!("{before}{OTHER}{after}");
    let parsed = depth::parse(&renamed);
    let name = key.trim_matches(['"', '\'']);
    let mut tables = vec![parsed.table.get_ref()];
    while let Some(table) = tables.pop() {
        if table.contains_key(OTHER) {
            return table.get_key_value(name).map(|(key, _)| key.span());
        }
        for value in table.values() {
            match value.get_ref() {
                DeValue::Table(inner) => tables.push(inner),
                // Of a list of tables only the last one can be written on.
                DeValue::Array(items) => {
                    tables.extend(items.iter().filter_map(|item| item.get_ref().as_table()));
                }
                _ => {}
            }
        }
    }
    None
}

/// An unclosed list swallows the lines after it, each an error of its own: only its opening
/// bracket is told. `manifest` is what the parser could make of the text.
pub fn without_echoes(problems: impl Iterator<Item = Problem>, manifest: &Block) -> Vec<Problem> {
    let mut problems: Vec<Problem> = problems.collect();
    let end = |problem: &Problem| problem.span.as_ref().map(|span| span.start);
    let open: Vec<usize> = problems
        .iter()
        .filter(|problem| problem.message == OPEN_LIST)
        .filter_map(end)
        .collect();
    for end in open {
        let Some(list) = tree::list_until(manifest.get_ref(), end) else {
            continue;
        };
        problems.retain_mut(|problem| match &mut problem.span {
            Some(span) if problem.message == OPEN_LIST && span.start == end => {
                *span = list.start..list.start + 1;
                true
            }
            Some(span) => !(list.start < span.start && span.start <= list.end),
            None => true,
        });
    }
    problems
}

const TWICE: &str = "written twice";
const MERGE: &str = "merge the two, or give one another name";
const OPEN_LIST: &str = "a list that is not closed";

pub fn explain(error: &toml::de::Error) -> Problem {
    let message = error.message();
    let problem = match error.span() {
        Some(span) => Problem::spanned(span, message),
        None => Problem::at(&[], message),
    };
    match message {
        DUPLICATE => Problem {
            message: TWICE.into(),
            ..problem
        }
        .help(format!("a key or table stands once: {MERGE}")),
        m if m.starts_with("string values must be quoted") => Problem {
            message: "a text needs quotes".into(),
            ..problem
        }
        .help("write \"…\""),
        m if m.starts_with("key with no value") => Problem {
            message: "a key without a value".into(),
            ..problem
        }
        .help("write key = value"),
        m if m.starts_with("invalid basic string") || m.starts_with("invalid literal string") => {
            Problem {
                message: "a text that is not closed".into(),
                ..problem
            }
            .help("close it with the quote that opened it; a text of several lines stands between \"\"\" and \"\"\"")
        }
        m if m.starts_with("unclosed array") => Problem {
            message: OPEN_LIST.into(),
            ..problem
        }
        .help("close it with `]`"),
        m if m.starts_with("unclosed inline table") => Problem {
            message: "a table that is not closed".into(),
            ..problem
        }
        .help("close it with `}`"),
        m if m.starts_with("unclosed table") => problem.help("a header ends in `]`"),
        m if m.starts_with("invalid boolean") => problem.help("write `true` or `false`"),
        m if m.starts_with("missing escaped value") => {
            problem.help("write `\\\\` for a backslash, or use single quotes: 'C:\\path'")
        }
        m if m.starts_with("unexpected leading zero") => {
            problem.help("numbers do not start with 0; put quotes around it if it is a text")
        }
        _ => problem,
    }
}

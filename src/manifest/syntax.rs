//! TOML's own errors, in plain words and with TOML's traps explained.

use super::tree;
use crate::kind::Block;
use crate::problem::Problem;

/// What the parser says about a twice written key or table; what it read is still whole.
const DUPLICATE: &str = "duplicate key";

/// Can the rest of the file be judged in spite of this error?
pub fn is_harmless(error: &toml::de::Error) -> bool {
    error.message() == DUPLICATE
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

const OPEN_LIST: &str = "a list that is not closed";

pub fn explain(error: &toml::de::Error) -> Problem {
    let message = error.message();
    let problem = match error.span() {
        Some(span) => Problem::spanned(span, message),
        None => Problem::at(&[], message),
    };
    match message {
        DUPLICATE => Problem {
            message: "written twice".into(),
            ..problem
        }
        .help("a key or table stands once: merge the two, or give one another name"),
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
            .help("close it with the quote that opened it; a text of several lines takes three")
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

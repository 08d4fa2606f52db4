//! TOML's own errors, in plain words and with TOML's traps explained.

use crate::problem::Problem;

/// What the parser says about a twice written key or table; what it read is still whole.
const DUPLICATE: &str = "duplicate key";

/// Can the rest of the file be judged in spite of this error?
pub fn is_harmless(error: &toml::de::Error) -> bool {
    error.message() == DUPLICATE
}

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
            message: "a list that is not closed".into(),
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

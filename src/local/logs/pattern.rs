//! Filter patterns of terms: `ERROR "out of memory" ?a ?b -debug`.
//!
//! Source: the CloudWatch Logs user guide, "Filter pattern syntax". Left out on purpose, and
//! refused by name: patterns of JSON fields, of columns, and regular expressions.

use super::errors;
use crate::local::error::AwsError;

/// Terms, as they are, with their case.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// All must be in a message.
    all: Vec<String>,
    /// One of them must, where there are any and no `all`.
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    pub fn read(text: &str) -> Result<Pattern, AwsError> {
        let text = text.trim();
        let other = match text.chars().next() {
            Some('{') => Some("filter patterns of JSON fields"),
            Some('[') => Some("filter patterns of columns"),
            Some('%') => Some("filter patterns with regular expressions"),
            _ => None,
        };
        if let Some(other) = other {
            return Err(AwsError::not_emulated(other));
        }
        let mut pattern = Pattern::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (kind, term, more) = term(rest)?;
            rest = more.trim_start();
            let list = match kind {
                '?' => &mut pattern.any,
                '-' => &mut pattern.none,
                _ => &mut pattern.all,
            };
            list.push(term.to_owned());
        }
        Ok(pattern)
    }

    pub fn fits(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        // AWS ignores the terms with a question mark beside others.
        let any = self.any.is_empty() || !self.all.is_empty() || self.any.iter().any(has);
        any && self.all.iter().all(has) && !self.none.iter().any(has)
    }
}

/// The first term: its mark, itself, what follows.
fn term(text: &str) -> Result<(char, &str, &str), AwsError> {
    let (kind, text) = match text.strip_prefix(['?', '-']) {
        Some(rest) if !rest.is_empty() => (text.chars().next().unwrap_or(' '), rest),
        _ => (' ', text),
    };
    match text.strip_prefix('"') {
        Some(quoted) => match quoted.split_once('"') {
            Some((term, rest)) => Ok((kind, term, rest)),
            None => Err(errors::invalid("Invalid filter pattern")),
        },
        None => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            Ok((kind, &text[..end], &text[end..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_must_be_there_or_one_of_them_or_none() {
        let fits = |pattern: &str, message: &str| Pattern::read(pattern).unwrap().fits(message);
        assert!(fits("", "anything"));
        assert!(fits("ERROR", "[ERROR 400] bad"));
        assert!(!fits("ERROR", "error"));
        assert!(fits("ERROR bad", "bad ERROR"));
        assert!(!fits("ERROR good", "bad ERROR"));
        assert!(fits("\"out of memory\"", "it is out of memory now"));
        assert!(!fits("\"out of memory\"", "memory is out of it"));
        assert!(fits("?a ?b", "b"));
        assert!(!fits("?a ?b", "c"));
        assert!(fits("x -debug", "x"));
        assert!(!fits("x -debug", "x debug"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in ["{ $.a = 1 }", "[ip, user]", "%a.b%"] {
            assert_eq!(Pattern::read(pattern).unwrap_err().code, "NotEmulated");
        }
        let error = Pattern::read("\"open").unwrap_err();
        assert_eq!(error.code, "InvalidParameterException");
    }
}

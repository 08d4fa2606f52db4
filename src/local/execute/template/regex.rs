//! Java's regular expressions, by way of Rust's: the common ones mean the same in both.

use ::regex::Regex;

use super::Trouble;

fn compiled(pattern: &str) -> Result<Regex, Trouble> {
    Regex::new(pattern).map_err(|_| Trouble::unknown(&format!("the regular expression {pattern}")))
}

/// Of the whole text, as Java's `matches` does.
pub fn matches(text: &str, pattern: &str) -> Result<bool, Trouble> {
    Ok(compiled(&format!(r"\A(?:{pattern})\z"))?.is_match(text))
}

pub fn replace_all(text: &str, pattern: &str, to: &str) -> Result<String, Trouble> {
    let to = replacement(to);
    Ok(compiled(pattern)?
        .replace_all(text, to.as_str())
        .into_owned())
}

pub fn replace_first(text: &str, pattern: &str, to: &str) -> Result<String, Trouble> {
    let to = replacement(to);
    Ok(compiled(pattern)?.replace(text, to.as_str()).into_owned())
}

/// Java leaves out what is empty at the end.
pub fn split(text: &str, pattern: &str) -> Result<Vec<String>, Trouble> {
    let pattern = compiled(pattern)?;
    let mut parts: Vec<String> = pattern.split(text).map(str::to_owned).collect();
    while parts.len() > 1 && parts.last().is_some_and(String::is_empty) {
        parts.pop();
    }
    Ok(parts)
}

/// Java's `$1` and `\$` are Rust's `${1}` and `$$`.
fn replacement(java: &str) -> String {
    let mut out = String::with_capacity(java.len());
    let mut rest = java.chars().peekable();
    while let Some(c) = rest.next() {
        let escaped = if c == '\\' { rest.next() } else { None };
        match (c, escaped) {
            (_, Some('$')) => out.push_str("$$"),
            (_, Some(other)) => out.push(other),
            ('$', None) => match rest.next_if(char::is_ascii_digit) {
                Some(digit) => out.push_str(&format!("${{{digit}}}")),
                None => out.push_str("$$"),
            },
            (other, None) => out.push(other),
        }
    }
    out
}

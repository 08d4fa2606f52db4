//! A place in a template's text.

use super::Trouble;

/// Blocks and parentheses inside one another; more is nothing that a person wrote.
const DEEPEST: usize = 64;

#[derive(Clone, Copy)]
pub struct Cursor<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Cursor<'t> {
        Cursor {
            text,
            at: 0,
            depth: 0,
        }
    }

    /// A text within this one's, in double quotes.
    pub fn inside(&self, text: &'t str) -> Cursor<'t> {
        Cursor {
            text,
            at: 0,
            depth: self.depth,
        }
    }

    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// What was passed since `earlier`.
    pub fn since(&self, earlier: &Cursor<'t>) -> &'t str {
        &self.text[earlier.at..self.at]
    }

    /// Passes `count` bytes, that were looked at before.
    pub fn skip(&mut self, count: usize) {
        self.at += count;
    }

    pub fn take(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.skip(prefix.len());
        }
        found
    }

    pub fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.skip(end);
        &rest[..end]
    }

    /// All up to `end`, and `end` itself.
    pub fn take_until(&mut self, end: &str) -> Option<&'t str> {
        let (before, _) = self.rest().split_once(end)?;
        self.skip(before.len() + end.len());
        Some(before)
    }

    pub fn blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// A directive takes the rest of its line with it, if that is blank.
    pub fn end_of_line(&mut self) {
        let before = *self;
        self.take_while(|c| c == ' ' || c == '\t');
        if !(self.take("\r\n") || self.take("\n") || self.take("\r")) {
            *self = before;
        }
    }

    /// A name, such as `Access-Control-Allow-Origin`.
    pub fn name(&mut self) -> Option<&'t str> {
        let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
        self.peek().filter(|c| starts(*c))?;
        Some(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'))
    }

    pub fn expect(&mut self, what: &str) -> Result<(), Trouble> {
        self.blanks();
        match self.take(what) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{what}`"))),
        }
    }

    pub fn unexpected(&self, wanted: &str) -> Trouble {
        let line = self.text[..self.at].lines().count().max(1);
        let found: String = self.rest().chars().take(20).collect();
        Trouble::new(format!("line {line}: {wanted} is missing before `{found}`"))
    }

    /// Does something one level deeper.
    pub fn deeper<T>(
        &mut self,
        what: impl FnOnce(&mut Self) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        if self.depth == DEEPEST {
            return Err(Trouble::new(format!("more than {DEEPEST} levels deep")));
        }
        self.depth += 1;
        let done = what(self);
        self.depth -= 1;
        done
    }
}

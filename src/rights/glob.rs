//! A pattern of a policy: `*` for any characters, `?` for one, `${…}` for a text that is known
//! later. A variable of IAM and a hole of a template are the same to a comparison: a text that
//! nobody knows, but the same text wherever the name is the same.

/// One place of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Any,
    One,
    Lit(char),
    Var(String),
}

/// A pattern, ready to be compared.
#[derive(Clone, Debug)]
pub struct Glob {
    pub tokens: Vec<Token>,
    /// As people read it.
    pub text: String,
}

/// How a hole's name begins; no variable of IAM does.
pub const HOLE: char = '<';
/// The name of a hole that stands for a secret begins so.
pub const SECRET: &str = "<secret ";

impl Glob {
    /// `*`
    pub fn any() -> Glob {
        Glob::new("*", false)
    }

    /// Of a document whose version knows `variables`, or does not.
    pub fn new(text: &str, variables: bool) -> Glob {
        read(text, variables, true)
    }

    /// An action, whose case is ignored.
    pub fn action(text: &str) -> Glob {
        let glob = Glob::new(&text.to_ascii_lowercase(), false);
        let text = text.to_owned();
        Glob { text, ..glob }
    }

    /// A text in which stars are stars.
    pub fn literal(text: &str) -> Glob {
        read(text, false, false)
    }

    /// Does it fit every text?
    pub fn is_any(&self) -> bool {
        self.tokens == [Token::Any]
    }

    pub fn has_variables(&self) -> bool {
        self.tokens.iter().any(|t| matches!(t, Token::Var(_)))
    }

    /// With a star for each variable: all that it can come to mean.
    pub fn widened(&self) -> Glob {
        let mut tokens = Vec::new();
        for token in &self.tokens {
            match token {
                Token::Var(_) => push(&mut tokens, Token::Any),
                token => push(&mut tokens, token.clone()),
            }
        }
        let text = self.text.clone();
        Glob { tokens, text }
    }
}

fn read(text: &str, variables: bool, wild: bool) -> Glob {
    let mut glob = Glob {
        tokens: Vec::new(),
        text: String::new(),
    };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((name, behind)) = variable(rest, variables) {
            glob.add_variable(name);
            rest = behind;
            continue;
        }
        push(&mut glob.tokens, token(first, wild));
        glob.text.push(first);
        rest = &rest[first.len_utf8()..];
    }
    glob
}

fn token(letter: char, wild: bool) -> Token {
    match letter {
        '*' if wild => Token::Any,
        '?' if wild => Token::One,
        other => Token::Lit(other),
    }
}

/// The name of the variable that a text begins with, and what comes behind it.
fn variable(text: &str, variables: bool) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix("${")?.split_once('}')?;
    (variables || name.starts_with(HOLE)).then_some((name, behind))
}

/// Two stars are one, and `*?` is `?*`: patterns that are equal look equal.
fn push(tokens: &mut Vec<Token>, token: Token) {
    match (tokens.last(), &token) {
        (Some(Token::Any), Token::Any) => {}
        (Some(Token::Any), Token::One) => tokens.insert(tokens.len() - 1, token),
        _ => tokens.push(token),
    }
}

impl Glob {
    fn add_variable(&mut self, name: &str) {
        match name {
            // So a policy writes the characters themselves.
            "*" | "?" | "$" => self.tokens.extend(name.chars().map(Token::Lit)),
            // The names of condition keys know no case.
            _ => self.tokens.push(Token::Var(name.to_ascii_lowercase())),
        }
        match name {
            name if name.starts_with(SECRET) => self.text.push_str("(secret)"),
            name if name.starts_with(HOLE) => self.text.push_str(name),
            _ => self.text.push_str(&format!("${{{name}}}")),
        }
    }
}

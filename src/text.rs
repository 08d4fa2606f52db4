//! A text that may hold references: `"https://${api.shop.id}.example"`.
//!
//! Here references are found, kept, filled and printed with named holes. What a
//! reference *means* (does the thing exist, is its value known beforehand) is
//! `resolve`'s business; variables are put in by `manifest` before a text is read.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::addr::Addr;

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    Lit(String),
    /// A value that only AWS knows, such as an API's id.
    Ref {
        addr: Addr,
        output: String,
    },
    /// The value of a secret variable; only apply fills it, so no plan can hold one.
    Secret(String),
}

/// A text in a `Spec`: serialised as a string, as `{"$template": […]}`, or as `{"$secret": digest}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Text {
    Known(String),
    Template(Vec<Piece>),
    /// A secret's keyed digest: what plans and states hold in a secret's place.
    Masked(String),
}

/// The keys under which a text that is no plain string is serialised.
pub const TEMPLATE: &str = "$template";
pub const SECRET: &str = "$secret";

impl Text {
    /// Joins pieces: neighbouring literals become one; a text without holes is known.
    pub fn from_pieces(pieces: impl IntoIterator<Item = Piece>) -> Text {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (_, Piece::Lit(text)) if text.is_empty() => {}
                (Some(Piece::Lit(last)), Piece::Lit(text)) => last.push_str(&text),
                (_, piece) => joined.push(piece),
            }
        }
        match joined.len() {
            0 => Text::Known(String::new()),
            1 if matches!(joined[0], Piece::Lit(_)) => match joined.swap_remove(0) {
                Piece::Lit(text) => Text::Known(text),
                piece => Text::Template(vec![piece]),
            },
            _ => Text::Template(joined),
        }
    }

    /// The value, where it is known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Text::Known(text) => Some(text),
            _ => None,
        }
    }

    pub fn pieces(&self) -> &[Piece] {
        match self {
            Text::Template(pieces) => pieces,
            _ => &[],
        }
    }

    pub fn holds_secret(&self) -> bool {
        self.pieces().iter().any(|p| matches!(p, Piece::Secret(_)))
    }

    /// Puts in what `lookup` knows; what it does not know stays a hole.
    pub fn fill(&self, lookup: &dyn Fn(&Piece) -> Option<String>) -> Text {
        match self {
            Text::Template(pieces) => Text::from_pieces(pieces.iter().map(|piece| match piece {
                Piece::Lit(_) => piece.clone(),
                hole => lookup(hole).map_or_else(|| hole.clone(), Piece::Lit),
            })),
            other => other.clone(),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::Known(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::Known(text)
    }
}

/// Prints holes by name: `arn:aws:execute-api:eu-central-1:1234:<api.shop.id>/*`.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Text::Known(text) => f.write_str(text),
            Text::Masked(_) => f.write_str("(secret)"),
            Text::Template(pieces) => pieces.iter().try_for_each(|piece| match piece {
                Piece::Lit(text) => f.write_str(text),
                Piece::Ref { addr, output } => write!(f, "<{addr}.{output}>"),
                Piece::Secret(_) => f.write_str("(secret)"),
            }),
        }
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        to_value(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        let value = Value::deserialize(deserializer)?;
        from_value(&value).ok_or_else(|| D::Error::custom("neither a text nor a template"))
    }
}

impl schemars::JsonSchema for Text {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A text; `$template` holds references not known yet, `$secret` the keyed digest of a secret.",
            "oneOf": [
                { "type": "string" },
                { "type": "object", "properties": { "$template": { "type": "array" } }, "required": ["$template"], "additionalProperties": false },
                { "type": "object", "properties": { "$secret": { "type": "string" } }, "required": ["$secret"], "additionalProperties": false }
            ]
        })
    }
}

/// A stretch of a raw text, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    Lit(std::borrow::Cow<'a, str>),
    /// The inside of `${…}`, trimmed.
    Inside(&'a str),
    /// `${` without its `}`.
    Open(&'a str),
}

/// Splits a raw text at its `${…}`. `$${` is a literal `${`; a `${…}` of another
/// language (IAM policy variables, stage variables) is literal too.
pub fn scan(raw: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            tokens.push(Token::Lit(rest[..at - 1].into()));
            tokens.push(Token::Lit("${".into()));
            rest = &rest[at + 2..];
            continue;
        }
        tokens.push(Token::Lit(rest[..at].into()));
        let Some(end) = rest[at..].find('}').map(|end| at + end) else {
            tokens.push(Token::Open(&rest[at..]));
            return tokens;
        };
        let inside = rest[at + 2..end].trim();
        tokens.push(match is_foreign(inside) {
            true => Token::Lit(rest[at..=end].into()),
            false => Token::Inside(inside),
        });
        rest = &rest[end + 1..];
    }
    tokens.push(Token::Lit(rest.into()));
    tokens.retain(|token| !matches!(token, Token::Lit(text) if text.is_empty()));
    tokens
}

/// Would a terminal act upon it, or show text in another order than it stands? Control and
/// bidirectional characters.
pub fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
        )
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Escapes a value so that a later `scan` gives it back unchanged.
pub fn escape(value: &str) -> String {
    value.replace("${", "$${")
}

/// Does the inside of a `${…}` belong to another language?
pub fn is_foreign(inside: &str) -> bool {
    inside.contains(':')
        || matches!(inside, "*" | "?" | "$")
        || inside.starts_with("stageVariables.")
}

/// The JSON form of a text.
pub fn to_value(text: &Text) -> Value {
    match text {
        Text::Known(text) => Value::String(text.clone()),
        Text::Masked(digest) => json!({ SECRET: digest }),
        Text::Template(pieces) => {
            let pieces: Vec<Value> = pieces.iter().map(piece_to_value).collect();
            json!({ TEMPLATE: pieces })
        }
    }
}

fn piece_to_value(piece: &Piece) -> Value {
    match piece {
        Piece::Lit(text) => Value::String(text.clone()),
        Piece::Ref { addr, output } => json!({ "ref": addr, "output": output }),
        Piece::Secret(name) => json!({ "var": name }),
    }
}

/// Reads a text's JSON form; `None` where the value is something else.
pub fn from_value(value: &Value) -> Option<Text> {
    match value {
        Value::String(text) => Some(Text::Known(text.clone())),
        Value::Object(map) => from_map(map),
        _ => None,
    }
}

fn from_map(map: &Map<String, Value>) -> Option<Text> {
    if map.len() != 1 {
        return None;
    }
    if let Some(digest) = map.get(SECRET) {
        return Some(Text::Masked(digest.as_str()?.into()));
    }
    let pieces = map.get(TEMPLATE)?.as_array()?;
    let pieces: Option<Vec<Piece>> = pieces.iter().map(piece_from_value).collect();
    Some(Text::from_pieces(pieces?))
}

fn piece_from_value(value: &Value) -> Option<Piece> {
    match value {
        Value::String(text) => Some(Piece::Lit(text.clone())),
        Value::Object(map) => match (map.get("var"), map.get("ref"), map.get("output")) {
            (Some(name), None, None) => Some(Piece::Secret(name.as_str()?.into())),
            (None, Some(addr), Some(output)) => Some(Piece::Ref {
                addr: Addr::parse(addr.as_str()?).ok()?,
                output: output.as_str()?.into(),
            }),
            _ => None,
        },
        _ => None,
    }
}

/// Rewrites every text in a JSON value (leaves only; keys never hold references).
pub fn map_texts(value: &Value, change: &mut dyn FnMut(Text) -> Text) -> Value {
    let template =
        |map: &Map<String, Value>| map.contains_key(TEMPLATE) || map.contains_key(SECRET);
    match value {
        Value::Object(map) if template(map) => match from_map(map) {
            Some(text) => to_value(&change(text)),
            None => value.clone(),
        },
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, inner)| (key.clone(), map_texts(inner, change)))
                .collect(),
        ),
        Value::Array(items) => items.iter().map(|item| map_texts(item, change)).collect(),
        other => other.clone(),
    }
}

/// Puts in what `lookup` knows, everywhere in a JSON value.
pub fn fill_value(value: &Value, lookup: &dyn Fn(&Piece) -> Option<String>) -> Value {
    map_texts(value, &mut |text| text.fill(lookup))
}

/// The holes that stand in a JSON value.
pub fn holes(value: &Value) -> Vec<Piece> {
    let mut found = Vec::new();
    map_texts(value, &mut |text| {
        found.extend(
            text.pieces()
                .iter()
                .filter(|p| !matches!(p, Piece::Lit(_)))
                .cloned(),
        );
        text
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> Text {
        Text::from_pieces([
            Piece::Lit("https://".into()),
            Piece::Ref {
                addr: Addr::parse("api.shop").unwrap(),
                output: "id".into(),
            },
            Piece::Lit("/x".into()),
        ])
    }

    #[test]
    fn a_template_survives_json_and_prints_its_holes() {
        let value = serde_json::to_value(url()).unwrap();
        assert_eq!(serde_json::from_value::<Text>(value).unwrap(), url());
        assert_eq!(url().to_string(), "https://<api.shop.id>/x");
    }

    #[test]
    fn filling_every_hole_makes_it_known() {
        let filled = url().fill(&|_| Some("abc".into()));
        assert_eq!(filled, Text::Known("https://abc/x".into()));
    }

    #[test]
    fn what_belongs_to_another_language_is_left_alone() {
        let raw = "a $${x} ${aws:username} ${stageVariables.fn} ${api.shop.id}";
        let joined: String = scan(raw)
            .iter()
            .map(|token| match token {
                Token::Lit(text) => text.to_string(),
                Token::Inside(inside) => format!("<{inside}>"),
                Token::Open(_) => "!".into(),
            })
            .collect();
        assert_eq!(
            joined,
            "a ${x} ${aws:username} ${stageVariables.fn} <api.shop.id>"
        );
        assert_eq!(
            scan("x ${oops"),
            vec![Token::Lit("x ".into()), Token::Open("${oops")]
        );
        assert_eq!(
            scan(&escape("${v}")),
            vec![Token::Lit("${".into()), Token::Lit("v}".into())]
        );
    }

    #[test]
    fn a_secret_never_prints() {
        let text = Text::from_pieces([Piece::Lit("a".into()), Piece::Secret("token".into())]);
        assert_eq!(text.to_string(), "a(secret)");
        assert_eq!(Text::Masked("d1".into()).to_string(), "(secret)");
    }
}

//! Reads what stands in parentheses: values, operators, literals.

use super::Trouble;
use super::cursor::Cursor;
use super::parse::{reference, whole};
use super::syntax::{Expression, Operator};

/// From the loosest to the tightest. A word is an operator only where no letter follows.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("||", Operator::Or), ("or", Operator::Or)],
    &[("&&", Operator::And), ("and", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("eq", Operator::Equal),
        ("!=", Operator::Unequal),
        ("ne", Operator::Unequal),
    ],
    &[
        ("<=", Operator::AtMost),
        ("le", Operator::AtMost),
        ("<", Operator::Less),
        ("lt", Operator::Less),
        (">=", Operator::AtLeast),
        ("ge", Operator::AtLeast),
        (">", Operator::Greater),
        ("gt", Operator::Greater),
    ],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[
        ("*", Operator::Times),
        ("/", Operator::Divided),
        ("%", Operator::Remainder),
    ],
];

pub fn expression(at: &mut Cursor<'_>) -> Result<Expression, Trouble> {
    at.deeper(|at| level(at, 0))
}

fn level(at: &mut Cursor<'_>, tightness: usize) -> Result<Expression, Trouble> {
    let Some(operators) = LEVELS.get(tightness) else {
        return unary(at);
    };
    let first = level(at, tightness + 1)?;
    let mut others = Vec::new();
    loop {
        at.blanks();
        let found = operators.iter().find(|(word, _)| operator(at, word));
        let Some((_, operator)) = found else {
            break;
        };
        others.push((*operator, level(at, tightness + 1)?));
    }
    Ok(match others.is_empty() {
        true => first,
        false => Expression::Chain(first.into(), others),
    })
}

fn operator(at: &mut Cursor<'_>, word: &str) -> bool {
    let before = *at;
    let letters = word.starts_with(|c: char| c.is_ascii_alphabetic());
    let follows = |at: &Cursor<'_>| at.peek().is_some_and(|c| c.is_ascii_alphanumeric());
    let found = at.take(word) && !(letters && follows(at));
    if !found {
        *at = before;
    }
    found
}

fn unary(at: &mut Cursor<'_>) -> Result<Expression, Trouble> {
    at.blanks();
    match operator(at, "!") || operator(at, "not") {
        true => Ok(Expression::Not(at.deeper(unary)?.into())),
        false => primary(at),
    }
}

fn primary(at: &mut Cursor<'_>) -> Result<Expression, Trouble> {
    match at.peek() {
        Some('(') => {
            at.skip(1);
            let inside = expression(at)?;
            at.expect(")")?;
            Ok(inside)
        }
        Some('$') => {
            let found = reference(at)?;
            let found = found.ok_or_else(|| at.unexpected("a reference"))?;
            Ok(Expression::Reference(found))
        }
        Some('\'') => {
            at.skip(1);
            let text = at.take_until("'").ok_or_else(|| at.unexpected("a `'`"))?;
            Ok(Expression::Plain(text.to_owned()))
        }
        Some('"') => {
            at.skip(1);
            let text = at.take_until("\"").ok_or_else(|| at.unexpected("a `\"`"))?;
            let mut inside = at.inside(text);
            Ok(Expression::Filled(inside.deeper(whole)?))
        }
        Some('[') => list(at),
        Some('{') => map(at),
        _ => word(at),
    }
}

fn word(at: &mut Cursor<'_>) -> Result<Expression, Trouble> {
    let before = *at;
    at.take("-");
    let digits = at.take_while(|c| c.is_ascii_digit());
    if digits.is_empty() {
        *at = before;
        return match at.name() {
            Some("true") => Ok(Expression::Bool(true)),
            Some("false") => Ok(Expression::Bool(false)),
            _ => {
                *at = before;
                Err(at.unexpected("a value"))
            }
        };
    }
    // `1..3` is a range.
    let fraction = !at.rest().starts_with("..") && at.take(".");
    if fraction {
        at.take_while(|c| c.is_ascii_digit());
    }
    let written = at.since(&before);
    let number = match fraction {
        true => written.parse().map(Expression::Float).ok(),
        false => written.parse().map(Expression::Int).ok(),
    };
    number.ok_or_else(|| Trouble::new(format!("the number {written} is too large")))
}

fn list(at: &mut Cursor<'_>) -> Result<Expression, Trouble> {
    at.skip(1);
    at.blanks();
    if at.take("]") {
        return Ok(Expression::List(Vec::new()));
    }
    let first = expression(at)?;
    at.blanks();
    if at.take("..") {
        let last = expression(at)?;
        at.expect("]")?;
        return Ok(Expression::Range(first.into(), last.into()));
    }
    let mut items = vec![first];
    if at.take(",") {
        items.extend(arguments(at, "]")?);
    } else {
        at.expect("]")?;
    }
    Ok(Expression::List(items))
}

/// Expressions between commas, up to what closes them.
pub fn arguments(at: &mut Cursor<'_>, close: &str) -> Result<Vec<Expression>, Trouble> {
    let mut found = Vec::new();
    at.blanks();
    if at.take(close) {
        return Ok(found);
    }
    loop {
        found.push(expression(at)?);
        at.blanks();
        if !at.take(",") {
            at.expect(close)?;
            return Ok(found);
        }
    }
}

fn map(at: &mut Cursor<'_>) -> Result<Expression, Trouble> {
    at.skip(1);
    let mut members = Vec::new();
    at.blanks();
    if at.take("}") {
        return Ok(Expression::Map(members));
    }
    loop {
        let name = expression(at)?;
        at.expect(":")?;
        members.push((name, expression(at)?));
        at.blanks();
        if !at.take(",") {
            at.expect("}")?;
            return Ok(Expression::Map(members));
        }
    }
}

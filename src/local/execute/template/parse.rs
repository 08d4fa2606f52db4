//! Reads a template: its text, references and directives.

use super::Trouble;
use super::cursor::Cursor;
use super::expression::{arguments, expression};
use super::syntax::{Node, Reference, Step};

/// Velocity's directives that are not done here.
const REFUSED: [&str; 8] = [
    "break", "define", "evaluate", "include", "macro", "parse", "return", "stop",
];

/// How a block ended.
#[derive(PartialEq)]
enum Ended {
    /// With the text.
    Whole,
    End,
    Else,
    ElseIf,
}

pub fn parse(text: &str) -> Result<Vec<Node>, Trouble> {
    whole(&mut Cursor::new(text))
}

/// A template up to its end.
pub fn whole(at: &mut Cursor<'_>) -> Result<Vec<Node>, Trouble> {
    match block(at)? {
        (nodes, Ended::Whole) => Ok(nodes),
        _ => Err(Trouble::new("an #else or #end without its #if or #foreach")),
    }
}

fn block(at: &mut Cursor<'_>) -> Result<(Vec<Node>, Ended), Trouble> {
    let mut nodes = Vec::new();
    loop {
        text(&mut nodes, at.take_while(|c| c != '$' && c != '#'));
        let before = *at;
        match at.peek() {
            None => return Ok((nodes, Ended::Whole)),
            Some('$') => match reference(at)? {
                Some(found) => nodes.push(Node::Reference(found)),
                None => {
                    *at = before;
                    at.skip(1);
                    text(&mut nodes, "$");
                }
            },
            Some(_) => {
                at.skip(1);
                if let Some(end) = hash(at, before, &mut nodes)? {
                    return Ok((nodes, end));
                }
            }
        }
    }
}

fn text(nodes: &mut Vec<Node>, more: &str) {
    match nodes.last_mut() {
        _ if more.is_empty() => {}
        Some(Node::Text(text)) => text.push_str(more),
        _ => nodes.push(Node::Text(more.to_owned())),
    }
}

/// What stands after a `#`: a comment, a directive, or mere text.
fn hash<'t>(
    at: &mut Cursor<'t>,
    before: Cursor<'t>,
    nodes: &mut Vec<Node>,
) -> Result<Option<Ended>, Trouble> {
    if at.take("#") {
        at.take_while(|c| c != '\n');
        at.take("\n");
        return Ok(None);
    }
    for (open, close, kept) in [("*", "*#", false), ("[[", "]]#", true)] {
        if at.take(open) {
            let inside = at.take_until(close);
            let inside = inside.ok_or_else(|| Trouble::new(format!("no `{close}` follows")))?;
            text(nodes, if kept { inside } else { "" });
            return Ok(None);
        }
    }
    let braced = at.take("{");
    let word = at.name().unwrap_or_default();
    let closed = !braced || at.take("}");
    match word {
        "set" if closed => {
            // Blanks before it are not written.
            if let Some(Node::Text(text)) = nodes.last_mut() {
                text.truncate(text.trim_end_matches([' ', '\t']).len());
            }
            nodes.push(set(at)?);
        }
        "if" if closed => nodes.push(at.deeper(choice)?),
        "foreach" if closed => nodes.push(at.deeper(foreach)?),
        "elseif" if closed => return Ok(Some(Ended::ElseIf)),
        "else" | "end" if closed => {
            at.end_of_line();
            return Ok(Some(if word == "end" {
                Ended::End
            } else {
                Ended::Else
            }));
        }
        // `#fff` and the like are text, to Velocity as well.
        _ if !REFUSED.contains(&word) => {
            *at = before;
            at.skip(1);
            text(nodes, "#");
        }
        _ => return Err(Trouble::unknown(&format!("#{word}"))),
    }
    Ok(None)
}

/// `#set($x.y = 1)`.
fn set(at: &mut Cursor<'_>) -> Result<Node, Trouble> {
    at.expect("(")?;
    at.blanks();
    let target = reference(at)?.ok_or_else(|| at.unexpected("a reference"))?;
    at.expect("=")?;
    let value = expression(at)?;
    at.expect(")")?;
    at.end_of_line();
    Ok(Node::Set(target, value))
}

fn choice(at: &mut Cursor<'_>) -> Result<Node, Trouble> {
    let mut branches = Vec::new();
    loop {
        at.expect("(")?;
        let condition = expression(at)?;
        at.expect(")")?;
        at.end_of_line();
        let (nodes, end) = block(at)?;
        branches.push((condition, nodes));
        let otherwise = match end {
            Ended::ElseIf => continue,
            Ended::End => Vec::new(),
            Ended::Else => ended(at, "#if")?,
            Ended::Whole => return Err(at.unexpected("the #end of an #if")),
        };
        return Ok(Node::If {
            branches,
            otherwise,
        });
    }
}

fn foreach(at: &mut Cursor<'_>) -> Result<Node, Trouble> {
    at.expect("(")?;
    at.blanks();
    let item = reference(at)?.ok_or_else(|| at.unexpected("a reference"))?;
    at.expect("in")?;
    let over = expression(at)?;
    at.expect(")")?;
    at.end_of_line();
    let body = ended(at, "#foreach")?;
    let name = item.name;
    Ok(Node::Foreach { name, over, body })
}

/// A block that only `#end` may end.
fn ended(at: &mut Cursor<'_>, of: &str) -> Result<Vec<Node>, Trouble> {
    match block(at)? {
        (nodes, Ended::End) => Ok(nodes),
        _ => Err(at.unexpected(&format!("the #end of {of}"))),
    }
}

/// A reference; none where a `$` is only a dollar sign.
pub fn reference(at: &mut Cursor<'_>) -> Result<Option<Reference>, Trouble> {
    let before = *at;
    if !at.take("$") {
        return Ok(None);
    }
    let quiet = at.take("!");
    let braced = at.take("{");
    let Some(name) = at.name() else {
        return Ok(None);
    };
    let mut steps = Vec::new();
    while let Some(step) = step(at)? {
        steps.push(step);
    }
    if braced && !at.take("}") {
        return Err(at.unexpected(&format!("the `}}` of `{}`", at.since(&before))));
    }
    Ok(Some(Reference {
        source: at.since(&before).to_owned(),
        quiet,
        name: name.to_owned(),
        steps,
    }))
}

fn step(at: &mut Cursor<'_>) -> Result<Option<Step>, Trouble> {
    let before = *at;
    if at.take("[") {
        let index = at.deeper(expression);
        at.blanks();
        return match index {
            Ok(index) if at.take("]") => Ok(Some(Step::Index(index))),
            // A bracket of the text.
            _ => {
                *at = before;
                Ok(None)
            }
        };
    }
    if at.take(".")
        && let Some(name) = at.name()
    {
        let name = name.to_owned();
        return Ok(Some(match at.take("(") {
            true => Step::Call(name, at.deeper(|at| arguments(at, ")"))?),
            false => Step::Property(name),
        }));
    }
    // A full stop of the text.
    *at = before;
    Ok(None)
}

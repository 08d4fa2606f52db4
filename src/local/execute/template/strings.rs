//! What the methods of Java's strings do, as far as templates use them.

use super::value::Value;
use super::{Trouble, regex};

/// Calls a method of a text; none if it is not known.
pub fn call(text: &str, name: &str, given: &[Value]) -> Result<Option<Value>, Trouble> {
    let arguments: Vec<String> = given.iter().map(Value::shown).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let simple = match (name, &arguments[..]) {
        ("substring" | "charAt", _) => part(text, name, given)?,
        ("length", []) => Value::Int(text.chars().count() as i64),
        ("isEmpty", []) => Value::Bool(text.is_empty()),
        ("toLowerCase", []) => Value::text(text.to_lowercase()),
        ("toUpperCase", []) => Value::text(text.to_uppercase()),
        ("trim", []) => Value::text(text.trim()),
        ("contains", [other]) => Value::Bool(text.contains(other)),
        ("startsWith", [other]) => Value::Bool(text.starts_with(other)),
        ("endsWith", [other]) => Value::Bool(text.ends_with(other)),
        ("equalsIgnoreCase", [other]) => Value::Bool(text.to_lowercase() == other.to_lowercase()),
        ("concat", [other]) => Value::text(text.to_owned() + other),
        ("indexOf", [other]) => place(text, text.find(other)),
        ("lastIndexOf", [other]) => place(text, text.rfind(other)),
        ("replace", [from, to]) => Value::text(text.replace(from, to)),
        ("replaceAll", [pattern, to]) => Value::text(regex::replace_all(text, pattern, to)?),
        ("replaceFirst", [pattern, to]) => Value::text(regex::replace_first(text, pattern, to)?),
        ("matches", [pattern]) => Value::Bool(regex::matches(text, pattern)?),
        ("split", [pattern]) => {
            let parts = regex::split(text, pattern)?;
            Value::list(parts.into_iter().map(Value::text).collect())
        }
        _ => return Ok(None),
    };
    Ok(Some(simple))
}

/// Java counts characters, not bytes; -1 is nowhere.
fn place(text: &str, at: Option<usize>) -> Value {
    Value::Int(at.map_or(-1, |at| text[..at].chars().count() as i64))
}

fn part(text: &str, name: &str, given: &[Value]) -> Result<Value, Trouble> {
    let length = text.chars().count();
    let (from, to) = match (name, given) {
        ("substring", [Value::Int(from)]) => (*from, length as i64),
        ("substring", [Value::Int(from), Value::Int(to)]) => (*from, *to),
        ("charAt", [Value::Int(at)]) => (*at, at.saturating_add(1)),
        _ => return Err(Trouble::new(format!("{name} takes numbers"))),
    };
    let (Ok(start), Ok(end)) = (usize::try_from(from), usize::try_from(to)) else {
        return Err(outside(name, from, to, length));
    };
    if start > end || end > length {
        return Err(outside(name, from, to, length));
    }
    let part = text.chars().skip(start).take(end - start);
    Ok(Value::text(part.collect::<String>()))
}

fn outside(name: &str, from: i64, to: i64, length: usize) -> Trouble {
    Trouble::new(format!(
        "{name} from {from} to {to} of a text with {length} characters"
    ))
}

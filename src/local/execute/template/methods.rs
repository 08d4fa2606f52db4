//! What the methods of Java's lists and maps do, as far as templates use them.

use std::cell::RefCell;
use std::rc::Rc;

use super::value::{List, Members, Value};
use super::{Trouble, operate, strings};

/// Calls a method of a value.
pub fn call(of: &Value, name: &str, given: &[Value]) -> Result<Value, Trouble> {
    match (name, given) {
        _ if of.is_null() => return Ok(Value::Null),
        ("toString", []) => return Ok(Value::text(of.shown())),
        ("equals", [other]) => return Ok(Value::Bool(operate::equal(of, other))),
        _ => {}
    }
    let done = match of {
        Value::Text(text) => strings::call(text, name, given)?,
        Value::List(list) => of_list(list, name, given)?,
        Value::Map(map) => of_map(map, name, given),
        Value::Int(_) | Value::Float(_) => of_number(of, name, given)?,
        _ => None,
    };
    done.ok_or_else(|| {
        let kind = match of {
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Int(_) | Value::Float(_) => "a number",
            _ => "this value",
        };
        Trouble::unknown(&format!("{name}({} arguments) of {kind}", given.len()))
    })
}

/// `value[index]`.
pub fn at(value: &Value, index: &Value) -> Result<Value, Trouble> {
    match value {
        Value::List(list) => {
            let place = place_in(list, index)?;
            Ok(list.items.borrow()[place].clone())
        }
        other => Ok(other.member(&index.shown())),
    }
}

/// `list[index] = value`.
pub fn replace(list: &List, index: &Value, value: Value) -> Result<Value, Trouble> {
    let place = place_in(list, index)?;
    Ok(std::mem::replace(
        &mut list.items.borrow_mut()[place],
        value,
    ))
}

/// An index that is there; as in Velocity, -1 is the last. The list is not borrowed meanwhile:
/// the index may be the list itself, which is then named.
fn place_in(list: &List, index: &Value) -> Result<usize, Trouble> {
    let length = list.items.borrow().len();
    let wrong = || {
        let index = index.shown();
        Trouble::new(format!("a list of {length} has no item {index}"))
    };
    let Value::Int(wanted) = index else {
        return Err(wrong());
    };
    let from_end = if *wanted < 0 { length as i64 } else { 0 };
    let place = usize::try_from(wanted + from_end).ok();
    place.filter(|place| *place < length).ok_or_else(wrong)
}

fn of_list(list: &Rc<List>, name: &str, given: &[Value]) -> Result<Option<Value>, Trouble> {
    let position = |wanted: &Value| {
        let items = list.items.borrow();
        items.iter().position(|item| operate::equal(item, wanted))
    };
    Ok(Some(match (name, given) {
        ("size" | "length", []) => Value::Int(list.items.borrow().len() as i64),
        ("isEmpty", []) => Value::Bool(list.items.borrow().is_empty()),
        ("get", [index]) => at(&Value::List(list.clone()), index)?,
        ("contains", [wanted]) => Value::Bool(position(wanted).is_some()),
        ("indexOf", [wanted]) => Value::Int(position(wanted).map_or(-1, |at| at as i64)),
        ("add", [item]) => {
            list.items.borrow_mut().push(item.clone());
            Value::Bool(true)
        }
        ("addAll", [Value::List(other)]) => {
            // It may be the very same list.
            let more = other.items.borrow().clone();
            list.items.borrow_mut().extend(more);
            Value::Bool(true)
        }
        ("set", [index, value]) => replace(list, index, value.clone())?,
        ("remove", [index]) => {
            let place = place_in(list, index)?;
            list.items.borrow_mut().remove(place)
        }
        _ => return Ok(None),
    }))
}

fn of_map(map: &RefCell<Members>, name: &str, given: &[Value]) -> Option<Value> {
    let get = |name: &str| map.borrow().get(name).cloned().unwrap_or(Value::Null);
    Some(match (name, given) {
        ("get", [name]) => get(&name.shown()),
        ("getOrDefault", [name, other]) => match get(&name.shown()) {
            Value::Null => other.clone(),
            found => found,
        },
        // Of an entry of `entrySet`.
        ("getKey", []) => get("key"),
        ("getValue", []) => get("value"),
        ("size", []) => Value::Int(map.borrow().len() as i64),
        ("isEmpty", []) => Value::Bool(map.borrow().is_empty()),
        ("containsKey", [name]) => Value::Bool(map.borrow().contains_key(&name.shown())),
        ("containsValue", [wanted]) => {
            let map = map.borrow();
            Value::Bool(map.values().any(|value| operate::equal(value, wanted)))
        }
        ("keySet", []) => Value::list(map.borrow().keys().map(Value::text).collect()),
        ("values", []) => Value::list(map.borrow().values().cloned().collect()),
        ("entrySet", []) => Value::list(map.borrow().iter().map(entry).collect()),
        ("put", [name, value]) => {
            // The name may be the map itself.
            let name = name.shown();
            let before = map.borrow_mut().insert(name, value.clone());
            before.unwrap_or(Value::Null)
        }
        ("putAll", [Value::Map(other)]) => {
            // It may be the very same map.
            let more = other.borrow().clone();
            map.borrow_mut().extend(more);
            Value::Null
        }
        ("remove", [name]) => {
            let name = name.shown();
            let removed = map.borrow_mut().shift_remove(&name);
            removed.unwrap_or(Value::Null)
        }
        _ => return None,
    })
}

fn entry((name, value): (&String, &Value)) -> Value {
    let members = [
        ("key".to_owned(), Value::text(name)),
        ("value".to_owned(), value.clone()),
    ];
    Value::map(members.into_iter().collect())
}

/// `$number.parseInt("5")` is how templates make numbers of texts.
fn of_number(of: &Value, name: &str, given: &[Value]) -> Result<Option<Value>, Trouble> {
    let no_number = |text: &str| Trouble::new(format!("`{text}` is no number"));
    let whole = match of {
        Value::Int(number) => *number,
        Value::Float(number) => *number as i64,
        _ => 0,
    };
    Ok(Some(match (name, given) {
        ("parseInt" | "parseLong" | "valueOf", [Value::Text(text)]) => {
            Value::Int(text.parse().map_err(|_| no_number(text))?)
        }
        ("parseDouble" | "parseFloat", [Value::Text(text)]) => {
            Value::Float(text.parse().map_err(|_| no_number(text))?)
        }
        ("intValue" | "longValue", []) => Value::Int(whole),
        ("doubleValue", []) => match of {
            Value::Int(number) => Value::Float(*number as f64),
            other => other.clone(),
        },
        _ => return Ok(None),
    }))
}

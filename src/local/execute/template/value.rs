//! What references stand for: JSON, with lists and maps that templates may change.

use std::cell::RefCell;
use std::fmt::{self, Formatter};
use std::ops::Deref;
use std::rc::Rc;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A template may put a map into itself; nothing that was parsed is nested so deep.
const DEEPEST: usize = 200;
/// Bytes that one value is written as; more is of no use to anybody. A map that holds another
/// twice, and that one a third twice, would have no end.
const LARGEST: usize = super::evaluate::LARGEST + 1;

/// A value. Copies of a list or a map are the same list or map, as in Java.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Rc<str>),
    List(Rc<List>),
    Map(Rc<Map>),
    /// `$input`.
    Input,
    /// `$util`.
    Util,
}

/// In the order in which they came.
pub type Members = IndexMap<String, Value>;

#[derive(Debug)]
pub struct Map(RefCell<Members>);

#[derive(Debug)]
pub struct List {
    /// Out of JSON: it is written as JSON, while one that a template made is written as Java does.
    pub json: bool,
    pub items: RefCell<Vec<Value>>,
}

impl Deref for Map {
    type Target = RefCell<Members>;

    fn deref(&self) -> &RefCell<Members> {
        &self.0
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        drop_flat(self.0.take().into_values().collect());
    }
}

impl Drop for List {
    fn drop(&mut self) {
        drop_flat(self.items.take());
    }
}

/// A loop can put maps into maps as often as it goes round: each is emptied before it is dropped,
/// so that no drop goes deep.
fn drop_flat(mut pending: Vec<Value>) {
    while let Some(value) = pending.pop() {
        match value {
            Value::List(list) => {
                if let Some(list) = Rc::into_inner(list) {
                    pending.append(&mut list.items.borrow_mut());
                }
            }
            Value::Map(map) => {
                if let Some(map) = Rc::into_inner(map) {
                    pending.extend(map.take().into_values());
                }
            }
            _ => {}
        }
    }
}

impl Value {
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(text.as_ref().into())
    }

    /// A list that a template makes.
    pub fn list(items: Vec<Value>) -> Value {
        let items = RefCell::new(items);
        Value::List(Rc::new(List { json: false, items }))
    }

    /// A list out of JSON.
    pub fn json_list(items: Vec<Value>) -> Value {
        let items = RefCell::new(items);
        Value::List(Rc::new(List { json: true, items }))
    }

    pub fn map(members: Members) -> Value {
        Value::Map(Rc::new(Map(RefCell::new(members))))
    }

    /// A member of a map; null where there is none.
    pub fn member(&self, name: &str) -> Value {
        match self {
            Value::Map(map) => map.borrow().get(name).cloned().unwrap_or(Value::Null),
            _ => Value::Null,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Only null and false are false, the empty text is not.
    pub fn truth(&self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false))
    }

    /// As a template writes it: maps as `{a=1, b=2}`.
    pub fn shown(&self) -> String {
        let mut out = String::new();
        self.show(&mut out, 0);
        out
    }

    fn show(&self, out: &mut String, depth: usize) {
        match self {
            Value::Text(text) => out.push_str(text),
            Value::List(list) if list.json => self.write_json(out, depth),
            Value::List(list) if depth < DEEPEST => {
                let items = list.items.borrow();
                joined(out, ['[', ']'], ", ", items.iter(), |item, out| {
                    item.show(out, depth + 1);
                });
            }
            Value::Map(map) if depth < DEEPEST => {
                let map = map.borrow();
                joined(out, ['{', '}'], ", ", map.iter(), |(name, value), out| {
                    out.push_str(name);
                    out.push('=');
                    value.show(out, depth + 1);
                });
            }
            _ => self.write_json(out, depth),
        }
    }

    pub fn json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out, 0);
        out
    }

    fn write_json(&self, out: &mut String, depth: usize) {
        match self {
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => out.push_str(&value.to_string()),
            Value::Float(value) => out.push_str(&serde_json::json!(value).to_string()),
            Value::Text(text) => out.push_str(&serde_json::json!(text.as_ref()).to_string()),
            Value::List(list) if depth < DEEPEST => {
                let items = list.items.borrow();
                joined(out, ['[', ']'], ",", items.iter(), |item, out| {
                    item.write_json(out, depth + 1);
                });
            }
            Value::Map(map) if depth < DEEPEST => {
                let map = map.borrow();
                joined(out, ['{', '}'], ",", map.iter(), |(name, value), out| {
                    out.push_str(&serde_json::json!(name).to_string());
                    out.push(':');
                    value.write_json(out, depth + 1);
                });
            }
            Value::Null | Value::List(_) | Value::Map(_) | Value::Input | Value::Util => {
                out.push_str("null");
            }
        }
    }
}

fn joined<T>(
    out: &mut String,
    [open, close]: [char; 2],
    between: &str,
    items: impl Iterator<Item = T>,
    write: impl Fn(T, &mut String),
) {
    out.push(open);
    for (index, item) in items.enumerate() {
        if out.len() > LARGEST {
            break;
        }
        if index > 0 {
            out.push_str(between);
        }
        write(item, out);
    }
    out.push(close);
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(number) => Value::Int(number),
                None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Value::text(text),
            serde_json::Value::Array(items) => {
                Value::json_list(items.into_iter().map(Value::from).collect())
            }
            serde_json::Value::Object(members) => {
                let members = members.into_iter();
                Value::map(members.map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}

/// JSON, with its members in their order.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Json)
    }
}

struct Json;

impl<'de> Visitor<'de> for Json {
    type Value = Value;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        let small = i64::try_from(value).map(Value::Int);
        Ok(small.unwrap_or(Value::Float(value as f64)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut given: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = given.next_element()? {
            items.push(item);
        }
        Ok(Value::json_list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Value, A::Error> {
        let mut members = Members::new();
        while let Some((name, value)) = given.next_entry()? {
            members.insert(name, value);
        }
        Ok(Value::map(members))
    }
}

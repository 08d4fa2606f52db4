//! XML as JSON, as far as its form tells: lists of `member`s, else members by name.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// An element that is being read.
#[derive(Default)]
struct Open {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

/// The name and the content of the outermost element.
pub fn parse(text: &str) -> Result<(String, Value), String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = vec![Open::default()];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => open.push(Open {
                name: tag.local_name().as_ref().to_owned(),
                ..Open::default()
            }),
            Event::Empty(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                let parent = open.last_mut().ok_or("an element outside of all")?;
                parent.children.push((name, Value::String(String::new())));
            }
            Event::End(_) => {
                let done = open.pop().ok_or("an end without a start")?;
                let parent = open.last_mut().ok_or("an end without a start")?;
                parent.children.push((done.name.clone(), content(done)));
            }
            Event::Text(part) => {
                let part = part.xml10_content();
                open.last_mut().ok_or("text outside of all")?.text += &part;
            }
            Event::GeneralRef(name) => {
                let place = open.last_mut().ok_or("text outside of all")?;
                let text = quick_xml::escape::unescape(&format!("&{};", &*name))
                    .map_err(|error| error.to_string())?
                    .into_owned();
                place.text += &text;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let outermost = open.pop().and_then(|mut all| all.children.pop());
    outermost.ok_or_else(|| format!("no XML: {text}"))
}

fn content(element: Open) -> Value {
    if element.children.is_empty() {
        return Value::String(element.text);
    }
    if element.children.iter().all(|(name, _)| name == "member") {
        return element.children.into_iter().map(|(_, it)| it).collect();
    }
    let mut map = Map::new();
    for (name, value) in element.children {
        match map.get_mut(&name) {
            None => {
                map.insert(name, value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(map)
}

#[test]
fn members_are_lists_and_repeated_elements_too() {
    let text = "<R xmlns='u'><A><member>1</member></A><B>x &lt;&#65;</B><C/><D>1</D><D>2</D></R>";
    let expected = serde_json::json!({"A": ["1"], "B": "x <A", "C": "", "D": ["1", "2"]});
    assert_eq!(parse(text), Ok(("R".to_owned(), expected)));
}

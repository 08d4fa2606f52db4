//! JSONPath, without filters: `$.a.b[0]`, `$['a']`, `$.a[*].b`, `$..b`.

use super::Trouble;
use super::cursor::Cursor;
use super::value::Value;

/// Values that a path may mean on its way: `$..a..a..a` multiplies them.
const MOST: usize = 100_000;

/// A step into a value.
enum Step<'t> {
    Member(&'t str),
    Index(i64),
    All,
    /// Everywhere below.
    Below(&'t str),
}

/// What a path means in a value: null where there is nothing, a list where it may mean many.
pub fn find(root: &Value, path: &str) -> Result<Value, Trouble> {
    let steps = steps(path)?;
    let many = steps
        .iter()
        .any(|step| matches!(step, Step::All | Step::Below(_)));
    let mut found = vec![root.clone()];
    for step in &steps {
        let mut next = Vec::new();
        for value in &found {
            take(value, step, &mut next);
            if next.len() > MOST {
                return Err(Trouble::new(format!(
                    "the JSONPath {path} means more than {MOST} values"
                )));
            }
        }
        found = next;
    }
    match many {
        true => Ok(Value::json_list(found)),
        false => Ok(found.pop().unwrap_or(Value::Null)),
    }
}

fn take(value: &Value, step: &Step<'_>, into: &mut Vec<Value>) {
    match step {
        Step::Member(name) => {
            let found = value.member(name);
            if !found.is_null() {
                into.push(found);
            }
        }
        Step::Index(index) => {
            if let Value::List(list) = value {
                let items = list.items.borrow();
                let from_end = if *index < 0 { items.len() as i64 } else { 0 };
                let place = usize::try_from(index + from_end).ok();
                into.extend(place.and_then(|place| items.get(place)).cloned());
            }
        }
        Step::All => into.extend(children(value)),
        Step::Below(name) => {
            take(value, &Step::Member(name), into);
            for child in children(value) {
                take(&child, step, into);
            }
        }
    }
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::List(list) => list.items.borrow().clone(),
        Value::Map(map) => map.borrow().values().cloned().collect(),
        _ => Vec::new(),
    }
}

fn steps(path: &str) -> Result<Vec<Step<'_>>, Trouble> {
    let refused = || Trouble::unknown(&format!("the JSONPath {path}"));
    let mut at = Cursor::new(path.trim());
    // AWS takes paths without it as well.
    let rooted = at.take("$");
    let mut steps = Vec::new();
    if !rooted && !at.rest().starts_with(['[', '.']) && !at.rest().is_empty() {
        steps.push(Step::Member(member(&mut at).ok_or_else(refused)?));
    }
    while at.peek().is_some() {
        let step = match at.take("[") {
            true => bracket(&mut at),
            false if at.take("..") => member(&mut at).map(Step::Below),
            false if at.take(".*") => Some(Step::All),
            false if at.take(".") => member(&mut at).map(Step::Member),
            false => None,
        };
        steps.push(step.ok_or_else(refused)?);
    }
    Ok(steps)
}

/// A name without brackets; one that is called, such as `length()`, is not known.
fn member<'t>(at: &mut Cursor<'t>) -> Option<&'t str> {
    let name = at.take_while(|c| !".[]()*?@ '\"".contains(c));
    (!name.is_empty() && at.peek() != Some('(')).then_some(name)
}

fn bracket<'t>(at: &mut Cursor<'t>) -> Option<Step<'t>> {
    for quote in ["'", "\""] {
        if at.take(quote) {
            let name = at.take_until(quote)?;
            return at.take("]").then_some(Step::Member(name));
        }
    }
    let inside = at.take_until("]")?.trim();
    match inside {
        "*" => Some(Step::All),
        index => Some(Step::Index(index.parse().ok()?)),
    }
}

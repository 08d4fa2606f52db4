//! Patch operations: RFC 6902 in form, with rules of API Gateway's own for every path.

use serde_json::Value;

use super::error::{Violations, bad_request};
use super::members;
use crate::local::error::AwsError;
use crate::local::wire::Input;

/// In AWS's own order, which its messages keep.
const OPS: [&str; 6] = ["add", "remove", "move", "test", "replace", "copy"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Add,
    Remove,
    Replace,
    /// `move`, `test` or `copy`, which no path here takes.
    Other,
}

#[derive(Clone, Debug)]
pub struct Patch {
    pub op: Op,
    /// As it was given.
    pub path: String,
    /// The path's parts, unescaped.
    pub parts: Vec<String>,
    pub value: Option<String>,
}

impl Patch {
    /// The parts as slices, to match on.
    pub fn parts(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }

    pub fn text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// AWS takes everything but `true` for false.
    pub fn flag(&self) -> bool {
        self.text().eq_ignore_ascii_case("true")
    }

    /// The value where there is one to set, none where the patch clears.
    pub fn filled(&self) -> Option<String> {
        match self.op {
            Op::Remove => None,
            _ => self.value.clone().filter(|text| !text.is_empty()),
        }
    }

    pub fn op_name(&self) -> &'static str {
        match self.op {
            Op::Add => "add",
            Op::Remove => "remove",
            Op::Replace => "replace",
            Op::Other => "test",
        }
    }

    /// Refuses any other operation at this path.
    pub fn only_replace(&self) -> Result<(), AwsError> {
        match self.op {
            Op::Replace => Ok(()),
            _ => Err(bad_request(
                "Invalid patch operation specified. Must be one of: [replace]",
            )),
        }
    }

    /// `add`, `remove` or `replace`.
    pub fn add_remove_replace(&self) -> Result<(), AwsError> {
        match self.op {
            Op::Other => Err(bad_request(
                "Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
            )),
            _ => Ok(()),
        }
    }

    /// No such path.
    pub fn unknown(&self) -> AwsError {
        bad_request(format!("Invalid patch path {}", self.path))
    }

    /// No such path, where AWS says which there are (all for `replace`).
    pub fn unknown_of(&self, known: &[&str]) -> AwsError {
        let end = match self.op {
            Op::Replace => format!("Must be one of: [{}]", known.join(", ")),
            _ => "Please choose supported operations".to_owned(),
        };
        bad_request(format!(
            "Invalid patch path  '{}' specified for op '{}'. {end}",
            self.path,
            self.op_name()
        ))
    }
}

/// Reads the body's operations; what the model rules out joins `violations`, which then speak.
pub fn read(
    input: &Input,
    model: &str,
    mut violations: impl FnMut(&mut Violations),
) -> Result<Vec<Patch>, AwsError> {
    let given = match input.body.get("patchOperations") {
        None | Some(Value::Null) => &Vec::new(),
        Some(Value::Array(items)) => items,
        Some(other) => return Err(super::error::wrong_type(other, "List")),
    };
    let mut wrong = Violations::default();
    let mut patches = Vec::with_capacity(given.len());
    for (at, item) in given.iter().enumerate() {
        let op = members::text(item, "op")?.unwrap_or_default();
        let place = format!("{model}.patchOperations.{}.member.op", at + 1);
        wrong.one_of(Some(&op), &place, &OPS);
        let path = members::text(item, "path")?.unwrap_or_default();
        patches.push(Patch {
            op: match &*op {
                "add" => Op::Add,
                "remove" => Op::Remove,
                "replace" => Op::Replace,
                _ => Op::Other,
            },
            parts: parts(&path),
            path,
            value: members::text(item, "value")?,
        });
    }
    violations(&mut wrong);
    wrong.finish()?;
    Ok(patches)
}

/// Nothing but the operations to check.
pub fn plain(input: &Input, model: &str) -> Result<Vec<Patch>, AwsError> {
    read(input, model, |_| {})
}

fn parts(path: &str) -> Vec<String> {
    let inner = path.strip_prefix('/').unwrap_or(path);
    let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
    inner.split('/').map(unescaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_unescaped_once() {
        assert_eq!(parts("/variables/a~1b~0c"), ["variables", "a/b~c"]);
        assert_eq!(parts("/a~01"), ["a~1"]);
        assert_eq!(parts("/~1pets~1{id}/GET/x"), ["/pets/{id}", "GET", "x"]);
    }
}

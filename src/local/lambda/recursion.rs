//! Whether Lambda ends loops of a function over queues and topics. This cloud has neither, so
//! that the choice is kept and nothing follows from it.

use serde_json::json;

use super::name;
use crate::local::check::Check;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input};

pub const TERMINATE: &str = "Terminate";

pub fn put(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let mut check = Check::default();
    match input.text("RecursiveLoop") {
        None => check.missing("recursiveLoop"),
        Some(wanted) => check.one_of("recursiveLoop", wanted, &[TERMINATE, "Allow"]),
    }
    check.done()?;
    let named = name::asked(turn, input)?;
    let wanted = input.text("RecursiveLoop").unwrap_or(TERMINATE);
    super::function_mut(turn, &named)?.recursion = wanted.to_owned();
    Ok(json!({ "RecursiveLoop": wanted }).into())
}

pub fn get(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let function = super::function(turn, &named)?;
    Ok(json!({ "RecursiveLoop": function.recursion }).into())
}

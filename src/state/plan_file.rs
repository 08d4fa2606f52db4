//! A saved plan: what `slp plan --out` writes and `slp apply PLAN` reads.
//!
//! Its digest says whether it is still what was shown. It is no signature: whoever can
//! write the file can write another plan.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::StateError;
use super::disk::Disk;
use super::secret::hex;
use crate::files;
use crate::plan::{FORMAT, Plan};

const OPEN: &str = "{\n\"sha256\": \"";
const BETWEEN: &str = "\",\n\"plan\": ";
const CLOSE: &str = "\n}\n";

/// Saves a plan, whole or not at all; only its owner may read it.
pub fn write_plan(path: &Path, plan: &Plan) -> Result<(), StateError> {
    let failed = |error| StateError::io(path, "be written", error);
    let plan = serde_json::to_string_pretty(plan).map_err(|error| failed(error.into()))?;
    Disk::default()
        .replace(path, summed(&plan).as_bytes())
        .map_err(failed)?;
    Ok(())
}

/// Reads a plan; refuses one in which a single byte has changed.
pub fn read_plan(path: &Path) -> Result<Plan, StateError> {
    let bytes = files::bytes(path).map_err(|error| StateError::io(path, "be read", error))?;
    parse(path, bytes)
}

/// The file around a plan's JSON.
pub(super) fn summed(plan: &str) -> String {
    [OPEN, &sum(plan), BETWEEN, plan, CLOSE].concat()
}

pub(super) fn parse(path: &Path, bytes: Vec<u8>) -> Result<Plan, StateError> {
    let refused = |what: String| StateError::PlanFile {
        path: path.to_owned(),
        what,
    };
    let text = String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8".into()))?;
    if !text.starts_with(OPEN) {
        return Err(refused("it is no plan".into()));
    }
    let plan =
        checked(&text).ok_or_else(|| refused("its digest does not match its content".into()))?;
    let format = serde_json::from_str::<serde_json::Value>(plan)
        .ok()
        .and_then(|plan| plan.get("format")?.as_u64());
    if let Some(found) = format.filter(|found| *found != u64::from(FORMAT)) {
        let known = FORMAT;
        let path = path.to_owned();
        return Err(StateError::Newer { path, found, known });
    }
    serde_json::from_str(plan).map_err(|error| refused(error.to_string()))
}

fn checked(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    let (digest, rest) = rest.split_at_checked(64)?;
    let plan = rest.strip_prefix(BETWEEN)?;
    (digest == sum(plan)).then_some(plan)
}

fn sum(plan: &str) -> String {
    hex(&Sha256::digest(plan.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_was_a_plan_is_told_from_one_that_was_changed() {
        let refused = |text: &str| {
            let read = parse(Path::new("x.plan"), text.as_bytes().to_vec());
            read.unwrap_err().to_string()
        };
        for text in ["", "[project]\nname = \"x\"\n", "{}"] {
            assert!(refused(text).contains("it is no plan"), "{text}");
        }
        let changed = summed("{}").replace("{}", "[]");
        assert!(refused(&changed).contains("its digest does not match"));
    }
}

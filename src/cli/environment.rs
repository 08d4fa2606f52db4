//! A variable that is empty is one that is not set: CI sets those so of which it has no value. The
//! SDK does not see it that way, so slp starts itself anew without them.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::failure::Failure;

/// What slp and the SDK read by themselves. What a manifest reads by `env:` is its own business.
const OURS: [&str; 2] = ["AWS_", "SLP_"];

/// Goes on where nothing is empty, and else does not come back: the process is the same, its
/// environment another.
///
/// # Errors
/// The program cannot be started.
pub fn without_empty() -> Result<(), Failure> {
    let empty = empty(std::env::vars_os());
    if empty.is_empty() {
        return Ok(());
    }
    let mut words = std::env::args_os();
    let mut command = Command::new(program()?);
    if let Some(name) = words.next() {
        command.arg0(name);
    }
    command.args(words);
    for name in &empty {
        command.env_remove(name);
    }
    let error = command.exec();
    let names = empty.join(", ");
    Err(
        Failure::new(1, format!("slp cannot start itself anew: {error}"))
            .hint(format!("unset what is empty in the environment: {names}")),
    )
}

/// The names of ours whose value is empty.
fn empty(vars: impl Iterator<Item = (OsString, OsString)>) -> Vec<String> {
    let names = vars.filter(|(_, value)| value.is_empty());
    let names = names.filter_map(|(name, _)| name.into_string().ok());
    names
        .filter(|name| OURS.iter().any(|start| name.starts_with(start)))
        .collect()
}

/// This very program, also where its file was replaced meanwhile.
fn program() -> Result<PathBuf, Failure> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    std::env::current_exe()
        .map_err(|error| Failure::new(1, format!("slp cannot find its own program: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ours_count_and_only_where_they_are_empty() {
        let vars = [
            ("AWS_REGION", ""),
            ("AWS_DEFAULT_REGION", "us-east-2"),
            ("SLP_ENV", ""),
            ("TOKEN", ""),
        ];
        let vars = vars.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        assert_eq!(empty(vars.into_iter()), ["AWS_REGION", "SLP_ENV"]);
    }
}

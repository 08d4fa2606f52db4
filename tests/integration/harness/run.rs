//! What one run of slp came to.

use std::os::unix::process::ExitStatusExt;
use std::process::Output;

#[derive(Debug)]
pub struct Run {
    /// What stood on the command line, without the program.
    pub line: String,
    pub stdout: String,
    pub stderr: String,
    /// The exit code; of a killed run, minus the signal.
    pub code: i32,
}

impl Run {
    pub fn of(line: &str, output: Output) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("slp prints UTF-8");
        let killed = || -output.status.signal().unwrap_or_default();
        Run {
            line: line.to_owned(),
            code: output.status.code().unwrap_or_else(killed),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// It ended well.
    pub fn ok(self) -> Run {
        self.exits(0)
    }

    /// It ended with this code.
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Its stdout or stderr holds each of these.
    pub fn says(self, parts: &[&str]) -> Run {
        for part in parts {
            let said = self.stdout.contains(part) || self.stderr.contains(part);
            assert!(said, "nothing says {part:?} in\n{self}");
        }
        self
    }

    /// Neither its stdout nor its stderr holds any of these.
    pub fn never_says(self, parts: &[&str]) -> Run {
        for part in parts {
            let said = self.stdout.contains(part) || self.stderr.contains(part);
            assert!(!said, "{part:?} should not be in\n{self}");
        }
        self
    }

    /// The addresses that a plan would change, each with its symbol, such as `~ role.x`.
    pub fn planned(&self) -> Vec<String> {
        let lines = self.stdout.lines();
        let lines = lines.take_while(|line| !line.starts_with("Found, and left alone"));
        let head = |line: &str| {
            let rest = line
                .strip_prefix("  ")
                .filter(|rest| !rest.starts_with(' '))?;
            let (symbol, rest) = rest.split_once(' ')?;
            let known = ["+", "~", "-/+", "-", "→", "×"].contains(&symbol);
            let addr = rest.split(' ').next()?;
            known.then(|| format!("{symbol} {addr}"))
        };
        lines.filter_map(head).collect()
    }

    /// The AWS calls that the plan announces; 0 where there is nothing to do.
    pub fn planned_calls(&self) -> usize {
        match self.stdout.lines().find(|line| line.starts_with("Plan: ")) {
            Some(line) => calls_of(line),
            None => 0,
        }
    }
}

fn calls_of(line: &str) -> usize {
    let part = line.split(" · ").find(|part| part.contains(" call"));
    let number = part.and_then(|part| part.split(' ').next());
    match number {
        Some("no") => 0,
        number => number
            .and_then(|number| number.parse().ok())
            .unwrap_or_else(|| panic!("no number of calls in {line:?}")),
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "$ slp {}\n{}--- stderr\n{}--- exit code {}\n",
            self.line, self.stdout, self.stderr, self.code
        )
    }
}

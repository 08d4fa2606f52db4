//! A run that goes on while a test looks at it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use super::run::Run;

pub struct Running {
    line: String,
    child: Child,
    stderr: BufReader<ChildStderr>,
    heard: String,
}

impl Running {
    pub fn of(line: &str, mut command: Command) -> Running {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("slp runs");
        let stderr = child.stderr.take().expect("stderr is piped");
        Running {
            line: line.to_owned(),
            child,
            stderr: BufReader::new(stderr),
            heard: String::new(),
        }
    }

    /// Sends it a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.expect("sh runs").success(), "{kill}");
    }

    /// Reads its stderr up to a line that holds this, and returns the line.
    pub fn hears(&mut self, part: &str) -> String {
        loop {
            let from = self.heard.len();
            let read = self.stderr.read_line(&mut self.heard).expect("UTF-8");
            assert!(read > 0, "nothing says {part:?} in\n{}", self.heard);
            let line = &self.heard[from..];
            if line.contains(part) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// Waits for its end.
    pub fn end(mut self) -> Run {
        while self.stderr.read_line(&mut self.heard).expect("UTF-8") > 0 {}
        let mut stdout = Vec::new();
        if let Some(mut out) = self.child.stdout.take() {
            out.read_to_end(&mut stdout).expect("its stdout");
        }
        let output = Output {
            status: self.child.wait().expect("an end"),
            stdout,
            stderr: std::mem::take(&mut self.heard).into_bytes(),
        };
        Run::of(&self.line, output)
    }
}

impl Drop for Running {
    /// A test that failed leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

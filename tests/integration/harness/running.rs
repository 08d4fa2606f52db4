//! A run that goes on while a test looks at it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};

use super::run::Run;

pub struct Running {
    line: String,
    child: Child,
    stderr: BufReader<ChildStderr>,
    heard: String,
    /// Where a test reads it, which is only when it asks.
    stdout: Option<BufReader<ChildStdout>>,
    printed: String,
}

impl Running {
    pub fn of(line: &str, mut command: Command) -> Running {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("slp runs");
        let stderr = child.stderr.take().expect("stderr is piped");
        let stdout = child.stdout.take().map(BufReader::new);
        Running {
            stdout,
            printed: String::new(),
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
        read_to(&mut self.stderr, &mut self.heard, part)
    }

    /// The same for its stdout.
    pub fn prints(&mut self, part: &str) -> String {
        let stdout = self.stdout.as_mut().expect("stdout is piped");
        read_to(stdout, &mut self.printed, part)
    }

    /// Waits for its end.
    pub fn end(mut self) -> Run {
        while self.stderr.read_line(&mut self.heard).expect("UTF-8") > 0 {}
        let mut stdout = std::mem::take(&mut self.printed).into_bytes();
        if let Some(mut out) = self.stdout.take() {
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

fn read_to(stream: &mut impl BufRead, all: &mut String, part: &str) -> String {
    loop {
        let from = all.len();
        let read = stream.read_line(all).expect("UTF-8");
        assert!(read > 0, "nothing says {part:?} in\n{all}");
        let line = &all[from..];
        if line.contains(part) {
            return line.trim_end().to_owned();
        }
    }
}

impl Drop for Running {
    /// A test that failed leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

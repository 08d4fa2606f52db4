//! A script of `tests/emulators` that runs as long as we hold it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::root;

/// Ends when it is dropped, or when this process ends in any way: its stdin closes.
pub struct Service {
    child: Child,
    pub endpoint: String,
}

impl Service {
    /// Starts it, and waits for the JSON line that says that it answers.
    pub fn start(script: &str, arguments: &[&str]) -> Service {
        let path = root().join("tests/emulators").join(script);
        let mut child = Command::new("python3")
            .arg(path)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs the emulators");
        let mut line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        let _ = BufReader::new(out).read_line(&mut line);
        let ready: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("{script} {arguments:?} did not start: {line:?}"));
        let endpoint = ready["endpoint"].as_str().expect("an endpoint").to_owned();
        Service { child, endpoint }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

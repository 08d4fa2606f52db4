//! `slp local` as a process, as long as we hold it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::http::{Answer, request};
use super::sandbox::Sandbox;

pub struct Local {
    child: Child,
    /// `http://127.0.0.1:PORT`, the first line that it prints.
    pub url: String,
}

impl Local {
    /// Starts it in the sandbox's folder, at a free port.
    pub fn start(sandbox: &Sandbox, options: &str) -> Local {
        let mut command = sandbox.command(&format!("local --port 0 {options}"));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("slp runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        let _ = BufReader::new(out).read_line(&mut line);
        let url = line.trim_end().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line:?}");
        Local { child, url }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// A call of CloudWatch Logs, signed in form.
    pub fn logs(&self, operation: &str, body: &str) -> Answer {
        let target = format!("x-amz-target: Logs_20140328.{operation}");
        let headers = [
            SIGNED,
            target.as_str(),
            "content-type: application/x-amz-json-1.1",
        ];
        request("POST", &format!("{}/", self.url), &headers, body)
    }
}

/// What AWS's clients send, without a signature that anybody checks.
pub const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 \
    Credential=test/20261124/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0";

impl Drop for Local {
    /// Nothing may depend on a good end.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

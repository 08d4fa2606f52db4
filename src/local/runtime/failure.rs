//! Errors that no function wrote: its process ended, took too long, or said too much. Words and
//! types are AWS's, as recorded from it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::api::LARGEST_ANSWER;

/// Why an invocation failed without an answer of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    TimedOut(Duration),
    Exited(ExitStatus),
    /// An exit that the shell of AWS's wrapper scripts would see.
    NotFound,
    /// There is no program to start: what is wrong with it.
    Entrypoint(String),
    TooLarge,
}

impl Failure {
    /// `errorType`.
    pub fn kind(&self) -> &'static str {
        match self {
            Failure::TimedOut(_) => "Sandbox.Timedout",
            Failure::Exited(_) | Failure::NotFound => "Runtime.ExitError",
            Failure::Entrypoint(_) => "Runtime.InvalidEntrypoint",
            Failure::TooLarge => "Function.ResponseSizeTooLarge",
        }
    }

    /// What the caller gets.
    pub fn payload(&self, request_id: &str) -> Bytes {
        let message = match self {
            Failure::TooLarge => self.reason(),
            _ => format!("RequestId: {request_id} Error: {}", self.reason()),
        };
        Bytes::from(json!({ "errorType": self.kind(), "errorMessage": message }).to_string())
    }

    /// What the log says before END, if anything.
    pub fn logged(&self, request_id: &str, time: &str) -> Option<String> {
        match self {
            Failure::TimedOut(_) => Some(format!("{time} {request_id} {}\n\n", self.reason())),
            Failure::TooLarge => None,
            _ => Some(format!(
                "RequestId: {request_id} Error: {}\n{}\n",
                self.reason(),
                self.kind()
            )),
        }
    }

    /// What the line REPORT says of it.
    pub fn status(&self) -> String {
        match self {
            Failure::TimedOut(_) => "Status: timeout".to_owned(),
            _ => format!("Status: error\tError Type: {}", self.kind()),
        }
    }

    fn reason(&self) -> String {
        match self {
            Failure::TimedOut(limit) => {
                format!("Task timed out after {:.2} seconds", limit.as_secs_f64())
            }
            Failure::Exited(status) => exited(*status),
            Failure::NotFound => "Runtime exited with error: exit status 127".to_owned(),
            Failure::Entrypoint(why) => why.clone(),
            Failure::TooLarge => format!(
                "Response payload size exceeded maximum allowed payload size \
                 ({LARGEST_ANSWER} bytes)."
            ),
        }
    }
}

fn exited(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(signal)) => format!("Runtime exited with error: signal: {}", named(signal)),
        (None, None) => "Runtime exited with error: unknown".to_owned(),
    }
}

/// As Go, in which Lambda's supervisor is written, names them.
fn named(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        15 => "terminated",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(failure: &Failure) -> String {
        let payload = failure.payload("1-2");
        let value: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        value["errorMessage"].as_str().unwrap().to_owned()
    }

    #[test]
    fn an_exit_is_told_as_aws_tells_it() {
        let of = |raw| message(&Failure::Exited(ExitStatus::from_raw(raw)));
        assert_eq!(
            of(0),
            "RequestId: 1-2 Error: Runtime exited without providing a reason"
        );
        assert_eq!(
            of(1 << 8),
            "RequestId: 1-2 Error: Runtime exited with error: exit status 1"
        );
        assert_eq!(
            of(11),
            "RequestId: 1-2 Error: Runtime exited with error: signal: segmentation fault"
        );
    }

    #[test]
    fn a_timeout_has_two_digits() {
        let failure = Failure::TimedOut(Duration::from_secs(3));
        assert_eq!(
            message(&failure),
            "RequestId: 1-2 Error: Task timed out after 3.00 seconds"
        );
        assert_eq!(failure.kind(), "Sandbox.Timedout");
    }
}

//! Errors of functions' code, in the form in which Lambda gives them to callers and runtimes
//! write them into logs: the message, and the places in the user's own files.
//!
//! Way in: `Trace`. Left out on purpose: source maps, and traces that name no files (Java's).

mod frame;
mod log;
mod sources;

use serde_json::Value;

pub use frame::Frame;
pub use sources::Sources;

/// An error that ended an invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// `TypeError`, `Runtime.ImportModuleError`, `Sandbox.Timedout`.
    pub kind: String,
    pub message: String,
    /// Innermost first in JavaScript, last in Python: as the runtime tells them.
    pub frames: Vec<Frame>,
}

/// AWS's `errorType` of a function that took too long.
const LATE: &str = "Sandbox.Timedout";

impl Trace {
    /// From what a caller gets of a function that failed.
    pub fn of_answer(payload: &[u8]) -> Option<Trace> {
        Trace::of_json(&serde_json::from_slice(payload).ok()?)
    }

    /// From an event of a function's log, where the runtime wrote an error into it.
    pub fn of_log(text: &str) -> Option<Trace> {
        log::trace(text)
    }

    /// `{"errorType": …, "errorMessage": …, "stackTrace": […]}`.
    pub fn of_json(error: &Value) -> Option<Trace> {
        let text = |key: &str| error.get(key).and_then(Value::as_str);
        let message = without_request(text("errorMessage")?);
        let kind = text("errorType").unwrap_or_default().to_owned();
        let keys = ["trace", "stackTrace", "stack"];
        let lines = keys.iter().find_map(|key| error.get(*key)?.as_array());
        let frames = lines.into_iter().flatten().filter_map(Frame::of_json);
        let own = format!("{kind}: {message}");
        let repeats = |frame: &Frame| own.lines().any(|line| line.trim() == frame.text);
        let steps = frames.filter(|frame| !repeats(frame));
        let (message, files) = without_files(message);
        Some(Trace {
            frames: files.into_iter().chain(steps).collect(),
            message: message.to_owned(),
            kind,
        })
    }

    /// `TypeError: what it says`, in one line or more.
    pub fn head(&self) -> String {
        match self.kind.is_empty() || self.message.starts_with(&format!("{}: ", self.kind)) {
            true => self.message.clone(),
            false => format!("{}: {}", self.kind, self.message),
        }
    }

    /// The seconds after which it was given up, if that is what happened: `3`, `0.5`.
    pub fn timed_out(&self) -> Option<String> {
        if self.kind != LATE {
            return None;
        }
        let rest = self.message.split("timed out after ").nth(1)?;
        let seconds: f64 = rest.split(' ').next()?.parse().ok()?;
        Some(seconds.to_string())
    }
}

/// Node.js says in the message of a module that is not found who asked for it: the last file first,
/// and what runs the function at the end.
fn without_files(message: &str) -> (&str, Vec<Frame>) {
    if let Some((message, files)) = message.split_once("\nRequire stack:\n") {
        let files = files.lines().filter_map(|line| line.strip_prefix("- "));
        let frames = files.map(|file| Frame::of_file("required by", file));
        return (message, frames.collect());
    }
    let imported = message.rsplit_once(" imported from ");
    let imported = imported.filter(|(_, file)| file.starts_with('/'));
    let frame = imported.map(|(_, file)| Frame::of_file("imported from", file));
    (message, frame.into_iter().collect())
}

/// Lambda puts the id of the request before what it says itself.
fn without_request(message: &str) -> &str {
    let rest = message.strip_prefix("RequestId: ");
    let told = rest.and_then(|rest| rest.split_once(" Error: "));
    told.map_or(message, |(_, told)| told)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_lambda_says_itself_is_without_the_requests_id() {
        let late = json!({
            "errorType": "Sandbox.Timedout",
            "errorMessage": "RequestId: 1-2 Error: Task timed out after 3.00 seconds",
        });
        let late = Trace::of_json(&late).unwrap();
        assert_eq!(
            late.head(),
            "Sandbox.Timedout: Task timed out after 3.00 seconds"
        );
        assert_eq!(late.timed_out().as_deref(), Some("3"));
        let exit = r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 1 Error: exit status 1"}"#;
        let exit = Trace::of_answer(exit.as_bytes()).unwrap();
        assert_eq!(
            (exit.message.as_str(), exit.timed_out()),
            ("exit status 1", None)
        );
    }

    #[test]
    fn an_errors_own_line_is_no_frame() {
        let error = json!({
            "errorType": "TypeError",
            "errorMessage": "no",
            "trace": ["TypeError: no", "    at f (/var/task/a.js:1:2)"],
        });
        let trace = Trace::of_json(&error).unwrap();
        assert_eq!(trace.head(), "TypeError: no");
        let texts: Vec<&str> = trace
            .frames
            .iter()
            .map(|frame| frame.text.as_str())
            .collect();
        assert_eq!(texts, ["at f (/var/task/a.js:1:2)"]);
    }

    #[test]
    fn who_asked_for_a_module_that_is_not_there_is_a_file_of_ones_own() {
        let files = "- /var/task/lib/deep.js\n- /var/task/index.js\n- /tmp/slp-0/1/node.cjs";
        let message = format!("Error: Cannot find module 'x'\nRequire stack:\n{files}");
        let kind = "Runtime.ImportModuleError";
        let stack = format!("{kind}: {message}\n    at handler (/tmp/slp-0/1/node.cjs:9:1)");
        let stack: Vec<&str> = stack.split('\n').collect();
        let error = json!({ "errorType": kind, "errorMessage": message, "trace": stack });
        let trace = Trace::of_json(&error).unwrap();
        assert_eq!(
            trace.head(),
            format!("{kind}: Error: Cannot find module 'x'")
        );
        let own = Sources::default();
        assert_eq!(own.all(&trace), ["lib/deep.js", "index.js"]);
        let texts: Vec<&str> = trace.frames.iter().map(|f| f.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "required by /var/task/lib/deep.js",
                "required by /var/task/index.js",
                "required by /tmp/slp-0/1/node.cjs",
                "at handler (/tmp/slp-0/1/node.cjs:9:1)",
            ]
        );
        // Where lines are known, they say it.
        let stack = ["    at f (/var/task/lib/deep.js:2:1)"];
        let error = json!({ "errorType": "Error", "errorMessage": message, "trace": stack });
        let trace = Trace::of_json(&error).unwrap();
        assert_eq!(own.all(&trace), ["lib/deep.js:2"]);
        let message = "Cannot find package 'x' imported from /var/task/m.mjs";
        let error = json!({ "errorType": "Error", "errorMessage": message, "trace": [] });
        let trace = Trace::of_json(&error).unwrap();
        assert_eq!(trace.head(), format!("Error: {message}"));
        assert_eq!(own.all(&trace), ["m.mjs"]);
    }

    #[test]
    fn what_is_no_error_of_code_is_none() {
        for text in ["", "null", "3", "{}", r#"{"errorMessage": 3}"#, "{"] {
            assert_eq!(Trace::of_answer(text.as_bytes()), None, "{text}");
        }
    }
}

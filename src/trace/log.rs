//! Errors as AWS's runtimes write them into a log: Node.js's `Invoke Error`, Python's traceback,
//! and the same in JSON.

use serde_json::Value;

use super::{Frame, LATE, Trace};

/// What Node.js writes before an error's JSON.
const TITLES: [&str; 3] = [
    "Invoke Error",
    "Uncaught Exception",
    "Unhandled Promise Rejection",
];
const PYTHON: &str = "[ERROR] ";
const TRACEBACK: &str = "\nTraceback (most recent call last):";

pub fn trace(text: &str) -> Option<Trace> {
    let text = text.trim_end();
    if text.starts_with('{') {
        return json(text);
    }
    if let Some(rest) = text.strip_prefix(PYTHON) {
        return python(rest);
    }
    if let Some(trace) = of_lambda(text) {
        return Some(trace);
    }
    let (_, rest) = text.split_once("\tERROR\t")?;
    let (title, error) = rest.split_once('\t')?;
    let is_known = TITLES.contains(&title.trim_end());
    is_known.then(|| Trace::of_answer(error.as_bytes()))?
}

/// The error itself, or one that is the message of a line.
fn json(text: &str) -> Option<Trace> {
    let line: Value = serde_json::from_str(text).ok()?;
    // A logger's line is the function's own.
    if line.get("logger").is_some() {
        return None;
    }
    Trace::of_json(&line).or_else(|| Trace::of_json(line.get("message")?))
}

/// What Lambda writes where a function wrote no error itself: `RequestId: ID Error: REASON` and the
/// type below, or `TIME ID Task timed out after 3.00 seconds`.
fn of_lambda(text: &str) -> Option<Trace> {
    let told = |kind: &str, message: &str| Trace {
        kind: kind.to_owned(),
        message: message.to_owned(),
        frames: Vec::new(),
    };
    if text.starts_with("RequestId: ") {
        let (message, kind) = text.rsplit_once('\n')?;
        let (_, message) = message.split_once(" Error: ")?;
        return Some(told(kind, message));
    }
    let rest = text.splitn(3, ' ').nth(2)?;
    let late = rest.starts_with("Task timed out after ") && rest.ends_with(" seconds");
    late.then(|| told(LATE, rest))
}

fn python(rest: &str) -> Option<Trace> {
    let (head, steps) = rest.split_once(TRACEBACK)?;
    let (kind, message) = head.split_once(": ").unwrap_or((head, ""));
    let mut frames: Vec<Frame> = Vec::new();
    for frame in steps.lines().filter_map(Frame::of) {
        match frames.last_mut() {
            // The code of the line before.
            Some(last) if !frame.text.starts_with("File ") => {
                last.text = format!("{}\n  {}", last.text, frame.text);
            }
            _ => frames.push(frame),
        }
    }
    Some(Trace {
        kind: kind.to_owned(),
        message: message.to_owned(),
        frames,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_line_and_pythons_traceback_are_the_same_error() {
        let node = "2026-12-01T01:00:00.000Z\t1-2\tERROR\tInvoke Error \t{\"errorType\":\
            \"TypeError\",\"errorMessage\":\"no\",\"stack\":[\"TypeError: no\",\"    at f \
            (/var/task/index.js:5:11)\"]}\n";
        let node = trace(node).unwrap();
        assert_eq!(node.head(), "TypeError: no");
        assert_eq!(node.frames[0].own, Some(("index.js".into(), Some(5))));
        let python = "[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n\
            \u{a0}\u{a0}File \"/var/task/app.py\", line 5, in handler\n\
            \u{a0}\u{a0}\u{a0}\u{a0}return event['x']";
        let python = trace(python).unwrap();
        assert_eq!(python.head(), "KeyError: 'x'");
        assert_eq!(python.frames.len(), 1);
        assert_eq!(python.frames[0].own, Some(("app.py".into(), Some(5))));
        assert!(python.frames[0].text.ends_with("\n  return event['x']"));
    }

    #[test]
    fn what_lambda_itself_writes_of_a_failure_is_one() {
        let late = "2026-12-01T01:00:00.000Z 1-2 Task timed out after 3.00 seconds\n\n";
        assert_eq!(trace(late).unwrap().timed_out().as_deref(), Some("3"));
        let exit = "RequestId: 1-2 Error: Runtime exited with error: exit status 1\n\
            Runtime.ExitError\n";
        let exit = trace(exit).unwrap();
        assert_eq!(
            exit.head(),
            "Runtime.ExitError: Runtime exited with error: exit status 1"
        );
        assert_eq!(trace("one two Task timed out after all"), None);
    }

    #[test]
    fn json_logs_hold_the_error_or_have_it_as_message() {
        let python = r#"{"timestamp":"t","log_level":"ERROR","errorMessage":"no","errorType":"E","stackTrace":[]}"#;
        let node = r#"{"timestamp":"t","level":"ERROR","message":{"errorType":"E","errorMessage":"no","stackTrace":[]}}"#;
        for line in [python, node] {
            assert_eq!(trace(line).unwrap().head(), "E: no", "{line}");
        }
    }

    #[test]
    fn what_a_function_wrote_itself_stays_as_it_is() {
        for line in [
            "2026-12-01T01:00:00.000Z\t1-2\tERROR\tError: x\n    at f (/var/task/a.js:1:1)",
            "2026-12-01T01:00:00.000Z\t1-2\tINFO\tInvoke Error \t{\"errorMessage\":\"x\"}",
            "2026-12-01T01:00:00.000Z\t1-2\tERROR\tmine\t{\"errorMessage\":\"x\"}",
            "[ERROR]\t2026-12-01T01:00:00.000Z\t1-2\tno\nTraceback (most recent call last):\n",
            r#"{"logger":"root","level":"ERROR","errorType":"E","errorMessage":"no"}"#,
            "hello",
        ] {
            assert_eq!(trace(line), None, "{line}");
        }
    }
}

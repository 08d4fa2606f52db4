//! What was asked of APIs and functions, and why it failed.

use std::time::Duration;

use super::style::{Paint, Style};
use super::value::printable;
use crate::trace::{Sources, Trace};

/// A call that has ended.
pub struct Request<'a> {
    /// `GET`, `invoke`.
    pub verb: &'a str,
    /// The path, or the function that was invoked.
    pub what: &'a str,
    /// `200`, `failed`.
    pub status: &'a str,
    pub is_failed: bool,
    pub took: Duration,
    /// What answered, where the call does not name it.
    pub function: Option<&'a str>,
    /// What the start of the function took, where a process was started.
    pub start: Option<Duration>,
}

/// One line: what was asked, the status, the time, the function.
pub fn request(request: &Request<'_>, style: &Style) -> String {
    let what = format!("{} {}", printable(request.verb), printable(request.what));
    let status = match request.is_failed {
        true => style.paint(Paint::Removed, request.status),
        false => style.paint(Paint::Added, request.status),
    };
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let mut line = format!("{what}  {status}  {}", ms(request.took));
    if let Some(function) = request.function {
        line.push_str(&format!(
            "  {}",
            style.paint(Paint::Address, &printable(function))
        ));
    }
    if let Some(start) = request.start {
        let start = format!(", started in {}", ms(start));
        line.push_str(&style.paint(Paint::Faint, &start));
    }
    line
}

/// Lines below a request, as they are or indented further.
pub fn below(lines: &[String]) -> String {
    let lines = lines.iter().flat_map(|line| line.split('\n'));
    let lines: Vec<String> = lines.map(|line| format!("  {}", printable(line))).collect();
    lines.join("\n")
}

/// An error of code: the message, then the places in the user's own files; all of its steps where
/// that is asked for.
pub fn trace(trace: &Trace, sources: &Sources, whole: bool) -> Vec<String> {
    let mut lines = vec![trace.head()];
    if !whole {
        lines.extend(sources.all(trace).iter().map(|place| format!("  {place}")));
        return lines;
    }
    for frame in &trace.frames {
        let text = frame.text.replace('\n', "\n  ");
        lines.push(match sources.own(frame) {
            Some(place) => format!("  {place}  {text}"),
            None => format!("  {text}"),
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Request<'static> {
        Request {
            verb: "GET",
            what: "/hello",
            status: "200",
            is_failed: false,
            took: Duration::from_micros(1250),
            function: Some("A"),
            start: Some(Duration::from_millis(80)),
        }
    }

    #[test]
    fn a_request_is_one_line() {
        let plain = Style::default();
        assert_eq!(
            request(&some(), &plain),
            "GET /hello  200  1.2 ms  A, started in 80.0 ms"
        );
        let invoked = Request {
            verb: "invoke",
            what: "A\u{1b}[2J",
            status: "failed",
            is_failed: true,
            function: None,
            start: None,
            ..some()
        };
        assert_eq!(
            request(&invoked, &plain),
            "invoke A\\u{1b}[2J  failed  1.2 ms"
        );
    }

    #[test]
    fn the_message_comes_first_and_only_ones_own_files_follow() {
        let error = r#"{"errorType":"TypeError","errorMessage":"no","trace":["TypeError: no",
            "    at get (/var/task/node_modules/pg/index.js:1:1)",
            "    at handler (/var/task/index.js:5:11)",
            "    at Runtime.run (file:///var/runtime/index.mjs:9:1)"]}"#;
        let error = Trace::of_answer(error.as_bytes()).unwrap();
        let sources = Sources {
            code: Some("src".into()),
        };
        let brief = trace(&error, &sources, false);
        assert_eq!(below(&brief), "  TypeError: no\n    src/index.js:5");
        let whole = trace(&error, &sources, true);
        assert_eq!(whole.len(), 4);
        assert_eq!(
            whole[2],
            "  src/index.js:5  at handler (/var/task/index.js:5:11)"
        );
    }
}

//! One step of a trace, and the file that it names.

use serde_json::Value;

/// The package's folder in a function.
const TASK: &str = "/var/task/";
/// Folders of what others wrote.
const FOREIGN: [&str; 4] = ["node_modules", "site-packages", "dist-packages", "vendor"];

/// A step of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// As the runtime wrote it, without what it is indented by.
    pub text: String,
    /// The file below the package's folder, and the line where it is told, if the file is the
    /// user's own.
    pub own: Option<(String, Option<u32>)>,
}

impl Frame {
    pub fn of(text: &str) -> Option<Frame> {
        let text = text.replace('\u{a0}', " ");
        let text = text.trim();
        (!text.is_empty()).then(|| Frame {
            text: text.to_owned(),
            own: own(text),
        })
    }

    /// A file of which only the name is told, and what it has to do with the error.
    pub(super) fn of_file(what: &str, path: &str) -> Frame {
        let path = path.trim();
        let below = path.strip_prefix(TASK).filter(|path| !is_foreign(path));
        Frame {
            text: format!("{what} {path}"),
            own: below.map(|path| (path.to_owned(), None)),
        }
    }

    /// A line of text, or Go's `{"path": …, "line": …, "label": …}`.
    pub(super) fn of_json(frame: &Value) -> Option<Frame> {
        let Some(path) = frame.get("path").and_then(Value::as_str) else {
            return Frame::of(frame.as_str()?);
        };
        let line = frame
            .get("line")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let label = frame
            .get("label")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Frame::of(format!("{path}:{line} {label}").trim_end())
    }
}

/// `/var/task/index.js:5` in whatever stands around it; Python's `File "/var/task/a.py", line 5`,
/// and `File "/var/task/a.py" Line 5` of code that it cannot read.
fn own(text: &str) -> Option<(String, Option<u32>)> {
    let from = text.find(TASK)? + TASK.len();
    let rest = &text[from..];
    let python = ["\", line ", "\" Line "];
    let (path, after) = match python.iter().find_map(|word| rest.split_once(word)) {
        Some(found) => found,
        None => places(rest).find(|(path, _)| path.contains('.'))?,
    };
    let digits = after
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(after.len());
    let line = after[..digits].parse().ok()?;
    (!is_foreign(path)).then(|| (path.to_owned(), Some(line)))
}

fn is_foreign(path: &str) -> bool {
    path.split('/').any(|part| FOREIGN.contains(&part))
}

/// Where a colon may end the path.
fn places(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let colons = text.match_indices(':').map(|(at, _)| at);
    let at = colons.map(|at| (&text[..at], &text[at + 1..]));
    at.filter(|(_, after)| after.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runtimes_own_files_are_found() {
        let table = [
            (
                "    at handler (/var/task/index.js:5:11)",
                Some(("index.js", 5)),
            ),
            ("at /var/task/src/a b.mjs:12:1", Some(("src/a b.mjs", 12))),
            ("at file:///var/task/index.mjs:7:3", Some(("index.mjs", 7))),
            ("/var/task/index.js:3", Some(("index.js", 3))),
            (
                "  File \"/var/task/app/main.py\", line 41, in f\n    x()",
                Some(("app/main.py", 41)),
            ),
            (
                "\u{a0}\u{a0}File \"/var/task/a.py\", line 1, in f",
                Some(("a.py", 1)),
            ),
            (
                "  File \"/var/task/app/main.py\" Line 7\n    def f(:\n",
                Some(("app/main.py", 7)),
            ),
            ("/var/task/app.rb:5:in `handler'", Some(("app.rb", 5))),
            (
                "at Db.get (/var/task/node_modules/pg/lib/index.js:5:11)",
                None,
            ),
            (
                "File \"/var/task/lib/site-packages/x.py\", line 4, in y",
                None,
            ),
            (
                "at Runtime.handleOnce (file:///var/runtime/index.mjs:1173:29)",
                None,
            ),
            ("at node:internal/main:5:11", None),
            ("at async Promise.all (index 0)", None),
            ("at f (/var/task/index.js)", None),
        ];
        for (text, own) in table {
            let frame = Frame::of(text).unwrap();
            let own = own.map(|(path, line)| (path.to_owned(), Some(line)));
            assert_eq!(frame.own, own, "{text}");
        }
        assert_eq!(Frame::of(" \u{a0} "), None);
    }

    #[test]
    fn go_names_path_line_and_label_apart() {
        let frame = serde_json::json!({"path": "/var/task/main.go", "line": 9, "label": "f"});
        let frame = Frame::of_json(&frame).unwrap();
        assert_eq!(frame.text, "/var/task/main.go:9 f");
        assert_eq!(frame.own, Some(("main.go".into(), Some(9))));
    }
}

//! What comes from outside (AWS, a manifest, a folder's name) on its way to a terminal or a CI's
//! log: the one place where it becomes printable, for every command and both streams.
//!
//! What a terminal would act upon is shown as `\u001b`, which in JSON means the same as before.
//! Colours pass where slp prints in colour. A line that GitHub's runner would take for a workflow
//! command, by its start `::` or by `##[`, is none any more.
//!
//! Source: actions/runner, `ActionCommand.TryParseV2` (a line that begins with `::`, whatever
//! white space comes before) and `TryParse` (`##[` anywhere).

use std::fmt::Write as _;

use crate::text::is_obeyed;

/// What may stand in a text.
#[derive(Clone, Copy)]
pub struct Allowed {
    pub colors: bool,
    /// Workflow commands that slp itself writes.
    pub commands: bool,
}

/// The text, harmless.
pub fn printable(text: &str, allowed: Allowed) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let line = if !allowed.commands && line.trim_start().starts_with("::") {
            disarmed(line, "::", &mut out)
        } else {
            line
        };
        shown(line, allowed, &mut out);
    }
    out
}

/// Writes a line up to the first colon of its command, and that as an escape; gives the rest.
fn disarmed<'t>(line: &'t str, start: &str, out: &mut String) -> &'t str {
    let (space, rest) = line.split_once(start).unwrap_or(("", line));
    shown(space, NOTHING, out);
    out.push_str("\\u003a");
    &line[line.len() - rest.len() - 1..]
}

const NOTHING: Allowed = Allowed {
    colors: false,
    commands: false,
};

fn shown(line: &str, allowed: Allowed, out: &mut String) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let taken = match colour(rest) {
            Some(length) if allowed.colors => length,
            _ => c.len_utf8(),
        };
        let (part, after) = rest.split_at(taken);
        if part.len() > 1 && c == '\u{1b}' || matches!(c, '\n' | '\t') || !is_obeyed(c) {
            out.push_str(part);
        } else {
            // All of them are in the basic plane.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
        rest = after;
        if !allowed.commands && part == "#" && rest.starts_with("#[") {
            out.push_str("\\u0023");
            rest = &rest[1..];
        }
    }
}

/// The length of an escape that only sets a colour or a weight, at the start of a text. One that
/// hides what follows is none.
fn colour(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("\u{1b}[")?;
    let end = inner.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let codes = inner.get(..end)?;
    let hides = codes.split(';').any(|code| code == "8");
    (inner[end..].starts_with('m') && !hides).then_some(end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        printable(text, NOTHING)
    }

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        assert_eq!(plain("a\u{1b}]0;title\u{7}b"), "a\\u001b]0;title\\u0007b");
        assert_eq!(
            plain("\u{9b}31m\u{202e}x\r\n"),
            "\\u009b31m\\u202ex\\u000d\n"
        );
        assert_eq!(plain("tab\tand → \n"), "tab\tand → \n");
        let json = serde_json::json!({ "a": "\u{9b}\u{202e}", "b": "##[add-path]x" });
        let read: serde_json::Value = serde_json::from_str(&plain(&json.to_string())).unwrap();
        assert_eq!(read, json);
    }

    #[test]
    fn colours_pass_where_there_are_any() {
        let colors = Allowed {
            colors: true,
            ..NOTHING
        };
        let bright = "\u{1b}[1;32m+\u{1b}[0m \u{1b}[38;2;1;2;3mx";
        assert_eq!(printable(bright, colors), bright);
        assert_eq!(plain("\u{1b}[32m"), "\\u001b[32m");
        for bad in ["\u{1b}[2J", "\u{1b}[8m", "\u{1b}[0;8m", "\u{1b}[", "\u{1b}"] {
            assert!(!printable(bad, colors).contains('\u{1b}'), "{bad:?}");
        }
    }

    #[test]
    fn no_line_is_a_workflow_command_but_slps_own() {
        assert_eq!(plain("::add-path::/x\n"), "\\u003a:add-path::/x\n");
        assert_eq!(plain("a\n  ::error::x"), "a\n  \\u003a:error::x");
        assert_eq!(plain("\u{1b}::error::x"), "\\u001b::error::x");
        assert_eq!(plain("a::b and arn:aws:x::y"), "a::b and arn:aws:x::y");
        assert_eq!(
            plain("x ##[add-mask]y ###[z"),
            "x #\\u0023[add-mask]y ##\\u0023[z"
        );
        let own = Allowed {
            commands: true,
            ..NOTHING
        };
        assert_eq!(printable("::notice::\u{1b}x", own), "::notice::\\u001bx");
    }
}

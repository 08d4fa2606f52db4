//! Lines of functions' logs.

use super::style::{Paint, Style};
use super::value::printable;

/// A line with its function's name. Tabs stay, and colours where there are any; whatever else a
/// terminal would act upon is shown instead.
pub fn log_line(function: &str, text: &str, style: &Style) -> String {
    let name = style.paint(Paint::Address, &printable(function));
    let lines = text.trim_end_matches(['\n', '\r']).split('\n');
    let lines: Vec<String> = lines
        .map(|line| {
            format!(
                "{name}  {}",
                shown(line.trim_end_matches('\r'), style.color)
            )
        })
        .collect();
    lines.join("\n")
}

/// A line for programs: `{"at": …, "function": …, "text": …}`.
pub fn log_json(function: &str, at: jiff::Timestamp, text: &str) -> String {
    serde_json::json!({ "at": at, "function": function, "text": text }).to_string()
}

/// A line without what runtimes write before it: the time, the id of the request, the level where
/// it says nothing.
pub fn brief_line(text: &str) -> String {
    match node(text).or_else(|| python(text)) {
        Some(("INFO", rest)) => rest.to_owned(),
        Some((level, rest)) => format!("{level} {rest}"),
        None => text.to_owned(),
    }
}

/// `TIME\tID\tLEVEL\ttext`.
fn node(text: &str) -> Option<(&str, &str)> {
    let [time, _, level, rest] = four(text)?;
    (is_time(time) && is_level(level)).then_some((level, rest))
}

/// `[LEVEL]\tTIME\tID\ttext`.
fn python(text: &str) -> Option<(&str, &str)> {
    let [level, time, _, rest] = four(text)?;
    let level = level.strip_prefix('[')?.strip_suffix(']')?;
    (is_time(time) && is_level(level)).then_some((level, rest))
}

fn four(text: &str) -> Option<[&str; 4]> {
    let parts: Vec<&str> = text.splitn(4, '\t').collect();
    parts.try_into().ok()
}

fn is_time(text: &str) -> bool {
    text.len() == "2026-12-01T00:00:00.000Z".len() && text.ends_with('Z')
}

fn is_level(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase())
}

fn shown(line: &str, color: bool) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['\t', '\u{1b}']) {
        out.push_str(&printable(&rest[..at]));
        rest = &rest[at..];
        let kept = match colour(rest) {
            Some(length) => {
                out.push_str(if color { &rest[..length] } else { "" });
                length
            }
            None => {
                let first = &rest[..1];
                out.push_str(&if first == "\t" {
                    "\t".to_owned()
                } else {
                    printable(first)
                });
                1
            }
        };
        rest = &rest[kept..];
    }
    out.push_str(&printable(rest));
    out
}

/// The length of a sequence that only changes colours: `ESC [ 1 ; 31 m`.
fn colour(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("\u{1b}[")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    rest[digits..].starts_with('m').then_some(digits + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_functions_name() {
        let plain = Style::default();
        assert_eq!(log_line("A", "one\ntwo\r\n", &plain), "A  one\nA  two");
    }

    #[test]
    fn colours_stay_where_there_are_any_and_nothing_else_acts() {
        let line = "\u{1b}[1;31mred\u{1b}[0m\t\u{1b}[2J\u{7}é";
        assert_eq!(
            log_line("A", line, &Style::default()),
            "A  red\t\\u{1b}[2J\\u{7}é"
        );
        let bright = shown(line, true);
        assert_eq!(bright, "\u{1b}[1;31mred\u{1b}[0m\t\\u{1b}[2J\\u{7}é");
    }

    #[test]
    fn what_runtimes_write_before_a_line_is_left_out() {
        let time = "2026-12-01T01:46:46.123Z";
        let id = "5f0c1d3e-0000-4000-8000-000000000000";
        for (text, brief) in [
            (format!("{time}\t{id}\tINFO\ta\tb\n"), "a\tb\n".to_owned()),
            (format!("{time}\t{id}\tWARN\ta"), "WARN a".to_owned()),
            (format!("[ERROR]\t{time}\t{id}\ta"), "ERROR a".to_owned()),
            (
                "one\ttwo\tthree\tfour".into(),
                "one\ttwo\tthree\tfour".to_owned(),
            ),
            ("hello".into(), "hello".to_owned()),
        ] {
            assert_eq!(brief_line(&text), brief, "{text}");
        }
    }
}

//! Lines of functions' logs.

use std::time::Duration;

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

/// How a run ended, and how long it took.
pub fn ran(
    function: &str,
    took: Duration,
    start: Option<Duration>,
    error: Option<&str>,
    style: &Style,
) -> String {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let mut text = ms(took);
    if let Some(start) = start {
        text.push_str(&format!(", started in {}", ms(start)));
    }
    let text = match error {
        Some(error) => style.paint(Paint::Removed, &format!("✗ {}, {text}", printable(error))),
        None => style.paint(Paint::Faint, &text),
    };
    let name = style.paint(Paint::Address, &printable(function));
    format!("{name}  {text}")
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
    fn a_run_tells_its_time() {
        let (took, start) = (Duration::from_micros(1250), Duration::from_millis(80));
        let plain = Style::default();
        assert_eq!(
            ran("A", took, Some(start), None, &plain),
            "A  1.2 ms, started in 80.0 ms"
        );
        let failed = ran("A", took, None, Some("Unhandled"), &plain);
        assert_eq!(failed, "A  ✗ Unhandled, 1.2 ms");
    }
}

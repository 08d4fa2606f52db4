//! How wide, and in colour or not.

/// How text is to look. What it says never depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns; what cannot be broken may be longer.
    pub width: usize,
    /// What the manifest is called in sentences.
    pub manifest: String,
    /// Nothing is told in short: also what slp adds by itself, and tags that all have.
    pub whole: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style {
            color: false,
            width: 80,
            manifest: "slp.toml".into(),
            whole: false,
        }
    }
}

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    Added,
    Changed,
    Removed,
    Replaced,
    Drift,
    Address,
    Faint,
}

impl Style {
    /// Colours a text that is laid out already.
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Added => "32",
            Paint::Changed => "33",
            Paint::Removed => "31",
            Paint::Replaced => "35",
            Paint::Drift => "36",
            Paint::Address => "1",
            Paint::Faint => "2",
        };
        match self.color && !text.is_empty() {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    /// Colours a symbol by its meaning.
    pub fn symbol(&self, symbol: &str) -> String {
        let paint = match symbol {
            "+" => Paint::Added,
            "~" | "→" => Paint::Changed,
            "-" | "×" => Paint::Removed,
            "-/+" => Paint::Replaced,
            "!" => Paint::Drift,
            _ => Paint::Faint,
        };
        self.paint(paint, symbol)
    }
}

/// The columns that a text takes, near enough: one a character.
pub fn columns(text: &str) -> usize {
    text.chars().count()
}

/// The columns of a text that may hold colours.
pub fn shown_columns(text: &str) -> usize {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().map_or(0, columns);
    let after = |part: &str| part.split_once('m').map_or(0, |(_, rest)| columns(rest));
    first + parts.map(after).sum::<usize>()
}

/// A text, filled up with spaces to a width.
pub fn padded(text: &str, width: usize) -> String {
    let fill = width.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(fill))
}

/// Breaks a text at its spaces; every line after the first begins with `hang` spaces.
/// `used` columns of the first line are taken already. A word is never broken.
pub fn wrapped(text: &str, used: usize, hang: usize, width: usize) -> String {
    let mut out = String::new();
    let mut column = used;
    for word in text.split(' ') {
        let taken = columns(word);
        if out.is_empty() {
            column += taken;
        } else if column + 1 + taken > width {
            out.push('\n');
            out.push_str(&" ".repeat(hang));
            column = hang + taken;
        } else {
            out.push(' ');
            column += 1 + taken;
        }
        out.push_str(word);
    }
    out
}

/// A message whose long lines are broken at spaces, a little further in than they begin. What
/// stands in backquotes is there to be copied, and stays on one line.
pub fn folded(text: &str, width: usize) -> String {
    text.split_inclusive('\n')
        .map(|line| match shown_columns(line.trim_end()) > width {
            true => folded_line(line, width),
            false => line.to_owned(),
        })
        .collect()
}

fn folded_line(line: &str, width: usize) -> String {
    let text = line.trim_start_matches(' ');
    let lead = line.len() - text.len();
    let hang = lead + 2;
    let mut out = " ".repeat(lead);
    let mut column = lead;
    for word in words(text) {
        let taken = shown_columns(word);
        if column > lead && column + 1 + taken > width {
            out.push('\n');
            out.push_str(&" ".repeat(hang));
            column = hang + taken;
        } else {
            let gap = usize::from(column > lead);
            out.push_str(&" ".repeat(gap));
            column += gap + taken;
        }
        out.push_str(word);
    }
    out
}

/// Words, where one in backquotes may hold spaces.
fn words(text: &str) -> Vec<&str> {
    let closed = text.matches('`').count().is_multiple_of(2);
    let mut inside = false;
    let split = |c: char| {
        inside ^= c == '`' && closed;
        c == ' ' && !inside
    };
    text.split(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_repeats_what_the_symbol_says() {
        let plain = Style::default();
        let bright = Style {
            color: true,
            ..Style::default()
        };
        assert_eq!(plain.symbol("-/+"), "-/+");
        assert_eq!(bright.symbol("+"), "\u{1b}[32m+\u{1b}[0m");
        assert_eq!(shown_columns(&format!("  {} a", bright.symbol("+"))), 5);
    }

    #[test]
    fn long_texts_break_at_spaces() {
        assert_eq!(wrapped("aa bb cc dd", 2, 4, 8), "aa bb\n    cc\n    dd");
        assert_eq!(wrapped("unbreakable", 2, 4, 8), "unbreakable");
    }

    #[test]
    fn a_message_is_folded_and_what_can_be_copied_stays_whole() {
        let text = "error: no\n  help: run `slp plan --out x` once more\nshort\n";
        let expected = "error: no\n  help: run\n    `slp plan --out x`\n    once more\nshort\n";
        assert_eq!(folded(text, 16), expected);
        assert_eq!(folded("a ` b c d e f", 6), "a ` b\n  c d\n  e f");
        let bright = "\u{1b}[31mred\u{1b}[0m and more";
        assert_eq!(folded(bright, 12), bright);
    }
}

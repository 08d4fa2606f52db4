//! Texts from outside in HTML and in Markdown, where they must mean nothing.

use super::value::printable;

/// A text inside an element, or inside a quoted attribute.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A code span: in one, forges see no mention, link, issue or HTML. It is the only way to
/// write a text from outside, since a backslash does not stop a mention.
pub fn code(text: &str) -> String {
    let text = printable(text);
    if text.trim().is_empty() {
        return "`(empty)`".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // A span's own backticks must not touch its ends; one space on each side is taken off again.
    let pad = match text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        true => " ",
        false => "",
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines as a block of code, its `+` and `-` coloured; they must be printable already.
pub fn fenced(lines: &str) -> String {
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    let lines: String = lines.lines().map(|l| format!("{}\n", marked(l))).collect();
    format!("{fence}diff\n{lines}{fence}\n")
}

/// Forges colour by the first column, so the symbol of an indented row moves there.
fn marked(line: &str) -> String {
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    let symbol = ["+ ", "- "].into_iter().find(|s| text.starts_with(s));
    match symbol.filter(|_| indent > 0) {
        Some(symbol) => {
            let gap = " ".repeat(indent);
            format!("{}{gap}{}", symbol.trim_end(), &text[1..])
        }
        None => line.to_owned(),
    }
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// An address of the web between `<` and `>`: what could end it is percent-encoded.
pub fn target(url: &str) -> String {
    let safe = |c: char| c.is_ascii_graphic() && !"<>\"\\`'|".contains(c);
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        if safe(c) {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).bytes();
            out.extend(bytes.map(|byte| format!("%{byte:02X}")));
        }
    }
    out
}

/// The longest beginning of a text in so many bytes, whole characters only.
pub fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_holds_anything() {
        let table = [
            ("function.X", "`function.X`"),
            ("@team <b> | [x](y)", "`@team <b> | [x](y)`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("a\nb\u{202e}", "`a\\nb\\u{202e}`"),
            ("", "`(empty)`"),
        ];
        for (text, expected) in table {
            assert_eq!(code(text), expected);
        }
    }

    #[test]
    fn a_block_ends_where_it_should_and_its_symbols_come_first() {
        assert_eq!(
            fenced("name  ```x```\n  + a\n  - b\n+ c\n    ~ d\n"),
            "````diff\nname  ```x```\n+   a\n-   b\n+ c\n    ~ d\n````\n"
        );
    }

    #[test]
    fn html_and_links_are_inert() {
        assert_eq!(escaped("<a b='\"'>&"), "&lt;a b=&#39;&quot;&#39;&gt;&amp;");
        assert_eq!(
            target("https://x/a b>c?d=é"),
            "https://x/a%20b%3Ec?d=%C3%A9"
        );
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(head("aé", 2), "a");
        assert_eq!(head("aé", 3), "aé");
        assert_eq!(head("aé", 9), "aé");
    }
}

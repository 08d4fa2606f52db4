//! Two texts, line by line.

use similar::{ChangeTag, TextDiff};

/// How two texts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    pub added: usize,
    pub removed: usize,
    /// The differences with three lines around each, `@@` before each stretch; no file headers.
    pub unified: String,
}

/// Compares two texts.
pub fn lines(before: &str, after: &str) -> Lines {
    let diff = TextDiff::from_lines(before, after);
    let count = |tag| diff.iter_all_changes().filter(|c| c.tag() == tag).count();
    Lines {
        added: count(ChangeTag::Insert),
        removed: count(ChangeTag::Delete),
        unified: diff.unified_diff().context_radius(3).to_string(),
    }
}

/// Bytes that are no text to show: they hold a NUL near their start, or are not UTF-8.
pub fn is_binary(bytes: &[u8]) -> bool {
    const NEAR: usize = 8000;
    bytes.iter().take(NEAR).any(|byte| *byte == 0) || std::str::from_utf8(bytes).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_one_less_and_one_more() {
        let before = "a\nb\nc\nd\ne\nf\n";
        let diff = lines(before, &before.replace("e\n", "E\nE2\n"));
        assert_eq!((diff.added, diff.removed), (2, 1));
        assert_eq!(
            diff.unified,
            "@@ -2,5 +2,6 @@\n b\n c\n d\n-e\n+E\n+E2\n f\n"
        );
        assert_eq!(lines(before, before).unified, "");
    }

    #[test]
    fn text_is_what_can_be_read() {
        assert!(!is_binary("grüße\n".as_bytes()));
        assert!(is_binary(b"\x7fELF\0\0"));
        assert!(is_binary(b"\xff\xfe"));
    }
}

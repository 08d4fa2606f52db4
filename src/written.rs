//! What people write: text, whatever editor and system it comes from.

use std::io::{Error, ErrorKind, Result};

/// Bytes as text, without a byte order mark and with `\n` at the end of each line: how a file ends
/// its lines is no change of what it says.
pub fn text(bytes: Vec<u8>) -> Result<String> {
    let unmarked = String::from_utf8(unmarked(bytes)?);
    let text = unmarked.map_err(|_| wrong("it is not UTF-8"))?;
    Ok(plain(text))
}

/// Bytes without a byte order mark; other encodings than UTF-8 are named.
pub fn unmarked(mut bytes: Vec<u8>) -> Result<Vec<u8>> {
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, ..] => Ok(bytes.split_off(3)),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [_, 0, _, 0, ..] | [0, _, 0, _, ..] => {
            Err(wrong("it is UTF-16: save it as UTF-8"))
        }
        _ => Ok(bytes),
    }
}

/// A text without a byte order mark and with plain line ends.
pub fn plain(text: String) -> String {
    let marked = text.starts_with('\u{FEFF}');
    if !marked && !text.contains('\r') {
        return text;
    }
    text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n")
}

fn wrong(why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_line_ends_are_no_text() {
        for (bytes, expected) in [
            (b"a\nb\n".as_slice(), "a\nb\n"),
            (b"\xEF\xBB\xBFa\r\nb\r\n", "a\nb\n"),
            (b"a\rb", "a\rb"),
            (b"", ""),
        ] {
            assert_eq!(text(bytes.to_vec()).unwrap(), expected);
        }
    }

    #[test]
    fn other_encodings_are_named() {
        let utf16 = |text: &str, mark: &[u8]| {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            mark.iter().copied().chain(units).collect::<Vec<u8>>()
        };
        for bytes in [
            utf16("[a]", b"\xFF\xFE"),
            utf16("[project]", b""),
            vec![0xFE, 0xFF, 0, b'a'],
        ] {
            let why = text(bytes).unwrap_err().to_string();
            assert_eq!(why, "it is UTF-16: save it as UTF-8");
        }
        assert_eq!(
            text(vec![b'a', 0xFF]).unwrap_err().to_string(),
            "it is not UTF-8"
        );
    }
}

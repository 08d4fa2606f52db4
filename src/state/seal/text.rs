//! The form of a sealed text: a first line that says how its key is found, then sealed lines.

use base64::Engine;
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

use super::SealError;
use super::key::{By, Key, text_form};

/// What no other file begins with.
const MARK: &[u8] = b"{\"slp_sealed\":";
const VERSION: u32 = 1;
const NONCE: usize = 24;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    slp_sealed: u32,
    by: By,
}

/// The first line, without its line break.
pub fn first(by: &By) -> String {
    let first = First {
        slp_sealed: VERSION,
        by: by.clone(),
    };
    // Plain data always has a JSON form.
    serde_json::to_string(&first).unwrap_or_default()
}

/// One sealed line. It fits this first line only.
pub fn line(first: &str, key: &Key, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    let nonce = XNonce::try_generate().map_err(|_| SealError::NoRandom)?;
    let payload = Payload {
        msg: bytes,
        aad: first.as_bytes(),
    };
    let sealed = XChaCha20Poly1305::new(key).encrypt(&nonce, payload);
    let sealed = sealed.map_err(|_| SealError::Damaged("it is too long"))?;
    let mut line = text_form().encode([nonce.as_slice(), &sealed].concat());
    line.push('\n');
    Ok(line.into_bytes())
}

/// A sealed text as it was read.
pub struct Text<'a> {
    first: &'a str,
    lines: &'a [u8],
}

impl<'a> Text<'a> {
    /// `None`: it is not sealed.
    pub fn of(bytes: &'a [u8]) -> Option<Text<'a>> {
        if !bytes.starts_with(MARK) {
            return None;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (first, lines) = bytes.split_at(end.unwrap_or(bytes.len()));
        Some(Text {
            first: std::str::from_utf8(first).unwrap_or_default(),
            lines: lines.get(1..).unwrap_or_default(),
        })
    }

    pub fn first(&self) -> &'a str {
        self.first
    }

    pub fn by(&self) -> Result<By, SealError> {
        match serde_json::from_str::<First>(self.first) {
            Ok(First {
                slp_sealed: VERSION,
                by,
            }) => Ok(by),
            Ok(_) => Err(SealError::Damaged("by a newer slp: use that")),
            Err(_) => Err(SealError::Damaged("its first line is cut off or damaged")),
        }
    }

    /// Is it this key that sealed its first sealed line?
    pub fn opens(&self, key: &Key) -> bool {
        self.sealed()
            .next()
            .is_some_and(|line| self.opened(key, line).is_some())
    }

    /// All of it. A last line that was torn by a crash is left out.
    pub fn open(&self, key: &Key) -> Result<Vec<u8>, SealError> {
        let mut all = Vec::new();
        for line in self.sealed() {
            let damaged = SealError::Damaged("a line of it was changed");
            all.extend(self.opened(key, line).ok_or(damaged)?);
        }
        Ok(all)
    }

    fn sealed(&self) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.lines.split_inclusive(|byte| *byte == b'\n');
        lines.filter_map(|line| line.strip_suffix(b"\n"))
    }

    fn opened(&self, key: &Key, line: &[u8]) -> Option<Vec<u8>> {
        let bytes = text_form().decode(line).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let payload = Payload {
            msg: sealed,
            aad: self.first.as_bytes(),
        };
        let nonce = XNonce::try_from(nonce).ok()?;
        XChaCha20Poly1305::new(key).decrypt(&nonce, payload).ok()
    }
}

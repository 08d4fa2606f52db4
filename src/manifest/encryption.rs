//! `[state.encryption]`: with which key a state is encrypted before it is written.

use serde::Deserialize;

use super::substitute::plain;

/// One key; a passphrase, a file or KMS. The key itself never stands in a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// Where the passphrase is: `env:NAME` or `file:PATH`.
    pub passphrase: Option<String>,
    /// A file of at least 32 random bytes (`openssl rand -out state.key 32`).
    pub key_file: Option<String>,
    /// A key of KMS's (an id, ARN or alias), which makes and wraps the key in use.
    pub kms_key: Option<String>,
    /// What was in use before: it still opens what it encrypted, and encrypts nothing new. Without a
    /// key beside it, what is written is not encrypted any more.
    #[serde(default)]
    pub previous: Vec<EarlierKey>,
}

/// A key that was in use before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlierKey {
    /// Where the passphrase is: `env:NAME` or `file:PATH`.
    pub passphrase: Option<String>,
    /// Its file.
    pub key_file: Option<String>,
    /// A key of KMS's.
    pub kms_key: Option<String>,
}

/// Which key, once it is certain that it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    Environment(String),
    PassphraseFile(String),
    KeyFile(String),
    Kms(String),
}

/// The key in use, if there is one, and those that were.
pub type Keys = (Option<KeyPlace>, Vec<KeyPlace>);

/// What is wrong, and what to write instead.
type Wrong = (String, &'static str);

impl Encryption {
    /// The key in use, and those that were.
    pub fn places(&self) -> Result<Keys, Wrong> {
        let earlier = self.previous.iter().map(|key| {
            let place = place(&key.passphrase, &key.key_file, &key.kms_key)?;
            place.ok_or_else(|| ("a previous key is none".to_owned(), ONE))
        });
        let earlier: Vec<KeyPlace> = earlier.collect::<Result<_, _>>()?;
        let now = place(&self.passphrase, &self.key_file, &self.kms_key)?;
        match (&now, earlier.is_empty()) {
            (None, true) => Err(("[state.encryption] names no key".to_owned(), ONE)),
            _ => Ok((now, earlier)),
        }
    }
}

const ONE: &str = "write passphrase = \"env:NAME\", key_file = \"PATH\" or kms_key = \"ID\"";

fn place(
    passphrase: &Option<String>,
    key_file: &Option<String>,
    kms_key: &Option<String>,
) -> Result<Option<KeyPlace>, Wrong> {
    match (passphrase, key_file, kms_key) {
        (None, None, None) => Ok(None),
        (Some(text), None, None) => passphrase_place(&settled(text)?).map(Some),
        (None, Some(path), None) => Ok(Some(KeyPlace::KeyFile(settled(path)?))),
        (None, None, Some(key)) => Ok(Some(KeyPlace::Kms(settled(key)?))),
        _ => Err((
            "more than one key is named where one stands".to_owned(),
            ONE,
        )),
    }
}

fn settled(text: &str) -> Result<String, Wrong> {
    plain(text).map_err(|reference| {
        (
            format!("`{reference}` cannot stand in [state.encryption]"),
            "only variables that are not secret, `${project.name}` and `${project.env}` can",
        )
    })
}

fn passphrase_place(text: &str) -> Result<KeyPlace, Wrong> {
    match text.split_once(':') {
        Some(("env", name)) if !name.is_empty() => Ok(KeyPlace::Environment(name.to_owned())),
        Some(("file", path)) if !path.is_empty() => Ok(KeyPlace::PassphraseFile(path.to_owned())),
        // What stands there may be the passphrase itself: it is not repeated.
        _ => Err((
            "a passphrase does not stand in the manifest, only where it is".to_owned(),
            "write `env:NAME` or `file:PATH`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_once_and_a_passphrase_never_written() {
        let passphrase = |text: &str| Encryption {
            passphrase: Some(text.into()),
            ..Encryption::default()
        };
        let named = passphrase("env:PHRASE").places().expect("a key");
        assert_eq!(named.0, Some(KeyPlace::Environment("PHRASE".into())));
        let (told, _) = passphrase("hunter2").places().expect_err("no place");
        assert!(!told.contains("hunter2"));
        assert!(Encryption::default().places().is_err());
        let two = Encryption {
            kms_key: Some("alias/x".into()),
            ..passphrase("env:PHRASE")
        };
        assert!(two.places().is_err());
        let off = Encryption {
            previous: vec![EarlierKey {
                key_file: Some("old.key".into()),
                ..EarlierKey::default()
            }],
            ..Encryption::default()
        };
        let (now, before) = off.places().expect("to be turned off");
        assert_eq!(
            (now, before),
            (None, vec![KeyPlace::KeyFile("old.key".into())])
        );
    }
}

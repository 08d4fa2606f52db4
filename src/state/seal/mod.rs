//! A state that only who has the key can read: what is written is sealed (XChaCha20-Poly1305), and
//! what is read must be.
//!
//! The key comes from a passphrase (Argon2id), a file, or KMS. A text names in its first line how
//! its key is found, never the key; every further line is sealed by itself, so that a journal can
//! grow. Keys that were in use before still open what they sealed, and seal nothing new.
//!
//! Deliberately not here: where passphrases come from, which is the command line's, and KMS
//! itself, which is `aws`'s. The lock stays readable: it says who holds it.

mod key;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use key::{Keeper, Source, Wrapped};

use key::Key;
use text::Text;

/// Why a text could not be opened or sealed; never tells what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error(
        "it is not encrypted, though [state.encryption] is set\n`slp state rekey` encrypts it, once you know who wrote it"
    )]
    Plain,
    #[error(
        "it is encrypted with {0}, and [state.encryption] does not give that\nSet it there; a key that was in use before goes into `previous`"
    )]
    NoKey(&'static str),
    #[error("it is encrypted with another key than this {0}, or it was changed\nCheck the key")]
    Wrong(&'static str),
    #[error("it is encrypted, and {0}\nPut a copy of it back")]
    Damaged(&'static str),
    #[error("the key that it is encrypted with: {0}")]
    Keeper(String),
    #[error("it was encrypted anew while it was read\nRun it again")]
    Moved,
    #[error("this machine gives no random numbers")]
    NoRandom,
}

/// Seals and opens, or lets everything through where nothing was said about encryption.
#[derive(Clone, Default)]
pub struct Seal(Option<Arc<Keys>>);

struct Keys {
    /// Absent: what is written is not sealed any more.
    now: Option<Source>,
    before: Vec<Source>,
    /// Also takes what is not sealed.
    lenient: bool,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    /// By first line.
    keys: BTreeMap<String, Key>,
    /// What new texts are sealed with, and their first line.
    current: Option<(String, Key)>,
}

impl Seal {
    /// Seals with the one and opens with all of them.
    pub fn new(now: Option<Source>, before: Vec<Source>) -> Seal {
        Seal(Some(Arc::new(Keys {
            lenient: now.is_none(),
            now,
            before,
            found: Mutex::default(),
        })))
    }

    /// The same, for who encrypts what is not yet.
    pub fn lenient(self) -> Seal {
        let keys = self.0.map(|keys| {
            Arc::new(Keys {
                now: keys.now.clone(),
                before: keys.before.clone(),
                lenient: true,
                found: Mutex::default(),
            })
        });
        Seal(keys)
    }

    /// Finds the keys of these texts, and one for what will be written. Asks KMS where that has them.
    pub async fn prepare(&self, texts: &[&[u8]]) -> Result<(), SealError> {
        let Some(keys) = &self.0 else {
            return Ok(());
        };
        for text in texts.iter().filter_map(|bytes| Text::of(bytes)) {
            let line = text.first().to_owned();
            if keys.found().keys.contains_key(&line) {
                continue;
            }
            let (key, is_new) = keys.key_of(&text).await?;
            let mut found = keys.found();
            if is_new {
                found.current.get_or_insert((line.clone(), key));
            }
            found.keys.insert(line, key);
        }
        let wanted = keys.found().current.is_none();
        if let Some(source) = keys.now.as_ref().filter(|_| wanted) {
            let (by, key) = source.make().await?;
            let line = text::first(&by);
            let mut found = keys.found();
            // What is written with it is read again.
            found.keys.insert(line.clone(), key);
            found.current.get_or_insert((line, key));
        }
        Ok(())
    }

    /// What a text says. `prepare` must have seen its first line.
    pub fn open(&self, bytes: Vec<u8>) -> Result<Vec<u8>, SealError> {
        match (&self.0, Text::of(&bytes)) {
            (None, None) => Ok(bytes),
            (None, Some(text)) => Err(SealError::NoKey(text.by()?.name())),
            (Some(keys), None) if keys.lenient || bytes.is_empty() => Ok(bytes),
            (Some(_), None) => Err(SealError::Plain),
            (Some(keys), Some(text)) => {
                let key = keys.found().keys.get(text.first()).cloned();
                text.open(&key.ok_or(SealError::Moved)?)
            }
        }
    }

    /// A whole text.
    pub fn close(&self, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        match self.current()? {
            None => Ok(bytes.to_vec()),
            Some((first, key)) => {
                let line = text::line(&first, &key, bytes)?;
                Ok([first.as_bytes(), b"\n", &line].concat())
            }
        }
    }

    /// What is added to a text that `close` began.
    pub fn more(&self, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        match self.current()? {
            None => Ok(bytes.to_vec()),
            Some((first, key)) => text::line(&first, &key, bytes),
        }
    }

    /// `None` where nothing is sealed.
    fn current(&self) -> Result<Option<(String, Key)>, SealError> {
        let keys = self.0.as_ref().filter(|keys| keys.now.is_some());
        match keys {
            None => Ok(None),
            Some(keys) => keys
                .found()
                .current
                .clone()
                .map(Some)
                .ok_or(SealError::Moved),
        }
    }
}

impl Keys {
    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key that opens a text, and whether new texts are sealed with it.
    async fn key_of(&self, text: &Text<'_>) -> Result<(Key, bool), SealError> {
        let by = text.by()?;
        let sources = self.now.iter().map(|source| (source, true));
        let sources = sources.chain(self.before.iter().map(|source| (source, false)));
        let mut failed = SealError::NoKey(by.name());
        for (source, is_new) in sources.filter(|(source, _)| source.fits(&by)) {
            match source.key(&by).await {
                Ok(key) if text.opens(&key) => return Ok((key, is_new)),
                Ok(_) => failed = SealError::Wrong(by.name()),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }
}

/// Is a text sealed, as far as its first line shows?
pub fn is_sealed(bytes: &[u8]) -> bool {
    Text::of(bytes).is_some()
}

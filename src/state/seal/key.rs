//! Where keys come from.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{self, Generate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::SealError;
use crate::manifest::Secret;
use crate::provider::Boxed;
use crate::state::secret::hex;

pub(super) type Key = aead::Key<XChaCha20Poly1305>;

/// Argon2id as OWASP advises it: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// More than this is no header of ours, but an attempt to keep us busy.
const MOST_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 64;

/// One way to a key.
#[derive(Clone)]
pub enum Source {
    Passphrase(Secret),
    /// The file's bytes.
    File(Arc<[u8]>),
    Kms(Arc<dyn Keeper>),
}

/// Keeps a key that never leaves it, and wraps others with it.
pub trait Keeper: Send + Sync {
    /// A new key of 32 bytes.
    fn generate(&self) -> Boxed<'_, Result<Wrapped, String>>;
    /// The key that was wrapped so.
    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> Boxed<'a, Result<Vec<u8>, String>>;
}

/// A key, and the form in which it is written down.
pub struct Wrapped {
    pub key: Vec<u8>,
    pub wrapped: Vec<u8>,
}

/// How a text's key is found, as its first line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum By {
    /// The salt in hex.
    Passphrase {
        salt: String,
        memory_kib: u32,
        passes: u32,
    },
    /// Which file, without telling its content.
    File { id: String },
    /// In base64.
    Kms { wrapped: String },
}

impl By {
    pub fn name(&self) -> &'static str {
        match self {
            By::Passphrase { .. } => "a passphrase",
            By::File { .. } => "a key file",
            By::Kms { .. } => "a key of KMS's",
        }
    }
}

impl Source {
    /// Can it have sealed such a text?
    pub(super) fn fits(&self, by: &By) -> bool {
        match (self, by) {
            (Source::Passphrase(_), By::Passphrase { .. }) => true,
            (Source::File(bytes), By::File { id }) => *id == id_of(bytes),
            (Source::Kms(_), By::Kms { .. }) => true,
            _ => false,
        }
    }

    /// A way to find a key again, and the key.
    pub(super) async fn make(&self) -> Result<(By, Key), SealError> {
        match self {
            Source::Passphrase(passphrase) => {
                let salt = <[u8; 16]>::try_generate().map_err(|_| SealError::NoRandom)?;
                let by = By::Passphrase {
                    salt: hex(&salt),
                    memory_kib: MEMORY_KIB,
                    passes: PASSES,
                };
                let key = derived(passphrase, &hex(&salt), MEMORY_KIB, PASSES)?;
                Ok((by, key))
            }
            Source::File(bytes) => Ok((By::File { id: id_of(bytes) }, of_file(bytes))),
            Source::Kms(keeper) => {
                let Wrapped { key, wrapped } =
                    keeper.generate().await.map_err(SealError::Keeper)?;
                let by = By::Kms {
                    wrapped: base64::Engine::encode(&text_form(), wrapped),
                };
                Ok((by, whole(&key)?))
            }
        }
    }

    /// The key of a text that says so.
    pub(super) async fn key(&self, by: &By) -> Result<Key, SealError> {
        match (self, by) {
            (
                Source::Passphrase(passphrase),
                By::Passphrase {
                    salt,
                    memory_kib,
                    passes,
                },
            ) => {
                if *memory_kib > MOST_KIB || *passes > MOST_PASSES {
                    return Err(SealError::Damaged("its first line asks for too much work"));
                }
                derived(passphrase, salt, *memory_kib, *passes)
            }
            (Source::File(bytes), By::File { .. }) => Ok(of_file(bytes)),
            (Source::Kms(keeper), By::Kms { wrapped }) => {
                let wrapped = base64::Engine::decode(&text_form(), wrapped)
                    .map_err(|_| SealError::Damaged("its first line is not as slp writes it"))?;
                let key = keeper.unwrap(&wrapped).await.map_err(SealError::Keeper)?;
                whole(&key)
            }
            (_, by) => Err(SealError::NoKey(by.name())),
        }
    }
}

pub(super) fn text_form() -> base64::engine::GeneralPurpose {
    base64::engine::general_purpose::STANDARD
}

fn whole(bytes: &[u8]) -> Result<Key, SealError> {
    Key::try_from(bytes).map_err(|_| SealError::Keeper("it is not 32 bytes long".into()))
}

fn derived(passphrase: &Secret, salt: &str, memory: u32, passes: u32) -> Result<Key, SealError> {
    let wrong = |_| SealError::Damaged("its first line is not as slp writes it");
    let params = Params::new(memory, passes, 1, Some(32)).map_err(wrong)?;
    let mut key = Key::default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.reveal().as_bytes(), salt.as_bytes(), &mut key)
        .map_err(wrong)?;
    Ok(key)
}

/// Any bytes do; a text editor's last line break must not matter less than the rest.
fn of_file(bytes: &[u8]) -> Key {
    Sha256::new()
        .chain_update(b"slp state key\0")
        .chain_update(bytes)
        .finalize()
}

fn id_of(bytes: &[u8]) -> String {
    let id = Sha256::new()
        .chain_update(b"slp state key id\0")
        .chain_update(of_file(bytes))
        .finalize();
    hex(&id[..8])
}

//! Bytes that a step keeps, by their digest.

use std::collections::BTreeMap;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// Blobs on their way to the store.
#[derive(Default)]
pub struct Blobs(BTreeMap<String, Bytes>);

impl Blobs {
    /// The SHA-256 in hex.
    pub fn add(&mut self, bytes: Bytes) -> String {
        let digest: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.0.insert(digest.clone(), bytes);
        digest
    }

    pub fn get(&self, digest: &str) -> Option<&Bytes> {
        self.0.get(digest)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.0
            .iter()
            .map(|(digest, bytes)| (digest.as_str(), bytes))
    }
}

//! The key under which secrets are digested.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// 32 random bytes; in the state file as hex. Whoever has it can guess weak secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A new key: three random UUIDs carry 366 random bits, hashed to 256.
    pub fn generate() -> SecretKey {
        let mut hash = Sha256::new();
        for _ in 0..3 {
            hash.update(uuid::Uuid::new_v4().as_bytes());
        }
        SecretKey(hash.finalize().into())
    }

    /// HMAC-SHA256 of the whole value, in hex.
    pub fn digest(&self, value: &str) -> String {
        // HMAC fills a short key up with zeros to one block, so this is the same key and cannot fail.
        let mut block = [0u8; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(value.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// Says that there is a key, not which.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret key)")
    }
}

impl Serialize for SecretKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

/// Never repeats what stands there: an error message is no place for a key.
impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SecretKey, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        value
            .as_str()
            .and_then(unhex)
            .map(SecretKey)
            .ok_or_else(|| {
                serde::de::Error::custom("`secret_key` is not a key of 64 hexadecimal digits")
            })
    }
}

impl schemars::JsonSchema for SecretKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretKey".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "Keys the digests that stand in a secret's place"
        })
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    match digits.len() {
        64 => bytes.try_into().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_hmac_of_rfc_4231() {
        // RFC 4231, test case 2, has the short key "Jefe": filled up with zeros, as HMAC does.
        let mut key = [0u8; 32];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            SecretKey(key).digest("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn another_key_gives_another_digest() {
        let (one, two) = (SecretKey::generate(), SecretKey::generate());
        assert_ne!(one.digest("hunter2"), two.digest("hunter2"));
        assert_eq!(one.digest("hunter2"), one.clone().digest("hunter2"));
    }

    #[test]
    fn a_key_is_read_back_and_never_shown() {
        let key = SecretKey::generate();
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<SecretKey>(&text).unwrap(), key);
        assert_eq!(format!("{key:?}"), "(secret key)");
        for bad in ["\"5ec2e7\"", "17", "\"zz\"", &text[..20]] {
            let told = serde_json::from_str::<SecretKey>(bad).map_err(|e| e.to_string());
            assert!(!told.unwrap_err().contains("5ec2e7"));
        }
    }
}

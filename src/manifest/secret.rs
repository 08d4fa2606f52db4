//! Values that are never printed, and names that promise one.

use std::fmt;

/// The value of a secret variable. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(value.into())
    }

    /// Would a text that holds it not do so by chance?
    pub fn is_telling(&self) -> bool {
        is_telling(&self.0)
    }

    /// The value itself; for apply, and for the digest that stands in its place.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Is a value long enough not to stand in a text by chance?
pub fn is_telling(value: &str) -> bool {
    value.len() >= 4
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Parts of names that promise a secret.
const PROMISES: [&str; 9] = [
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PRIVATEKEY",
    "APIKEY",
    "ACCESSKEY",
    "CREDENTIAL",
];

/// Is something called like a secret? `TOKEN_URL` tells where one comes from, and is none.
pub fn promises_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_uppercase();
    let tells_where = ["URL", "URI", "NAME", "ARN", "ID", "PATH", "TTL", "EXPIRY"];
    PROMISES.iter().any(|word| name.contains(word))
        && !tells_where.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_secrets() {
        for name in [
            "githubToken",
            "private_key",
            "AWS_SECRET_ACCESS_KEY",
            "dbPasswd",
            "STRIPE_API_KEY",
        ] {
            assert!(promises_secret(name), "{name}");
        }
        for name in [
            "SECRET_NAME",
            "TOKENS_PATH",
            "KEYBOARD",
            "TABLE_NAME",
            "TOKEN_TTL",
        ] {
            assert!(!promises_secret(name), "{name}");
        }
    }
}

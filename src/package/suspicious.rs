//! Which names look like secrets that were not meant to be shipped.

/// Endings of private keys and key stores.
const ENDINGS: [&str; 6] = [".pem", ".key", ".p12", ".pfx", ".jks", ".ppk"];

/// Whole names that hold credentials by convention.
const NAMES: [&str; 10] = [
    ".env",
    ".git-credentials",
    ".htpasswd",
    ".netrc",
    ".npmrc",
    ".pypirc",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
];

/// Endings that make `.env.X` an example rather than a secret.
const EXAMPLES: [&str; 4] = [".example", ".sample", ".template", ".dist"];

/// Whether the file at this path of a package looks like a secret.
pub(super) fn is(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folder, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    // certifi and botocore ship the public roots under this name in nearly every Python package.
    if name == "cacert.pem" {
        return false;
    }
    let env = name.starts_with(".env.") && !EXAMPLES.iter().any(|end| name.ends_with(end));
    let aws = name == "credentials" && (folder == ".aws" || folder.ends_with("/.aws"));
    env || aws || NAMES.contains(&name) || ENDINGS.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::is;

    #[test]
    fn secrets_are_seen_and_harmless_namesakes_are_not() {
        for path in [
            ".env",
            "conf/.ENV",
            ".env.prod",
            "tls/server.pem",
            "a/id_rsa",
            ".aws/credentials",
            "home/.aws/credentials",
            "x.key",
        ] {
            assert!(is(path), "{path}");
        }
        for path in [
            "env",
            ".env.example",
            "certifi/cacert.pem",
            "src/credentials",
            "my.aws/credentials",
            "id_rsa.pub",
            "monkey.py",
        ] {
            assert!(!is(path), "{path}");
        }
    }
}

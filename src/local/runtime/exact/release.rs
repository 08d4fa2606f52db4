//! Which release a registry has of a version, and where its package is.

use std::collections::BTreeMap;

use semver::Version;
use serde::Deserialize;

/// The registry whose address stands in the metadata of packages, also of those that a mirror has.
const PUBLIC: &str = "https://registry.npmjs.org/";

/// One release of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub version: Version,
    pub tarball: String,
    /// Its digests, as npm writes them.
    pub integrity: String,
    /// What it holds, where that is told: packed it is no larger.
    pub size: Option<u64>,
}

#[derive(Deserialize)]
struct Metadata {
    versions: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    dist: Dist,
}

#[derive(Deserialize)]
struct Dist {
    tarball: String,
    integrity: Option<String>,
    #[serde(rename = "unpackedSize")]
    unpacked_size: Option<u64>,
}

/// The newest release of a major version, by a package's metadata from `registry`.
///
/// # Errors
/// Why there is none, as the end of a sentence.
pub fn newest(metadata: &[u8], major: &str, registry: &str) -> Result<Release, String> {
    let metadata: Metadata = serde_json::from_slice(metadata)
        .map_err(|error| format!("its answer is not a package's metadata: {error}"))?;
    let releases = metadata.versions.into_iter().filter_map(|(name, entry)| {
        let version = Version::parse(&name).ok()?;
        let fits = version.major.to_string() == major && version.pre.is_empty();
        fits.then_some((version, entry.dist))
    });
    let newest = releases.max_by(|(one, _), (other, _)| one.cmp(other));
    let (version, dist) = newest.ok_or("it has no such version")?;
    let integrity = dist
        .integrity
        .ok_or_else(|| format!("it names no digest of {version}, so nothing could be checked"))?;
    Ok(Release {
        version,
        tarball: mirrored(dist.tarball, registry),
        integrity,
        size: dist.unpacked_size,
    })
}

/// A mirror answers for the public registry, as npm has it.
fn mirrored(tarball: String, registry: &str) -> String {
    match tarball.strip_prefix(PUBLIC) {
        Some(path) => format!("{registry}/{path}"),
        None => tarball,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(versions: &[&str], major: &str) -> Result<Release, String> {
        let entry = |version: &&str| {
            let tarball = format!("https://registry.npmjs.org/n/-/n-{version}.tgz");
            let dist = json!({ "tarball": tarball, "integrity": "sha512-x" });
            ((*version).to_owned(), json!({ "dist": dist }))
        };
        let versions: serde_json::Map<_, _> = versions.iter().map(entry).collect();
        let metadata = json!({ "name": "n", "versions": versions }).to_string();
        newest(metadata.as_bytes(), major, "http://127.0.0.1:1/npm")
    }

    #[test]
    fn the_newest_of_a_version_is_taken_from_the_registry_that_was_asked() {
        let all = ["22.9.0", "22.10.0", "22.11.0-rc.1", "220.0.0", "2.2.0"];
        let release = of(&all, "22").unwrap();
        assert_eq!(release.version, Version::new(22, 10, 0));
        assert_eq!(release.tarball, "http://127.0.0.1:1/npm/n/-/n-22.10.0.tgz");
        assert_eq!(of(&all, "21").unwrap_err(), "it has no such version");
    }

    #[test]
    fn what_nothing_can_check_is_not_taken() {
        let bare = br#"{"versions": {"22.1.0": {"dist": {"tarball": "https://x/y.tgz"}}}}"#;
        let why = newest(bare, "22", "https://x").unwrap_err();
        assert!(why.contains("names no digest of 22.1.0"), "{why}");
        let why = newest(b"<html>", "22", "https://x").unwrap_err();
        assert!(why.contains("not a package's metadata"), "{why}");
    }
}

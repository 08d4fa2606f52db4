//! npm's packages: whether the bytes are those that the registry names, and the program in them.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// What is taken out of a package, and where it goes; of the rest (headers, manuals) nothing is.
const TAKEN: [(&str, &str); 2] = [
    ("package/bin/node", "bin/node"),
    ("package/LICENSE", "LICENSE"),
];
/// Node.js has some 120 MB.
const LARGEST: u64 = 1 << 30;

/// Do the bytes fit one of the digests, as npm writes them (`sha512-…`)? Of those that are broken
/// none is taken for one: SHA-1 and MD5.
pub fn fits(bytes: &[u8], integrity: &str) -> bool {
    integrity.split_whitespace().any(|one| {
        let Some((kind, digest)) = one.split_once('-') else {
            return false;
        };
        let actual = match kind {
            "sha512" => Sha512::digest(bytes).to_vec(),
            "sha384" => Sha384::digest(bytes).to_vec(),
            "sha256" => Sha256::digest(bytes).to_vec(),
            _ => return false,
        };
        let digest = digest.split('?').next().unwrap_or_default();
        STANDARD.encode(actual) == digest
    })
}

/// Takes the program out of a package, into `folder`.
pub fn unpack(package: &[u8], folder: &Path) -> io::Result<()> {
    let mut archive = tar::Archive::new(GzDecoder::new(package));
    let mut found = false;
    for entry in archive.entries()? {
        let entry = entry?;
        let path = entry.path()?.into_owned();
        let taken = TAKEN.iter().find(|(name, _)| Path::new(name) == path);
        let (Some((_, to)), true) = (taken, entry.header().entry_type().is_file()) else {
            continue;
        };
        let file = folder.join(to);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        let mut out = File::create(&file)?;
        if io::copy(&mut entry.take(LARGEST), &mut out)? == LARGEST {
            return Err(io::Error::other("it holds more than 1 GB"));
        }
        out.sync_all()?;
        if *to == "bin/node" {
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
            found = true;
        }
    }
    match found {
        true => Ok(()),
        false => Err(io::Error::other("it holds no bin/node")),
    }
}

//! The newest state of a bucket that this machine has seen: a store that gives back an older one,
//! or none, is not believed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files;
use crate::state::disk::Disk;
use crate::state::secret::hex;
use crate::state::{State, StateError};

#[derive(Serialize, Deserialize)]
struct Newest {
    lineage: String,
    serial: u64,
    resources: usize,
}

/// The note about one state, beside the manifest.
#[derive(Clone)]
pub(super) struct Seen {
    /// `s3://bucket/key`.
    place: String,
    file: PathBuf,
}

impl Seen {
    pub fn of(place: &str, manifest_folder: &Path) -> Seen {
        let digest = hex(&Sha256::digest(place));
        let name = format!("{}.json", digest.get(..16).unwrap_or(&digest));
        Seen {
            place: place.to_owned(),
            file: manifest_folder.join(".slp/cache/seen").join(name),
        }
    }

    /// Refuses what is older than what was seen; another lineage is another state.
    pub fn check(&self, found: Option<&State>) -> Result<(), StateError> {
        let Some(newest) = self.newest() else {
            return Ok(());
        };
        let older = match found {
            None => newest.resources > 0,
            Some(state) => state.lineage == newest.lineage && state.serial < newest.serial,
        };
        match older {
            false => Ok(()),
            true => Err(StateError::Older {
                place: self.place.clone(),
                found: found.map(|state| state.serial),
                seen: newest.serial,
                note: self.file.clone(),
            }),
        }
    }

    /// Remembers it. Without a place for the note the next run only trusts the store.
    pub fn note(&self, state: &State) {
        let newest = Newest {
            lineage: state.lineage.clone(),
            serial: state.serial,
            resources: state.resources.len(),
        };
        if let (Ok(bytes), Some(folder)) = (serde_json::to_vec(&newest), self.file.parent()) {
            let _ = files::private_folder(folder);
            let _ = Disk::default().replace(&self.file, &bytes);
        }
    }

    /// What is damaged says nothing.
    fn newest(&self) -> Option<Newest> {
        let bytes = files::bytes(&self.file).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

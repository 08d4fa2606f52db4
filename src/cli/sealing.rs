//! The key of an encrypted state, as the manifest names it.

use std::path::Path;
use std::sync::Arc;

use super::failure::Failure;
use crate::aws::Aws;
use crate::manifest::{KeyPlace, KeyPlaces, Secret, StatePlace};
use crate::state::seal::{Seal, Source};

/// A shorter file is no key.
const LEAST: usize = 32;

/// Does finding the key take AWS?
pub fn asks_aws(place: &StatePlace) -> bool {
    let Ok((now, before)) = places(place) else {
        return false;
    };
    let mut places = now.iter().chain(&before);
    places.any(|place| matches!(place, KeyPlace::Kms(_)))
}

/// What seals this state; AWS is there where `asks_aws` says so.
pub fn seal(place: &StatePlace, root: &Path, aws: Option<&Aws>) -> Result<Seal, Failure> {
    if place.encryption.is_none() {
        return Ok(Seal::default());
    }
    let (now, before) = places(place)?;
    let source = |place: KeyPlace| source(place, root, aws);
    let before = before.into_iter().map(source).collect::<Result<_, _>>()?;
    Ok(Seal::new(now.map(source).transpose()?, before))
}

fn places(place: &StatePlace) -> Result<KeyPlaces, Failure> {
    match &place.encryption {
        None => Ok((None, Vec::new())),
        Some(encryption) => encryption
            .places()
            .map_err(|(what, help)| Failure::usage(what).hint(help)),
    }
}

fn source(place: KeyPlace, root: &Path, aws: Option<&Aws>) -> Result<Source, Failure> {
    match place {
        KeyPlace::Environment(name) => match std::env::var(&name) {
            Ok(text) if !text.is_empty() => Ok(Source::Passphrase(Secret::new(text))),
            _ => Err(no_key(format!("{name} is not set"))),
        },
        KeyPlace::PassphraseFile(path) => {
            let bytes = read(&root.join(&path))?;
            let text =
                String::from_utf8(bytes).map_err(|_| no_key(format!("{path} is no text")))?;
            match text.trim_end_matches(['\r', '\n']) {
                "" => Err(no_key(format!("{path} is empty"))),
                text => Ok(Source::Passphrase(Secret::new(text))),
            }
        }
        KeyPlace::KeyFile(path) => match read(&root.join(&path))? {
            bytes if bytes.len() < LEAST => {
                let short = format!("{path} holds {} bytes, and a key has {LEAST}", bytes.len());
                Err(no_key(short))
            }
            bytes => Ok(Source::File(bytes.into())),
        },
        KeyPlace::Kms(id) => match aws {
            Some(aws) => Ok(Source::Kms(Arc::new(aws.key(id)))),
            None => Err(no_key(format!("{id} is KMS's, and nobody asks AWS here"))),
        },
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    crate::files::bytes(path).map_err(|error| no_key(format!("{}: {error}", path.display())))
}

fn no_key(why: String) -> Failure {
    Failure::new(4, format!("the state's key is not there: {why}"))
        .hint("[state.encryption] says where it is; without it the state cannot be read")
}

//! The interpreter that a runtime declares, in exactly its version: one that is installed, else
//! (Node.js alone) one that is fetched from npm's registry, once, into slp's cache.
//!
//! Way in: [`find`]. Left out on purpose: fetching Python, which no registry offers that this
//! could check; and newer patch releases of what the cache has, since a run needs no network then.

mod archive;
mod download;
mod installed;
mod keep;
mod machine;
mod npm;
mod release;
#[cfg(test)]
pub(super) mod tests;

use std::path::PathBuf;

use super::interpreter::Language;
use crate::local::error::AwsError;
pub use machine::{Machine, cache};

/// Says to the user what takes its time.
pub type Tell<'a> = &'a (dyn Fn(&str) + Sync);

/// Why there is no interpreter of the declared version, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable {
    pub why: String,
    pub help: String,
}

impl From<Unavailable> for AwsError {
    fn from(unavailable: Unavailable) -> AwsError {
        let Unavailable { why, help } = unavailable;
        AwsError::new(501, "InvalidRuntimeException", format!("{why}: {help}"))
    }
}

/// Finds or fetches what runs `language`; `None` where the package brings its own.
pub async fn find(
    language: &Language,
    machine: &Machine,
    tell: Tell<'_>,
) -> Result<Option<PathBuf>, Unavailable> {
    let (wanted, here) = (language.clone(), machine.clone());
    let found = tokio::task::spawn_blocking(move || match &wanted {
        Language::Node(version) => installed::node(version, &here)
            .or_else(|| keep::kept(here.cache.as_deref()?, &here.platform?, version)),
        Language::Python(version) => installed::python(version, &here),
        Language::Provided => None,
    });
    if let Ok(Some(found)) = found.await {
        return Ok(Some(found));
    }
    match language {
        Language::Node(version) => npm::fetch(version, machine, tell).await.map(Some),
        Language::Python(version) => Err(no_python(version)),
        Language::Provided => Ok(None),
    }
}

fn no_python(version: &str) -> Unavailable {
    Unavailable {
        why: format!(
            "Python {version} is not on this machine: it is neither on PATH nor where pyenv, uv, \
             asdf, mise and Homebrew keep theirs"
        ),
        help: format!(
            "install it (`uv python install {version}` or `pyenv install {version}`), or take \
             `runtimes = \"exact\"` out of [dev] to run with the Python that is here"
        ),
    }
}

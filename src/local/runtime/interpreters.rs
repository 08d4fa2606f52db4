//! Which interpreter runs a function: the one on PATH, or exactly the declared version; and what is
//! to be said of it before anything runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use super::FunctionEvent;
use super::exact::{self, Machine, Tell, Unavailable};
use super::interpreter::{Language, version_of};
use crate::local::{Cloud, lambda};

/// The choice for one cloud.
#[derive(Default)]
pub struct Interpreters {
    is_exact: AtomicBool,
    /// By version, what was found or fetched.
    found: tokio::sync::Mutex<BTreeMap<String, PathBuf>>,
}

/// What runs the functions of a runtime on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// The declared version.
    Declared,
    /// Another one: a sentence that names both.
    Other(String),
    /// None: why, and the way out.
    Missing(Unavailable),
}

impl Interpreters {
    /// The program; `None` where the package brings its own.
    async fn of(
        &self,
        language: &Language,
        tell: Tell<'_>,
    ) -> Result<Option<PathBuf>, Unavailable> {
        if self.is_exact.load(Ordering::Acquire) {
            return self.exactly(language, tell).await;
        }
        let language = language.clone();
        let found = tokio::task::spawn_blocking(move || language.interpreter()).await;
        found.unwrap_or_else(|error| {
            Err(Unavailable {
                why: format!("the search for it broke off: {error}"),
                help: "try again".to_owned(),
            })
        })
    }

    async fn exactly(
        &self,
        language: &Language,
        tell: Tell<'_>,
    ) -> Result<Option<PathBuf>, Unavailable> {
        let key = language.to_string();
        // Held over the search: who wants the same waits for it.
        let mut found = self.found.lock().await;
        if let Some(there) = found.get(&key).filter(|file| file.is_file()) {
            return Ok(Some(there.clone()));
        }
        let program = exact::find(language, &Machine::here(), tell).await?;
        if let Some(program) = &program {
            found.insert(key, program.clone());
        }
        Ok(program)
    }
}

impl Cloud {
    /// Functions that start from now on run with exactly the declared version, or with what is on
    /// PATH.
    pub fn demand_exact_runtimes(&self, is_exact: bool) {
        let interpreters = &self.runtime.interpreters;
        interpreters.is_exact.store(is_exact, Ordering::Release);
    }

    /// Finds, and where it must be fetches, what runs functions of `runtime` here.
    pub async fn ready(&self, runtime: &str, tell: Tell<'_>) -> Ready {
        let Ok(language) = Language::of(runtime) else {
            return Ready::Missing(no_language());
        };
        let program = match self.runtime.interpreters.of(&language, tell).await {
            Ok(Some(program)) => program,
            Ok(None) => return Ready::Declared,
            Err(unavailable) => return Ready::Missing(unavailable),
        };
        let found = tokio::task::spawn_blocking(move || version_of(&program)).await;
        let found = found.ok().flatten().unwrap_or_default();
        match language.differs(&found) {
            Some(difference) => {
                // It need not be said once more when a function starts.
                super::lock(&self.runtime.warned).insert(difference.clone());
                Ready::Other(difference)
            }
            None => Ready::Declared,
        }
    }

    /// The runtimes of the functions that this cloud holds.
    pub fn runtimes(&self) -> BTreeSet<String> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let regions = world.regions().map(|(_, region)| &region.lambda);
        regions.flat_map(lambda::runtimes).collect()
    }

    /// What a function of this language is started with.
    pub(super) async fn interpreter(
        &self,
        language: &Language,
    ) -> Result<Option<PathBuf>, Unavailable> {
        let tell = |text: &str| {
            let text = text.to_owned();
            self.runtime.tell(|| FunctionEvent::Warning(text));
        };
        self.runtime.interpreters.of(language, &tell).await
    }
}

fn no_language() -> Unavailable {
    Unavailable {
        why: "the embedded cloud has nothing to run it with".to_owned(),
        help: "it runs nodejs*, python* and provided.*; deploy to AWS to call the others"
            .to_owned(),
    }
}

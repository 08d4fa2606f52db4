//! Text → declared resources with spans, and every diagnostic.
//!
//! The way in is [`read`]: the file, its environment's overlay, its variables and
//! `[project]`. What that says decides where to look (account, region); then
//! [`Draft::declare`] puts in the rest and splits the tables into blocks.
//!
//! Problems are gathered all the way and come out of `resolve` at once; only where nothing
//! else can be judged does [`read`] stop. What a field of a kind means is the kind's; what
//! a reference means is `resolve`'s. Nothing here talks to AWS.

mod asked;
mod beside;
mod blocks;
mod decode;
mod depth;
mod dev;
mod draft;
mod encryption;
mod extras;
mod format;
mod future;
mod gates;
mod guide;
mod hidden;
mod lines;
mod origin;
mod overlay;
mod place;
mod project;
mod read;
mod remains;
mod report;
mod schema;
mod secret;
mod strangers;
mod substitute;
mod syntax;
mod tree;
mod typed;
mod variables;
mod wording;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use blocks::{COMMON, Declared};
pub use decode::{decode, decode_guided, mended};
pub use depth::parse as parse_toml;
pub use dev::{Dev, Runtimes};
pub use draft::Draft;
pub use encryption::{Encryption, KeyPlace, Keys as KeyPlaces};
pub use extras::OutputDecl;
pub use format::format;
pub use gates::{Gates, Waiver};
pub use guide::{Guide, Shape, shapes};
pub use origin::{Answer, Origin};
pub use place::{Backend, StatePlace};
pub use project::{Ownership, Project};
pub use read::{read, read_text, unchosen};
pub use report::{Found, Report, Source};
pub use schema::manifest_schema;
pub use secret::{Secret, is_telling, promises_secret};
pub(crate) use substitute::narrow;

use crate::addr::Addr;
use crate::kind::Block;
use decode::decode_in_part;

/// Where the manifest is, and what comes from outside it.
#[derive(Clone, Default)]
pub struct Options {
    pub file: PathBuf,
    /// `--env`, or `SLP_ENV`.
    pub env: Option<String>,
    /// `--var`; the last one of a name wins.
    pub vars: Vec<(String, String)>,
    pub var_files: Vec<PathBuf>,
    /// The process's environment: `SLP_VAR_x`, and what `from = "env:…"` reads.
    pub environment: BTreeMap<String, String>,
}

impl Options {
    /// The manifest's folder: every path in a manifest starts there.
    pub fn root(&self) -> PathBuf {
        match self.file.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        }
    }
}

/// The declared resources, and everything that was wrong with them so far.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub source: Arc<Source>,
    pub project: Project,
    pub env: Option<String>,
    pub resources: BTreeMap<Addr, Declared>,
    pub outputs: BTreeMap<String, OutputDecl>,
    pub moved: Vec<(Addr, Addr)>,
    pub removed: Vec<Addr>,
    /// What is to be taken over, by AWS's id.
    pub imports: BTreeMap<Addr, String>,
    /// What it protects and the environment leaves out.
    pub guarded: BTreeSet<Addr>,
    /// The values of secret variables.
    pub secrets: BTreeMap<String, Secret>,
    /// What is wrong; `resolve` adds to it and refuses.
    pub found: Vec<Found>,
    /// Kind and name of what stands where it cannot, which has been said.
    pub(crate) misplaced: BTreeSet<(String, String)>,
    /// Places of values that could not be completed, which has been said.
    pub(crate) broken: Vec<Range<usize>>,
}

/// Is a problem at this place only what follows from another that has been said?
pub(crate) fn is_noise(span: Option<&Range<usize>>, broken: &[Range<usize>]) -> bool {
    span.is_some_and(|span| broken.contains(span))
}

/// Does something stand at this path?
pub(crate) fn stands(block: &Block, path: &[String]) -> bool {
    tree::steps(block, path).is_some()
}

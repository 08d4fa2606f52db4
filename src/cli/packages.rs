//! What this machine knows of the packages in a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::package::{Listing, Shelf};
use crate::render::Packages;
use crate::state::State;

/// The packages of this run, and those that the state remembers.
pub struct Known<'a> {
    pub shelf: &'a Shelf,
    pub state: &'a State,
}

impl Packages for Known<'_> {
    fn listing(&self, digest: &str) -> Option<Arc<Listing>> {
        let stored = || remembered(&self.state.packages, digest);
        self.shelf.listing(digest).or_else(stored)
    }

    fn text(&self, digest: &str, path: &str) -> Option<String> {
        self.shelf.text(digest, path)
    }
}

/// What a kept plan says of its packages, on a machine that has none of them.
pub struct Remembered<'a>(pub &'a BTreeMap<String, Value>);

impl Packages for Remembered<'_> {
    fn listing(&self, digest: &str) -> Option<Arc<Listing>> {
        remembered(self.0, digest)
    }

    fn text(&self, _: &str, _: &str) -> Option<String> {
        None
    }
}

fn remembered(packages: &BTreeMap<String, Value>, digest: &str) -> Option<Arc<Listing>> {
    let listing = Listing::deserialize(packages.get(digest)?);
    listing.ok().map(Arc::new)
}

/// The digests of the packages that these specs name.
pub fn named<'a>(specs: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    let digest = |spec: &'a Value| spec.pointer("/code/package")?.as_str();
    specs.filter_map(digest).map(str::to_owned).collect()
}

/// What these packages hold, as far as it is known here.
pub fn listings(packages: &dyn Packages, named: &BTreeSet<String>) -> BTreeMap<String, Value> {
    let listing = |digest: &String| {
        let listing = packages.listing(digest)?;
        Some((digest.clone(), serde_json::to_value(&*listing).ok()?))
    };
    named.iter().filter_map(listing).collect()
}

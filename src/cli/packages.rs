//! What this machine knows of the packages in a plan.

use std::sync::Arc;

use serde::Deserialize;

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
        let stored = || {
            Listing::deserialize(self.state.packages.get(digest)?)
                .ok()
                .map(Arc::new)
        };
        self.shelf.listing(digest).or_else(stored)
    }

    fn text(&self, digest: &str, path: &str) -> Option<String> {
        self.shelf.text(digest, path)
    }
}

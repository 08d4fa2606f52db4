//! What this machine knows of the packages in a plan.

use std::sync::Arc;

use serde::Deserialize;

use crate::diff::Shape;
use crate::package::{Listing, Shelf};
use crate::plan::Plan;
use crate::render::{self, Packages, Style};
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

impl Known<'_> {
    /// The text difference of every file that changed, for `-v`.
    pub fn differences(&self, plan: &Plan, style: &Style) -> String {
        let mut text = String::new();
        for change in &plan.changes {
            for field in change
                .fields
                .iter()
                .filter(|field| field.shape == Shape::Package)
            {
                let digest = |value: &Option<serde_json::Value>| {
                    value.as_ref().and_then(|v| v.as_str()).map(str::to_owned)
                };
                if let (Some(before), Some(after)) = (digest(&field.before), digest(&field.after)) {
                    let lines = render::unified(&before, &after, self, style);
                    if !lines.is_empty() {
                        text.push_str(&format!("{}\n{lines}", change.addr));
                    }
                }
            }
        }
        text
    }
}

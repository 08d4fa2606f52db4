//! Everything that the embedded cloud holds, in memory: one part per service and region.

use std::collections::{BTreeMap, BTreeSet};

use super::apigateway::ApiGateway;
use super::iam::Iam;
use super::lambda::Lambda;
use super::logs::Logs;
use super::s3::S3;
use super::store::{Blobs, Key, Lasting, Part, Store, StoreError};

/// All of it.
#[derive(Default)]
pub struct World {
    pub global: Global,
    regions: BTreeMap<String, Region>,
}

/// Services without regions; S3's bucket names are one space as well.
#[derive(Default)]
pub struct Global {
    pub iam: Iam,
    pub s3: S3,
}

/// What each region has for itself.
#[derive(Default)]
pub struct Region {
    pub apigateway: ApiGateway,
    pub lambda: Lambda,
    pub logs: Logs,
}

impl Global {
    fn parts(&mut self) -> Vec<&mut dyn Part> {
        vec![&mut self.iam, &mut self.s3]
    }
}

impl Region {
    fn parts(&mut self) -> Vec<&mut dyn Part> {
        vec![&mut self.apigateway, &mut self.lambda, &mut self.logs]
    }
}

/// The place of global rows in the store.
const GLOBAL: &str = "";

impl World {
    pub fn load(store: &Store) -> Result<World, StoreError> {
        let mut world = World::default();
        store.each(
            |key, bytes| match world.part(&key).map(|part| part.table(&key.table)) {
                Some(Some(table)) => table.load(&key.row, bytes),
                _ => Err(StoreError::Foreign(key.table.clone())),
            },
        )?;
        Ok(world)
    }

    /// A region; every region exists.
    pub fn region(&mut self, name: &str) -> &mut Region {
        self.regions.entry(name.to_owned()).or_default()
    }

    /// A region to look at, if anything was ever made in it.
    pub fn look(&self, name: &str) -> Option<&Region> {
        self.regions.get(name)
    }

    pub fn regions(&mut self) -> impl Iterator<Item = (&str, &mut Region)> {
        self.regions
            .iter_mut()
            .map(|(name, region)| (name.as_str(), region))
    }

    /// The digests of all blobs that something names.
    pub fn blobs(&mut self) -> BTreeSet<String> {
        let parts = self.parts();
        parts
            .into_iter()
            .flat_map(|(_, part)| part.blobs())
            .collect()
    }

    /// Writes down what changed, in one transaction.
    pub fn commit(
        &mut self,
        store: &Store,
        blobs: Blobs,
        lasting: Lasting,
    ) -> Result<(), StoreError> {
        let mut changes = Vec::new();
        for (place, part) in self.parts() {
            for (name, table) in part.tables() {
                for (row, bytes) in table.drain()? {
                    changes.push((Key::new(place, name, &row), bytes));
                }
            }
        }
        store.write(changes, blobs, lasting)
    }

    /// Puts back what a failed step touched.
    pub fn undo(&mut self, store: &Store) -> Result<(), StoreError> {
        for (place, part) in self.parts() {
            for (name, table) in part.tables() {
                for row in table.touched() {
                    let before = store.read(&Key::new(place, name, &row))?;
                    table.restore(&row, before.as_deref())?;
                }
            }
        }
        Ok(())
    }

    fn part(&mut self, key: &Key) -> Option<&mut dyn Part> {
        let parts = match key.place.as_str() {
            GLOBAL => self.global.parts(),
            region => self.regions.entry(region.to_owned()).or_default().parts(),
        };
        parts
            .into_iter()
            .find_map(|part| part.owns(&key.table).then_some(part))
    }

    fn parts(&mut self) -> Vec<(&str, &mut dyn Part)> {
        let global = self.global.parts().into_iter().map(|part| (GLOBAL, part));
        let regions = self.regions.iter_mut().flat_map(|(name, region)| {
            region
                .parts()
                .into_iter()
                .map(move |part| (name.as_str(), part))
        });
        global.chain(regions).collect()
    }
}

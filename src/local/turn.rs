//! One step of the world: what it may touch, what time it is, where it happens.

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::fault::{Settling, Undone};
use super::store::{Blobs, Store, StoreError};
use super::world::{Region, World};
use super::{Cloud, Place};

/// What an operation works with. Its changes are kept when it succeeds, else undone.
pub struct Turn<'a> {
    pub world: &'a mut World,
    pub now: Timestamp,
    pub place: Place,
    account: &'a str,
    /// How long a new role takes until all of the cloud knows it.
    propagation: Duration,
    settling: Settling,
    /// Why what is begun now comes to nothing.
    pub undone: Option<Undone>,
    store: &'a Store,
    blobs: Blobs,
}

impl<'a> Turn<'a> {
    pub(super) fn new(world: &'a mut World, cloud: &'a Cloud, place: Place) -> Turn<'a> {
        Turn {
            world,
            now: cloud.clock.now(),
            place,
            account: &cloud.account,
            propagation: cloud.faults.propagation_time(),
            settling: cloud.faults.settling_time(),
            undone: cloud.faults.why_undone(),
            store: &cloud.store,
            blobs: Blobs::default(),
        }
    }

    /// Is what was made at that time not yet known everywhere?
    pub fn spreading(&self, created: Timestamp) -> bool {
        // A clock that was set back must not make what is old new.
        !self.propagation.is_zero()
            && self.now.duration_since(created)
                < self.propagation.try_into().unwrap_or(SignedDuration::MAX)
    }

    /// Is a change that began then still under way?
    pub fn settling(&self, begun: Timestamp) -> bool {
        self.settling.lasts(begun, self.now)
    }

    /// The account of everything here.
    pub fn account(&self) -> &str {
        self.account
    }

    /// The caller's region.
    pub fn region(&mut self) -> &mut Region {
        self.world.region(&self.place.region)
    }

    /// The same to look at; `None` where nothing was ever made.
    pub fn look(&self) -> Option<&Region> {
        self.world.look(&self.place.region)
    }

    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`, in the form that each service has.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let (account, region) = (self.account(), &self.place.region);
        match service {
            "iam" | "sts" => format!("arn:aws:{service}::{account}:{resource}"),
            "apigateway" => format!("arn:aws:apigateway:{region}::{resource}"),
            _ => format!("arn:aws:{service}:{region}:{account}:{resource}"),
        }
    }

    /// Keeps bytes with this step; their SHA-256 in hex, under which they are found again.
    pub fn keep(&mut self, bytes: Bytes) -> String {
        self.blobs.add(bytes)
    }

    /// Bytes that this or an earlier step kept.
    pub fn blob(&self, digest: &str) -> Result<Option<Bytes>, StoreError> {
        match self.blobs.get(digest) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => self.store.blob(digest),
        }
    }

    pub(super) fn into_blobs(self) -> Blobs {
        self.blobs
    }
}

/// `length` random characters of `alphabet`, as AWS makes its ids.
pub fn random(alphabet: &[u8], length: usize) -> String {
    // 122 random bits serve for the 20 characters of AWS's longest ids.
    let mut bits = uuid::Uuid::new_v4().as_u128() ^ uuid::Uuid::new_v4().as_u128().rotate_left(64);
    let size = alphabet.len() as u128;
    (0..length)
        .map(|_| {
            let index = (bits % size) as usize;
            bits /= size;
            char::from(alphabet[index])
        })
        .collect()
}

pub const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
pub const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

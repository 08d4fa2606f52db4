//! How many calls of each operation the cloud answered well: what a limit on their rate is
//! measured by.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts by service and operation: `("iam", "CreateRole")`.
#[derive(Default)]
pub struct Tally(Mutex<BTreeMap<(&'static str, &'static str), usize>>);

impl Tally {
    /// Begins anew; gives what was counted until now.
    pub fn take(&self) -> BTreeMap<(&'static str, &'static str), usize> {
        std::mem::take(&mut self.counts())
    }

    pub(super) fn add(&self, service: &'static str, operation: &'static str) {
        *self.counts().entry((service, operation)).or_default() += 1;
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<(&'static str, &'static str), usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

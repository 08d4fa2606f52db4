//! Lambda's control plane: functions, versions, aliases, policies, layers.
//!
//! A request's name goes through `name`, its configuration through `check` and `config`, its code
//! through `code`; answers are written by `show`. A change that takes its time ends by the clock
//! (`model::Change`).
//!
//! Left out on purpose: event source mappings, function URLs, asynchronous destinations,
//! provisioned concurrency, code signing, file systems. Their absence is answered where clients
//! ask for it (`absent`). Networks, keys and dead letters are kept and shown, no more. Running the
//! code is `runtime`'s.

mod absent;
mod alias;
mod check;
mod code;
mod concurrency;
mod config;
mod create;
mod errors;
mod find;
mod get;
mod invoke;
mod layer;
mod model;
mod name;
mod operations;
mod page;
mod permission;
mod policy;
mod publish;
mod recursion;
mod refused;
mod request;
mod role;
mod runtimes;
mod show;
mod tags;
#[cfg(test)]
mod tests;
mod update;

pub use find::{image, runtimes};
pub use model::LATEST;
pub use operations::OPERATIONS;
pub use policy::may_invoke;
pub use publish::publish_as;
pub use refused::REFUSED;

use std::collections::BTreeSet;

use bytes::Bytes;

use super::error::AwsError;
use super::store::{Part, Rows, Table};
use super::turn::Turn;
use find::{function, function_mut};
use model::{Function, Layer};

/// Below it zips are fetched by their digest, without a signature.
pub const CODE_PATH: &str = "/_aws/lambda/code/";

#[derive(Default)]
pub struct Lambda {
    functions: Table<Function>,
    layers: Table<Layer>,
    /// The last number given to a version, by `function:NAME` or `layer:NAME`. AWS gives none
    /// twice, not even when a function is made anew.
    numbers: Table<u64>,
    /// Of a copy: layer versions of which nothing is known but that they are there.
    pub outside: BTreeSet<String>,
}

impl Part for Lambda {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![
            ("lambda.functions", &mut self.functions),
            ("lambda.layers", &mut self.layers),
            ("lambda.numbers", &mut self.numbers),
        ]
    }

    fn blobs(&self) -> Vec<String> {
        let functions = self.functions.values().flat_map(Function::blobs);
        functions
            .chain(self.of_layers())
            .map(str::to_owned)
            .collect()
    }
}

impl Lambda {
    fn of_layers(&self) -> impl Iterator<Item = &str> {
        let layers = self.layers.values();
        let versions = layers.flat_map(|layer| layer.versions.values());
        versions.map(|version| version.zip.digest.as_str())
    }

    fn uses(&self, digest: &str) -> bool {
        let mut functions = self.functions.values().flat_map(Function::blobs);
        functions.any(|used| used == digest) || self.of_layers().any(|used| used == digest)
    }
}

/// The zip behind a `Code.Location`: what stands below `CODE_PATH` is its digest. `None` where no
/// function or layer of any region has it.
pub fn zip(turn: &mut Turn<'_>, digest: &str) -> Result<Option<Bytes>, AwsError> {
    let used = turn
        .world
        .regions()
        .any(|(_, region)| region.lambda.uses(digest));
    match used {
        true => Ok(turn.blob(digest)?),
        false => Ok(None),
    }
}

/// Lambda in the turn's region, if anything was ever made there.
fn of<'a>(turn: &'a Turn<'_>) -> Option<&'a Lambda> {
    turn.look().map(|region| &region.lambda)
}

/// Counts on.
fn next_number(turn: &mut Turn<'_>, row: &str) -> u64 {
    let numbers = &mut turn.region().lambda.numbers;
    let number = numbers.get(row).copied().unwrap_or_default() + 1;
    numbers.insert(row, number);
    number
}

//! Lambda's control plane: functions, versions, aliases, policies, layers.
//!
//! Left out on purpose: event source mappings, function URLs, asynchronous destinations,
//! code signing, provisioned concurrency. Running the code is `runtime`'s.

mod errors;
mod find;
mod model;
mod name;
mod policy;

pub use find::image;
pub use model::LATEST;
pub use policy::may_invoke;

use super::store::{Part, Rows, Table};
use super::wire::Operation;
use model::{Function, Layer};

pub const OPERATIONS: &[Operation] = &[];

#[derive(Default)]
pub struct Lambda {
    functions: Table<Function>,
    layers: Table<Layer>,
    /// The last number given to a version, by `function:NAME` or `layer:NAME`. AWS gives none
    /// twice, not even when a function is made anew.
    numbers: Table<u64>,
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
        let layers = self
            .layers
            .values()
            .flat_map(|layer| layer.versions.values());
        functions
            .chain(layers.map(|version| version.zip.digest.as_str()))
            .map(str::to_owned)
            .collect()
    }
}

//! Text → declared resources with spans; every diagnostic.

mod secret;

pub use secret::Secret;
use serde::de::DeserializeOwned;

use crate::kind::Block;
use crate::problem::Problem;

/// Reads a block by its type; every problem at once.
pub fn decode<D: DeserializeOwned>(block: &Block) -> Result<D, Vec<Problem>> {
    D::deserialize(toml::de::ValueDeserializer::from(block.clone())).map_err(|error| {
        vec![Problem::spanned(
            error.span().unwrap_or_default(),
            error.message(),
        )]
    })
}

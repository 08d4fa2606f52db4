//! `[dev]`: what only the embedded cloud needs.

use serde::Deserialize;

use super::decode_in_part;
use crate::kind::Block;
use crate::problem::Problem;

/// `[dev]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dev {
    /// What runs functions on this machine: `installed`, the Node.js and Python on PATH, whatever
    /// their version; or `exact`, the declared version, which is fetched where it can be.
    #[serde(default)]
    pub runtimes: Runtimes,
}

/// Which interpreters run functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Runtimes {
    #[default]
    Installed,
    Exact,
}

/// Reads `[dev]`, texts filled.
pub fn read(block: Option<Block>, problems: &mut Vec<Problem>) -> Dev {
    let dev = block.and_then(|block| decode_in_part::<Dev>(&block, problems));
    dev.unwrap_or_default()
}

//! Functions that really run: processes of Node, Python or the package's own `bootstrap`, fed
//! through the Lambda Runtime API on loopback.
//!
//! Left out on purpose: containers. A function sees this machine's files and network; it gets a
//! clean environment, a folder of its own and limits on time and output.

use std::collections::BTreeMap;
use std::time::Duration;

/// A version of a function as it is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// With the qualifier that was asked for, if any.
    pub arn: String,
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// Another revision never runs in an older one's process.
    pub revision: String,
    pub region: String,
    /// `nodejs22.x`, `python3.13`, `provided.al2023`.
    pub runtime: String,
    pub handler: String,
    pub memory_mb: u32,
    pub timeout: Duration,
    pub environment: BTreeMap<String, String>,
    /// SHA-256 in hex of the zip that the store keeps.
    pub code: String,
    /// The same of each layer, in the order in which they are laid over one another.
    pub layers: Vec<String>,
    pub log_group: String,
    /// Reserved concurrency: how many may run at once, over all versions.
    pub reserved: Option<u32>,
}

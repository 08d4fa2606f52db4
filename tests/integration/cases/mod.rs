//! What people who deploy functions and APIs really have, reduced from public bug reports of
//! other tools. Each test is named after its case and gives the answer that AWS gives.

mod environment;
mod handlers;
mod layers;
mod limits;
mod packages;
mod policies;
mod proxy;
mod runtimes;
mod values;

use crate::harness::Sandbox;

/// An empty project on a screen so wide that no message is broken.
fn wide() -> Sandbox {
    Sandbox::empty("case").env("COLUMNS", "300")
}

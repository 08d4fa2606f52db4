//! From what a person wrote to what is wanted: references, packages, lowering.
//!
//! Pure and synchronous: everything that has to be asked for (account, sources of
//! variables) is known by now.

#[cfg(test)]
pub mod bench;
mod ctx;
mod desired;
mod names;

pub use ctx::{Added, Ctx, FunctionRef, Gathered, Strength};
pub use desired::{Desired, Wanted};
pub use names::Names;

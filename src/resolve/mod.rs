//! From what a person wrote to what is wanted: references, packages, lowering.
//!
//! Pure and synchronous: everything that has to be asked for (account, sources of
//! variables) is known by now.

#[cfg(test)]
pub mod bench;
mod checks;
mod ctx;
mod desired;
mod ignored;
mod lower;
mod names;

#[cfg(test)]
pub(crate) mod fakes;
#[cfg(test)]
mod tests;

pub use ctx::{Added, Ctx, FunctionRef, Gathered, Strength};
pub use desired::{Desired, Wanted, Warning};
pub use lower::resolve;
pub use names::Names;

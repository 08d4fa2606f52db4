//! A state in a bucket, shared by machines: every write conditional on what was read, a lease
//! for a lock, the same journal as on a disk.
//!
//! | object | what |
//! | --- | --- |
//! | `shop.json` | the state |
//! | `shop.json.lock` | the lease: who works on it, and a beat that shows that they still do |
//! | `shop.json.journal` | the plan at work and its outcomes; gone once the state is saved |
//! | `shop.json.history/00000007.json` | the state of each serial |
//!
//! Deliberately not here: S3 itself (`Objects` is all that is asked of it; `aws` has it).

mod journal;
mod lease;
mod objects;
mod sealed;
mod seen;
mod session;
mod store;
#[cfg(test)]
mod tests;

pub use lease::Lease;
pub use objects::{Condition, Object, ObjectError, Objects, Put};
pub use store::RemoteStore;

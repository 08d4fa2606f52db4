//! From what AWS has back to what a person would write: the manifest's tables for things that
//! somebody else made.
//!
//! [`Fields`] is a table to be written, [`Raising`] what a kind sees while it makes one of a
//! spec (the way back from `lower`), [`text`] the TOML of it, as `slp fmt` would leave it;
//! Pure: reading AWS is `aws`'s,
//! files and the lock are `cli`'s.

mod fields;
mod names;
mod raising;
pub mod terraform;
mod write;

pub use fields::{Entry, Fields};
pub use names::{Names, header};
pub use raising::{Hidden, Raising};
pub use write::{imports, text};

//! Permissions seen: who gains or loses what by a plan, by meaning and not by text.
//!
//! Policies are sets of requests: `glob` and `empty` decide about patterns, `reach` about sets of
//! texts, `condition` about circumstances, `cell` about all four sides of a request at once;
//! `read` makes blocks of a document, and [`compare`] says what the one allows and the other does
//! not. What is not certain counts as a gain, so that no gain is hidden.
//!
//! Left out on purpose: which actions a service has (`s3:*` is not spelled out), organisations'
//! policies, and sessions' policies.

mod cell;
pub mod compare;
mod condition;
mod empty;
mod glob;
mod reach;
mod read;
mod words;

pub use compare::Delta;
pub use words::{covers, lines};

#[cfg(test)]
mod tests;

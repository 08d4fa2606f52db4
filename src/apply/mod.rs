//! Plan × Provider × Store → State: the only writer.
//!
//! The plan is the intent: it is durable before the first changing call, each outcome is
//! noted in the journal, and the state is replaced once, at the end. Whatever ends a run,
//! the next one settles what was open (`settle`) by looking.
//!
//! Left out on purpose: choices. What to do and in which order stands in the plan.

mod job;
mod look;
mod order;
mod rebuild;
mod run;
mod settle;
#[cfg(test)]
mod tests;

pub use job::redacted;
pub use rebuild::{Rebuilt, needs_again, rebuild};
pub use run::{Applied, Apply, ApplyError, apply};
pub use settle::{Settled, settle};

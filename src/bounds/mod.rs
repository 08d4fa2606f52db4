//! What AWS takes of one value by itself: characters, sizes, words.
//!
//! Asked from both sides: a manifest is checked against it when it is read, and the embedded
//! cloud refuses by it what AWS refuses. So the two agree. What depends on what is there (names
//! that are taken, quotas of an account) is not judged here. IAM's grammar and principals stand
//! in [`crate::iam`].

pub mod environment;
pub mod runtime;
pub mod texts;

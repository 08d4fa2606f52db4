//! IAM's policies as such: how a document is read, what it decides for one request, whom it may
//! name, and the managed policies of AWS that are known without asking.
//!
//! Pure, and below everything: the embedded cloud decides by it, [`crate::rights`] compares by
//! it. What AWS refuses in a document is `diff::policy`'s and the embedded cloud's business.

pub mod evaluate;
pub mod grammar;
pub mod managed;
pub mod principal;
pub mod resource;
pub mod services;

//! AWS: the only place that names `aws_sdk_*`. One file or folder per kind, one list of kinds.
//!
//! Left out on purpose: deciding anything. What should change is `plan`'s, in which
//! order is `apply`'s; here are the calls, how they are retried, and what AWS's answers mean.

mod account;
mod alias;
mod alias_words;
mod api;
mod bucket;
mod calls;
mod cloud;
mod document;
mod error;
mod estimate;
mod function;
mod invoke;
mod kms;
mod late;
mod limits;
mod log_group;
mod memo;
mod outside;
mod pace;
mod passing;
mod patch;
mod permission;
mod policy;
mod profile;
mod provider;
mod raise;
mod rates;
pub mod resource;
mod retry;
pub mod rights;
mod role;
mod sources;
mod stage;
mod strays;
mod tags;
mod transport;

pub use bucket::Bucket;
pub use cloud::{Cloud, Connection, Embedded};
pub use estimate::{edge_apis, estimate};
pub use function::Deployed;
pub use invoke::{LogEvent, Ran};
pub use provider::{Aws, kinds};
pub use rates::{Calls, EDGE_API, Held, least};
pub use strays::Look;
pub use transport::{Cut, Transport};

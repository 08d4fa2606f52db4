//! Calls of AWS as data: an operation with its input becomes the request that a client sends,
//! and the response becomes the answer that AWS's SDK for Python shows, for that is the form
//! the recordings have; answers are compared with what was expected of them.
//!
//! Left out on purpose: a real client. Its checks of the input would keep the bad requests from
//! being sent that these tests are about.

mod answer;
mod compare;
mod fill;
mod hole;
mod like;
mod operations;
mod request;
mod xml;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

pub use answer::answer;
pub use compare::{Comparison, Difference};
pub use fill::{Bindings, fill};
pub use hole::fit;
pub use like::{Inputs, like};
pub use request::request;

/// An operation of a service, and what it is asked.
#[derive(Clone, Debug)]
pub struct Call {
    /// `iam`, as signatures name it.
    pub service: String,
    /// `CreateRole`.
    pub operation: String,
    pub input: Value,
    pub region: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    /// By names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Bytes,
}

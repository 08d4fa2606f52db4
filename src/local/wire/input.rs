//! What an operation was asked, whatever protocol carried it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::local::error::AwsError;

/// The parts of a request, decoded.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The variables of the path: `FunctionName`.
    pub path: BTreeMap<&'static str, String>,
    /// The query string of a REST protocol, in its order.
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    /// The JSON body; for the query protocol its parameters, lists as arrays, all else text.
    pub body: Value,
    /// The body as it came.
    pub raw: Bytes,
    /// The id under which the answer goes.
    pub request_id: String,
}

impl Input {
    /// A variable of the path; the route says that it is there.
    pub fn path(&self, name: &str) -> &str {
        self.path.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter.
    pub fn queries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.query.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// A member of the body that is text, if it is there.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// The body as a type; what does not fit is refused as AWS refuses what it cannot read.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, AwsError> {
        // By reference: a member that `T` does not have, such as a zip, is not copied.
        T::deserialize(&self.body)
            .map_err(|error| AwsError::new(400, "SerializationException", error.to_string()))
    }
}

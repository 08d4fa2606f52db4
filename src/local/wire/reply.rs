//! What an operation answers, before a protocol gives it its form.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

/// An answer. Status and form come from the operation and the protocol unless said here.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: Option<u16>,
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub body: Body,
}

#[derive(Clone, Debug, Default)]
pub enum Body {
    #[default]
    Empty,
    /// In the query protocol: the members of the result, as XML.
    Json(Value),
    /// As it is, such as an object of S3.
    Bytes(Bytes),
}

impl Reply {
    pub fn empty() -> Reply {
        Reply::default()
    }

    pub fn bytes(bytes: Bytes) -> Reply {
        Reply {
            body: Body::Bytes(bytes),
            ..Reply::default()
        }
    }

    pub fn status(mut self, status: u16) -> Reply {
        self.status = Some(status);
        self
    }

    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl ToString) -> Reply {
        self.headers.push((name.into(), value.to_string()));
        self
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Reply {
        Reply {
            body: Body::Json(value),
            ..Reply::default()
        }
    }
}

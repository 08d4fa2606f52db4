//! The services of the embedded cloud, one line each.

use super::operation::Operation;
use super::protocol::Protocol;
use crate::local::{apigateway, iam, lambda, logs, s3, sts};

/// A service as a signature names it.
pub struct Service {
    /// `iam`.
    pub name: &'static str,
    pub protocol: Protocol,
    pub operations: &'static [Operation],
}

static SERVICES: [Service; 6] = [
    Service {
        name: "apigateway",
        protocol: Protocol::RestJson { type_member: false },
        operations: apigateway::OPERATIONS,
    },
    Service {
        name: "iam",
        protocol: Protocol::Query("https://iam.amazonaws.com/doc/2010-05-08/"),
        operations: iam::OPERATIONS,
    },
    Service {
        name: "lambda",
        protocol: Protocol::RestJson { type_member: true },
        operations: lambda::OPERATIONS,
    },
    Service {
        name: "logs",
        protocol: Protocol::Json,
        operations: logs::OPERATIONS,
    },
    Service {
        name: "s3",
        protocol: Protocol::RestXml,
        operations: s3::OPERATIONS,
    },
    Service {
        name: "sts",
        protocol: Protocol::Query("https://sts.amazonaws.com/doc/2011-06-15/"),
        operations: sts::OPERATIONS,
    },
];

pub fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

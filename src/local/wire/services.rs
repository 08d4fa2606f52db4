//! The services of the embedded cloud, one line each.

use std::sync::LazyLock;

use super::operation::Operation;
use super::protocol::Protocol;
use crate::local::{apigateway, iam, lambda, logs, s3, sts};

/// A service as a signature names it.
pub struct Service {
    /// `iam`.
    pub name: &'static str,
    pub protocol: Protocol,
    /// What it does, and what AWS does beyond.
    pub operations: Vec<Operation>,
}

static SERVICES: LazyLock<[Service; 6]> = LazyLock::new(|| {
    [
        Service {
            name: "apigateway",
            protocol: Protocol::RestJson { type_member: false },
            operations: all(apigateway::OPERATIONS, ""),
        },
        Service {
            name: "iam",
            protocol: Protocol::Query("https://iam.amazonaws.com/doc/2010-05-08/"),
            operations: all(iam::OPERATIONS, ""),
        },
        Service {
            name: "lambda",
            protocol: Protocol::RestJson { type_member: true },
            operations: all(lambda::OPERATIONS, lambda::REFUSED),
        },
        Service {
            name: "logs",
            protocol: Protocol::Json,
            operations: all(logs::OPERATIONS, ""),
        },
        Service {
            name: "s3",
            protocol: Protocol::RestXml,
            operations: all(s3::OPERATIONS, s3::REFUSED),
        },
        Service {
            name: "sts",
            protocol: Protocol::Query("https://sts.amazonaws.com/doc/2011-06-15/"),
            operations: all(sts::OPERATIONS, ""),
        },
    ]
});

/// What is done, and a line for each operation that is refused: name, method, path.
fn all(done: &[Operation], refused: &'static str) -> Vec<Operation> {
    let refused = refused.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(Operation::refused(
            words.next()?,
            words.next()?,
            words.next()?,
        ))
    });
    // Of two that fit, the last is found.
    refused.chain(done.iter().copied()).collect()
}

pub fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::wire::{Run, route};

    #[test]
    fn what_aws_does_beyond_is_refused_by_the_name_of_the_operation() {
        for (service, method, path, name) in [
            (
                "lambda",
                "GET",
                "/2015-03-31/event-source-mappings",
                "ListEventSourceMappings",
            ),
            (
                "lambda",
                "GET",
                "/2015-03-31/event-source-mappings/",
                "ListEventSourceMappings",
            ),
            (
                "lambda",
                "POST",
                "/2021-10-31/functions/f/url",
                "CreateFunctionUrlConfig",
            ),
            ("s3", "PUT", "/b?policy", "PutBucketPolicy"),
            ("s3", "PUT", "/b/k?partNumber&uploadId", "UploadPart"),
            ("s3", "POST", "/b?delete", "DeleteObjects"),
            ("s3", "GET", "/b", "ListObjects"),
        ] {
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let query: Vec<_> = form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect();
            let operations = &find(service).unwrap().operations;
            let found = route::find(operations, method, path, &query);
            let (operation, _) = found.unwrap_or_else(|| panic!("{method} {path}"));
            assert_eq!(operation.name, name);
            assert!(matches!(operation.run, Run::Refused));
        }
        for (service, refused) in [("lambda", lambda::REFUSED), ("s3", s3::REFUSED)] {
            let lines = refused.lines().filter(|line| !line.is_empty());
            let operations = &find(service).unwrap().operations;
            for line in lines {
                let name = line.split(' ').next().unwrap();
                let named = operations.iter().filter(|operation| operation.name == name);
                let refused = |operation: &Operation| matches!(operation.run, Run::Refused);
                assert!(named.clone().count() > 0, "{service}: {line}");
                assert!(named.copied().all(|one| refused(&one)), "{service}: {line}");
            }
        }
    }
}

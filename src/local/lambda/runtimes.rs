//! The runtimes that AWS knows.

use super::errors;
use crate::bounds::runtime::{Standing, standing};
use crate::local::error::AwsError;

/// Those that AWS's message lists, in its order (recorded in 2025).
pub const SUPPORTED: [&str; 25] = [
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// Those that it knows beside them.
pub const RETIRED: [&str; 19] = [
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "python2.7",
    "python3.6",
    "python3.7",
    "java8",
    "go1.x",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "ruby2.5",
    "ruby2.7",
    "provided",
];

/// May a function have it that had the other?
pub fn check(runtime: &str, had: Option<&str>) -> Result<(), AwsError> {
    let gone = match standing(runtime) {
        Standing::Supported | Standing::Deprecated(_) | Standing::Unknown => return Ok(()),
        Standing::NoCreate(_) if had == Some(runtime) => return Ok(()),
        Standing::NoCreate(_) | Standing::Withdrawn(_) => true,
        Standing::Never => false,
    };
    if gone {
        return Err(errors::invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating \
             AWS Lambda functions. We recommend you use a supported runtime while creating or \
             updating functions."
        )));
    }
    Err(errors::invalid(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum \
         value set: [{}] or be a valid ARN",
        SUPPORTED.join(", ")
    )))
}

/// SnapStart is for Java from 11, Python from 3.12 and .NET from 8.
pub fn snap_start(runtime: &str) -> bool {
    const OTHERS: [&str; 13] = [
        "java8.al2",
        "python3.8",
        "python3.9",
        "python3.10",
        "python3.11",
        "dotnet6",
        "nodejs16.x",
        "nodejs18.x",
        "nodejs20.x",
        "nodejs22.x",
        "nodejs24.x",
        "provided.al2",
        "provided.al2023",
    ];
    !OTHERS.contains(&runtime) && !runtime.starts_with("ruby")
}

/// May a layer be said to fit it?
pub fn known(runtime: &str) -> bool {
    standing(runtime) != Standing::Never
}

//! `If-Match` and `If-None-Match`.
//!
//! Source: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html: 412 where the
//! ETag differs or the object exists, 404 where the object to match is gone, 304 for reads.

use super::answer::no_key;
use super::model::Version;
use crate::local::error::AwsError;
use crate::local::wire::Input;

fn header<'i>(input: &'i Input, name: &str) -> Option<&'i str> {
    input.headers.get(name)?.to_str().ok().map(str::trim)
}

fn failed(condition: &str) -> AwsError {
    AwsError::new(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
    .with("Condition", condition)
}

/// ETags are quoted, though not by everyone.
fn same(wanted: &str, current: &Version) -> bool {
    wanted == "*" || wanted.trim_matches('"') == current.etag
}

/// Before a write; `current` is what is there, delete markers left out.
pub fn write(input: &Input, key: &str, current: Option<&Version>) -> Result<(), AwsError> {
    match (header(input, "if-match"), header(input, "if-none-match")) {
        (None, None) => Ok(()),
        (None, Some("*")) => match current {
            Some(_) => Err(failed("If-None-Match")),
            None => Ok(()),
        },
        (Some(wanted), None) if wanted != "*" => matched(wanted, key, current),
        _ => Err(AwsError::new(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        )),
    }
}

/// Before a delete, where `*` asks for any object.
pub fn delete(input: &Input, key: &str, current: Option<&Version>) -> Result<(), AwsError> {
    match header(input, "if-match") {
        None => Ok(()),
        Some(wanted) => matched(wanted, key, current),
    }
}

fn matched(wanted: &str, key: &str, current: Option<&Version>) -> Result<(), AwsError> {
    match current {
        None => Err(no_key(key)),
        Some(current) if same(wanted, current) => Ok(()),
        Some(_) => Err(failed("If-Match")),
    }
}

/// Before a read. The 304 of a read that needs no answer has no body.
pub fn read(input: &Input, current: &Version) -> Result<(), AwsError> {
    if header(input, "if-match").is_some_and(|wanted| !same(wanted, current)) {
        return Err(failed("If-Match"));
    }
    if header(input, "if-none-match").is_some_and(|wanted| same(wanted, current)) {
        let unchanged = AwsError::new(304, "NotModified", "Not Modified");
        return Err(unchanged.header("etag", format!("\"{}\"", current.etag)));
    }
    Ok(())
}

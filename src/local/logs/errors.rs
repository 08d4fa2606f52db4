//! CloudWatch Logs' refusals, in AWS's words. All are 400.

use super::model::Group;
use super::{Logs, stream_row};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::Input;

pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidParameterException", message)
}

pub fn not_found(what: &str) -> AwsError {
    let message = format!("The specified {what} does not exist.");
    AwsError::new(400, "ResourceNotFoundException", message)
}

pub fn exists(what: &str) -> AwsError {
    let message = format!("The specified {what} already exists");
    AwsError::new(400, "ResourceAlreadyExistsException", message)
}

/// Refuses what the front door found.
pub fn done(check: Check) -> Result<(), AwsError> {
    check.done_as("InvalidParameterException")
}

/// The name of a group that a request must give: `logGroupName`, or `logGroupIdentifier`, which
/// may be an ARN.
pub fn group_name(input: &Input) -> Result<String, AwsError> {
    let given = input.text("logGroupName");
    let given = given.or_else(|| input.text("logGroupIdentifier").map(of_arn));
    let mut check = Check::default();
    match given {
        None => check.missing("logGroupName"),
        Some(name) => {
            check.longest("logGroupName", name, 512);
            let sound = |b: u8| b.is_ascii_alphanumeric() || b".-_/#".contains(&b);
            if name.is_empty() || !name.bytes().all(sound) {
                check.pattern("logGroupName", name, "[\\.\\-_/#A-Za-z0-9]+");
            }
        }
    }
    done(check)?;
    Ok(given.unwrap_or_default().to_owned())
}

/// The name of a stream that a request must give.
pub fn stream_name(input: &Input) -> Result<String, AwsError> {
    let mut check = Check::default();
    let given = input.text("logStreamName");
    match given {
        None => check.missing("logStreamName"),
        Some(name) => {
            check.longest("logStreamName", name, 512);
            if name.is_empty() || name.contains([':', '*', '\0']) {
                check.pattern("logStreamName", name, "[^:*]*");
            }
        }
    }
    done(check)?;
    Ok(given.unwrap_or_default().to_owned())
}

/// The name in a group's ARN, with or without `:*`; another text as it is.
pub fn of_arn(text: &str) -> &str {
    let name = text
        .rsplit_once(":log-group:")
        .map_or(text, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}

/// The logs of the region, and a group in them that must be there.
pub fn group<'a>(turn: &'a Turn<'_>, name: &str) -> Result<(&'a Logs, &'a Group), AwsError> {
    let missing = || not_found("log group");
    let logs = &turn.look().ok_or_else(missing)?.logs;
    Ok((logs, logs.groups.get(name).ok_or_else(missing)?))
}

/// A group to be changed.
pub fn group_mut<'a>(turn: &'a mut Turn<'_>, name: &str) -> Result<&'a mut Group, AwsError> {
    let groups = &mut turn.region().logs.groups;
    groups.get_mut(name).ok_or_else(|| not_found("log group"))
}

/// Group and stream must be there.
pub fn stream(turn: &Turn<'_>, group_name: &str, stream: &str) -> Result<(), AwsError> {
    let (logs, _) = group(turn, group_name)?;
    match logs.streams.contains(&stream_row(group_name, stream)) {
        true => Ok(()),
        false => Err(not_found("log stream")),
    }
}

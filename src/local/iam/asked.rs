//! The members of a request, within AWS's bounds, and the refusals of IAM.
//!
//! Sources: IAM's API reference (names, lengths, codes); the wording of messages is AWS's own,
//! from recorded answers where there are any.

use serde_json::Value;

use super::model::Tags;
use crate::bounds::texts;
use crate::local::error::AwsError;
use crate::local::wire::Input;

/// 400 `ValidationError`.
pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "ValidationError", message)
}

/// 400 `InvalidInput`.
pub fn unfit(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidInput", message)
}

/// 404 `NoSuchEntity`.
pub fn missing(message: impl Into<String>) -> AwsError {
    AwsError::new(404, "NoSuchEntity", message)
}

/// 409 `EntityAlreadyExists`.
pub fn exists(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "EntityAlreadyExists", message)
}

/// 409 `DeleteConflict`.
pub fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "DeleteConflict", message)
}

/// 409 `LimitExceeded`.
pub fn beyond(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "LimitExceeded", message)
}

/// 400 `MalformedPolicyDocument`.
pub fn malformed(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "MalformedPolicyDocument", message)
}

/// A role that is not there.
pub fn no_role(name: &str) -> AwsError {
    missing(format!("The role with name {name} cannot be found."))
}

pub fn constraint(value: &str, member: &str, must: &str) -> AwsError {
    invalid(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: \
         Member must {must}"
    ))
}

/// `RoleName` is `roleName` in AWS's messages.
fn small(member: &str) -> String {
    let mut letters = member.chars();
    letters
        .next()
        .map(|first| first.to_ascii_lowercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

/// A text that must be there.
pub fn required<'i>(input: &'i Input, member: &str) -> Result<&'i str, AwsError> {
    input
        .text(member)
        .ok_or_else(|| constraint("null", &small(member), "not be null"))
}

/// A text of `least` to `most` characters, if it is there.
pub fn bounded<'i>(
    input: &'i Input,
    member: &str,
    least: usize,
    most: usize,
) -> Result<Option<&'i str>, AwsError> {
    let Some(text) = input.text(member) else {
        return Ok(None);
    };
    let (long, value) = (text.chars().count(), format!("'{text}'"));
    let must = if long < least {
        format!("have length greater than or equal to {least}")
    } else if long > most {
        format!("have length less than or equal to {most}")
    } else {
        return Ok(Some(text));
    };
    Err(constraint(&value, &small(member), &must))
}

/// The name of a role (64), a policy or an inline policy (128 characters).
pub fn name<'i>(input: &'i Input, member: &str, most: usize) -> Result<&'i str, AwsError> {
    required(input, member)?;
    let name = bounded(input, member, 1, most)?.unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
    if name.chars().all(fits) {
        return Ok(name);
    }
    Err(invalid(format!(
        "The specified value for {} is invalid. It must contain only alphanumeric characters \
         and/or the following: +=,.@_-",
        small(member)
    )))
}

pub fn role_name(input: &Input) -> Result<&str, AwsError> {
    name(input, "RoleName", 64)
}

/// A path begins and ends with `/`; at most 512 characters, of what `is_one` knows.
pub fn path(input: &Input, is_one: fn(&str) -> bool) -> Result<String, AwsError> {
    let path = bounded(input, "Path", 1, 512)?.unwrap_or("/");
    if is_one(path) {
        return Ok(path.to_owned());
    }
    Err(invalid(
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    ))
}

/// A number of the query protocol, which is text.
pub fn number(input: &Input, member: &str, least: u32, most: u32) -> Result<Option<u32>, AwsError> {
    let Some(text) = input.text(member) else {
        return Ok(None);
    };
    let number: u32 = text
        .parse()
        .map_err(|_| AwsError::new(400, "MalformedInput", format!("{member} is no number")))?;
    let must = if number < least {
        format!("have value greater than or equal to {least}")
    } else if number > most {
        format!("have value less than or equal to {most}")
    } else {
        return Ok(Some(number));
    };
    Err(constraint(&format!("'{text}'"), &small(member), &must))
}

/// `true` and `false` of the query protocol.
pub fn flag(input: &Input, member: &str) -> bool {
    input.text(member) == Some("true")
}

/// The ARN of a managed policy.
pub fn policy_arn<'i>(input: &'i Input, member: &str) -> Result<&'i str, AwsError> {
    required(input, member)?;
    let arn = bounded(input, member, 20, 2048)?.unwrap_or_default();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", "aws", "iam", "", account, resource]
            if (account == "aws" || account.len() == 12) && resource.starts_with("policy/") =>
        {
            Ok(arn)
        }
        ["arn", ..] if parts.len() == 6 => Err(invalid(format!("ARN {arn} is not valid."))),
        // The two spaces are AWS's.
        _ => Err(invalid("Invalid ARN:  Could not be parsed!")),
    }
}

const MOST_TAGS: usize = 50;

/// `Tags`, if they are there: at most 50, no key twice.
pub fn tags(input: &Input) -> Result<Tags, AwsError> {
    let mut tags = Tags::new();
    for (at, item) in list(input, "Tags").iter().enumerate() {
        let part = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let (key, value) = (part("Key"), part("Value"));
        tag_text(key, &format!("tags.{}.member.key", at + 1), 1, 128)?;
        tag_text(value, &format!("tags.{}.member.value", at + 1), 0, 256)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(unfit(
                "Tag keys beginning with the reserved prefix 'aws:' may not be specified.",
            ));
        }
        if tags
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(key))
        {
            return Err(unfit(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        tags.push((key.to_owned(), value.to_owned()));
    }
    Ok(tags)
}

fn tag_text(text: &str, member: &str, least: usize, most: usize) -> Result<(), AwsError> {
    let long = text.chars().count();
    let must = if long < least {
        format!("have length greater than or equal to {least}")
    } else if long > most {
        format!("have length less than or equal to {most}")
    } else if texts::stranger_in_tag(text).is_some() {
        let star = if least == 0 { '*' } else { '+' };
        format!("satisfy regular expression pattern: [\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]{star}")
    } else {
        return Ok(());
    };
    Err(constraint(&format!("'{text}'"), member, &must))
}

/// Lays new tags over what is there.
pub fn laid_over(tags: &mut Tags, new: Tags) -> Result<(), AwsError> {
    for (key, value) in new {
        match tags.iter_mut().find(|(other, _)| *other == key) {
            Some(tag) => tag.1 = value,
            None => tags.push((key, value)),
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(beyond("The number of tags has reached the maximum limit."));
    }
    Ok(())
}

/// A list of texts.
pub fn texts<'i>(input: &'i Input, member: &str) -> Vec<&'i str> {
    let items = list(input, member).iter();
    items.filter_map(Value::as_str).collect()
}

fn list<'i>(input: &'i Input, member: &str) -> &'i [Value] {
    let items = input.body.get(member).and_then(Value::as_array);
    items.map(Vec::as_slice).unwrap_or_default()
}

//! Which failures are tried again, decided by operation, code and message together:
//! the same code means "busy" here and "exists already" there.
//!
//! Sources: the AWS API references, terraform-provider-aws (`lambda/function.go`,
//! `apigateway/service_package.go`) and messages recorded from live AWS.

use std::time::Duration;

use super::error::{Failure, NO_CREDENTIALS, NOT_BUILT};
use super::passing::About;
use crate::cloud;

/// What a repeated call would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Changes nothing.
    Read,
    /// Saying it twice is as saying it once.
    Put,
    /// Unique by name: a second one is refused, and may be our own first.
    Create,
    /// Not unique: a second one is a second thing. Never repeated once it may have happened.
    CreateOnce,
}

/// Try again: what for, and for how long at most since the first attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    pub why: &'static str,
    pub within: Within,
}

/// How long an attempt may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    Time(Duration),
    /// As long as AWS may still be passing on what the call needs.
    PassingOn(About),
}

const BUSY: Within = Within::Time(Duration::from_secs(600));
const THROTTLED: Within = Within::Time(Duration::from_secs(900));
const SHAKY: Duration = Duration::from_secs(60);
const MINUTES: Within = Within::Time(Duration::from_secs(120));
const SOON: Within = Within::Time(Duration::from_secs(30));

/// (operation prefix, code, fragment of the message, why, within).
type Rule = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Within,
);

/// Lambda's code for most that it refuses.
const INVALID: &str = "InvalidParameterValueException";
const ROLE: Within = Within::PassingOn(About::Role);
const PRINCIPAL: Within = Within::PassingOn(About::Principal);
const POLICY: Within = Within::PassingOn(About::Policy);
const FUNCTION: Within = Within::PassingOn(About::Function);
const CONFLICT: &str = "ResourceConflictException";
const UPDATE: &str = "another update to finish";
const PERMISSIONS: &str = "IAM to pass on the role's permissions";

#[rustfmt::skip]
const RULES: &[Rule] = &[
    ("", INVALID, "cannot be assumed by Lambda", "IAM to let Lambda assume its role", ROLE),
    ("", INVALID, "execution role does not have permissions", PERMISSIONS, ROLE),
    ("", INVALID, "KMS key is invalid for CreateGrant", "KMS to see the role", ROLE),
    ("", INVALID, "throttled by EC2", "EC2 to have room for the network interface", BUSY),
    ("", CONFLICT, "update is in progress", UPDATE, BUSY),
    ("", CONFLICT, "concurrent update operation", UPDATE, BUSY),
    ("", CONFLICT, "following state: Pending", "the function to become active", BUSY),
    ("AddPermission", "ResourceNotFoundException", "", "Lambda to see the new function", FUNCTION),
    ("AddPermission", INVALID, "principal was invalid", "Lambda to see the principal", PRINCIPAL),
    ("", "MalformedPolicyDocument", "Invalid principal", "IAM to see the principal", PRINCIPAL),
    ("", "ConcurrentModification", "", "another change in IAM to finish", MINUTES),
    ("DeleteRole", "DeleteConflict", "", "IAM to see the role without its policies", SOON),
    ("DeletePolicy", "DeleteConflict", "", "IAM to see the policy detached", SOON),
    ("AttachRolePolicy", "NoSuchEntity", "attachable", "IAM to see the new policy", POLICY),
    ("", "ConflictException", "try again later", "another change of the API to finish", MINUTES),
    ("", "ConditionalRequestConflict", "", "another write in the bucket to finish", SOON),
    ("", "BadRequestException", "does not have required permissions", PERMISSIONS, ROLE),
];

const THROTTLES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
];

/// Whether to try again, and until when.
pub fn again(operation: &str, nature: Nature, failure: &Failure) -> Option<Again> {
    let error = &failure.error;
    let code = error.code.as_deref().unwrap_or("");
    if [NO_CREDENTIALS, NOT_BUILT].contains(&code) {
        return None;
    }
    if is_throttle(failure) {
        return Some(Again {
            why: cloud::to_accept(),
            within: THROTTLED,
        });
    }
    let fits = |rule: &&Rule| {
        operation.starts_with(rule.0) && code == rule.1 && error.message.contains(rule.2)
    };
    if let Some((_, _, _, why, within)) = RULES.iter().find(fits) {
        return Some(Again {
            why,
            within: *within,
        });
    }
    let transient = error.status.is_none_or(|status| status >= 500)
        && !["NotImplemented", "NotEmulated"].contains(&error.code.as_deref().unwrap_or_default());
    let safe = nature != Nature::CreateOnce || !failure.may_have_happened;
    // The first call of every run: whether anybody is there shows soon.
    let within = match operation {
        "GetCallerIdentity" => Duration::from_secs(3),
        _ => SHAKY,
    };
    (transient && safe).then_some(Again {
        why: cloud::to_answer(),
        within: Within::Time(within),
    })
}

/// Did AWS refuse it for coming too fast?
pub fn is_throttle(failure: &Failure) -> bool {
    match failure.error.code.as_deref() {
        Some(code) => THROTTLES.contains(&code),
        // Something on the way answers in a form of its own.
        None => failure.error.status == Some(429),
    }
}

/// How long to wait before attempt `n` (from 1): full jitter, or what AWS asked for.
pub fn delay(attempt: u32, failure: &Failure) -> Duration {
    if let Some(seconds) = failure.retry_after.filter(|s| s.is_finite() && *s >= 0.0) {
        return Duration::from_secs_f64(seconds.min(60.0));
    }
    let ceiling = (250u64 << attempt.min(6)).min(8_000);
    Duration::from_millis(ceiling / 2 + random_below(ceiling / 2 + 1))
}

/// Jitter needs no strong randomness: the low bits of a fresh UUID do.
fn random_below(limit: u64) -> u64 {
    (uuid::Uuid::new_v4().as_u128() as u64) % limit.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderError;

    fn failed(code: Option<&str>, message: &str, status: Option<u16>) -> Failure {
        Failure {
            error: ProviderError {
                code: code.map(str::to_owned),
                status,
                ..ProviderError::new("X", message)
            },
            may_have_happened: status.is_none_or(|status| status >= 500),
            retry_after: None,
        }
    }

    #[test]
    fn the_same_code_is_busy_here_and_final_there() {
        let busy = failed(
            Some("ResourceConflictException"),
            "An update is in progress for resource: x",
            Some(409),
        );
        assert!(again("UpdateFunctionCode", Nature::Put, &busy).is_some());
        let exists = failed(
            Some("ResourceConflictException"),
            "Function already exist: x",
            Some(409),
        );
        assert_eq!(again("CreateFunction", Nature::Create, &exists), None);
    }

    #[test]
    fn a_quota_is_no_throttle() {
        let quota = failed(
            Some("LimitExceededException"),
            "Maximum number of resources",
            Some(429),
        );
        assert_eq!(again("CreateResource", Nature::Create, &quota), None);
    }

    #[test]
    fn what_would_double_is_not_repeated() {
        let lost = failed(None, "no answer in time", None);
        assert_eq!(again("CreateRestApi", Nature::CreateOnce, &lost), None);
        assert!(again("CreateRole", Nature::Create, &lost).is_some());
    }
}

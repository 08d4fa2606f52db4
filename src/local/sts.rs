//! STS: who calls, and credentials for roles. Everybody here is the account's root, whatever
//! credentials were used: signatures are not checked.
//!
//! Left out on purpose: web identities, SAML, sessions' own policies.

use jiff::SignedDuration;
use serde_json::json;

use super::error::AwsError;
use super::iam::{self, Caller, Context, Request};
use super::turn::{LOWER, Turn, UPPER, random};
use super::wire::{Answer, Input, Operation};

pub const OPERATIONS: &[Operation] = &[
    Operation::action("GetCallerIdentity", get_caller_identity),
    Operation::action("AssumeRole", assume_role),
];

fn get_caller_identity(turn: &mut Turn<'_>, _: &Input) -> Answer {
    Ok(json!({
        "Arn": turn.arn("iam", "root"),
        "UserId": turn.account(),
        "Account": turn.account(),
    })
    .into())
}

/// Credentials for a role whose trust policy lets the account.
fn assume_role(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let arn = required(input, "RoleArn", "roleArn")?;
    let session = required(input, "RoleSessionName", "roleSessionName")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&session.len()) || !session.chars().all(fits) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        )));
    }
    let root = turn.arn("iam", "root");
    let denied = || {
        let message =
            format!("User: {root} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        AwsError::new(403, "AccessDenied", message)
    };
    let role = iam::role(turn, arn).ok_or_else(denied)?;
    let request = Request {
        action: "sts:AssumeRole",
        resource: arn,
        context: &Context::new(),
    };
    let trusts = iam::permits(&role.trust, Caller::Aws(&root), request).allowed();
    if !trusts || turn.spreading(role.created) {
        return Err(denied());
    }
    let seconds = duration(input, role.max_session_seconds)?;
    let until = turn
        .now
        .saturating_add(SignedDuration::from_secs(seconds.into()));
    let until = until.unwrap_or(turn.now);
    Ok(json!({
        "Credentials": {
            "AccessKeyId": format!("ASIA{}", random(UPPER, 16)),
            "SecretAccessKey": random(LOWER, 20) + &random(LOWER, 20),
            "SessionToken": random(LOWER, 24) + &random(LOWER, 24),
            "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{}:{session}", role.id),
            "Arn": turn.arn("sts", &format!("assumed-role/{}/{session}", role.name)),
        },
    })
    .into())
}

fn invalid(message: String) -> AwsError {
    AwsError::new(400, "ValidationError", message)
}

fn required<'i>(input: &'i Input, member: &str, shown: &str) -> Result<&'i str, AwsError> {
    input.text(member).ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value null at '{shown}' failed to satisfy constraint: \
             Member must not be null"
        ))
    })
}

/// 900 seconds to what the role allows; an hour where nothing is said.
fn duration(input: &Input, most: u32) -> Result<u32, AwsError> {
    let Some(text) = input.text("DurationSeconds") else {
        return Ok(3600);
    };
    match text.parse() {
        Ok(seconds) if seconds > most => Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
                .to_owned(),
        )),
        Ok(seconds) if seconds >= 900 => Ok(seconds),
        _ => Err(invalid(format!(
            "1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy \
             constraint: Member must have value greater than or equal to 900"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use crate::local::testing::{cloud, query};

    #[tokio::test]
    async fn everybody_is_the_accounts_root() {
        let (status, xml) = query(&cloud(), "sts", &[("Action", "GetCallerIdentity")]).await;
        assert_eq!(status, 200);
        assert!(
            xml.contains("<Arn>arn:aws:iam::000000000000:root</Arn>"),
            "{xml}"
        );
    }

    #[tokio::test]
    async fn what_is_not_emulated_is_named() {
        let (status, xml) = query(&cloud(), "sts", &[("Action", "GetSessionToken")]).await;
        assert_eq!(status, 501);
        assert!(
            xml.contains("does not emulate sts:GetSessionToken"),
            "{xml}"
        );
    }

    #[tokio::test]
    async fn a_role_is_assumed_by_whom_it_trusts() {
        let cloud = cloud();
        for (name, who) in [
            ("ours", r#""AWS":"000000000000""#),
            ("lambdas", r#""Service":"lambda.amazonaws.com""#),
        ] {
            let trust = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{{who}}},"Action":"sts:AssumeRole"}}]}}"#
            );
            let create = [
                ("Action", "CreateRole"),
                ("RoleName", name),
                ("AssumeRolePolicyDocument", trust.as_str()),
            ];
            assert_eq!(query(&cloud, "iam", &create).await.0, 200);
        }
        let assume = [
            ("Action", "AssumeRole"),
            ("RoleArn", "arn:aws:iam::000000000000:role/ours"),
            ("RoleSessionName", "me"),
        ];
        let (status, xml) = query(&cloud, "sts", &assume).await;
        assert_eq!(status, 200, "{xml}");
        assert!(xml.contains("<AccessKeyId>ASIA"), "{xml}");
        assert!(xml.contains("assumed-role/ours/me</Arn>"), "{xml}");
        let assume = [
            assume[0],
            ("RoleArn", "arn:aws:iam::000000000000:role/lambdas"),
            assume[2],
        ];
        let (status, xml) = query(&cloud, "sts", &assume).await;
        assert_eq!(status, 403, "{xml}");
    }
}

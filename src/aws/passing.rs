//! Whether AWS may still be passing on what a call needs. Only then waiting helps: a name that is
//! misspelt never comes.
//!
//! IAM and Lambda tell their other parts of a new role, policy or function some seconds later.
//! Source: docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html, "eventually
//! consistent"; terraform-provider-aws waits two minutes for it.

use std::time::Duration;

use jiff::Timestamp;

use super::calls::{Who, found};
use super::cloud::Cloud;
use super::document::Document;
use super::retry::Nature::Read;
use crate::iam::grammar;
use crate::provider::{Boxed, ProviderError};

/// What AWS must have heard of for a call to succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// The ARN of a role, and the service that is to assume it.
    Role { arn: &'a str, service: &'a str },
    /// The ARN of a managed policy.
    Policy { arn: &'a str },
    /// The name of a function.
    Function { name: &'a str },
    /// Whom a resource's policy names: a service, an account or an ARN.
    Principal { name: &'a str },
}

/// Which of a call's needs a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Role,
    Policy,
    Function,
    Principal,
}

/// The longest that AWS has been seen to take.
const LONGEST: Duration = Duration::from_secs(120);
/// What is usual, for what this run did not make and cannot look at.
const USUAL: Duration = Duration::from_secs(15);
/// Older roles and policies are known everywhere, in seconds.
const NEW: i64 = 300;
const NONE: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];
const NO_FUNCTION: &[&str] = &["ResourceNotFoundException"];

impl Need<'_> {
    fn is(&self, about: About) -> bool {
        matches!(
            (self, about),
            (Need::Role { .. }, About::Role)
                | (Need::Policy { .. }, About::Policy)
                | (Need::Function { .. }, About::Function)
                | (Need::Principal { .. }, About::Principal)
        )
    }
}

impl Cloud {
    /// Notes that this run made or changed something that AWS passes on: `role/NAME`,
    /// `policy/NAME`, `function/NAME`.
    pub(super) fn passes_on(&self, kind: &str, name: &str) {
        let mut passing = self.passing.lock().unwrap_or_else(|p| p.into_inner());
        passing.insert(format!("{kind}/{name}"));
    }

    /// How long at most it makes sense to wait until AWS has heard of what it refused.
    pub(super) fn patience<'a>(
        &'a self,
        about: About,
        who: Who<'a>,
        refusal: &'a ProviderError,
    ) -> Boxed<'a, Duration> {
        let need = who.needs.iter().find(|need| need.is(about));
        // Boxed, since the looks are calls, and a call asks for patience.
        Box::pin(async move {
            if self.is_prompt {
                return Duration::ZERO;
            }
            match (need, about) {
                (Some(Need::Role { arn, service }), _) => self.role(arn, Some(service)).await,
                (Some(Need::Policy { arn }), _) => self.policy(arn).await,
                (Some(Need::Function { name }), _) => self.function(name).await,
                (Some(Need::Principal { name }), _) => self.principal(name).await,
                (None, About::Principal) => match named(&refusal.message) {
                    Some(name) => self.principal(name).await,
                    None => USUAL,
                },
                (None, _) => USUAL,
            }
        })
    }

    fn is_passing(&self, arn: &str) -> bool {
        let passing = self.passing.lock().unwrap_or_else(|p| p.into_inner());
        let kind = resource(arn).split('/').next().unwrap_or_default();
        passing.contains(&format!("{kind}/{}", last(arn)))
    }

    async fn role(&self, arn: &str, service: Option<&str>) -> Duration {
        if !self.is_own_account(arn) {
            return USUAL;
        }
        let get = || self.iam().get_role().role_name(last(arn)).send();
        let answer = self.call("GetRole", Read, Who::NOBODY, get).await;
        let passing = self.is_passing(arn);
        let role = match found(answer, NONE) {
            Ok(found) => found.and_then(|output| output.role),
            Err(_) => return if passing { LONGEST } else { USUAL },
        };
        let Some(role) = role else {
            return if passing { LONGEST } else { Duration::ZERO };
        };
        let trust = role.assume_role_policy_document.as_deref();
        if service.is_some_and(|service| !trusts(trust.unwrap_or("{}"), service)) {
            return Duration::ZERO;
        }
        // A principal that exists is being passed on; a role that a service may not assume yet
        // may also lack what its conditions ask for.
        if passing || service.is_none() || is_new(role.create_date.secs()) {
            LONGEST
        } else {
            USUAL
        }
    }

    async fn policy(&self, arn: &str) -> Duration {
        if self.is_passing(arn) {
            return LONGEST;
        }
        if !self.is_own_account(arn) {
            return Duration::ZERO;
        }
        let get = || self.iam().get_policy().policy_arn(arn).send();
        match found(self.call("GetPolicy", Read, Who::NOBODY, get).await, NONE) {
            Ok(Some(_)) => LONGEST,
            Ok(None) => Duration::ZERO,
            Err(_) => USUAL,
        }
    }

    async fn function(&self, name: &str) -> Duration {
        if self.is_passing(&format!("function/{name}")) {
            return LONGEST;
        }
        let get = || self.lambda().get_function().function_name(name).send();
        let answer = self.call("GetFunction", Read, Who::NOBODY, get).await;
        match found(answer, NO_FUNCTION) {
            Ok(Some(_)) => LONGEST,
            Ok(None) => Duration::ZERO,
            Err(_) => USUAL,
        }
    }

    async fn principal(&self, name: &str) -> Duration {
        match resource(name).split_once('/') {
            Some(("role", _)) => self.role(name, None).await,
            Some(("user", _)) => USUAL,
            // Services and accounts are there or not, whatever this run does.
            _ => Duration::ZERO,
        }
    }

    fn is_own_account(&self, arn: &str) -> bool {
        arn.split(':').nth(4) == Some(self.scope().account.as_str())
    }
}

/// What stands behind the account in an ARN; a name that is no ARN stands for itself.
fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

/// The name at the end of an ARN, without the path.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The principal that IAM names in `Invalid principal in policy: "AWS":"arn:…"`; a service is
/// given by its name.
fn named(message: &str) -> Option<&str> {
    let (_, told) = message.split_once("Invalid principal in policy: ")?;
    told.split('"').nth(3)
}

fn is_new(created: i64) -> bool {
    (Timestamp::now().as_second() - created).abs() < NEW
}

/// Does a trust policy name a service? One that cannot be read is given the benefit of the doubt.
fn trusts(trust: &str, service: &str) -> bool {
    let text = Document::from_aws(trust).to_aws();
    let Ok(document) = grammar::read(&text) else {
        return true;
    };
    let principals = document
        .statements
        .iter()
        .filter_map(|statement| statement.principals.as_ref());
    principals.into_iter().any(|principals| {
        let names = |(_, name): &(String, String)| name == service || name == "*";
        principals.listed.iter().any(names) != principals.negated
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_principal_of_a_refusal_is_found() {
        let aws = "Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/x\"";
        assert_eq!(named(aws), Some("arn:aws:iam::1:role/x"));
        let service = "Invalid principal in policy: \"SERVICE\":\"lambda\"";
        assert_eq!(named(service), Some("lambda"));
        assert_eq!(named("Invalid principal"), None);
    }

    #[test]
    fn a_trust_policy_names_a_service_or_not() {
        let trust = |principal: &str| {
            format!(
                r#"{{"Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {principal}}}}}"#
            )
        };
        let lambda = |text: &str| trusts(text, "lambda.amazonaws.com");
        assert!(lambda(&trust(
            r#"{"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}"#
        )));
        assert!(!lambda(&trust(r#"{"Service": "ec2.amazonaws.com"}"#)));
        assert!(lambda(&trust(r#""*""#)));
        assert!(lambda("no policy"));
    }
}

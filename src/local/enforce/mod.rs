//! A caller who may do no more than an identity policy allows: for tests of what deploying needs.
//!
//! What each request asks of IAM is read from the request itself, as the Service Authorization
//! Reference has it (docs.aws.amazon.com/service-authorization/latest/reference); nothing here
//! knows what slp believes. Off until `Cloud::enforce`. Left out on purpose: AWS's own tags and
//! global condition keys (`aws:…`).

mod ask;
mod gateway;
mod iam;
mod lambda;
mod logs;
mod s3;

use std::sync::{Mutex, PoisonError};

use super::error::AwsError;
use super::iam::{Document, decision, read_policy};
use super::turn::Turn;
use super::wire::{Answer, Body, Input, Operation};
use super::{Cloud, Place};
use ask::{Ask, By};

/// The policy that is enforced, if one is.
#[derive(Default)]
pub struct Enforced(Mutex<Option<Document>>);

impl Cloud {
    /// From now on every caller may do what this policy allows, and nothing else; `None`: all.
    pub fn enforce(&self, policy: Option<&str>) -> Result<(), AwsError> {
        let malformed =
            |_| AwsError::new(400, "MalformedPolicyDocument", "Syntax errors in policy.");
        let document = policy.map(read_policy).transpose().map_err(malformed)?;
        *self.enforced.lock() = document;
        Ok(())
    }
}

impl Enforced {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Document>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn allows(&self, ask: &Ask) -> bool {
        match &*self.lock() {
            Some(document) => {
                decision(document, &ask.action, &ask.resource, &ask.context).allowed()
            }
            None => true,
        }
    }

    fn is_on(&self) -> bool {
        self.lock().is_some()
    }
}

/// Refuses what the policy does not allow, as AWS words it.
pub fn check(
    cloud: &Cloud,
    service: &str,
    operation: &Operation,
    input: &Input,
    place: &Place,
) -> Result<(), AwsError> {
    if !cloud.enforced.is_on() {
        return Ok(());
    }
    let asks = cloud.turn(place.clone(), |turn| {
        Ok(asks(service, operation, input, turn))
    })?;
    match asks.iter().find(|ask| !cloud.enforced.allows(ask)) {
        Some(ask) => Err(ask.denied(service, &cloud.account)),
        None => Ok(()),
    }
}

/// What a request asks, in the order in which AWS looks.
fn asks(service: &str, operation: &Operation, input: &Input, turn: &Turn<'_>) -> Vec<Ask> {
    let by = By {
        operation: operation.name,
        input,
        turn,
    };
    match service {
        // Everybody may ask who they are.
        "sts" if operation.name == "GetCallerIdentity" => Vec::new(),
        "apigateway" => gateway::asks(operation, &by),
        "iam" => iam::asks(&by),
        "lambda" => lambda::asks(&by),
        "logs" => logs::asks(&by),
        "s3" => s3::asks(&by),
        service => vec![Ask::new(format!("{service}:{}", operation.name), "*")],
    }
}

/// What an answer holds for this caller: some parts take rights of their own.
pub fn seen(
    cloud: &Cloud,
    service: &str,
    operation: &Operation,
    input: &Input,
    place: &Place,
    answer: Answer,
) -> Answer {
    if !cloud.enforced.is_on() {
        return answer;
    }
    let ask = cloud.turn(place.clone(), |turn| {
        let by = By {
            operation: operation.name,
            input,
            turn,
        };
        Ok(match (service, operation.name) {
            ("lambda", "GetFunction") => Some(lambda::tags(&by)),
            ("s3", "GetObject") => Some(s3::list(&by)),
            _ => None,
        })
    })?;
    match (ask, answer) {
        (Some(ask), answer) if cloud.enforced.allows(&ask) => answer,
        (Some(_), Ok(mut reply)) if service == "lambda" => {
            if let Body::Json(serde_json::Value::Object(body)) = &mut reply.body {
                body.remove("Tags");
            }
            Ok(reply)
        }
        // Who may not list a bucket is not told what it lacks.
        (Some(ask), Err(error)) if error.code == "NoSuchKey" => {
            Err(ask.denied(service, &cloud.account))
        }
        (_, answer) => answer,
    }
}

#[cfg(test)]
mod tests;

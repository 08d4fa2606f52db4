//! What other services ask of IAM.

use std::fmt;

use super::model::Role;
use super::policies;
use crate::iam::evaluate::{self, Caller, Context, Decision, Request, Why};
use crate::iam::grammar::{self, Document};
use crate::local::turn::Turn;

/// Why a role cannot be assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unassumable {
    /// There is no role of that ARN.
    Missing,
    /// It is too new; see `Faults::propagation`.
    New,
    /// Its trust policy does not let this caller.
    Untrusted(Why),
}

impl fmt::Display for Unassumable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unassumable::Missing => f.write_str("there is no such role"),
            Unassumable::New => f.write_str("the role is too new to be known everywhere"),
            Unassumable::Untrusted(why) => write!(f, "its trust policy: {why}"),
        }
    }
}

/// The role of an ARN, exact in path and case.
pub fn role<'t>(turn: &'t Turn<'_>, arn: &str) -> Option<&'t Role> {
    let name = arn.rsplit('/').next()?;
    let role = turn.world.global.iam.roles.get(&super::key(name))?;
    (role.arn() == arn).then_some(role)
}

/// May a service, such as `lambda.amazonaws.com`, assume a role? `context` holds what the
/// service says of what it works for: `aws:SourceArn`. All of it is in this account.
pub fn assumable(
    turn: &Turn<'_>,
    role_arn: &str,
    service: &str,
    context: &Context,
) -> Result<(), Unassumable> {
    let role = role(turn, role_arn).ok_or(Unassumable::Missing)?;
    if turn.spreading(role.created) {
        return Err(Unassumable::New);
    }
    let context = context.clone().with("aws:SourceAccount", turn.account());
    let request = Request {
        action: "sts:AssumeRole",
        resource: role_arn,
        context: &context,
    };
    let decision = match grammar::read(&role.trust) {
        Ok(trust) => evaluate::resource(&trust, Caller::Service(service), request),
        Err(_) => Decision::Denied(Why::Document),
    };
    match decision {
        Decision::Allowed => Ok(()),
        Decision::Denied(why) => Err(Unassumable::Untrusted(why)),
    }
}

/// Does what a role may do (attached, inline, within its boundary) include an action on a
/// resource?
pub fn allowed(
    turn: &Turn<'_>,
    role_arn: &str,
    action: &str,
    resource: &str,
    context: &Context,
) -> bool {
    let request = Request {
        action,
        resource,
        context,
    };
    let Some(role) = role(turn, role_arn) else {
        return false;
    };
    decide(turn, role, request).allowed()
}

/// The same with the reason.
pub fn decide(turn: &Turn<'_>, role: &Role, request: Request<'_>) -> Decision {
    let iam = &turn.world.global.iam;
    let attached = role.attached.iter().map(|arn| policies::document(iam, arn));
    let inline = role.inline.values().map(|text| Some(text.as_str()));
    let Some(documents) = attached
        .chain(inline)
        .map(parsed)
        .collect::<Option<Vec<_>>>()
    else {
        return Decision::Denied(Why::Document);
    };
    let decision = evaluate::identity(&documents, request);
    match &role.boundary {
        Some(arn) if decision.allowed() => match parsed(policies::document(iam, arn)) {
            Some(boundary) => evaluate::identity(&[boundary], request),
            None => Decision::Denied(Why::Document),
        },
        _ => decision,
    }
}

fn parsed(text: Option<&str>) -> Option<Document> {
    grammar::read(text?).ok()
}

/// What one identity-based policy decides.
pub fn decision(document: &Document, action: &str, resource: &str, context: &Context) -> Decision {
    let request = Request {
        action,
        resource,
        context,
    };
    evaluate::identity(std::slice::from_ref(document), request)
}

/// What a resource's policy, as JSON, decides for a caller: a function's permissions.
pub fn permits(document: &str, caller: Caller<'_>, request: Request<'_>) -> Decision {
    match grammar::read(document) {
        Ok(document) => evaluate::resource(&document, caller, request),
        Err(_) => Decision::Denied(Why::Document),
    }
}

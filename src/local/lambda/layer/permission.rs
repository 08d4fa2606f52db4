//! Who may use a layer version. In a cloud of one account it is kept and shown, and asked by
//! nobody.

use serde::Deserialize;
use serde_json::json;

use super::{layer_name, number};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::lambda::create::revision;
use crate::local::lambda::errors;
use crate::local::lambda::model::LayerVersion;
use crate::local::lambda::permission::{check_sid, duplicate, no_statement, principal, shown};
use crate::local::lambda::policy::Statement;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    statement_id: Option<String>,
    action: Option<String>,
    principal: Option<String>,
    organization_id: Option<String>,
}

pub fn add_permission(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let wanted: Wanted = input.body()?;
    let mut check = Check::default();
    check_sid(&mut check, wanted.statement_id.as_deref());
    match wanted.action.as_deref() {
        None => check.missing("action"),
        Some("lambda:GetLayerVersion") => {}
        Some(action) => check.pattern("action", action, "lambda:GetLayerVersion"),
    }
    if wanted.principal.is_none() {
        check.missing("principal");
    }
    check.done()?;
    let principal = principal(wanted.principal.unwrap_or_default())?;
    let (arn, version) = version(turn, input)?;
    let policy = version.policy.get_or_insert_default();
    current(&policy.revision, input)?;
    let sid = wanted.statement_id.unwrap_or_default();
    if policy
        .statements
        .iter()
        .any(|statement| statement.sid == sid)
    {
        return Err(duplicate(&sid));
    }
    let statement = Statement {
        sid,
        principal,
        action: wanted.action.unwrap_or_default(),
        source_arn: None,
        source_account: None,
        organization: wanted.organization_id,
        url_auth_type: None,
        event_source_token: None,
        via_url: None,
    };
    let document = statement.document(&arn).to_string();
    policy.statements.push(statement);
    policy.revision = revision();
    Ok(json!({ "Statement": document, "RevisionId": policy.revision }).into())
}

pub fn get_policy(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (arn, version) = version(turn, input)?;
    match &version.policy {
        Some(policy) => Ok(shown(policy, &arn)),
        None => Err(no_policy()),
    }
}

pub fn remove_permission(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let (_, version) = version(turn, input)?;
    let policy = version.policy.as_mut().ok_or_else(no_policy)?;
    current(&policy.revision, input)?;
    let sid = input.path("StatementId");
    let before = policy.statements.len();
    policy.statements.retain(|statement| statement.sid != sid);
    if policy.statements.len() == before {
        return Err(no_statement(sid));
    }
    policy.revision = revision();
    if policy.statements.is_empty() {
        version.policy = None;
    }
    Ok(Reply::empty())
}

fn no_policy() -> AwsError {
    errors::not_found("No policy is associated with the given resource.")
}

fn current(revision: &str, input: &Input) -> Result<(), AwsError> {
    match input.query("RevisionId") {
        Some(given) if given != revision => Err(errors::stale("GetLayerPolicy")),
        _ => Ok(()),
    }
}

/// The layer version that the path names, and its ARN.
fn version<'a>(
    turn: &'a mut Turn<'_>,
    input: &Input,
) -> Result<(String, &'a mut LayerVersion), AwsError> {
    let number = number(input)?;
    let name = layer_name(turn, input)?;
    let arn = turn.arn("lambda", &format!("layer:{name}:{number}"));
    let layer = turn.region().lambda.layers.get_mut(&name);
    match layer.and_then(|layer| layer.versions.get_mut(&number)) {
        Some(version) => Ok((arn, version)),
        None => Err(errors::not_found(format!(
            "Layer version {arn} does not exist."
        ))),
    }
}

//! `AddPermission`, `RemovePermission`, `GetPolicy`: one policy for each qualifier.

use serde::Deserialize;
use serde_json::json;

use super::create::revision;
use super::errors;
use super::model::{Function, LATEST};
use super::name::{self, Named};
use super::policy::{Policy, Principal, Statement};
use crate::bounds::texts::{is_event_source_token, is_organization, is_source_arn};
use crate::iam::principal::{Verdict, judge};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// The bytes of a policy.
const LARGEST_POLICY: usize = 20_480;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    statement_id: Option<String>,
    action: Option<String>,
    principal: Option<String>,
    source_arn: Option<String>,
    source_account: Option<String>,
    #[serde(rename = "PrincipalOrgID")]
    organization: Option<String>,
    event_source_token: Option<String>,
    function_url_auth_type: Option<String>,
    invoked_via_function_url: Option<bool>,
    revision_id: Option<String>,
}

pub fn add_permission(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let wanted: Wanted = input.body()?;
    checked(&wanted)?;
    let named = name::asked(turn, input)?;
    if named.qualifier.as_deref() == Some(LATEST) {
        return Err(errors::invalid(
            "We currently do not support adding policies for $LATEST.",
        ));
    }
    let mut function = existing(turn, &named)?.clone();
    let at = named.qualifier.clone().unwrap_or_default();
    current(turn, &function, &at, wanted.revision_id.as_deref())?;
    let statement = statement(wanted)?;
    let policy = function.policies.entry(at).or_default();
    if policy.statements.iter().any(|s| s.sid == statement.sid) {
        return Err(duplicate(&statement.sid));
    }
    let shown = statement.document(&named.arn(turn)).to_string();
    policy.statements.push(statement);
    policy.revision = revision();
    fits(policy, &named.arn(turn))?;
    turn.region().lambda.functions.insert(named.name, function);
    Ok(json!({ "Statement": shown }).into())
}

pub fn remove_permission(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let sid = input.path("StatementId");
    let arn = named.arn(turn);
    if super::function(turn, &named).is_err() {
        return Err(errors::not_found(format!("No policy found for: {arn}")));
    }
    let mut function = existing(turn, &named)?.clone();
    let at = named.qualifier.clone().unwrap_or_default();
    let none = || errors::not_found("No policy is associated with the given resource.");
    let policy = function.policies.get_mut(&at).ok_or_else(none)?;
    if input
        .query("RevisionId")
        .is_some_and(|given| given != policy.revision)
    {
        return Err(errors::stale("GetPolicy"));
    }
    let before = policy.statements.len();
    policy.statements.retain(|statement| statement.sid != sid);
    if policy.statements.len() == before {
        return Err(no_statement(sid));
    }
    policy.revision = revision();
    if policy.statements.is_empty() {
        function.policies.remove(&at);
    }
    turn.region().lambda.functions.insert(named.name, function);
    Ok(Reply::empty())
}

pub fn get_policy(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let arn = named.arn(turn);
    let at = named.qualifier.as_deref().unwrap_or_default();
    let function = super::function(turn, &named).ok();
    match function.and_then(|function| function.policies.get(at)) {
        Some(policy) => Ok(shown(policy, &arn)),
        None => Err(errors::not_found(
            "The resource you requested does not exist.",
        )),
    }
}

/// As `GetPolicy` and `GetLayerVersionPolicy` answer.
pub fn shown(policy: &Policy, arn: &str) -> Reply {
    let document = policy.document(arn).to_string();
    json!({ "Policy": document, "RevisionId": policy.revision }).into()
}

pub fn duplicate(sid: &str) -> AwsError {
    errors::conflict(format!(
        "The statement id ({sid}) provided already exists. Please provide a new statement id, or \
         remove the existing statement."
    ))
}

pub fn no_statement(sid: &str) -> AwsError {
    errors::not_found(format!("Statement {sid} is not found in resource policy."))
}

/// `[a-zA-Z0-9-_]+`, at most 100.
pub fn check_sid(check: &mut Check, sid: Option<&str>) {
    match sid {
        None => check.missing("statementId"),
        Some(sid) => {
            check.longest("statementId", sid, 100);
            if sid.is_empty() || !sid.bytes().all(name::is_word) {
                check.pattern("statementId", sid, "([a-zA-Z0-9-_]+)");
            }
        }
    }
}

fn checked(wanted: &Wanted) -> Result<(), AwsError> {
    let mut check = Check::default();
    check_sid(&mut check, wanted.statement_id.as_deref());
    match wanted.action.as_deref() {
        None => check.missing("action"),
        Some(action) => {
            let name = action.strip_prefix("lambda:").unwrap_or_default();
            let letters = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic());
            if !letters && name != "*" && action != "*" {
                check.pattern("action", action, "(lambda:[*]|lambda:[a-zA-Z]+|[*])");
            }
        }
    }
    if wanted.principal.is_none() {
        check.missing("principal");
    }
    if let Some(account) = &wanted.source_account
        && !name::is_account(account)
    {
        check.pattern("sourceAccount", account, "\\d{12}");
    }
    if let Some(arn) = &wanted.source_arn
        && !is_source_arn(arn)
    {
        let pattern = "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)";
        check.pattern("sourceArn", arn, pattern);
    }
    if let Some(org) = wanted
        .organization
        .as_deref()
        .filter(|id| !is_organization(id))
    {
        check.pattern("principalOrgID", org, "o-[a-z0-9]{10,32}");
    }
    let token = wanted.event_source_token.as_deref();
    if let Some(token) = token.filter(|token| !is_event_source_token(token)) {
        check.pattern("eventSourceToken", token, "[a-zA-Z0-9._\\-]+");
    }
    if let Some(kind) = &wanted.function_url_auth_type {
        check.one_of("functionUrlAuthType", kind, &["NONE", "AWS_IAM"]);
    }
    check.done()
}

/// The function, if what its qualifier names is there.
fn existing<'a>(turn: &'a Turn<'_>, named: &Named) -> Result<&'a Function, AwsError> {
    let function = super::function(turn, named)?;
    match named.qualifier.as_deref() {
        Some(qualifier) if function.version(Some(qualifier)).is_none() => {
            let arn = named.arn(turn);
            // `42` is a version, and what has a dollar can be no alias.
            let number = qualifier.bytes().all(|b| b.is_ascii_digit());
            Err(match number || qualifier.contains('$') {
                true => errors::no_function(&arn),
                false => errors::no_alias(&arn),
            })
        }
        _ => Ok(function),
    }
}

/// The caller's revision must be that of the policy, or where there is none yet, that of what it
/// will stand on.
fn current(
    turn: &Turn<'_>,
    function: &Function,
    at: &str,
    given: Option<&str>,
) -> Result<(), AwsError> {
    let qualifier = Some(at).filter(|at| !at.is_empty());
    let of_version = || function.version(qualifier).map(|v| v.revision(turn));
    let latest = match (function.policies.get(at), function.aliases.get(at)) {
        (Some(policy), _) => Some(policy.revision.as_str()),
        (None, Some(alias)) => Some(alias.revision.as_str()),
        (None, None) => of_version(),
    };
    match given {
        Some(given) if Some(given) != latest => Err(errors::stale("GetPolicy")),
        _ => Ok(()),
    }
}

fn statement(wanted: Wanted) -> Result<Statement, AwsError> {
    Ok(Statement {
        sid: wanted.statement_id.unwrap_or_default(),
        principal: principal(wanted.principal.unwrap_or_default())?,
        action: wanted.action.unwrap_or_default(),
        source_arn: wanted.source_arn,
        source_account: wanted.source_account,
        organization: wanted.organization,
        url_auth_type: wanted.function_url_auth_type,
        event_source_token: wanted.event_source_token,
        via_url: wanted.invoked_via_function_url,
    })
}

/// Anybody, an account, an ARN of IAM, or a service.
pub fn principal(text: String) -> Result<Principal, AwsError> {
    if text == "*" {
        return Ok(Principal::Anybody);
    }
    if name::is_account(&text) {
        return Ok(Principal::Aws(format!("arn:aws:iam::{text}:root")));
    }
    let arn = text.starts_with("arn:aws:iam::") || text.starts_with("arn:aws:sts::");
    let fits = |kind: &str| !matches!(judge(kind, &text), Verdict::Never(_));
    if arn && fits("AWS") {
        return Ok(Principal::Aws(text));
    }
    if fits("Service") {
        return Ok(Principal::Service(text));
    }
    Err(errors::invalid(
        "The provided principal was invalid. Please check the principal and try again.",
    ))
}

fn fits(policy: &Policy, arn: &str) -> Result<(), AwsError> {
    let size = policy.document(arn).to_string().len();
    if size <= LARGEST_POLICY {
        return Ok(());
    }
    let message =
        format!("The final policy size ({size}) is bigger than the limit ({LARGEST_POLICY}).");
    Err(AwsError::new(400, "PolicyLengthExceededException", message))
}

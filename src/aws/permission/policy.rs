//! The policy on a function, statement by statement.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Place, Spec};
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::retry::Nature;
use crate::provider::ProviderError;
use crate::scope::Scope;
use crate::text::Text;

pub const NOT_FOUND: &[&str] = &["ResourceNotFoundException"];

/// Statements by Sid.
pub type Statements = BTreeMap<String, Value>;

/// The statements on a function, or on one of its aliases or versions; asked once a
/// refresh. Empty where there is no policy, or no function.
pub async fn policy_of(
    cloud: &Cloud,
    function: &str,
    qualifier: Option<&str>,
) -> Result<Arc<Statements>, ProviderError> {
    let argument = match qualifier {
        Some(qualifier) => format!("{function}:{qualifier}"),
        None => function.to_owned(),
    };
    cloud
        .once("GetPolicy", &argument, || {
            ask(cloud, function, qualifier, Who::NOBODY)
        })
        .await
}

/// As `policy_of`, asked anew.
pub async fn ask(
    cloud: &Cloud,
    function: &str,
    qualifier: Option<&str>,
    who: Who<'_>,
) -> Result<Statements, ProviderError> {
    let client = cloud.lambda();
    let send = || {
        let call = client.get_policy().function_name(function);
        call.set_qualifier(qualifier.map(str::to_owned)).send()
    };
    let answer = found(
        cloud.call("GetPolicy", Nature::Read, who, send).await,
        NOT_FOUND,
    )?;
    let Some(text) = answer.and_then(|answer| answer.policy) else {
        return Ok(Statements::new());
    };
    parse(&text, qualifier)
}

/// Emulators answer the statements on a function's aliases together with its own.
fn stands_on(statement: &Value, qualifier: Option<&str>) -> bool {
    let arn = statement.get("Resource").and_then(one).unwrap_or_default();
    match arn.split(':').nth(7) {
        Some(on) => Some(on) == qualifier,
        None => qualifier.is_none() || arn.is_empty(),
    }
}

pub fn parse(text: &str, qualifier: Option<&str>) -> Result<Statements, ProviderError> {
    let policy: Value = serde_json::from_str(text).map_err(|error| {
        ProviderError::new(
            "GetPolicy",
            format!("the function's policy is not JSON: {error}"),
        )
    })?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(list)) => list.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => Vec::new(),
    };
    let by_sid = |statement: Value| {
        let sid = statement.get("Sid")?.as_str()?.to_owned();
        Some((sid, statement))
    };
    let here = |statement: &Value| stands_on(statement, qualifier);
    Ok(statements
        .into_iter()
        .filter(here)
        .filter_map(by_sid)
        .collect())
}

/// What a statement says, in the terms of `AddPermission`.
pub fn spec(place: &Place, statement: &Value, scope: &Scope) -> Spec {
    let condition = |key: &str| condition(statement, key).map(Text::from);
    let told = |key: &str| statement.get(key).and_then(one).map(Text::from);
    // moto leaves some at the statement's top instead of turning them into conditions.
    let url = condition("lambda:FunctionUrlAuthType").or_else(|| told("FunctionUrlAuthType"));
    Spec {
        function: place.function.as_str().into(),
        alias: place.alias.clone(),
        sid: place.sid.clone(),
        action: statement.get("Action").and_then(one).unwrap_or_default(),
        principal: principal(statement.get("Principal"), scope).into(),
        source_arn: condition("AWS:SourceArn"),
        source_account: condition("AWS:SourceAccount"),
        org_id: condition("aws:PrincipalOrgID"),
        event_source_token: condition("lambda:EventSourceToken"),
        function_url_auth_type: url.map(|text| text.to_string()),
        invoked_via_function_url: condition("lambda:InvokedViaFunctionUrl") == Some("true".into()),
    }
}

/// The value of a condition key under whatever operator; keys know no case.
fn condition(statement: &Value, key: &str) -> Option<String> {
    let operators = statement.get("Condition")?.as_object()?.values();
    let mut keys = operators.filter_map(Value::as_object).flatten();
    keys.find(|(name, _)| name.eq_ignore_ascii_case(key))
        .and_then(|(_, value)| one(value))
}

/// An account that is named by its number is answered as its root's ARN.
fn principal(value: Option<&Value>, scope: &Scope) -> String {
    let named = match value {
        Some(Value::Object(map)) => map.values().find_map(one),
        Some(value) => one(value),
        None => None,
    };
    let named = named.unwrap_or_default();
    let head = format!("arn:{}:iam::", scope.partition);
    let account = named
        .strip_prefix(&head)
        .and_then(|rest| rest.strip_suffix(":root"));
    account.map_or(named.clone(), str::to_owned)
}

/// A text, or the only member of a list.
fn one(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Array(list) => match &list[..] {
            [only] => one(only),
            _ => None,
        },
        _ => None,
    }
}

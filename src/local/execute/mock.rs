//! Answers that API Gateway makes by itself.

use serde_json::Value;

use super::answer::{Answer, Failure};
use super::call::Call;
use super::template;
use crate::local::apigateway::{Integration, IntegrationResponse, Method};

/// The request template says the status, and that chooses the answer.
pub fn answer(
    call: &mut Call,
    method: &Method,
    integration: &Integration,
) -> Result<Answer, Failure> {
    call.integration = Some("mock".into());
    let status = status(call, integration)?;
    let chosen = chosen(integration, &status)?;
    if !method.method_responses.contains_key(&chosen.status_code) {
        return Err(Failure::internal(format!(
            "the method has no response {}, which its integration answers",
            chosen.status_code
        )));
    }
    let mut headers = Vec::new();
    for (to, from) in &chosen.response_parameters {
        let name = to.rsplit('.').next().unwrap_or_default();
        headers.push((name.to_owned(), value(call, from)?));
    }
    let code = chosen.status_code.parse();
    let code = code.map_err(|_| Failure::internal("the response's status is no number"))?;
    let first = chosen.response_templates.iter().next();
    let typed = chosen
        .response_templates
        .get_key_value("application/json")
        .or(first);
    let (kind, body) = match typed {
        Some((kind, Some(text))) => (kind.as_str(), template::rendered(call, text)?),
        Some((kind, None)) => (kind.as_str(), String::new()),
        None => ("application/json", String::new()),
    };
    let mut answer = Answer::new(code, headers, body);
    if answer.header("content-type").is_none() {
        answer
            .headers
            .push(("Content-Type".into(), kind.to_owned()));
    }
    Ok(answer)
}

fn status(call: &Call, integration: &Integration) -> Result<String, Failure> {
    let templates = &integration.request_templates;
    let Some(text) = templates.get(call.content_type()) else {
        return match integration.passthrough_behavior.as_str() {
            "NEVER" => Err(Failure::unsupported_media()),
            "WHEN_NO_TEMPLATES" if !templates.is_empty() => Err(Failure::unsupported_media()),
            _ => said(&String::from_utf8_lossy(&call.body)),
        };
    };
    if call.is_binary() && integration.content_handling.as_deref() != Some("CONVERT_TO_TEXT") {
        return Err(Failure::internal(
            "a template cannot read bytes: set the integration's content handling to \
             CONVERT_TO_TEXT",
        ));
    }
    said(&template::rendered(
        call,
        text.as_deref().unwrap_or_default(),
    )?)
}

/// `{"statusCode": 200}` → `200`.
fn said(body: &str) -> Result<String, Failure> {
    let value: Option<Value> = serde_json::from_str(body).ok();
    let status = value.as_ref().and_then(|value| value.get("statusCode"));
    match status {
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(Failure::internal(
            "a mock's request template must say a statusCode",
        )),
    }
}

fn chosen<'i>(
    integration: &'i Integration,
    status: &str,
) -> Result<&'i IntegrationResponse, Failure> {
    let responses = || integration.integration_responses.values();
    let fitting = responses().find(|response| {
        let pattern = response.pattern();
        pattern.is_some_and(|pattern| pattern.split('|').any(|one| fits(one, status)))
    });
    let default = || responses().find(|response| response.pattern().is_none());
    fitting.or_else(default).ok_or_else(|| {
        Failure::internal(format!("no integration response fits the status {status}"))
    })
}

/// The patterns of statuses that are in use: `404`, `4\d\d`, `4..`, `4\d{2}`.
fn fits(pattern: &str, status: &str) -> bool {
    let plain = pattern.replace("\\d{2}", "..").replace("\\d", ".");
    let same = |(wanted, digit): (char, char)| wanted == '.' || wanted == digit;
    plain.len() == status.len() && plain.chars().zip(status.chars()).all(same)
}

fn value(call: &Call, from: &str) -> Result<String, Failure> {
    if let Some(text) = from
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
    {
        return Ok(text.to_owned());
    }
    if let Some(name) = from.strip_prefix("stageVariables.") {
        return Ok(call.stage.variables.get(name).cloned().unwrap_or_default());
    }
    Err(Failure::internal(format!(
        "the embedded cloud cannot map `{from}` to a header"
    )))
}

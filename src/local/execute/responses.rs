//! From a backend's answer to the caller's, where the backend is no proxy.

use bytes::Bytes;
use regex::Regex;

use super::answer::{Answer, Failure};
use super::call::Call;
use super::{media, parameters, template};
use crate::local::apigateway::{Integration, IntegrationResponse, Method};

const JSON: &str = "application/json";

/// What an integration answered.
#[derive(Debug, Default)]
pub struct Backend {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Backend {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The answer that the integration response makes whose pattern fits `said`: a status, or a
/// function's error message.
pub fn answer(
    call: &mut Call,
    method: &Method,
    integration: &Integration,
    backend: &Backend,
    said: &str,
) -> Result<Answer, Failure> {
    let chosen = chosen(integration, said)?;
    if !method.method_responses.contains_key(&chosen.status_code) {
        return Err(Failure::internal(format!(
            "the method has no response {}, which its integration answers",
            chosen.status_code
        )));
    }
    let status = chosen.status_code.parse();
    let status = status.map_err(|_| Failure::internal("the response's status is no number"))?;
    let mut headers = parameters::answered(call, &chosen.response_parameters, backend)?;
    let (kind, body) = body(call, chosen, backend)?;
    parameters::set(&mut headers, &call.overrides.response_headers());
    let status = call.overrides.status().unwrap_or(status);
    let mut answer = Answer::new(status, headers, body).mapped();
    if answer.header("content-type").is_none() {
        answer.headers.push(("Content-Type".into(), kind));
    }
    Ok(answer)
}

/// The first response whose pattern fits all of `said`, else the one without a pattern.
fn chosen<'i>(
    integration: &'i Integration,
    said: &str,
) -> Result<&'i IntegrationResponse, Failure> {
    let responses = || integration.integration_responses.values();
    for response in responses() {
        if let Some(pattern) = response.pattern()
            && fits(pattern, said)?
        {
            return Ok(response);
        }
    }
    let default = responses().find(|response| response.pattern().is_none());
    default.ok_or_else(|| {
        Failure::internal(format!(
            "no integration response fits `{said}`, and there is none without a pattern"
        ))
    })
}

/// AWS asks of Java's `matches`: a pattern must fit the whole text.
fn fits(pattern: &str, said: &str) -> Result<bool, Failure> {
    let whole = Regex::new(&format!(r"\A(?:{pattern})\z"));
    let whole = whole.map_err(|_| {
        Failure::internal(format!(
            "the embedded cloud does not know the selection pattern `{pattern}`"
        ))
    })?;
    Ok(whole.is_match(said))
}

/// The body with its content type: a template's, or the backend's body as it came.
fn body(
    call: &mut Call,
    chosen: &IntegrationResponse,
    backend: &Backend,
) -> Result<(String, Bytes), Failure> {
    let body = media::answered(call, backend, chosen.content_handling.as_deref())?;
    let (kind, template) = template_of(call, chosen).unwrap_or((JSON, None));
    // AWS answers null for an empty template, which means the same as none.
    let Some(template) = template else {
        return Ok((kind.to_owned(), body.into_bytes()));
    };
    // Where every type is bytes, a text is as well, and templates read it all the same.
    let text = String::from_utf8(body.into_bytes().into());
    let text = text.map_err(|_| {
        Failure::internal(
            "a template cannot read bytes: set the integration response's content handling to \
             CONVERT_TO_TEXT",
        )
    })?;
    let written = template::rendered(call, &text, template)?;
    Ok((kind.to_owned(), written.into()))
}

/// By what the caller accepts, else JSON, else the first.
fn template_of<'r>(
    call: &Call,
    chosen: &'r IntegrationResponse,
) -> Option<(&'r str, Option<&'r str>)> {
    let templates = &chosen.response_templates;
    let accepted = call.header("accept").unwrap_or(JSON);
    let found = templates
        .get_key_value(accepted)
        .or_else(|| templates.get_key_value(JSON))
        .or_else(|| templates.iter().next());
    found.map(|(kind, template)| (kind.as_str(), template.as_deref()))
}

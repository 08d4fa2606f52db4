//! The body that goes to a backend which is no proxy: a template's, or what was sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::answer::Failure;
use super::call::Call;
use super::{media, template};
use crate::local::apigateway::Integration;

/// By the content type of the request a template is chosen; where none fits, the integration
/// says whether the body passes as it is.
pub fn payload(call: &mut Call, integration: &Integration) -> Result<Bytes, Failure> {
    let templates = &integration.request_templates;
    let chosen = templates.get(call.content_type());
    let passes = match integration.passthrough_behavior.as_str() {
        "NEVER" => false,
        "WHEN_NO_TEMPLATES" => templates.is_empty(),
        _ => true,
    };
    if chosen.is_none() && !passes {
        return Err(Failure::unsupported_media());
    }
    let body = received(call, integration.content_handling.as_deref())?;
    match (chosen.and_then(Option::as_ref), body) {
        (None, Body::Text(text)) => Ok(text.into()),
        (None, Body::Bytes(bytes)) => Ok(bytes),
        (Some(template), Body::Text(text)) => {
            template::rendered(call, &text, template).map(Bytes::from)
        }
        (Some(_), Body::Bytes(_)) => Err(Failure::internal(
            "a template cannot read bytes: set the integration's content handling to \
             CONVERT_TO_TEXT",
        )),
    }
}

pub enum Body {
    Text(String),
    Bytes(Bytes),
}

impl Body {
    pub fn into_bytes(self) -> Bytes {
        match self {
            Body::Text(text) => text.into(),
            Body::Bytes(bytes) => bytes,
        }
    }
}

/// The request's body after the integration's content handling.
/// docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
pub fn received(call: &Call, handling: Option<&str>) -> Result<Body, Failure> {
    let body = &call.body;
    Ok(match (call.is_binary(), handling) {
        (true, Some("CONVERT_TO_TEXT")) => Body::Text(STANDARD.encode(body)),
        (true, _) => Body::Bytes(body.clone()),
        (false, Some("CONVERT_TO_BINARY")) => Body::Bytes(media::unpacked(body)?),
        (false, _) => Body::Text(String::from_utf8_lossy(body).into_owned()),
    })
}

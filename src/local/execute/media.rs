//! Which bodies are bytes and which are text, and how one becomes the other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::answer::Failure;
use super::call::Call;
use super::payload::Body;
use super::responses::Backend;

impl Call {
    /// Is the request's body bytes to this API?
    pub fn is_binary(&self) -> bool {
        let kind = self.header("content-type").unwrap_or("application/json");
        self.listed(kind)
    }

    /// May the answer be bytes? AWS goes by the first type that the caller accepts.
    pub fn accepts_binary(&self) -> bool {
        let accepted = self.header("accept").unwrap_or_default();
        self.listed(accepted.split(',').next().unwrap_or_default())
    }

    /// Is a type among the API's binary media types?
    pub fn listed(&self, kind: &str) -> bool {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let mut listed = self.snapshot.binary_media_types.iter();
        listed.any(|pattern| {
            pattern == "*/*"
                || pattern.eq_ignore_ascii_case(kind)
                || pattern
                    .strip_suffix("/*")
                    .is_some_and(|main| kind.split('/').next() == Some(main))
        })
    }
}

/// A backend's body after an integration response's content handling.
/// docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
pub fn answered(call: &Call, backend: &Backend, handling: Option<&str>) -> Result<Body, Failure> {
    let kind = backend.header("content-type");
    let binary = call.listed(kind.unwrap_or("application/json"));
    let wanted = match handling {
        Some("CONVERT_TO_BINARY") => true,
        Some("CONVERT_TO_TEXT") => false,
        _ => call.accepts_binary(),
    };
    let body = &backend.body;
    Ok(match (binary, wanted) {
        (true, true) => Body::Bytes(body.clone()),
        (true, false) => Body::Text(STANDARD.encode(body)),
        (false, true) => Body::Bytes(unpacked(body)?),
        (false, false) => Body::Text(String::from_utf8_lossy(body).into_owned()),
    })
}

/// Bytes out of the base64 that AWS takes a text for which is to become bytes.
pub fn unpacked(text: &[u8]) -> Result<Bytes, Failure> {
    let bytes = STANDARD.decode(text.trim_ascii());
    let bytes = bytes.map_err(|_| Failure::internal("unable to base64 decode the body"))?;
    Ok(bytes.into())
}

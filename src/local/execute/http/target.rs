//! The URI that a backend is asked for.

use std::collections::BTreeMap;

use ::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::local::apigateway::Integration;
use crate::local::execute::answer::Failure;
use crate::local::execute::call::Call;

const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// A greedy variable holds more than one part of a path, and what is encoded stays so.
const PATH: &AsciiSet = &QUERY
    .remove(b'%')
    .remove(b'/')
    .remove(b':')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// The integration's own, with stage variables, path parameters and the query filled in.
pub fn of(
    call: &Call,
    integration: &Integration,
    path: &BTreeMap<String, String>,
    query: &[(String, String)],
) -> Result<Uri, Failure> {
    let mut text = call.filled(integration.uri.as_deref().unwrap_or_default());
    for (name, value) in path {
        let value = utf8_percent_encode(value, PATH).to_string();
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    if text.contains(['{', '}']) {
        return Err(Failure::internal(format!(
            "`{text}` has a variable that no request parameter fills"
        )));
    }
    for (name, value) in query {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.extend(utf8_percent_encode(name, QUERY));
        text.push('=');
        text.extend(utf8_percent_encode(value, QUERY));
    }
    let uri: Option<Uri> = text.parse().ok();
    let sound = uri
        .filter(|uri| uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")));
    sound.ok_or_else(|| Failure::internal(format!("invalid endpoint address `{text}`")))
}

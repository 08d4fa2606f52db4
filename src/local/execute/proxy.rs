//! The answer of a proxy function, in AWS's form or not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::answer::{Answer, Failure};
use super::call::Call;
use super::why::Why;

/// None of them must be there, and no other may.
const MEMBERS: [&str; 5] = [
    "statusCode",
    "headers",
    "multiValueHeaders",
    "body",
    "isBase64Encoded",
];

/// The HTTP answer that a function's result means.
pub fn answer(call: &Call, payload: &Bytes) -> Result<Answer, Failure> {
    let malformed = |what: &str| {
        Failure::bad_gateway(Why::Malformed {
            what: what.to_owned(),
            returned: payload.clone(),
        })
    };
    // Python's json writes NaN and lone surrogates, which are no JSON.
    let result = serde_json::from_slice(payload).map_err(|_| malformed("it is not JSON"))?;
    let Value::Object(result) = result else {
        return Err(malformed("it is not an object"));
    };
    if let Some(other) = result.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
        return Err(malformed(&format!(
            "it has the member `{other}`, which API Gateway does not take"
        )));
    }
    let status = status(&result).ok_or_else(|| malformed("its statusCode is no status"))?;
    let headers = headers(&result).ok_or_else(|| malformed("its headers are not text"))?;
    let body = match result.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(Value::String(text)) => {
            let encoded = result.get("isBase64Encoded") == Some(&Value::Bool(true));
            let body = bytes(call, text, encoded);
            body.ok_or_else(|| Failure::internal("the function's body is not base64"))?
        }
        Some(_) => return Err(malformed("its body is not text")),
    };
    Ok(Answer::new(status, headers, body)
        .passed_on()
        .typed()
        .traced())
}

fn status(result: &Map<String, Value>) -> Option<u16> {
    let code = match result.get("statusCode") {
        None | Some(Value::Null) => 200,
        Some(Value::String(text)) => text.parse().ok()?,
        Some(value) => value.as_u64()?,
    };
    u16::try_from(code)
        .ok()
        .filter(|code| (200..600).contains(code))
}

/// Both kinds together. Where both have a name, in whatever case, the one of many values comes
/// first, and its name counts: so recorded from AWS.
fn headers(result: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let empty = Map::new();
    let map = |name: &str| match result.get(name) {
        None | Some(Value::Null) => Some(&empty),
        Some(value) => value.as_object(),
    };
    let (single, multiple) = (map("headers")?, map("multiValueHeaders")?);
    let mut all = Vec::new();
    for (name, values) in multiple {
        for value in values.as_array()? {
            all.push((name.clone(), text(value)?));
        }
    }
    for (name, value) in single {
        let mut names = multiple.keys();
        let shared = names.find(|other| other.eq_ignore_ascii_case(name));
        all.push((shared.unwrap_or(name).clone(), text(value)?));
    }
    Some(all)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

/// Bytes only for a caller that takes them; else the base64 goes out as it is.
fn bytes(call: &Call, text: &str, encoded: bool) -> Option<Bytes> {
    match encoded && call.accepts_binary() {
        true => Some(STANDARD.decode(text).ok()?.into()),
        false => Some(text.to_owned().into()),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::local::testing::cloud;

    #[test]
    fn what_is_no_json_is_not_taken_for_another_value() {
        let call = Call::new(&cloud(), Request::new(Bytes::new()), "a", "live", "/");
        for (payload, told) in [
            (r#"{"statusCode": NaN}"#, "it is not JSON"),
            (r#"{"body": "\ud800"}"#, "it is not JSON"),
            ("[1]", "it is not an object"),
        ] {
            let failure = answer(&call, &Bytes::from(payload)).expect_err(payload);
            let is_told = matches!(&failure.why, Why::Malformed { what, .. } if what == told);
            assert!(is_told, "{payload}");
        }
    }
}

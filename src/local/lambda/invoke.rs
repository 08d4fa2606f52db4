//! `Invoke`: what is asked, before `runtime` runs it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::find;
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::runtime::{Image, Invocation};
use crate::local::wire::{Answer, Input, Lasting, Reply};
use crate::local::{Cloud, Place};

/// Bytes of a payload, when the caller waits and when not (Lambda quotas, 2025).
const LARGEST_SYNCHRONOUS: usize = 6 << 20;
const LARGEST_ASYNCHRONOUS: usize = 1 << 20;
/// AWS takes a client context of so many bytes, out of its base64.
const LARGEST_CONTEXT: usize = 3583;

pub fn invoke(cloud: Arc<Cloud>, input: Input, place: Place) -> Lasting {
    Box::pin(run(cloud, input, place))
}

async fn run(cloud: Arc<Cloud>, input: Input, place: Place) -> Answer {
    let (kind, tail) = asked(&input)?;
    let image = image(&cloud, &input, &place)?;
    let invocation = Invocation {
        payload: payload(&input, kind)?,
        client_context: context(&input)?,
        trace_id: header(&input, "x-amzn-trace-id").map(str::to_owned),
        request_id: Some(input.request_id.clone()),
        ..Invocation::default()
    };
    match kind {
        "DryRun" => Ok(Reply::empty().status(204)),
        "Event" => {
            let find = move |cloud: &Arc<Cloud>| self::image(cloud, &input, &place);
            cloud.invoke_later(find, invocation);
            Ok(Reply::empty().status(202))
        }
        _ => {
            let invoked = cloud.invoke(&image, invocation).await?;
            let mut reply = Reply::bytes(invoked.payload.clone())
                .header("x-amz-executed-version", &invoked.version);
            if let Some(error) = invoked.function_error {
                reply = reply.header("x-amz-function-error", error);
            }
            if tail {
                reply = reply.header("x-amz-log-result", STANDARD.encode(invoked.tail()));
            }
            Ok(reply)
        }
    }
}

/// The version that is meant now.
fn image(cloud: &Arc<Cloud>, input: &Input, place: &Place) -> Result<Image, AwsError> {
    let (name, qualifier) = (input.path("FunctionName"), input.query("Qualifier"));
    cloud.turn(place.clone(), |turn| find::image(turn, name, qualifier))
}

/// How, and whether with the end of the log.
fn asked(input: &Input) -> Result<(&str, bool), AwsError> {
    let kind = header(input, "x-amz-invocation-type").unwrap_or("RequestResponse");
    let log = header(input, "x-amz-log-type").unwrap_or("None");
    let mut check = Check::default();
    let kinds = ["Event", "RequestResponse", "DryRun"];
    check.one_of("invocationType", kind, &kinds);
    check.one_of("logType", log, &["None", "Tail"]);
    check.done()?;
    Ok((kind, log == "Tail"))
}

/// JSON, or nothing, which is an empty object to the function.
fn payload(input: &Input, kind: &str) -> Result<Bytes, AwsError> {
    let payload = &input.raw;
    let most = match kind {
        "Event" => LARGEST_ASYNCHRONOUS,
        _ => LARGEST_SYNCHRONOUS,
    };
    if payload.len() > most {
        return Err(too_large(payload.len(), kind));
    }
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(payload) {
        Ok(_) => Ok(payload.clone()),
        Err(error) => Err(unreadable(&error)),
    }
}

/// Who waits is refused at Lambda's front door, an event behind it.
fn too_large(bytes: usize, kind: &str) -> AwsError {
    match kind {
        "Event" => {
            let message = format!(
                "{bytes} byte payload is too large for the Event invocation type (limit \
                 {LARGEST_ASYNCHRONOUS} bytes)"
            );
            AwsError::new(413, "RequestTooLargeException", message)
        }
        _ => {
            let message = format!(
                "Request must be smaller than {LARGEST_SYNCHRONOUS} bytes for the \
                 InvokeFunction operation"
            );
            AwsError::new(413, "RequestEntityTooLargeException", message)
        }
    }
}

fn unreadable(error: &serde_json::Error) -> AwsError {
    let message = format!(
        "Could not parse request body into json: Could not parse payload into json: {error}"
    );
    AwsError::new(400, "InvalidRequestContentException", message)
}

/// The client context, out of its base64.
fn context(input: &Input) -> Result<Option<String>, AwsError> {
    let Some(text) = header(input, "x-amz-client-context") else {
        return Ok(None);
    };
    let invalid = |why: String| {
        let message = format!("Client context is not valid: {why}");
        AwsError::new(400, "InvalidRequestContentException", message)
    };
    let bytes = STANDARD
        .decode(text)
        .map_err(|error| invalid(error.to_string()))?;
    if bytes.len() > LARGEST_CONTEXT {
        return Err(invalid(format!("it has more than {LARGEST_CONTEXT} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|error| invalid(error.to_string()))?;
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(invalid(error.to_string())),
    }
}

fn header<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
}

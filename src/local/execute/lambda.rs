//! Functions as the backends of APIs: may the API call the function, and what does it answer?

use std::sync::Arc;

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::answer::{Answer, Failure};
use super::call::Call;
use super::parameters::Outgoing;
use super::payload::payload;
use super::responses::{self, Backend};
use super::why::Why;
use super::{event, proxy};
use crate::local::apigateway::{Integration, Method, lambda_of};
use crate::local::iam::{self, Context};
use crate::local::runtime::{Caller, Image, Invocation, Invoked};
use crate::local::turn::Turn;
use crate::local::{Cloud, Place, lambda};

const GATEWAY: &str = "apigateway.amazonaws.com";
/// Bytes of an event that a function takes from a caller who waits.
const LARGEST_EVENT: usize = 6 << 20;

/// A proxy: the function gets all of the request and says all of the answer.
pub async fn proxied(
    cloud: &Arc<Cloud>,
    call: &mut Call,
    integration: &Integration,
    url: &str,
) -> Result<Answer, Failure> {
    let target = Target::of(cloud, call, integration, url)?;
    let image = target.admitted(cloud, call)?;
    let event = event::event(call).to_string();
    fits(event.len())?;
    let mut invocation = Invocation::of(event);
    invocation.trace_id = Some(call.traced());
    let invoked = ran(cloud, call, &image, invocation).await?;
    if invoked.function_error.is_some() {
        return Err(Failure::bad_gateway(Why::Failed(invoked.payload)));
    }
    let answer = proxy::answer(call, &invoked.payload)?;
    call.backend.status = Some(answer.status);
    Ok(answer)
}

/// Not a proxy: templates make what the function gets, and the answer of what it returns.
pub async fn mapped(
    cloud: &Arc<Cloud>,
    call: &mut Call,
    method: &Method,
    integration: &Integration,
    url: &str,
) -> Result<Answer, Failure> {
    let target = Target::of(cloud, call, integration, url)?;
    let body = payload(call, integration)?;
    if !body.is_empty()
        && let Err(error) = serde_json::from_slice::<IgnoredAny>(&body)
    {
        return Err(Failure::internal(format!(
            "what the function would get is not JSON: {error}"
        )));
    }
    let image = target.admitted(cloud, call)?;
    fits(body.len())?;
    let mut invocation = Invocation::of(body);
    invocation.trace_id = Some(call.traced());
    if later(&Outgoing::of(call, integration)?) {
        cloud.invoke_later(move |cloud| target.image(cloud), invocation);
        call.backend.status = Some(202);
        let answer = responses::answer(call, method, integration, &backend(202, Bytes::new()), "");
        return answer.map(Answer::traced);
    }
    let invoked = ran(cloud, call, &image, invocation).await?;
    call.backend.status = Some(200);
    // A success says nothing, so only a pattern that fits nothing, or none, fits it.
    let said = match invoked.function_error {
        Some(_) => message(&invoked.payload),
        None => String::new(),
    };
    let backend = backend(200, invoked.payload.clone());
    responses::answer(call, method, integration, &backend, &said).map(Answer::traced)
}

/// Runs the function while the API's caller waits.
async fn ran(
    cloud: &Arc<Cloud>,
    call: &mut Call,
    image: &Image,
    invocation: Invocation,
) -> Result<Invoked, Failure> {
    let invocation = Invocation {
        by: Caller::Api,
        ..invocation
    };
    let invoked = cloud.invoke(image, invocation).await;
    let invoked = invoked.map_err(|error| Failure::internal(error.message))?;
    call.backend.init = invoked.init;
    let failed = invoked.function_error.is_some();
    call.failed = failed.then(|| invoked.payload.clone());
    Ok(invoked)
}

/// Binary bodies come in base64, and so at most 4.7 MB of them.
fn fits(bytes: usize) -> Result<(), Failure> {
    match bytes > LARGEST_EVENT {
        true => Err(Failure::too_large(format!(
            "the function's event would have {bytes} bytes, and Lambda takes {LARGEST_EVENT}"
        ))),
        false => Ok(()),
    }
}

fn backend(status: u16, body: Bytes) -> Backend {
    Backend {
        status,
        headers: vec![("Content-Type".into(), "application/json".into())],
        body,
    }
}

/// With `X-Amz-Invocation-Type: Event` nobody waits for the function.
fn later(outgoing: &Outgoing) -> bool {
    let mut headers = outgoing.headers.iter();
    headers
        .any(|(name, value)| name.eq_ignore_ascii_case("x-amz-invocation-type") && value == "Event")
}

/// `errorMessage` of a failed function's answer.
fn message(payload: &[u8]) -> String {
    let error: Option<Value> = serde_json::from_slice(payload).ok();
    let message = error
        .as_ref()
        .and_then(|error| error["errorMessage"].as_str());
    message.unwrap_or_default().to_owned()
}

/// The function that an integration names.
struct Target {
    arn: String,
    name: String,
    qualifier: Option<String>,
    /// The role with which it is called.
    credentials: Option<String>,
    place: Place,
}

impl Target {
    fn of(
        cloud: &Cloud,
        call: &mut Call,
        integration: &Integration,
        url: &str,
    ) -> Result<Target, Failure> {
        if integration.http_method.as_deref() != Some("POST") {
            return Err(Failure::internal(
                "a function is invoked with POST: set the integration's HTTP method to it",
            ));
        }
        let uri = call.filled(integration.uri.as_deref().unwrap_or_default());
        let Some((arn, (name, qualifier))) =
            lambda_of(&uri).and_then(|arn| Some((arn, named(arn)?)))
        else {
            return Err(no_function(&uri));
        };
        call.integration = Some(arn.to_owned());
        call.function = Some(name.to_owned());
        let credentials = integration.credentials.as_deref();
        Ok(Target {
            arn: arn.to_owned(),
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
            credentials: credentials.map(|role| call.filled(role)),
            place: cloud.place(&call.region, url),
        })
    }

    /// What runs, if the API may invoke it.
    fn admitted(&self, cloud: &Cloud, call: &Call) -> Result<Image, Failure> {
        let image = cloud.turn(self.place.clone(), |turn| {
            Ok(self.check(turn, call).and_then(|()| {
                let image = lambda::image(turn, &self.name, self.qualifier.as_deref());
                image.map_err(|error| Failure::internal(error.message))
            }))
        });
        image.map_err(|error| Failure::internal(error.message))?
    }

    /// The version that is meant now.
    fn image(&self, cloud: &Cloud) -> Result<Image, crate::local::AwsError> {
        cloud.turn(self.place.clone(), |turn| {
            lambda::image(turn, &self.name, self.qualifier.as_deref())
        })
    }

    /// With a role by what the role may do, else by the function's own policy.
    fn check(&self, turn: &mut Turn<'_>, call: &Call) -> Result<(), Failure> {
        let (arn, source) = (&self.arn, call.arn());
        let Some(role) = &self.credentials else {
            let account = turn.account().to_owned();
            let qualifier = self.qualifier.as_deref();
            return match lambda::may_invoke(turn, &self.name, qualifier, GATEWAY, &source, &account)
            {
                true => Ok(()),
                false => Err(Failure::internal(format!(
                    "the policy of {arn} does not let {GATEWAY} invoke it for {source}: add a \
                     permission, or credentials to the integration"
                ))),
            };
        };
        let context = Context::new();
        iam::assumable(turn, role, GATEWAY, &context)
            .map_err(|why| Failure::internal(format!("API Gateway cannot assume {role}: {why}")))?;
        match iam::allowed(turn, role, "lambda:InvokeFunction", arn, &context) {
            true => Ok(()),
            false => Err(Failure::internal(format!(
                "{role} does not allow lambda:InvokeFunction on {arn}"
            ))),
        }
    }
}

/// Of AWS's services only Lambda is a backend here.
fn no_function(uri: &str) -> Failure {
    match uri
        .strip_prefix("arn:aws:apigateway:")
        .and_then(|rest| rest.split(':').nth(1))
    {
        Some(service) if service != "lambda" => Failure::internal(format!(
            "the embedded cloud does not emulate AWS integrations with `{service}`"
        )),
        _ => Failure::internal(format!("`{uri}` names no function")),
    }
}

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`.
fn named(arn: &str) -> Option<(&str, Option<&str>)> {
    let parts: Vec<&str> = arn.splitn(8, ':').collect();
    match parts[..] {
        ["arn", "aws", "lambda", _, _, "function", name] => Some((name, None)),
        ["arn", "aws", "lambda", _, _, "function", name, qualifier] if !qualifier.is_empty() => {
            Some((name, Some(qualifier)))
        }
        _ => None,
    }
}

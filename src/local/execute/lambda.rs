//! Functions as the backends of APIs: may the API call the function, and what does it answer?

use std::sync::Arc;

use super::answer::{Answer, Failure};
use super::call::Call;
use super::{event, proxy};
use crate::local::Cloud;
use crate::local::apigateway::{Integration, lambda_of};
use crate::local::iam::{self, Context};
use crate::local::lambda;
use crate::local::runtime::{Image, Invocation};
use crate::local::turn::Turn;

const GATEWAY: &str = "apigateway.amazonaws.com";

/// A proxy: the function gets all of the request and says all of the answer.
pub async fn proxied(
    cloud: &Arc<Cloud>,
    call: &mut Call,
    integration: &Integration,
    url: &str,
) -> Result<Answer, Failure> {
    if integration.http_method.as_deref() != Some("POST") {
        return Err(Failure::internal(
            "a function is invoked with POST: set the integration's HTTP method to it",
        ));
    }
    let uri = call.filled(integration.uri.as_deref().unwrap_or_default());
    let wrong = || Failure::internal(format!("`{uri}` names no function"));
    let arn = lambda_of(&uri).ok_or_else(wrong)?.to_owned();
    let (name, qualifier) = named(&arn).ok_or_else(wrong)?;
    call.integration = Some(arn.clone());
    let credentials = integration
        .credentials
        .as_deref()
        .map(|role| call.filled(role));
    let place = cloud.place(&call.region, url);
    let image = cloud.turn(place, |turn| {
        Ok(admitted(
            turn,
            call,
            &arn,
            (name, qualifier),
            credentials.as_deref(),
        ))
    });
    let image = image.map_err(|error| Failure::internal(error.message))??;
    let mut invocation = Invocation::of(event::event(call).to_string());
    invocation.trace_id = Some(call.trace.clone());
    let invoked = cloud.invoke(&image, invocation).await;
    let invoked = invoked.map_err(|error| Failure::internal(error.message))?;
    if invoked.function_error.is_some() {
        let error = String::from_utf8_lossy(&invoked.payload);
        return Err(Failure::bad_gateway(format!(
            "the function failed: {error}"
        )));
    }
    proxy::answer(call, &invoked.payload)
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

/// What runs, if the API may invoke it: with a role by what the role may do, else by the
/// function's own policy.
fn admitted(
    turn: &mut Turn<'_>,
    call: &Call,
    arn: &str,
    (name, qualifier): (&str, Option<&str>),
    credentials: Option<&str>,
) -> Result<Image, Failure> {
    let source = call.arn();
    match credentials {
        Some(role) => {
            let context = Context::new();
            iam::assumable(turn, role, GATEWAY, &context).map_err(|why| {
                Failure::internal(format!("API Gateway cannot assume {role}: {why}"))
            })?;
            if !iam::allowed(turn, role, "lambda:InvokeFunction", arn, &context) {
                return Err(Failure::internal(format!(
                    "{role} does not allow lambda:InvokeFunction on {arn}"
                )));
            }
        }
        None => {
            let account = turn.account().to_owned();
            if !lambda::may_invoke(turn, name, qualifier, GATEWAY, &source, &account) {
                return Err(Failure::internal(format!(
                    "the policy of {arn} does not let {GATEWAY} invoke it for {source}: add a \
                     permission, or credentials to the integration"
                )));
            }
        }
    }
    lambda::image(turn, name, qualifier).map_err(|error| Failure::internal(error.message))
}

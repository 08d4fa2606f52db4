//! An API's resource policy: may this caller invoke this method? Callers here are anonymous.

use super::answer::Failure;
use super::call::Call;
use crate::local::iam::{self, Caller, Context, Request};
use crate::local::turn::Turn;

pub fn check(_: &mut Turn<'_>, call: &Call, policy: &str) -> Result<(), Failure> {
    let arn = call.arn();
    let own = format!(
        "\"arn:aws:execute-api:{}:{}:{}/",
        call.region, call.account, call.api
    );
    // The short form means the API itself.
    let policy = policy.replace("\"execute-api:/", &own);
    let context = Context::new().with("aws:SourceIp", "127.0.0.1");
    let request = Request {
        action: "execute-api:Invoke",
        resource: &arn,
        context: &context,
    };
    match iam::permits(&policy, Caller::Aws("anonymous"), request).allowed() {
        true => Ok(()),
        false => Err(Failure::denied(&arn)),
    }
}

//! What Lambda asks of IAM before it takes a function's role.

use super::errors;
use super::model::Config;
use crate::local::error::AwsError;
use crate::local::iam::{self, Context};
use crate::local::turn::Turn;

/// Lambda must be able to assume the role, and the role must be able to do what Lambda does in
/// its name.
pub fn assumable(turn: &Turn<'_>, name: &str, config: &Config) -> Result<(), AwsError> {
    let function = super::name::arn(turn, name, None);
    let context = Context::new().with("aws:SourceArn", function);
    iam::assumable(turn, &config.role, "lambda.amazonaws.com", &context).map_err(|_| {
        errors::invalid("The role defined for the function cannot be assumed by Lambda.")
    })?;
    let may = |action, resource| iam::allowed(turn, &config.role, action, resource, &context);
    let network = config
        .vpc
        .as_ref()
        .is_some_and(|vpc| !vpc.subnets.is_empty());
    if network && !may("ec2:CreateNetworkInterface", "*") {
        return Err(lacking("CreateNetworkInterface", "EC2"));
    }
    match config.dead_letter.as_deref() {
        Some(arn) if arn.contains(":sqs:") && !may("sqs:SendMessage", arn) => {
            Err(lacking("SendMessage", "SQS"))
        }
        Some(arn) if arn.contains(":sns:") && !may("sns:Publish", arn) => {
            Err(lacking("Publish", "SNS"))
        }
        _ => Ok(()),
    }
}

fn lacking(action: &str, service: &str) -> AwsError {
    errors::invalid(format!(
        "The provided execution role does not have permissions to call {action} on {service}"
    ))
}
